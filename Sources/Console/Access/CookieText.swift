// The two cookies as header text (RFC 6265).

enum CookieText {
    static let language = "antipode_language"

    /// Behind TLS the `__Host-` prefix makes browsers refuse the cookie from other hosts, paths or plain HTTP.
    static func sessionName(secure: Bool) -> String { secure ? "__Host-antipode" : "antipode_session" }

    static func session(_ value: String, seconds: Int, secure: Bool) -> String {
        "\(sessionName(secure: secure))=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
            + (secure ? "; Secure" : "")
    }

    static func remember(_ language: ConsoleLanguage, secure: Bool) -> String {
        "\(Self.language)=\(language.rawValue); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
            + (secure ? "; Secure" : "")
    }
}
