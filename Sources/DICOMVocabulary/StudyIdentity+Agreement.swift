// Whether what was said twice of a study's patient can be said of one person.

extension StudyIdentity {
    private enum Comparison { case agrees, differs, unsaid }

    /// Whether two images of one study contradict each other about their patient: name or birth date differ, and of number,
    /// name and birth date fewer than two agree. A patient is known by two identifiers, so that a corrected name beside
    /// an equal number and birth date is no contradiction, and another name under a number alone is.
    ///
    /// Names agree when the other has half of the shorter one's words at least, in any order, case and spelling
    /// (`IdentityWords`): Anna Maria Berg is Anna Berg and may be Anna Ek, but not Eva Maria Ek. Placeholders and scripts that
    /// the office does not decode say nothing. Numbers are not compared: both have to give one patient's, or none.
    package func contradicts(_ other: StudyIdentity) -> Bool {
        let comparisons: [Comparison] = [
            hasPatientNumber ? .agrees : .unsaid, Self.compare(names: nameWords, other.nameWords),
            Self.compare(dates: birthDate, other.birthDate),
        ]
        return comparisons.contains(.differs) && comparisons.count { $0 == .agrees } < 2
    }

    private static func compare(names one: [[String]], _ other: [[String]]) -> Comparison {
        guard !one.isEmpty, !other.isEmpty else { return .unsaid }
        let (few, many) = one.count <= other.count ? (one, other) : (other, one)
        let spellings = Set(many.joined())
        let shared = few.count { word in word.contains(where: spellings.contains) }
        return shared * 2 >= few.count ? .agrees : .differs
    }

    private static func compare(dates one: String?, _ other: String?) -> Comparison {
        guard let one, let other else { return .unsaid }
        return one == other ? .agrees : .differs
    }

    /// Whether Patient ID (0010,0020) may be somebody's: not where it is empty, all zeros, one sign again and again, or a word
    /// such as UNKNOWN. Those are typed for everybody whose number nobody knows yet.
    package var hasPatientNumber: Bool {
        let number = text(.patientID).lowercased().filter { $0.isLetter || $0.isNumber }
        let isOneSign = Set(number).count == 1 && (number.count > 2 || number.first == "0")
        return !number.isEmpty && !isOneSign && !Self.noNumbers.contains(number)
            && !IdentityWords.nobody.contains(number)
    }

    private static let noNumbers: Set<String> = [
        "na", "nn", "okänd", "okänt", "saknas", "missing", "null", "noid", "tbd",
    ]

    private var nameWords: [[String]] {
        guard let value = self[.patientName] else { return [] }
        let isReadable = Self.readable.contains(characterSet) || value.allSatisfy { $0 < 0x80 }
        return isReadable ? IdentityWords.words(ofName: text(.patientName)) : []
    }

    /// DA (PS3.5 6.2); anything else is no date.
    private var birthDate: String? {
        let text = text(.patientBirthDate)
        return text.utf8.count == 8 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text : nil
    }

    /// Character sets (0008,0005) that `text` decodes.
    private static let readable: Set<String> = [
        "", "ISO_IR 6", "ISO_IR 100", "ISO_IR 192", "ISO 2022 IR 6", "ISO 2022 IR 100", "\\ISO 2022 IR 6",
        "\\ISO 2022 IR 100",
    ]
}
