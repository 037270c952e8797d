// The desk's own sentences in Swedish: reasons and hints that the program's code knows. English is as they come.

import Foundation

/// Sentences with `{}` where something stands that differs; what stands there is translated in its turn. A sentence that
/// is not here is shown as it came, which is always in English.
enum DetailWords {
    static func swedish(_ text: String) -> String {
        if let exact = exact[text] { return exact }
        if let code = NoticeWords.codes[text] { return code.swedish }
        for (parts, swedish) in patterns {
            guard let values = match(text, parts) else { continue }
            let words = values.map { Self.swedish($0) }
            return words.enumerated().reduce(swedish) {
                $0.replacingOccurrences(of: "{\($1.offset)}", with: $1.element)
            }
        }
        return text
    }

    /// What stands between the parts, if the text is made of them.
    private static func match(_ text: String, _ parts: [String]) -> [String]? {
        guard let first = parts.first, let last = parts.last, text.hasPrefix(first) else { return nil }
        var values: [String] = []
        var rest = text.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.range(of: part) else { return nil }
            values.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        guard rest.hasSuffix(last), !rest.isEmpty else { return nil }
        values.append(String(rest.dropLast(last.count)))
        return values.allSatisfy { !$0.isEmpty } ? values : nil
    }

    private static let exact = Dictionary(
        sentences.filter { !$0.english.contains("{}") }.map { ($0.english, $0.swedish) }, uniquingKeysWith: { $1 })

    /// The English parts around each `{}`.
    private static let patterns: [([String], String)] = sentences.filter { $0.english.contains("{}") }.map {
        ($0.english.components(separatedBy: "{}"), $0.swedish)
    }
}
