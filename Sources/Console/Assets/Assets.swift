// What the pages need besides themselves, from memory.

/// A file that the console serves under `/assets/`.
struct Asset: Sendable {
    let type: String
    let text: String
    /// Names the content, so that a browser asks only whether it changed.
    let tag: String

    init(type: String, text: String) {
        self.type = type
        self.text = text
        // FNV-1a: the tag tells versions of our own text apart, it protects nothing.
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        tag = "\"" + String(hash, radix: 16) + "\""
    }
}

enum Assets {
    static let byName: [String: Asset] = [
        "style.css": Asset(type: "text/css; charset=utf-8", text: style),
        "now.js": Asset(type: "text/javascript; charset=utf-8", text: script),
        "mark.svg": Asset(type: "image/svg+xml", text: mark),
    ]

    /// Two points on opposite sides of the globe.
    static let mark = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">\
        <circle cx="16" cy="16" r="13" fill="none" stroke="#2b7a8c" stroke-width="2.5"/>\
        <path d="M7.5 25 C 12 14, 20 18, 24.5 7" fill="none" stroke="#2b7a8c" stroke-width="2.5"/>\
        <circle cx="7" cy="25" r="4" fill="#2b7a8c"/><circle cx="25" cy="7" r="4" fill="#d98a2b"/></svg>
        """
}
