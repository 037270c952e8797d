// One report on its way back.

internal import DICOM
internal import DICOMVocabulary

final class RestorationRun {
    let identity: StudyIdentity
    let originals: [UID: UID]
    let root: DataSetItem
    var result = ReportRestoration()
    private let replacement: TokenReplacement
    private let source: TextCoding
    private var target = TextCoding(characterSet: "")
    private var converts = false

    init(identity: StudyIdentity, replacement: TokenReplacement, originals: [UID: UID], root: DataSetItem) {
        self.identity = identity
        self.originals = originals
        self.root = root
        source = TextCoding(of: root)
        self.replacement = replacement
    }

    func isOwn(_ token: String) -> Bool { replacement.values[token] != nil }

    func perform() throws(Failure) {
        try chooseCharacterSet()
        try walk(root, source, isRoot: true)
        try restoreTopLevel()
        try restoreRequests()
        try setMarkers()
    }

    // MARK: Character set

    /// The study's strings go back byte for byte, so the study's character set is the first choice where it matters; UTF-8
    /// is the one that always holds both (PS3.3 C.12.1.1.2).
    private func chooseCharacterSet() throws(Failure) {
        let texts = LocalisedTexts(root, source)
        let isIdentityASCII = identity.attributes.allSatisfy { attribute in
            !attribute.vr.isLocalisedText || attribute.value.allSatisfy { $0 < 0x80 && $0 != 0x1B }
        }
        let study = identity.characterSet
        let declared =
            TextCoding(characterSet: study).isDefaultRepertoire && !isIdentityASCII ? replacement.guessed : study
        if isIdentityASCII || declared == source.characterSet {
            target = source
            if source.isDefaultRepertoire, texts.hasEightBit {
                target = TextCoding(characterSet: texts.isUTF8 ? "ISO_IR 192" : "ISO_IR 100")
                result.notes.append("8-bit text without (0008,0005), declared as \(target.characterSet)")
            }
        } else {
            let candidate = TextCoding(characterSet: declared)
            target =
                texts.all.allSatisfy { candidate.encode($0) != nil }
                    && replacement.texts.allSatisfy { candidate.encode($0) != nil }
                ? candidate : TextCoding(characterSet: "ISO_IR 192")
        }
        // An item with a character set of its own would hide what the walk puts into it.
        if texts.hasInnerDeclaration, target.characterSet == source.characterSet {
            target = .init(characterSet: "ISO_IR 192")
        }
        converts = target.characterSet != source.characterSet
        if converts {
            try root.set(.specificCharacterSet, .CS, text: target.characterSet)
            result.notes.append("text written in \(target.characterSet)")
        }
    }

    // MARK: Walk

    /// References and locations of the reader's archive mean nothing at the hospital; signatures no longer hold.
    private static let dropped: Set<Tag> = [
        Tag(0x0008, 0x0054), Tag(0x0008, 0x1190), Tag(0x0028, 0x7FE0), Tag(0x0040, 0xE010), Tag(0x0040, 0xE011),
        Tag(0x0040, 0xE012), Tag(0x0088, 0x0130), Tag(0x0088, 0x0140), Tag(0x0400, 0x0402), Tag(0x0400, 0x0403),
        Tag(0x0400, 0x0404), Tag(0x4FFE, 0x0001), Tag(0xFFFA, 0xFFFA),
    ]

    private func walk(_ item: DataSetItem, _ coding: TextCoding, isRoot: Bool) throws(Failure) {
        for element in item.elements {
            let tag = element.tag
            if Self.dropped.contains(tag) {
                item.remove(tag)
                if tag.group == 0xFFFA { result.notes.append("a digital signature was dropped") }
            } else if element.isSequence {
                for nested in element.items {
                    try walk(nested, TextCoding(of: nested, within: coding), isRoot: false)
                }
            } else if element.vr == .UI {
                // The report's own series and instance are the reader's.
                if isRoot, tag == .sopInstanceUID || tag == .seriesInstanceUID { continue }
                try restoreUIDs(element, in: item)
            } else if element.vr.isLocalisedText {
                try restoreText(element, in: item, coding)
            } else if !isRoot, tag == .specificCharacterSet, converts {
                item.remove(tag)
            }
        }
    }

    private func restoreUIDs(_ element: DataSetElement, in item: DataSetItem) throws(Failure) {
        let values = element.value.split(separator: 0x5C, omittingEmptySubsequences: false)
            .map { UID(String(decoding: $0, as: UTF8.self)) }
        guard values.contains(where: { originals[$0] != nil }) else { return }
        result.replacedUIDs += values.count { originals[$0] != nil }
        let restored = values.map { (originals[$0] ?? $0).string }.joined(separator: "\\")
        try item.set(element.tag, .UI, text: restored)
    }

    private func restoreText(_ element: DataSetElement, in item: DataSetItem, _ coding: TextCoding) throws(Failure) {
        let value = element.value
        guard !value.isEmpty else { return }
        let replaced = try replacement.replace(coding.decode(value, vr: element.vr), element)
        result.replacedTokens += replaced.tokens
        result.replacedUIDs += replaced.uids
        guard replaced.tokens + replaced.uids > 0 || converts else { return }
        if !converts, element.vr == .PN, replaced.isWholeName, let name = identity[.patientName] {
            return try item.set(element.tag, .PN, name)
        }
        guard let bytes = target.encode(replaced.text) else {
            throw Failure(
                .reportIncomplete, .person, .instance,
                detail: "\(element.tag) has characters without a place in \(target.characterSet)")
        }
        try item.set(element.tag, element.vr, bytes)
    }

    // MARK: Attributes of patient and study

    /// Present in every object, if empty (Type 2).
    private static let required: [(Tag, VR)] = [
        (.patientName, .PN), (.patientID, .LO), (.patientBirthDate, .DA), (.patientSex, .CS), (.studyDate, .DA),
        (.studyTime, .TM), (.referringPhysicianName, .PN), (.studyID, .SH), (.accessionNumber, .SH),
    ]
    /// Belong to the order, and stand in Referenced Request Sequence.
    private static let ofRequest: [Tag] = [
        Tag(0x0040, 0x1001), Tag(0x0040, 0x2016), Tag(0x0040, 0x2017), Tag(0x0032, 0x1060),
    ]
    /// Name an issuer or another name that is not the hospital's.
    private static let foreign: [Tag] = [
        Tag(0x0010, 0x0021), Tag(0x0010, 0x0024), Tag(0x0010, 0x0032), Tag(0x0010, 0x1000), Tag(0x0010, 0x1001),
        Tag(0x0010, 0x1002), Tag(0x0008, 0x0051), Tag(0x0008, 0x0096), Tag(0x0010, 0x2154), Tag(0x0010, 0x1040),
    ]

    private func restoreTopLevel() throws(Failure) {
        for tag in Self.foreign { root.remove(tag) }
        for (tag, vr) in Self.required where identity[tag] == nil { try root.set(tag, vr, []) }
        for attribute in identity.attributes where !Self.ofRequest.contains(attribute.tag) {
            let tag = attribute.tag
            if [Tag(0x0010, 0x1010), Tag(0x0010, 0x1020), Tag(0x0010, 0x1030)].contains(tag),
                let element = root[tag], !element.value.isEmpty, element.value != attribute.value
            {
                result.notes.append("\(tag) differs from the study; the study's value was kept")
            }
            try root.set(tag, attribute.vr, bytes(attribute))
        }
    }

    /// Byte for byte, or the same characters where the character set is another.
    private func bytes(_ attribute: RawAttribute) -> [UInt8] {
        guard attribute.vr.isLocalisedText, attribute.value.contains(where: { $0 >= 0x80 || $0 == 0x1B }),
            identity.characterSet != target.characterSet
        else { return attribute.value }
        let text = TextCoding(characterSet: identity.characterSet).decode(attribute.value, vr: attribute.vr)
        return target.encode(text) ?? attribute.value
    }

    /// The requests of our study get their order numbers back (PS3.3 C.17.2, Referenced Request Sequence).
    private func restoreRequests() throws(Failure) {
        let study = identity.text(.studyInstanceUID)
        for item in root[Tag(0x0040, 0xA370)]?.items ?? [] where UID(item.text(.studyInstanceUID)) == UID(study) {
            for tag in Self.ofRequest + [.accessionNumber] {
                guard let attribute = identity.attributes.first(where: { $0.tag == tag }) else { continue }
                try item.set(tag, attribute.vr, bytes(attribute))
            }
        }
    }

    /// PS3.15 E.1.2.
    private func setMarkers() throws(Failure) {
        try root.set(.patientIdentityRemoved, .CS, text: "NO")
        for tag in [
            Tag.deidentificationMethod, .deidentificationMethodCodeSequence, .longitudinalTemporalInformationModified,
        ] { root.remove(tag) }
    }
}

/// All text of a report, to see which character set holds it.
private struct LocalisedTexts {
    private(set) var all: [String] = []
    private(set) var hasEightBit = false
    private(set) var isUTF8 = true
    private(set) var hasInnerDeclaration = false

    init(_ root: DataSetItem, _ coding: TextCoding) {
        var pending = [(root, coding, true)]
        while let (item, coding, isRoot) = pending.popLast() {
            if !isRoot, item[.specificCharacterSet] != nil { hasInnerDeclaration = true }
            for element in item.elements {
                if element.isSequence {
                    pending += element.items.map { ($0, TextCoding(of: $0, within: coding), false) }
                } else if element.vr.isLocalisedText {
                    let value = element.value
                    guard value.contains(where: { $0 >= 0x80 || $0 == 0x1B }) else { continue }
                    hasEightBit = hasEightBit || value.contains { $0 >= 0x80 }
                    isUTF8 = isUTF8 && String(validating: value, as: UTF8.self) != nil
                    all.append(coding.decode(value, vr: element.vr))
                }
            }
        }
    }
}
