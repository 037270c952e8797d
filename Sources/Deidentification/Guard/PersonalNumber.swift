// Swedish personal numbers (personnummer and samordningsnummer; Swedish Tax Agency SKV 704 and 707).

/// Ten or twelve digits with a valid date, 60 added to the day for a samordningsnummer, and a check digit by Luhn over
/// the ten-digit form.
enum PersonalNumber {
    /// Digit values 0–9, ten or twelve of them.
    static func isValid(_ digits: some Collection<UInt8>) -> Bool {
        guard digits.count == 10 || digits.count == 12 else { return false }
        let ten = Array(digits.suffix(10))
        if digits.count == 12 {
            let century = Array(digits.prefix(2))
            guard [[1, 8], [1, 9], [2, 0]].contains(century) else { return false }
        }
        guard hasDay(ten) else { return false }
        var sum = 0
        for (index, digit) in ten.enumerated() {
            let product = index % 2 == 0 ? Int(digit) * 2 : Int(digit)
            sum += product > 9 ? product - 9 : product
        }
        return sum % 10 == 0
    }

    /// Whether the first six of ten digits are a day, 60 added or not.
    private static func hasDay(_ digits: some Collection<UInt8>) -> Bool {
        let ten = Array(digits)
        let month = Int(ten[2]) * 10 + Int(ten[3])
        let day = Int(ten[4]) * 10 + Int(ten[5])
        return (1...12).contains(month) && ((1...31).contains(day) || (61...91).contains(day))
    }

    /// Whether the whole value is one, written with or without `-` or `+`.
    static func isContained(in value: [UInt8]) -> Bool {
        guard value.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2B }) else { return false }
        return isValid(value.filter { $0 >= 0x30 }.map { $0 - 0x30 })
    }

    /// The other written forms of an identifier made of digits: ten for twelve, twelve for ten. A wrong check digit does
    /// not count: a mistyped number is written shorter too.
    static func forms(_ digits: String) -> [String] {
        let values = digits.utf8.map { $0 &- 0x30 }
        guard values.allSatisfy({ $0 < 10 }), [10, 12].contains(values.count), hasDay(values.suffix(10)) else {
            return [digits]
        }
        if values.count == 12, ![[1, 8], [1, 9], [2, 0]].contains(Array(values.prefix(2))) { return [digits] }
        return values.count == 12 ? [digits, String(digits.dropFirst(2))] : [digits, "19" + digits, "20" + digits]
    }
}
