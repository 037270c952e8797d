// Which language a visitor gets.

extension ConsoleLanguage {
    /// `?lang=`, then the cookie, then what the browser prefers, then the site's own.
    static func choose(
        query: String?, cookie: String?, acceptLanguage: String?, default fallback: ConsoleLanguage
    ) -> ConsoleLanguage {
        query.flatMap(ConsoleLanguage.init) ?? cookie.flatMap(ConsoleLanguage.init)
            ?? acceptLanguage.flatMap(preferred) ?? fallback
    }

    /// The language of ours with the highest quality in an `Accept-Language` header (RFC 9110, 12.5.4); nil if it names
    /// none of them.
    static func preferred(_ header: String) -> ConsoleLanguage? {
        var best: (language: ConsoleLanguage, quality: Double)?
        for part in header.split(separator: ",").prefix(20) {
            let pieces = part.split(separator: ";").map { String($0.filter { !$0.isWhitespace }).lowercased() }
            guard let range = pieces.first,
                let language = ConsoleLanguage(rawValue: String(range.prefix { $0 != "-" }))
            else { continue }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > 0, quality > best?.quality ?? 0 { best = (language, quality) }
        }
        return best?.language
    }
}
