// Values that the table does not list, and the cleaning of text.

internal import DICOM
internal import DICOMVocabulary

extension PseudonymisationRun {
    /// What the table does not list is judged by its representation.
    func applyDefault(_ element: DataSetElement, in item: DataSetItem, _ place: Place) throws(Failure) {
        let tag = element.tag
        switch element.vr {
        case .SQ:
            try walkItems(element, place)
        case .UI:
            try replaceUIDs(element, in: item)
        case .PN:
            try item.set(tag, .PN, [])
            count(.empty)
        case .UR, .AE, .UN, .unknown:
            item.remove(tag)
            count(.remove)
        case .OB, .OW:
            guard !KnownAttributes.binary.contains(tag) else { return }
            item.remove(tag)
            count(.remove)
        case .DA, .DT, .TM:
            guard !profile.keepsDates else { return }
            try item.set(tag, element.vr, [])
            count(.empty)
        case .LO, .SH, .ST, .LT, .UT, .UC:
            if KnownAttributes.technicalText.contains(tag) { return try keepText(element, in: item, place) }
            try clean(element, KnownAttributes.requiredText.contains(tag) ? .dummy : .empty, in: item, place)
        case .CS where Self.typedTerms[tag] != nil:
            guard search.finds(in: element.value, tag, .CS) else { return }
            try item.set(tag, .CS, text: Self.typedTerms[tag] ?? "")
            count(.dummy)
        default:
            return
        }
    }

    /// CS that people type, and what stands there instead of an identifier: Body Part Examined (Type 2 or 3), Content
    /// Label (Type 1).
    private static let typedTerms: [Tag: String] = [Tag(0x0018, 0x0015): "", Tag(0x0070, 0x0080): Dummy.text]

    /// Text that stays as it is, unless it holds the identity: an exam is not held for a name in a field that can do
    /// without.
    func keepText(_ element: DataSetElement, in item: DataSetItem, _ place: Place) throws(Failure) {
        guard search.finds(in: element.value, element.tag, element.vr) else { return count(.keep) }
        note("\(element.tag) held part of the identity and was cleaned")
        try clean(element, .dummy, in: item, place)
    }

    func note(_ text: String) {
        if result.notes.count < 64, !result.notes.contains(text) { result.notes.append(text) }
    }

    /// C. `basic` is what the bare profile would do, and so what is left where nothing of a value may stay.
    func clean(
        _ element: DataSetElement, _ basic: ConfidentialityAction, in item: DataSetItem, _ place: Place
    ) throws(Failure) {
        count(.clean)
        let tag = element.tag
        switch element.vr {
        case .SQ:
            try walkItems(element, place)
        case .LO, .SH, .ST, .LT, .UT, .UC:
            guard !element.value.isEmpty else { return }
            let text = cleaned(element, place.coding)
            guard text.isEmpty else { return try setText(text, element, in: item, place.coding) }
            try item.set(tag, element.vr, basic == .dummy ? Dummy.value(element.vr) : [])
        case .CS:
            // Defined terms; the guard looks into them.
            return
        default:
            // An AE title or a value of bytes cannot be cleaned.
            if basic == .dummy {
                try item.set(tag, element.vr, Dummy.value(element.vr))
            } else {
                item.remove(tag)
            }
        }
    }

    /// Several values are cleaned one by one (PS3.5 6.4); ST, LT and UT have one, in which a backslash is a character.
    private func cleaned(_ element: DataSetElement, _ coding: TextCoding) -> String {
        let text = coding.decode(element.value, vr: element.vr)
        guard [.LO, .SH, .UC].contains(element.vr) else { return cleaner.clean(text, marksGaps: true) }
        let values = text.split(separator: "\\", omittingEmptySubsequences: false).map { cleaner.clean(String($0)) }
        return values.allSatisfy(\.isEmpty) ? "" : values.joined(separator: "\\")
    }

    /// Sets text in the item's character set. Words come from a value in that set, so they fit; where the set was wrong or
    /// is written with escapes that cannot be made again, the ASCII words stay.
    func setText(_ text: String, _ element: DataSetElement, in item: DataSetItem, _ coding: TextCoding) throws(Failure)
    {
        let bytes = coding.encode(text) ?? Array(text.unicodeScalars.filter(\.isASCII).map { UInt8($0.value) })
        guard bytes != element.value else { return }
        try item.set(element.tag, element.vr, bytes)
    }

    // MARK: Codes

    func isCode(_ item: DataSetItem) -> Bool {
        item[.codingSchemeDesignator] != nil || (item[.codeMeaning] != nil && item[.codeValue] != nil)
    }

    /// Codes of published schemes stay. The meaning of a local one is free text; its value stays, since without it the
    /// code is nothing, unless it cannot be a code.
    func cleanCode(_ item: DataSetItem, _ place: Place) throws(Failure) -> Set<Tag> {
        let done: Set<Tag> = [.codeMeaning, .codeValue, .codingSchemeDesignator, Tag(0x0008, 0x0119)]
        let isStandard = CodingSchemes.isStandard(item.text(.codingSchemeDesignator))
        if let value = item[.codeValue],
            search.finds(in: value.value, .codeValue, .SH)
                || !isStandard && PersonalNumber.isContained(in: value.value)
        {
            try item.set(.codeValue, .SH, text: Dummy.text)
        }
        for tag in [Tag.codingSchemeDesignator, Tag(0x0008, 0x0119), .codeMeaning] {
            guard let element = item[tag] else { continue }
            if tag == .codingSchemeDesignator {
                if search.finds(in: element.value, tag, .SH) { try item.set(tag, .SH, text: Dummy.codingScheme) }
            } else if isStandard {
                try keepText(element, in: item, place)
            } else {
                try clean(element, .dummy, in: item, place)
            }
        }
        return done
    }

    func setCode(_ item: DataSetItem, _ value: String, _ scheme: String, _ meaning: String) throws(Failure) {
        try item.set([(.codeValue, .SH, value), (.codingSchemeDesignator, .SH, scheme), (.codeMeaning, .LO, meaning)])
    }
}
