// Where a key stands in the file. TOMLKit tells lines of syntax errors only.

/// The line of each key, found by reading headers and keys at the starts of lines, which is how such files are written.
/// A key that is written in another way (inside an inline table, say) has the line of the nearest key around it.
struct LineMap: Sendable {
    private var lines: [String: Int] = [:]

    init(_ text: String) {
        var prefix: [String] = []
        var counts: [String: Int] = [:]
        var isInLongText = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let marks = line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count - 1
            defer { if marks % 2 == 1 { isInLongText.toggle() } }
            if isInLongText { continue }
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if trimmed.hasPrefix("[[") {
                let name = Self.key(trimmed.dropFirst(2).prefix { $0 != "]" })
                counts[name, default: 0] += 1
                prefix = ["\(name)[\(counts[name] ?? 1)]"]
                note(prefix, index + 1)
            } else if trimmed.hasPrefix("[") {
                // `[destination.retry]` belongs to the latest `[[destination]]`.
                let parts = Self.key(trimmed.dropFirst().prefix { $0 != "]" }).split(separator: ".").map(String.init)
                prefix = parts.enumerated().map { part in
                    guard part.offset == 0, let count = counts[part.element] else { return part.element }
                    return "\(part.element)[\(count)]"
                }
                note(prefix, index + 1)
            } else if let equals = trimmed.firstIndex(of: "="), trimmed.first != "#" {
                note(prefix + [Self.key(trimmed[..<equals])], index + 1)
            }
        }
    }

    private mutating func note(_ path: [String], _ line: Int) {
        let key = path.joined(separator: ".")
        if lines[key] == nil { lines[key] = line }
    }

    private static func key(_ text: Substring) -> String {
        String(text.filter { !" \t\"'".contains($0) })
    }

    /// The line of a key path as findings write it, or of what is around it.
    func line(of path: String) -> Int? {
        var path = path[...]
        while true {
            if let line = lines[String(path)] { return line }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<end]
        }
    }
}
