// Hosts and origins: what a browser says about where a request was aimed and where it came from.

import Foundation

/// Scheme, host and port of RFC 6454, with the scheme's own port written out.
struct WebOrigin: Hashable, Sendable {
    let scheme: String
    let host: WebHost

    /// nil unless the text is `scheme://host[:port]`, with at most a path after it.
    init?(_ text: String) {
        guard let mark = text.range(of: "://") else { return nil }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let authority = text[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let host = WebHost(String(authority), defaultPort: scheme == "https" ? 443 : 80) else { return nil }
        self.scheme = scheme
        self.host = host
    }
}

/// A host name or address with its port.
struct WebHost: Hashable, Sendable {
    let name: String
    let port: Int

    /// nil for anything that is no plain `host[:port]`: user names, spaces and empty names are refused.
    init?(_ authority: String, defaultPort: Int) {
        let text = authority.lowercased()
        var name = Substring(text)
        var port = defaultPort
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            name = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard !name.isEmpty, name.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
            if !rest.isEmpty {
                guard rest.first == ":", let number = UInt16(rest.dropFirst()) else { return nil }
                port = Int(number)
            }
        } else {
            if let colon = text.firstIndex(of: ":") {
                guard let number = UInt16(text[text.index(after: colon)...]) else { return nil }
                name = text[..<colon]
                port = Int(number)
            }
            guard !name.isEmpty, name.utf8.allSatisfy({ Self.nameBytes.contains($0) }) else { return nil }
        }
        // A name may be written with the root's dot: it is the same name.
        if name.hasSuffix("."), name.count > 1 { name = name.dropLast() }
        self.name = String(name)
        self.port = port
    }

    private static let nameBytes = Set("abcdefghijklmnopqrstuvwxyz0123456789.-_".utf8)

    /// `localhost`, 127.0.0.0/8 and ::1, and nothing that merely starts like them.
    var isLoopback: Bool {
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// Which hosts the console answers to, and from where a form may come.
struct HostPolicy: Sendable {
    private let origins: [WebOrigin]

    init(origins: [String]) {
        self.origins = origins.compactMap(WebOrigin.init)
    }

    /// Refuses DNS rebinding: a page of another name that its owner points at 127.0.0.1 still sends its own name.
    func answers(_ authority: String?) -> Bool {
        guard let authority, let host = WebHost(authority, defaultPort: 80) else { return false }
        return host.isLoopback || origins.contains { $0.host.name == host.name }
    }

    /// Whether a POST comes from a page of ours: `Sec-Fetch-Site` where a browser sends it, and `Origin` or else
    /// `Referer` of the host that it was sent to, or of a configured origin. Neither of the two: refused.
    func isOurs(authority: String?, origin: String?, referer: String?, fetchSite: String?) -> Bool {
        if let fetchSite, fetchSite != "same-origin" { return false }
        guard answers(authority), let authority, let source = origin ?? referer else { return false }
        guard let from = WebOrigin(source) else { return false }
        if origins.contains(from) { return true }
        let target = WebHost(authority, defaultPort: from.scheme == "https" ? 443 : 80)
        return target == from.host
    }
}
