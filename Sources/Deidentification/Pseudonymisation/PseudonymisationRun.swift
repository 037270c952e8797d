// One data set on its way out.

internal import DICOM
internal import DICOMVocabulary

/// The state of one call of `Deidentifier.pseudonymise`.
final class PseudonymisationRun {
    let profile: DeidentificationProfile
    let job: DeidentificationJob
    let root: DataSetItem
    let family: ObjectFamily
    let cleaner: TextCleaner
    var replacement: UIDReplacement
    /// Looks into values that are kept, with the guard's eyes: what it would hold the instance for is cleaned before.
    var search: ValueSearch
    var result = DeidentificationResult()
    /// As the source says it, unless the study is of that day: then a date that is the same says nothing of a birth.
    let birthDate: String?
    /// Content items name one another by position (0040,DB73), so none may be taken out.
    lazy var hasPositionalReferences = Self.contains(Tag(0x0040, 0xDB73), in: root)

    /// Where a walk stands.
    struct Place {
        var parent: Tag?
        var coding: TextCoding
        var isRoot: Bool { parent == nil }
    }

    init(profile: DeidentificationProfile, job: DeidentificationJob, root: DataSetItem, search: ValueSearch) {
        self.profile = profile
        self.job = job
        self.root = root
        family = ObjectFamily(sopClass: UID(root.text(.sopClassUID)))
        cleaner = TextCleaner(
            forbidden: PatientNames.words(of: job.identity, and: root)
                .union(PatientNames.numbers(of: job.identity, and: root)))
        replacement = UIDReplacement(key: job.uidKey)
        let birth = root.text(.patientBirthDate)
        birthDate = CalendarDay(birth) != nil && birth != root.text(.studyDate) ? birth : nil
        self.search = search
    }

    func perform() throws(Failure) {
        if root[.contentSequence] != nil, !profile.options.contains(.cleanStructuredContent) {
            throw Failure(
                .documentMayIdentify, .person, .instance, detail: "a structured document, and option 113104 is off",
                hint: "Add option 113104 (Clean Structured Content) to the destination, or leave the document out.")
        }
        try settleCharacterSet()
        let coding = TextCoding(of: root)
        let own = Set([Tag.sopInstanceUID, .studyInstanceUID, .seriesInstanceUID].map { UID(root.text($0)) })
        try deriveAge()
        if let content = root[.contentSequence] { try removeForbiddenDates(from: content, of: root) }
        try walk(root, Place(parent: nil, coding: coding))
        try setTokens()
        try setMarkers()
        result.uids = replacement.pairs.filter { !own.contains($0.key) }
            .map { UIDPair(original: $0.key, pseudonym: $0.value) }
            .sorted { $0.original.string < $1.original.string }
    }

    /// Text that cannot be read for certain is not guessed at: what is cleaned and what the guard looks for would be
    /// another text than a viewer shows.
    private func settleCharacterSet() throws(Failure) {
        guard let place = TextCoding.unreadable(in: root) else { return }
        let assumed = TextCoding(characterSet: job.assumedCharacterSet)
        if TextCoding(of: root).isDefaultRepertoire, !assumed.isDefaultRepertoire {
            try root.set(.specificCharacterSet, .CS, text: assumed.characterSet)
            if TextCoding.unreadable(in: root) == nil {
                return note("text beyond ASCII without (0008,0005), read as \(assumed.characterSet)")
            }
        }
        throw Failure(
            .unreadable, .person, .instance,
            detail: "\(place.tag) holds text that is not of the declared character set (0008,0005): "
                + (place.declared.isEmpty ? "none is declared" : place.declared),
            hint: "Correct it at the source, or say in the profile what such text is (assumed_character_set).")
    }

    func count(_ action: ConfidentialityAction) { result.counts[action, default: 0] += 1 }

    /// The identifiers that every object has at its top level, whether the source had them or not: a report that comes
    /// back is matched by them.
    private func setTokens() throws(Failure) {
        try root.set([
            (.accessionNumber, .SH, job.tokens.accessionNumber), (.patientName, .PN, job.tokens.patientName),
            (.patientID, .LO, job.tokens.patientID), (.studyID, .SH, job.tokens.studyID),
        ])
    }

    private static func contains(_ tag: Tag, in root: DataSetItem) -> Bool {
        var pending = [root]
        while let item = pending.popLast() {
            for element in item.elements {
                if element.tag == tag { return true }
                pending += element.items
            }
        }
        return false
    }
}

extension DataSetItem {
    /// The value of a text attribute of the default repertoire, empty if absent.
    func text(_ tag: Tag) -> String { self[tag].map { String(decoding: $0.value, as: UTF8.self) } ?? "" }
}
