// Names and values of a query or a posted form, bounded and cleaned.

import Foundation

/// `application/x-www-form-urlencoded` fields in their order (WHATWG URL, 5.1). Control characters are dropped,
/// bytes that are not UTF-8 become U+FFFD, and what exceeds the bounds is left out.
struct FormFields: Sendable, Hashable {
    static let maximumFields = 64
    static let maximumValue = 2048

    private(set) var fields: [(name: String, value: String)] = []

    init() {}

    init(_ text: some StringProtocol) {
        for pair in text.split(separator: "&").prefix(Self.maximumFields) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? Self.decoded(parts[1]) : ""
            add(Self.decoded(parts[0]), value)
        }
    }

    mutating func add(_ name: String, _ value: String) {
        fields.append((name, String(value.prefix(Self.maximumValue))))
    }

    /// The first value that is not blank, trimmed.
    subscript(name: String) -> String? {
        for field in fields where field.name == name {
            let value = field.value.trimmingCharacters(in: .whitespacesAndNewlines)
            if !value.isEmpty { return value }
        }
        return nil
    }

    func all(_ name: String) -> [String] {
        fields.filter { $0.name == name && !$0.value.isEmpty }.map(\.value)
    }

    /// A copy in which `name` has this value alone, or none.
    func with(_ name: String, _ value: String?) -> FormFields {
        var copy = self
        copy.fields.removeAll { $0.name == name }
        if let value { copy.add(name, value) }
        return copy
    }

    var encoded: String {
        fields.map { Self.encoded($0.name) + "=" + Self.encoded($0.value) }.joined(separator: "&")
    }

    /// The path with the fields behind it.
    func address(_ path: String) -> String { fields.isEmpty ? path : path + "?" + encoded }

    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    static func decoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(hexValue),
                let low = rest.dropFirst().first.flatMap(hexValue)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        let decoded = String(decoding: bytes, as: UTF8.self)
        return String(
            String.UnicodeScalarView(decoded.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }

    static func == (left: FormFields, right: FormFields) -> Bool { left.encoded == right.encoded }

    func hash(into hasher: inout Hasher) { hasher.combine(encoded) }
}
