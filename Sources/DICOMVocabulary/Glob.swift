// Patterns for descriptions and for names of devices.

/// A pattern in which `*` stands for any text and `?` for one character; upper and lower case are the same, and so are
/// composed and decomposed letters.
package struct Glob: Sendable, Hashable, Codable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let description: String
    private let pattern: [Character]

    package init(_ text: String) {
        description = text
        pattern = Array(text.lowercased())
    }

    package init(stringLiteral value: String) { self.init(value) }

    /// Linear in the text for each star, whatever the pattern: it only ever goes back to the last star.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.lowercased())
        var (p, t) = (0, 0)
        var retry: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                retry = (p + 1, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let back = retry {
                retry = (back.pattern, back.text + 1)
                p = back.pattern
                t = back.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
