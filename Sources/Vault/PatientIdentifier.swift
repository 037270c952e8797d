// Which written forms of a patient's number are one patient.

/// Patient identifiers as they are compared.
///
/// A Swedish personnummer or samordningsnummer (day + 60) is written with twelve digits or ten, with `-`, `+`, spaces
/// or nothing between; `+` stands for `-` from the year in which the person turns 100 (folkbokföringslagen 1991:481,
/// 18 §). All of them become twelve digits. A reserve number becomes its twelve characters (`ReserveNumber`). What has none
/// of these forms, or not the check digit, is compared as it stands, trimmed and in upper case: a doubt keeps two patients
/// apart and never merges them.
enum PatientIdentifier {
    /// The comparable form. Dates are `YYYYMMDD` as DICOM writes them; they decide the century of ten digits: the birth
    /// date if it is the number's own, else the study date. Without either the ten digits stay ten.
    static func normalise(_ text: String, birthDate: String, studyDate: String) -> String {
        guard let number = Number(text) else {
            return ReserveNumber(text)?.normalised(birthDate: birthDate, studyDate: studyDate) ?? plain(text)
        }
        if let twelve = number.twelveDigits { return twelve }
        if let century = number.century(birthDate: birthDate) ?? number.century(studyDate: studyDate) {
            return century + number.ten
        }
        return number.ambiguous
    }

    /// Every comparable form that a typed number could have been given, for a search without dates.
    static func candidates(_ text: String) -> [String] {
        guard let number = Number(text) else { return ReserveNumber(text)?.candidates ?? [plain(text)] }
        if let twelve = number.twelveDigits { return [twelve, number.ten, number.ten + "+"] }
        return ["18", "19", "20"].map { $0 + number.ten } + [number.ten, number.ten + "+"]
    }

    static func plain(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { $0 > 0x20 }), let last = bytes.lastIndex(where: { $0 > 0x20 })
        else {
            return ""
        }
        return String(decoding: bytes[first...last], as: UTF8.self).uppercased()
    }

    /// Something with the form and the check digit of a Swedish number.
    private struct Number {
        /// YYMMDDNNNC.
        let ten: String
        let twelveDigits: String?
        let plus: Bool

        var ambiguous: String { plus ? ten + "+" : ten }

        init?(_ text: String) {
            var digits: [UInt8] = []
            var separator: (sign: UInt8, at: Int)?
            for byte in text.utf8 where byte != 0x20 {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte - 0x30)
                case UInt8(ascii: "-"), UInt8(ascii: "+"):
                    guard separator == nil else { return nil }
                    separator = (byte, digits.count)
                default: return nil
                }
            }
            guard digits.count == 10 || digits.count == 12 else { return nil }
            if let separator, separator.at != digits.count - 4 { return nil }
            let short = Array(digits.suffix(10))
            let month = short[2] * 10 + short[3]
            let day = (short[4] * 10 + short[5]) % 60
            guard (1...12).contains(month), (1...31).contains(day), short[4] * 10 + short[5] <= 91, Self.luhn(short)
            else { return nil }
            ten = short.map { String($0) }.joined()
            if digits.count == 12 {
                guard [18, 19, 20].contains(digits[0] * 10 + digits[1]) else { return nil }
                twelveDigits = digits.map { String($0) }.joined()
            } else {
                twelveDigits = nil
            }
            plus = separator?.sign == UInt8(ascii: "+")
        }

        /// Of a birth date that has the number's own year, month and day.
        func century(birthDate: String) -> String? {
            guard let date = Self.date(birthDate) else { return nil }
            let digits = ten.utf8.map { Int($0) - 0x30 }
            let day = (digits[4] * 10 + digits[5]) % 60
            guard date.year % 100 == digits[0] * 10 + digits[1], date.month == digits[2] * 10 + digits[3],
                date.day == day
            else { return nil }
            return String(date.year / 100)
        }

        /// The youngest that the person can have been on that day, a hundred years more after a `+`.
        func century(studyDate: String) -> String? {
            guard let date = Self.date(studyDate) else { return nil }
            let digits = ten.utf8.map { Int($0) - 0x30 }
            let month = digits[2] * 10 + digits[3]
            let day = (digits[4] * 10 + digits[5]) % 60
            var year = date.year - ((date.year - (digits[0] * 10 + digits[1])) % 100 + 100) % 100
            if plus {
                year -= 100
            } else if year == date.year, (month, day) > (date.month, date.day) {
                year -= 100
            }
            return String(year / 100)
        }

        private static func date(_ text: String) -> (year: Int, month: Int, day: Int)? {
            let bytes = Array(text.utf8)
            guard bytes.count == 8, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            let digits = bytes.map { Int($0) - 0x30 }
            let year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3]
            guard (1800...2199).contains(year) else { return nil }
            return (year, digits[4] * 10 + digits[5], digits[6] * 10 + digits[7])
        }

        /// Modulus 10 with weights 2 and 1 over the ten digits.
        private static func luhn(_ digits: [UInt8]) -> Bool {
            var sum = 0
            for (index, digit) in digits.enumerated() {
                let product = Int(digit) * (index % 2 == 0 ? 2 : 1)
                sum += product / 10 + product % 10
            }
            return sum % 10 == 0
        }
    }
}
