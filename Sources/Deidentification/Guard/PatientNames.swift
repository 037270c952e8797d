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
            texts.flatMap { text in
                if let ascii = asciiRuns(text, where: IdentifierPatterns.isAlphanumeric) { return ascii }
                return text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
            }.filter { $0.count >= 4 })
    }

    /// The words of one or several values of PN (PS3.5 6.2.1).
    static func words(_ text: String) -> [String] {
        let runs =
            asciiRuns(text) { IdentifierPatterns.isAlphanumeric($0) && $0 > 0x39 }
            ?? text.lowercased().split { !($0.isLetter || $0 == "\u{301}") }.map(String.init)
        return runs.filter { $0.count >= 2 }
    }

    /// The runs of the bytes in lower case; nil for text beyond ASCII, which needs Unicode's rules and much more time.
    private static func asciiRuns(_ text: String, where isPart: (UInt8) -> Bool) -> [String]? {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        return text.utf8.split { !isPart($0) }.map { String(decoding: $0.map(IdentifierPatterns.fold), as: UTF8.self) }
    }
}
