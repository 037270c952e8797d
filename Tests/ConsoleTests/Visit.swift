// A visitor of the console under test: router alone, any Host, and a clock that the test moves.

import Foundation
import Gateway
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization

@testable import Console

final class Visit: Sendable {
    static let viewerToken = "viewer-token-0123456789"
    static let operatorToken = "operator-token-0123456789"

    let desk = FakeDesk()
    let settings: ConsoleSettings
    private let clock: SharedClock
    private let responder: AnyHost

    init(_ adjust: (inout ConsoleSettings) -> Void = { _ in }) throws {
        var settings = Self.settings
        adjust(&settings)
        self.settings = settings
        let clock = SharedClock(desk.now)
        self.clock = clock
        let router = try ConsoleRouter.make(desk: desk, settings: settings, now: { clock.now })
        responder = AnyHost(inner: router.buildResponder())
    }

    static var settings: ConsoleSettings {
        var settings = ConsoleSettings(viewerToken: viewerToken, operatorToken: operatorToken)
        settings.timeZone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        settings.language = .english
        return settings
    }

    func pass(_ seconds: Double) { clock.pass(seconds) }

    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> TestResponse {
        try await send(path, .get, headers, nil)
    }

    /// A form as a browser sends it from our own page, unless `headers` say otherwise.
    func post(
        _ path: String, _ fields: [String: String], _ headers: [String: String] = [:],
        origin: String? = "http://localhost"
    ) async throws -> TestResponse {
        var all = headers
        if all["Content-Type"] == nil { all["Content-Type"] = "application/x-www-form-urlencoded" }
        if let origin { all["Origin"] = origin }
        let body = fields.map { FormFields.encoded($0.key) + "=" + FormFields.encoded($0.value) }.joined(separator: "&")
        return try await send(path, .post, all, body)
    }

    func send(
        _ path: String, _ method: HTTPRequest.Method, _ headers: [String: String], _ body: String?
    ) async throws -> TestResponse {
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let name = HTTPFields.Element.Name(name) else { continue }
            fields.append(.init(name: name, value: value))
        }
        let application = Application(
            responder: responder, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let headers = fields
        return try await application.test(.router) { client in
            try await client.execute(
                uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        }
    }

    func bearer(_ token: String) -> [String: String] { ["Authorization": "Bearer " + token] }

    /// Signs in by the form; gives the cookie to send on, and the session's form token.
    func signIn(_ token: String, signature: String = "") async throws -> (cookie: [String: String], csrf: String) {
        let response = try await post("/login", ["token": token, "signature": signature])
        let cookie = (response.headers[.setCookie] ?? "").prefix { $0 != ";" }
        let headers = ["Cookie": String(cookie)]
        let page = try await get("/studies", headers).markup
        let csrf = page.firstMatch(of: /name="csrf" value="([0-9a-f]+)"/).map { String($0.1) } ?? ""
        return (headers, csrf)
    }
}

final class SharedClock: Sendable {
    private let moment: Mutex<Date>

    init(_ start: Date) { moment = Mutex(start) }
    var now: Date { moment.withLock { $0 } }
    func pass(_ seconds: Double) { moment.withLock { $0 = $0.addingTimeInterval(seconds) } }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// A page's text with each run of white space as one space: where templates break their lines is nobody's business.
    var markup: String { text.split { $0 == " " || $0 == "\n" }.joined(separator: " ") }
}

/// Lets a test say which Host a request was sent to: the router test sends every one to `localhost`.
struct AnyHost: HTTPResponder {
    let inner: RouterResponder<ConsoleContext>

    func respond(to request: Request, context: ConsoleContext) async throws -> Response {
        var head = request.head
        let name = HTTPFields.Element.Name("X-Test-Host") ?? .contentLanguage
        if let host = head.headerFields[name] { head.authority = host.isEmpty ? nil : host }
        return try await inner.respond(to: Request(head: head, body: request.body), context: context)
    }
}
