// What a report says of a patient in clear, beside what the study says.

internal import DICOM
internal import DICOMVocabulary
internal import WorkerProtocol

/// A reader of pseudonyms knows nothing else, so that what it says of a person in clear comes from its own system, which may
/// have had somebody else open; and so may the system of one that knows the patient. A doubt, not a proof: a person may let it go.
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
        if dates[0] != dates[1], dates.allSatisfy(Self.isDay) {
            throw Self.differs(.patientBirthDate)
        }
    }

    /// Fails with `.patientDiffers` where a subject context (PS3.16 TID 1006 to 1008) names, numbers or dates somebody else, or
    /// gives the patient another sex. Other subjects than the patient (a fetus, a specimen) are left out.
    func judgeSubjects(_ root: DataSetItem, _ tokens: StudyTokens) throws(Failure) {
        var pending = [root]
        while let item = pending.popLast() {
            let children = item[.contentSequence]?.items ?? []
            pending += children
            let concepts = children.map { Self.code($0, ContentItem.conceptName) }
            let isOther = zip(concepts, children).contains {
                $0 == Subject.subjectClass && Self.code($1, ContentItem.code) != Subject.patient
            }
            guard !isOther else { continue }
            for (concept, child) in zip(concepts, children) { try judge(concept, child, tokens) }
        }
    }

    /// DCM codes of the subject's context.
    private enum Subject {
        static let subjectClass = "121024"
        static let patient = "121025"
        static let name = "121029"
        static let identifier = "121030"
        static let birthDate = "121031"
        static let sex = "121032"
        /// DCM, SNOMED CT and SNOMED RT.
        static let sexes = [
            "M": "M", "248153007": "M", "G-A166": "M", "F": "F", "248152002": "F", "G-A16D": "F",
        ]
    }

    private func judge(_ concept: String, _ item: DataSetItem, _ tokens: StudyTokens) throws(Failure) {
        switch concept {
        case Subject.name:
            let own = [tokens.patientName, identity.text(.patientName)].map(Self.letters)
            let name = Self.letters(item.text(ContentItem.personName))
            if !name.isEmpty, !own.contains(name) { throw Self.differs(ContentItem.personName) }
        case Subject.identifier:
            let own = [tokens.patientID, identity.text(.patientID)].map(Self.letters)
            let number = Self.letters(item.text(ContentItem.text))
            if !number.isEmpty, !own.contains(number) { throw Self.differs(ContentItem.text) }
        case Subject.birthDate:
            let written = [ContentItem.date, ContentItem.dateTime].map { item.text($0) }.first { !$0.isEmpty } ?? ""
            let dates = [String(written.prefix(8)), identity.text(.patientBirthDate)]
            if dates[0] != dates[1], dates.allSatisfy(Self.isDay) { throw Self.differs(ContentItem.date) }
        case Subject.sex:
            let ours = identity.text(.patientSex)
            let theirs = Subject.sexes[Self.code(item, ContentItem.code)]
            if let theirs, ["F", "M"].contains(ours), theirs != ours { throw Self.differs(ContentItem.code) }
        default: break
        }
    }

    private static func code(_ item: DataSetItem, _ sequence: Tag) -> String {
        item[sequence]?.items.first?.text(.codeValue) ?? ""
    }

    /// However it is written.
    private static func letters(_ text: String) -> String { text.uppercased().filter { $0.isLetter || $0.isNumber } }

    private static func isDay(_ text: String) -> Bool { text.utf8.count == 8 && text > "19000101" }

    /// Fails with `.patientDiffers` for a Swedish personal number in text that is not the study's.
    func judge(_ text: String, _ tag: Tag) throws(Failure) {
        // Codes of twelve digits can have the form of one by chance.
        if tag == .codeValue || tag == Tag(0x0008, 0x0119) { return }
        let bytes = Array(text.utf8)
        let plain = bytes.withUnsafeBytes { WrittenNumbers.plain($0) } ?? bytes
        let found = [plain, Self.joined(plain)].flatMap { PersonalNumber.all(in: $0, withSign: true) }
        guard found.allSatisfy({ numbers.contains(Array($0.suffix(10))) }) else { throw Self.differs(tag) }
    }

    /// As people space and break them: without what stands around a hyphen or plus, with one space for any others, and
    /// without the hyphens of a date before the last four digits.
    private static func joined(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var isSpaced = false
        for byte in text {
            if byte == 0x20 || (0x09...0x0D).contains(byte) {
                isSpaced = true
                continue
            }
            if isSpaced, !isSign(byte), result.last.map(isSign) != true { result.append(0x20) }
            isSpaced = false
            result.append(byte)
        }
        for shape in ["0000-00-00-0000", "00-00-00-0000"] { result = withoutHyphensOfDates(result, Array(shape.utf8)) }
        return result
    }

    /// 1912-12-12-1212 as 19121212-1212.
    private static func withoutHyphensOfDates(_ text: [UInt8], _ shape: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let fits =
                index + shape.count <= text.count
                && zip(text[index...], shape).allSatisfy { byte, sign in
                    sign == 0x2D ? byte == 0x2D : (0x30...0x39).contains(byte)
                }
            let whole = text[index..<(fits ? index + shape.count : index + 1)]
            // Day and month, and the sign before the last four, stay.
            result += fits ? whole.dropLast(5).filter { $0 != 0x2D } + whole.suffix(5) : Array(whole)
            index += whole.count
        }
        return result
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == 0x2D || byte == 0x2B }

    private static func differs(_ tag: Tag) -> Failure {
        Failure(
            .patientDiffers, .person, .instance, detail: "\(tag) is not the patient's of the study",
            hint: "Read it: if it is about the patient, release it; if not, ask the reader.")
    }
}
