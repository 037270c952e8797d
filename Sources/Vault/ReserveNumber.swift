// Numbers that Swedish regions give to patients without a personnummer.

/// A reserve number with the form of one of its issuers, in any written form: with `-`, spaces or nothing in between, in
/// small letters or capitals, with the century or without. The forms are those of Region Stockholm (`99` and a year, Luhn
/// over the fifth to eleventh digit), Västra Götaland (date, K, M or X), Värmland (date, S and a letter), Inera (a day of 32
/// to 59) and the national one (NRID, two letters behind the date). Who issued it is for the issuer to say: two issuers'
/// equal numbers stay two patients.
struct ReserveNumber {
    /// Twelve characters, or ten where the century is missing.
    private let compact: [UInt8]

    init?(_ text: String) {
        var bytes: [UInt8] = []
        var separators = 0
        for byte in text.utf8 where byte != 0x20 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte)
            case UInt8(ascii: "a")...UInt8(ascii: "z"): bytes.append(byte & 0xDF)
            case UInt8(ascii: "-"), UInt8(ascii: "+"): separators += 1
            default: return nil
            }
        }
        guard separators <= 1 else { return nil }
        switch bytes.count {
        case 12 where Self.isStockholm(bytes) || Self.isNational(bytes): break
        case 12 where [18, 19, 20].contains(Self.number(bytes, 0)) && Self.isDated(Array(bytes[2...])): break
        case 10 where Self.isDated(bytes): break
        default: return nil
        }
        compact = bytes
    }

    /// Dates as in `PatientIdentifier.normalise`.
    func normalised(birthDate: String, studyDate: String) -> String {
        let text = String(decoding: compact, as: UTF8.self)
        guard compact.count == 10 else { return text }
        let year = Self.number(compact, 0)
        if let birth = Self.date(birthDate), birth.year % 100 == year, birth.month == Self.number(compact, 2) {
            return String(birth.year / 100) + text
        }
        guard let study = Self.date(studyDate) else { return text }
        // The youngest that the person can have been on that day.
        var full = study.year - study.year % 100 + year
        if (full, Self.number(compact, 2)) > (study.year, study.month) { full -= 100 }
        return String(full / 100) + text
    }

    var candidates: [String] {
        let text = String(decoding: compact, as: UTF8.self)
        return compact.count == 12
            ? [text, String(text.dropFirst(2))] : [text] + ["18", "19", "20"].map { $0 + text }
    }

    // MARK: Forms

    private static func isStockholm(_ bytes: [UInt8]) -> Bool {
        guard bytes.allSatisfy(isDigit), bytes.starts(with: "99".utf8), (1900...2199).contains(year(bytes, 2)) else {
            return false
        }
        var sum = 0
        for index in 4...10 {
            let product = Int(bytes[index] - 0x30) * (index % 2 == 0 ? 2 : 1)
            sum += product / 10 + product % 10
        }
        return (10 - sum % 10) % 10 == Int(bytes[11] - 0x30)
    }

    /// XXYYMMDDNNGC, where NN are letters.
    private static func isNational(_ bytes: [UInt8]) -> Bool {
        bytes[..<8].allSatisfy(isDigit) && isDay(bytes, 4, 1...31) && bytes[8...9].allSatisfy(isLetter)
            && isDigit(bytes[10])
    }

    /// YYMMDD and four characters, as Västra Götaland, Värmland and Inera write them.
    private static func isDated(_ bytes: [UInt8]) -> Bool {
        guard bytes[..<6].allSatisfy(isDigit) else { return false }
        let rest = Array(bytes[6...])
        if rest.allSatisfy(isDigit) { return isDay(bytes, 2, 32...59) }
        guard isDay(bytes, 2, 1...31) else { return false }
        if "KMX".utf8.contains(rest[0]) { return rest[1...].allSatisfy(isDigit) }
        return rest[0] == UInt8(ascii: "S") && "FUXPL".utf8.contains(rest[1]) && isDigit(rest[2]) && isLetter(rest[3])
    }

    private static func isDay(_ bytes: [UInt8], _ month: Int, _ days: ClosedRange<Int>) -> Bool {
        (1...12).contains(number(bytes, month)) && days.contains(number(bytes, month + 2))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

    /// Two digits; -1 where there are none.
    private static func number(_ bytes: [UInt8], _ index: Int) -> Int {
        guard isDigit(bytes[index]), isDigit(bytes[index + 1]) else { return -1 }
        return Int(bytes[index] - 0x30) * 10 + Int(bytes[index + 1] - 0x30)
    }

    private static func year(_ bytes: [UInt8], _ index: Int) -> Int {
        number(bytes, index) * 100 + number(bytes, index + 2)
    }

    private static func date(_ text: String) -> (year: Int, month: Int)? {
        let bytes = Array(text.utf8)
        guard bytes.count == 8, bytes.allSatisfy(isDigit), (1800...2199).contains(year(bytes, 0)) else { return nil }
        return (year(bytes, 0), number(bytes, 4))
    }
}
