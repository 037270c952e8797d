// Unique identifiers (PS3.5 section 9).

/// A UID as it was written, without padding. It may be invalid: what peers send is kept, and `isValid` tells.
package struct UID: Hashable, Sendable, Codable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let string: String

    /// Trailing NUL and space padding (PS3.5 6.2, UI) is dropped, so that padded and unpadded forms are equal.
    package init(_ string: String) {
        guard let last = string.utf8.last, last == 0 || last == 0x20 else {
            self.string = string
            return
        }
        let end = string.utf8.lastIndex { $0 != 0 && $0 != 0x20 }
        self.string = end.map { String(string[...$0]) } ?? ""
    }

    package init(stringLiteral value: String) { self.init(value) }

    /// 1–64 characters, digits and dots, no empty component and no leading zero (PS3.5 9.1).
    package var isValid: Bool {
        let bytes = string.utf8
        guard (1...64).contains(bytes.count) else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) } && (part.count == 1 || part.first != 0x30)
        }
    }

    /// Under the standard's own root: SOP classes, transfer syntaxes and the like, never a patient's object.
    package var isStandard: Bool { string.hasPrefix("1.2.840.10008.") }

    package var description: String { string }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(string)
    }
}
