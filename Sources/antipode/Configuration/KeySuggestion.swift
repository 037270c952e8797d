// Which key was meant.

enum KeySuggestion {
    /// The key that is a slip away; else those that begin alike; else all that may stand there.
    static func hint(for name: String, among keys: Set<String>) -> String? {
        if let nearest = EditDistance.nearest(to: name, among: keys) { return "Did you mean \(nearest)?" }
        let alike = keys.filter { beginAlike($0, name) }.sorted()
        if !alike.isEmpty { return "Did you mean \(alike.joined(separator: " or "))?" }
        return keys.isEmpty ? nil : "Known here: \(keys.sorted().joined(separator: ", "))."
    }

    /// One begins with the other, or both with the same word: `maximum` for `maximum_depth`, `maximum_bytes` for that.
    private static func beginAlike(_ key: String, _ name: String) -> Bool {
        let (key, name) = (key.lowercased(), name.lowercased())
        let first = name.prefix { $0 != "_" }
        guard first.count >= 3, key.count >= 3 else { return false }
        return key.hasPrefix(name) || name.hasPrefix(key) || key.prefix { $0 != "_" } == first
    }
}
