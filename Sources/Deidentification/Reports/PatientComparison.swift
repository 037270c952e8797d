// What a report says of a patient in clear, beside what the study says.

internal import DICOM
internal import DICOMVocabulary

/// A reader knows pseudonyms only, so that what it says of a person in clear comes from its own system, which may have
/// had somebody else open. A doubt, not a proof: a person may let it go.
struct PatientComparison {
    private let identity: StudyIdentity
    /// The last ten digits of every number in the study's identity.
    private let numbers: Set<[UInt8]>

    init(_ identity: StudyIdentity) {
        self.identity = identity
        let values = identity.attributes.map(\.value) + identity.sequences.map(\.items)
        let written = values.flatMap { PersonalNumber.all(in: $0, withSign: false) }
        // However the hospital writes it.
        let patient = (identity[.patientID] ?? []).filter { (0x30...0x39).contains($0) }.map { $0 - 0x30 }
        numbers = Set((written + [patient]).map { Array($0.suffix(10)) })
    }

    /// Fails with `.patientDiffers` for a sex or a birth date that is not the study's. An absent one says nothing, and
    /// neither does 1 January 1900 or earlier, with which systems fill a date that they do not know.
    func judge(_ root: DataSetItem) throws(Failure) {
        let sexes = [root.text(.patientSex), identity.text(.patientSex)]
        if sexes[0] != sexes[1], sexes.allSatisfy({ ["F", "M"].contains($0) }) { throw Self.differs(.patientSex) }
        let dates = [root.text(.patientBirthDate), identity.text(.patientBirthDate)]
        if dates[0] != dates[1], dates.allSatisfy({ $0.utf8.count == 8 && $0 > "19000101" }) {
            throw Self.differs(.patientBirthDate)
        }
    }

    /// Fails with `.patientDiffers` for a Swedish personal number in text that is not the study's.
    func judge(_ text: String, _ tag: Tag) throws(Failure) {
        // Codes of twelve digits can have the form of one by chance.
        if tag == .codeValue || tag == Tag(0x0008, 0x0119) { return }
        let found = PersonalNumber.all(in: Array(text.utf8), withSign: true)
        guard found.allSatisfy({ numbers.contains(Array($0.suffix(10))) }) else { throw Self.differs(tag) }
    }

    private static func differs(_ tag: Tag) -> Failure {
        Failure(
            .patientDiffers, .person, .instance, detail: "\(tag) is not the patient's of the study",
            hint: "Read it: if it is about the patient, release it; if not, ask the reader.")
    }
}
