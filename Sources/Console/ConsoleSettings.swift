// What the site says about the console: where it listens, who may look and who may act.

package import Foundation

/// A language of the pages.
package enum ConsoleLanguage: String, Sendable, Hashable, CaseIterable, Codable {
    case swedish = "sv"
    case english = "en"
}

/// The console's settings, checked by ``problems()`` before anything listens.
///
/// The executable reads the token files; here they are strings. No description of this value shows them.
package struct ConsoleSettings: Sendable, Hashable {
    /// An address of this machine. Names other than loopback are answered only if `origins` lists them.
    package var address = "127.0.0.1"
    /// 0 asks the system for a free port; `onServerRunning` of ``ConsoleService`` tells which one it gave.
    package var port = 8080
    /// Whoever holds this may look.
    package var viewerToken: String
    /// Whoever holds this may look and act.
    package var operatorToken: String
    /// Used when neither the address, a cookie nor the browser says which.
    package var language = ConsoleLanguage.swedish
    /// How people reach the console when it is not by a loopback name: `https://gateway.hospital.example`. An `https`
    /// origin says that a proxy before us speaks TLS: the cookie is then marked `Secure`.
    package var origins: [String] = []
    /// Answers `/metrics` to whoever can reach the port. Off: a scraper shows the viewer's token as `Bearer`.
    package var openMetrics = false
    /// Times on pages are shown in this zone; `datetime` attributes and the API are RFC 3339.
    package var timeZone = TimeZone.current
    /// Connections at once; more wait in the kernel's queue.
    package var maximumConnections = 128
    /// Seconds in which a connection must bring a whole request head, and a form its whole body.
    package var requestDeadline: Double = 20
    /// Bytes of a posted form.
    package var maximumFormBytes = 16 * 1024
    /// People signed in at once; beyond it the one unused longest is signed out.
    package var maximumSessions = 200
    /// Seconds from signing in to being signed out.
    package var sessionLength: Double = 12 * 3600

    package init(viewerToken: String, operatorToken: String) {
        self.viewerToken = viewerToken
        self.operatorToken = operatorToken
    }

    /// What is wrong, each with the key, the shape of the value and what is allowed; empty when all is well. Tokens are
    /// described by their length alone.
    package func problems() -> [String] {
        var problems: [String] = []
        func need(_ holds: Bool, _ problem: @autoclosure () -> String) {
            if !holds { problems.append(problem()) }
        }
        need(!address.isEmpty, "console.address is empty; give an address of this machine, such as 127.0.0.1")
        need((0...65_535).contains(port), "console.port is \(port); allowed are 0 to 65535")
        for (key, token) in [("viewer_token", viewerToken), ("operator_token", operatorToken)] {
            need(
                (16...512).contains(token.utf8.count),
                "console.\(key) has \(token.utf8.count) bytes; allowed are 16 to 512, "
                    + "such as the output of openssl rand -hex 32"
            )
            need(
                token.utf8.allSatisfy { (0x21...0x7E).contains($0) },
                "console.\(key) holds a character that no header can carry; allowed are printable ASCII without spaces")
        }
        need(
            viewerToken != operatorToken,
            "console.viewer_token and console.operator_token are the same; whoever looks could then act")
        for origin in origins {
            need(
                WebOrigin(origin) != nil,
                "console.origins has an entry of \(origin.count) characters that is no origin; "
                    + "allowed is scheme://host[:port]"
            )
        }
        need((1...10_000).contains(maximumConnections), "console.maximum_connections must be 1 to 10000")
        need((1...300).contains(requestDeadline), "console.request_deadline must be 1 to 300 seconds")
        need((1024...1_048_576).contains(maximumFormBytes), "console.maximum_form_bytes must be 1024 to 1048576")
        need((1...10_000).contains(maximumSessions), "console.maximum_sessions must be 1 to 10000")
        need((60...604_800).contains(sessionLength), "console.session_length must be 60 to 604800 seconds")
        return problems
    }

    /// Whether a proxy in front speaks TLS.
    var behindTLS: Bool { origins.contains { WebOrigin($0)?.scheme == "https" } }
}

extension ConsoleSettings: CustomStringConvertible, CustomReflectable {
    package var description: String { "ConsoleSettings(\(address):\(port))" }

    /// Keeps the tokens out of `dump` and of string interpolation of values that hold this one.
    package var customMirror: Mirror { Mirror(self, children: ["address": address, "port": port]) }
}
