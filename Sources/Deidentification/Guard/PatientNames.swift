// The words that names are made of.

internal import DICOM
internal import DICOMVocabulary

enum PatientNames {
    /// Name, other names, birth name, mother's birth name.
    static let tags: [Tag] = [
        .patientName, Tag(0x0010, 0x1001), Tag(0x0010, 0x1005), Tag(0x0010, 0x1060), Tag(0x0010, 0x0012),
    ]

    /// Words in lower case of at least two letters, in every group and component.
    static func words(of identity: StudyIdentity, and root: DataSetItem) -> Set<String> {
        var all: Set<String> = []
        for tag in tags {
            if let value = identity[tag] {
                all.formUnion(words(TextCoding(characterSet: identity.characterSet).decode(value, vr: .PN)))
            }
            if let element = root[tag], !element.isSequence {
                all.formUnion(words(TextCoding(of: root).decode(element.value, vr: .PN)))
            }
        }
        return all
    }

    /// The words of the patient's and the orders' numbers, of at least four characters.
    static func numbers(of identity: StudyIdentity, and root: DataSetItem) -> Set<String> {
        let tags: [Tag] = [
            .patientID, .accessionNumber, .studyID, Tag(0x0010, 0x1000), Tag(0x0038, 0x0010), Tag(0x0040, 0x1001),
            Tag(0x0040, 0x2016), Tag(0x0040, 0x2017),
        ]
        let texts = tags.flatMap { [identity.text($0), root.text($0)] }
        return Set(
            texts.flatMap { $0.lowercased().split { !($0.isLetter || $0.isNumber) } }.map(String.init)
                .filter { $0.count >= 4 })
    }

    /// The words of one or several values of PN (PS3.5 6.2.1).
    static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0 == "\u{301}") }.map(String.init).filter { $0.count >= 2 }
    }
}
