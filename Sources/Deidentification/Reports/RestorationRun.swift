// One report on its way back.

internal import DICOM
internal import DICOMVocabulary
internal import WorkerProtocol

final class RestorationRun {
    let identity: StudyIdentity
    let originals: [UID: UID]
    let root: DataSetItem
    var result = ReportRestoration()
    private let replacement: TokenReplacement
    private let sequences: StudySequences
    private let comparison: PatientComparison
    private let policy: RestorePolicy
    private var source: TextCoding
    private var unknownReferences = 0
    private var target = TextCoding(characterSet: "")
    private var converts = false

    init(
        identity: StudyIdentity, replacement: TokenReplacement, originals: [UID: UID], policy: RestorePolicy,
        root: DataSetItem
    ) {
        self.policy = policy
        self.identity = identity
        self.originals = originals
        self.root = root
        source = TextCoding(of: root)
        self.replacement = replacement
        sequences = StudySequences(identity)
        comparison = PatientComparison(identity)
    }

    func isOwn(_ token: String) -> Bool { replacement.values[token] != nil }

    func perform() throws(Failure) {
        try chooseCharacterSet()
        try walk(root, source, isRoot: true)
        try judgeReferences()
        try restoreTopLevel()
        try restoreRequests()
        if let instance = policy.newInstance {
            result.notes.append("it got the SOP Instance UID \(instance): another report has the reader's")
            try root.set(.sopInstanceUID, .UI, text: instance.string)
        }
        try setMarkers()
    }

    func note(_ shownTokens: Int) {
        if shownTokens > 0 { result.notes.append("The document inside still shows tokens.") }
    }

    // MARK: Character set

    /// The study's strings go back byte for byte, so the study's character set is the first choice where it matters; UTF-8
    /// is the one that always holds both (PS3.3 C.12.1.1.2).
    private func chooseCharacterSet() throws(Failure) {
        var texts = LocalisedTexts(root, source)
        if texts.isUndeclared, !policy.guessesCharacterSet {
            guard !policy.assumedCharacterSet.isEmpty, source.isDefaultRepertoire else {
                throw Self.undeclared(source.isDefaultRepertoire)
            }
            source = TextCoding(characterSet: policy.assumedCharacterSet)
            texts = LocalisedTexts(root, source)
            guard !texts.isUndeclared else { throw Self.undeclared(false) }
            try root.set(.specificCharacterSet, .CS, text: source.characterSet)
            result.notes.append("text without (0008,0005) read as \(source.characterSet), as the site says")
        }
        let isIdentityASCII =
            sequences.isASCII
            && identity.attributes.allSatisfy { attribute in
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
            // Text that has to be written anew may need characters that stand nowhere else.
            let rewritten = (texts.isUndeclared ? texts.all : []) + texts.tokens.compactMap { replacement.values[$0] }
            if !holds(target, rewritten) { target = .utf8 }
        } else {
            let candidate = TextCoding(characterSet: declared)
            target = holds(candidate, texts.all + replacement.texts) ? candidate : .utf8
        }
        // An item with a character set of its own would hide what the walk puts into it.
        if texts.hasInnerDeclaration, target.characterSet == source.characterSet { target = .utf8 }
        // What a person let go though it is not of the declared set is written as it was read.
        converts = target.characterSet != source.characterSet || texts.isUndeclared
        if converts {
            try root.set(.specificCharacterSet, .CS, text: target.characterSet)
            result.notes.append("text written in \(target.characterSet)")
        }
    }

    private func holds(_ coding: TextCoding, _ texts: [String]) -> Bool {
        texts.allSatisfy { coding.encode($0) != nil } && sequences.fits(coding)
    }

    private static func undeclared(_ isMissing: Bool) -> Failure {
        Failure(
            .characterSetMissing, .person, .instance,
            detail: isMissing
                ? "it has text beyond ASCII and declares no character set (0008,0005)"
                : "its text is not in the character set that it declares (0008,0005)",
            hint: "Read it: if its letters are right, release it. assumed_character_set of the reader's [[reports]] "
                + "says what the reader means.")
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
            } else if tag.isPrivate || element.vr == .UN {
                try judgeOpaque(element, in: item)
            } else if !isRoot, tag == .specificCharacterSet, converts {
                item.remove(tag)
            }
        }
    }

    private func restoreUIDs(_ element: DataSetElement, in item: DataSetItem) throws(Failure) {
        let values = element.value.split(separator: 0x5C, omittingEmptySubsequences: false)
            .map { UID(String(decoding: $0, as: UTF8.self)) }
        if element.tag == .referencedSOPInstanceUID {
            unknownReferences += values.count {
                originals[$0] == nil && UIDReplacement.isReplaced($0) && !policy.knownDocuments.contains($0)
            }
        }
        guard values.contains(where: { originals[$0] != nil }) else { return }
        result.replacedUIDs += values.count { originals[$0] != nil }
        let restored = values.map { (originals[$0] ?? $0).string }.joined(separator: "\\")
        try item.set(element.tag, .UI, text: restored)
    }

    /// A reader's private value that shows a pseudonym cannot be edited, for nobody knows what it means.
    private func judgeOpaque(_ element: DataSetElement, in item: DataSetItem) throws(Failure) {
        let value = element.value
        var matches = TokenSearch.matches(in: value, as: .bytes)
        // Where each letter takes two bytes.
        if value.contains(0) { matches += TokenSearch.matches(in: value.filter { $0 != 0 }, as: .bytes) }
        matches.removeAll { !$0.isGood }
        guard !matches.isEmpty else { return }
        guard matches.allSatisfy({ isOwn($0.string) }) else { throw ReportRestorer.contradiction(element.tag) }
        item.remove(element.tag)
        result.notes.append("\(element.tag) was dropped: it is private and showed a pseudonym")
    }

    private func judgeReferences() throws(Failure) {
        guard unknownReferences > 0 else { return }
        let detail = "\(unknownReferences) of the objects that it refers to were never sent"
        guard policy.unknownReferences == .deliver else {
            throw Failure(
                .reportUnmatched, .person, .instance, detail: detail,
                hint: "Ask the reader what they are; unknown_references of [[reports]] says that such reports are held."
            )
        }
        result.notes.append(detail)
    }

    private func restoreText(_ element: DataSetElement, in item: DataSetItem, _ coding: TextCoding) throws(Failure) {
        let value = element.value
        guard !value.isEmpty else { return }
        let text = coding.decode(value, vr: element.vr)
        if !policy.patientReleased { try comparison.judge(text, element.tag) }
        let replaced = try replacement.replace(text, element)
        result.replacedTokens += replaced.tokens
        result.replacedUIDs += replaced.uids
        guard replaced.tokens + replaced.uids > 0 || converts else { return }
        if !converts, element.vr == .PN, replaced.isWholeName, let name = identity[.patientName] {
            return try item.set(element.tag, .PN, name)
        }
        guard let bytes = target.encode(replaced.text) else {
            throw Failure(
                .characterSetUnfit, .person, .instance,
                detail: "\(element.tag) has characters without a place in \(target.characterSet)",
                hint: "Ask the reader to send its reports in UTF-8 (ISO_IR 192), which has a place for each.")
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
    /// Name an issuer, another number or another person that are not the hospital's.
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
        try sequences.put(into: root, target)
        for tag in identity.omitted { result.notes.append("\(tag) was too long to be kept, and is not restored") }
        for tag in sequences.unreadable { result.notes.append("\(tag) could not be read, and is not restored") }
    }

    /// Byte for byte, or the same characters where the character set is another.
    private func bytes(_ attribute: RawAttribute) -> [UInt8] {
        guard attribute.vr.isLocalisedText else { return attribute.value }
        let coding = TextCoding(characterSet: identity.characterSet)
        return coding.rewritten(attribute.value, attribute.vr, in: target) ?? attribute.value
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
