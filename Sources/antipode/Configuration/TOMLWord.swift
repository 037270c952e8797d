// Values of TOML that stand without quotes.

import Routing

enum TOMLWord {
    static func value(_ text: String) -> ConfigurationValue? {
        switch text {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf": return .number(.infinity)
        case "-inf": return .number(-.infinity)
        case "nan", "+nan", "-nan": return .number(.nan)
        default: break
        }
        let bytes = Array(text.utf8)
        if bytes.count > 2, bytes[2] == UInt8(ascii: ":") { return time(text) }
        if bytes.count > 4, bytes[4] == UInt8(ascii: "-"), bytes[..<4].allSatisfy(isDigit) { return date(text) }
        return integer(text) ?? number(text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Underscores may stand between digits. nil for anything that is not digits of the base.
    private static func digits(_ text: Substring, radix: Int = 10) -> String? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let joined = parts.joined()
        return joined.utf8.allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 })
            && joined.allSatisfy({ $0.isASCII && ($0.hexDigitValue ?? 99) < radix }) ? joined : nil
    }

    private static func integer(_ text: String) -> ConfigurationValue? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            return digits(text.dropFirst(2), radix: radix).flatMap { Int($0, radix: radix) }.map { .integer($0) }
        }
        guard let (sign, magnitude) = decimal(text[...]) else { return nil }
        return Int(sign + magnitude).map { .integer($0) }
    }

    /// Sign and digits of a whole number without leading zeros.
    private static func decimal(_ text: Substring) -> (sign: String, digits: String)? {
        let sign = text.first == "-" || text.first == "+" ? String(text.prefix(1)) : ""
        guard let digits = digits(text.dropFirst(sign.count)), digits == "0" || !digits.hasPrefix("0") else {
            return nil
        }
        return (sign, digits)
    }

    private static func number(_ text: String) -> ConfigurationValue? {
        let exponentMark = text.firstIndex { $0 == "e" || $0 == "E" }
        let mantissa = text[..<(exponentMark ?? text.endIndex)]
        let point = mantissa.firstIndex(of: ".")
        guard exponentMark != nil || point != nil, let whole = decimal(mantissa[..<(point ?? mantissa.endIndex)]) else {
            return nil
        }
        var written = whole.sign + whole.digits
        if let point {
            guard let fraction = digits(mantissa[mantissa.index(after: point)...]) else { return nil }
            written += "." + fraction
        }
        if let exponentMark {
            var exponent = text[text.index(after: exponentMark)...]
            written += "e"
            if exponent.first == "-" || exponent.first == "+" { written += String(exponent.removeFirst()) }
            guard let digits = digits(exponent) else { return nil }
            written += digits
        }
        return Double(written).map { .number($0) }
    }

    private static func time(_ text: String) -> ConfigurationValue? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fields = parts[0].split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 3, fields.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }) else {
            return nil
        }
        let numbers = fields.compactMap { Int($0) }
        guard numbers.count == 3, let time = TimeOfDay(hour: numbers[0], minute: numbers[1], second: numbers[2]) else {
            return nil
        }
        guard parts.count == 2 else { return .time(time) }
        return !parts[1].isEmpty && parts[1].utf8.allSatisfy(isDigit) ? .other("a time with fractions") : nil
    }

    private static func date(_ text: String) -> ConfigurationValue? {
        let fields = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
        guard fields.map(\.utf8.count) == [4, 2, 2], fields.allSatisfy({ $0.utf8.allSatisfy(isDigit) }),
            let month = Int(fields[1]), let day = Int(fields[2]), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        if text.utf8.count == 10 { return .other("a date") }
        guard let mark = text.dropFirst(10).first, "Tt ".contains(mark) else { return nil }
        var rest = text.dropFirst(11)
        if rest.last == "Z" || rest.last == "z" {
            rest.removeLast()
        } else if let sign = rest.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            guard time(String(rest[rest.index(after: sign)...]) + ":00") != nil else { return nil }
            rest = rest[..<sign]
        }
        return time(String(rest)).map { _ in .other("a date with a time") }
    }
}
