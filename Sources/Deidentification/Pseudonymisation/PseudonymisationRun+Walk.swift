// The walk: every element of every item meets exactly one rule.

internal import DICOM
internal import DICOMVocabulary

extension PseudonymisationRun {
    func walk(_ item: DataSetItem, _ place: Place) throws(Failure) {
        let elements = item.elements
        let privates = PrivateBlocks(elements)
        var done: Set<Tag> = []
        if !place.isRoot {
            if isCode(item) { done.formUnion(try cleanCode(item, place)) }
            done.formUnion(try cleanContentItem(item, place))
        }
        for element in elements where !done.contains(element.tag) {
            if element.tag.isPrivate {
                try walkPrivate(element, in: item, privates, place)
            } else {
                try walkStandard(element, in: item, place)
            }
        }
        removeUnusedCreators(item, privates)
    }

    private func walkStandard(_ element: DataSetElement, in item: DataSetItem, _ place: Place) throws(Failure) {
        let tag = element.tag
        if Self.isStructural(tag) || KnownAttributes.removed.contains(tag) || !place.isRoot && tag.group == 0x7FE0 {
            // Group lengths, commands, file meta, directories, padding, pictures inside of items, and what the list says.
            item.remove(tag)
            return count(.remove)
        }
        if Self.untouched.contains(tag) { return }
        // The page of ours is the dummy.
        if tag == EncapsulatedDocument.document, place.isRoot, EncapsulatedDocument.isReplaced(root) {
            return count(.dummy)
        }
        // Nobody can look into a value of unknown representation (PS3.5 6.2.2): not even whether it holds a sequence.
        if element.vr == .UN || element.vr == .unknown {
            if let typed = try retyped(element, in: item) { return try walkStandard(typed, in: item, place) }
            item.remove(tag)
            count(.remove)
            return note("\(tag) of unknown representation removed")
        }
        // Free text that was written as a coded string would be taken for a defined term.
        if element.vr == .CS, !element.value.isEmpty {
            let own = DictionaryRepresentation.of(tag)
            if own.isLocalisedText, own != .PN {
                try item.set(tag, own, element.value)
                guard let typed = item[tag] else { return }
                return try walkStandard(typed, in: item, place)
            }
        }
        if try setToken(element, in: item, place) { return }
        guard let rule = profile.rule(for: tag) else { return try applyDefault(element, in: item, place) }
        let type = place.isRoot ? AttributeType.of(tag, in: family) : nil
        try apply(rule.action.resolved(for: type), rule.basic.resolved(for: type), element, in: item, place)
    }

    /// A plain value of a tag that DCMTK's dictionary knows gets its representation back: some archives write UN for all
    /// that came in implicit VR. Sequences do not, their items could hold anything.
    private func retyped(_ element: DataSetElement, in item: DataSetItem) throws(Failure) -> DataSetElement? {
        let value = element.paddedValue
        guard !element.isSequence, value.count < 1024, value.count % 2 == 0 else { return nil }
        let header = [element.tag.group, element.tag.element, UInt16(value.count), 0]
            .flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        guard let parsed = try? DataSet(bytes: header + value, transferSyntax: "1.2.840.10008.1.2"),
            let typed = parsed.root[element.tag], !typed.isSequence, typed.vr != .UN, typed.vr != .unknown,
            typed.vr.isText || !SafePrivateValue.spells(value)
        else { return nil }
        try item.set(element.tag, typed.vr, typed.value)
        return item[element.tag]
    }

    /// Group length elements, groups that no data set holds, curves and overlays: curve and overlay data are drawings that
    /// may be writing, and their descriptions mean nothing without them.
    static func isStructural(_ tag: Tag) -> Bool {
        tag.element == 0 || tag.group <= 0x0006 || tag.group == 0xFFFC || tag.group & 0xFF00 == 0x5000
            || tag.group & 0xFF00 == 0x6000
    }

    static let untouched: Set<Tag> = [
        .specificCharacterSet, .patientIdentityRemoved,
        .longitudinalTemporalInformationModified,
    ]

    /// Identifiers get the study's token at any depth.
    private func setToken(
        _ element: DataSetElement, in item: DataSetItem, _ place: Place
    ) throws(Failure) -> Bool {
        // The top level is set last, see `setTokens`.
        switch element.tag {
        case .patientName: if !place.isRoot { try item.set(.patientName, .PN, text: job.tokens.patientName) }
        case .patientID: if !place.isRoot { try item.set(.patientID, .LO, text: job.tokens.patientID) }
        case .studyID: if !place.isRoot { try item.set(.studyID, .SH, text: job.tokens.studyID) }
        case .accessionNumber, Self.requestedProcedureID:
            // Sites copy the accession number into the Requested Procedure ID. A number of another order has no token.
            let isOurs = !element.value.isEmpty && element.value == job.identity[.accessionNumber]
            if isOurs {
                try item.set(element.tag, .SH, text: job.tokens.accessionNumber)
            } else if element.tag == .accessionNumber || place.parent == Self.referencedRequestSequence {
                // Type 2 there (PS3.3 C.17.2).
                try item.set(element.tag, .SH, [])
            } else {
                item.remove(element.tag)
            }
        default: return false
        }
        count(.dummy)
        return true
    }

    private static let requestedProcedureID = Tag(0x0040, 0x1001)
    private static let referencedRequestSequence = Tag(0x0040, 0xA370)

    /// One action of Table E.1-1, with the compound codes resolved.
    private func apply(
        _ action: ConfidentialityAction, _ basic: ConfidentialityAction, _ element: DataSetElement,
        in item: DataSetItem, _ place: Place
    ) throws(Failure) {
        let tag = element.tag
        if element.vr == .UI, action != .remove, action != .empty { return try replaceUIDs(element, in: item) }
        if action == .replaceUID, !element.isSequence {
            // Written under another representation it is a UID all the same.
            try item.set(tag, .UI, text: item.text(tag).filter { $0.isASCII && !$0.isWhitespace })
            guard let typed = item[tag] else { return }
            return try replaceUIDs(typed, in: item)
        }
        switch action {
        case .keep, .replaceUID:
            if element.isSequence {
                count(action)
                try walkItems(element, place)
            } else if element.vr.isLocalisedText, element.vr != .PN {
                try keepText(element, in: item, place)
            } else {
                count(action)
            }
        case .clean:
            try clean(element, basic, in: item, place)
        case .dummy:
            try setDummy(element, in: item, place)
        case .empty:
            try item.set(tag, element.vr, [])
            count(.empty)
        default:
            item.remove(tag)
            count(.remove)
        }
    }

    func walkItems(_ element: DataSetElement, _ place: Place) throws(Failure) {
        for nested in element.items {
            try walk(nested, Place(parent: element.tag, coding: TextCoding(of: nested, within: place.coding)))
        }
    }

    /// D for sequences: a code becomes a code that says nothing, anything else is walked so that its values become dummies.
    func setDummy(_ element: DataSetElement, in item: DataSetItem, _ place: Place) throws(Failure) {
        count(.dummy)
        guard element.isSequence else { return try item.set(element.tag, element.vr, Dummy.value(element.vr)) }
        guard element.items.contains(where: isCode) else { return try walkItems(element, place) }
        try item.removeItems(of: element.tag)
        try setCode(item.addItem(to: element.tag), Dummy.text, Dummy.codingScheme, Dummy.codeMeaning)
    }

    func replaceUIDs(_ element: DataSetElement, in item: DataSetItem) throws(Failure) {
        if KnownAttributes.structuralUIDs.contains(element.tag) { return }
        let values = element.value.split(separator: 0x5C, omittingEmptySubsequences: false)
            .map { UID(String(decoding: $0, as: UTF8.self)) }
        guard values.contains(where: UIDReplacement.isReplaced) else { return }
        var replaced: [String] = []
        for uid in values {
            replaced.append(UIDReplacement.isReplaced(uid) ? replacement.pseudonym(of: uid).string : uid.string)
        }
        try item.set(element.tag, .UI, text: replaced.joined(separator: "\\"))
        count(.replaceUID)
    }
}
