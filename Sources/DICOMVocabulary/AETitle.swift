// Application Entity titles (PS3.8 9.3.2, PS3.5 6.2 AE).

/// An AE title without its insignificant leading and trailing spaces.
package struct AETitle: Hashable, Sendable, Codable, CustomStringConvertible {
    package let string: String

    /// Fails for what PS3.5 6.2 does not allow: nothing but spaces, more than 16 characters, control characters,
    /// a backslash, or anything outside ASCII.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { $0 != 0x20 }), let last = bytes.lastIndex(where: { $0 != 0x20 })
        else { return nil }
        let trimmed = bytes[first...last]
        guard trimmed.count <= 16, trimmed.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x5C }) else { return nil }
        string = String(decoding: trimmed, as: UTF8.self)
    }

    /// Stands where no valid title is known.
    package static let placeholder = AETitle(trusted: "UNKNOWN")

    private init(trusted text: String) { string = text }

    package var description: String { string }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let title = AETitle(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a valid AE title"))
        }
        self = title
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(string)
    }
}
