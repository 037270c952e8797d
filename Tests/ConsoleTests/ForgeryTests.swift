import Gateway
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Console

@Suite struct ForgeryTests {
    static let path = "/studies/S12/actions"

    /// What the attacker's page can make a browser send, and what a browser adds by itself.
    @Test(arguments: [
        ["Origin": "https://evil.example"], ["Origin": "null"], ["Origin": "http://localhost:9999"],
        ["Origin": "http://localhost.evil.example"], ["Referer": "https://evil.example/localhost"],
        ["Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"],
        ["Origin": "http://localhost", "Sec-Fetch-Site": "same-site"], [:],
        ["Origin": "http://localhost", "Content-Type": "text/plain"],
    ])
    func `a form from elsewhere is refused even with a right form token`(headers: [String: String]) async throws {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        let all = headers.merging(person.cookie) { $1 }
        let response = try await visit.post(Self.path, ["action": "retry", "csrf": person.csrf], all, origin: nil)
        #expect(response.status == .forbidden || response.status == .unsupportedMediaType)
        #expect(visit.desk.state.withLock { $0.acts.isEmpty })
    }

    @Test(arguments: ["", "0000", "other"]) func `a form without this session's token is refused`(csrf: String)
        async throws
    {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        let other = try await visit.signIn(Visit.operatorToken)
        let token = csrf == "other" ? other.csrf : csrf
        #expect(
            try await visit.post(Self.path, ["action": "retry", "csrf": token], person.cookie).status == .forbidden)
        #expect(visit.desk.state.withLock { $0.acts.isEmpty })
    }

    @Test(arguments: [
        ["Origin": "http://localhost"], ["Referer": "http://localhost/studies/S12"],
        ["Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"],
    ])
    func `a form from our own page is taken`(headers: [String: String]) async throws {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        let all = headers.merging(person.cookie) { $1 }
        let response = try await visit.post(Self.path, ["action": "retry", "csrf": person.csrf], all, origin: nil)
        #expect(response.status == .seeOther)
    }

    @Test func `a form that a proxy passed on is taken from a configured origin`() async throws {
        let visit = try Visit { $0.origins = ["http://gateway.example:8443"] }
        let person = try await visit.signIn(Visit.operatorToken)
        let fields = ["action": "retry", "csrf": person.csrf]
        let good = try await visit.post(Self.path, fields, person.cookie, origin: "http://gateway.example:8443")
        #expect(good.status == .seeOther)
        let bad = try await visit.post(Self.path, fields, person.cookie, origin: "https://gateway.example:8443")
        #expect(bad.status == .forbidden)
    }

    @Test func `a program with a token needs no form token, but no browser may lend it one`() async throws {
        let visit = try Visit()
        let headers = visit.bearer(Visit.operatorToken)
        #expect(try await visit.post(Self.path, ["action": "release"], headers, origin: nil).status == .seeOther)
        let lent = try await visit.post(Self.path, ["action": "release"], headers, origin: "https://evil.example")
        #expect(lent.status == .forbidden)
    }

    @Test func `a sign-in form from elsewhere is refused`() async throws {
        let response = try await Visit().post("/login", ["token": Visit.viewerToken], origin: "https://evil.example")
        #expect(response.status == .forbidden)
        #expect(response.headers[.setCookie] == nil)
    }

    @Test(arguments: [
        "localhost", "localhost:8080", "LOCALHOST", "127.0.0.1:8080", "127.8.9.10", "[::1]:8080", "localhost.",
    ])
    func `loopback names are answered`(host: String) async throws {
        #expect(try await Visit().get("/login", ["X-Test-Host": host]).status == .ok)
    }

    @Test(arguments: [
        "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.1.10", "127.0.0.256",
        "user@localhost",
        "[::2]", "localhost:99999", "127.1", "",
    ])
    func `a name that leads here by rebinding is refused`(host: String) async throws {
        let visit = try Visit()
        let headers = visit.bearer(Visit.operatorToken).merging(["X-Test-Host": host]) { $1 }
        #expect(try await visit.get("/", headers).status == .misdirectedRequest)
        #expect(try await visit.get("/healthz", headers).status == .ok)
    }

    @Test func `a configured host is answered at any port`() async throws {
        let visit = try Visit { $0.origins = ["https://gateway.example"] }
        #expect(try await visit.get("/login", ["X-Test-Host": "gateway.example:8080"]).status == .ok)
    }

    @Test func `a form larger than the bound is refused`() async throws {
        let visit = try Visit { $0.maximumFormBytes = 1024 }
        let person = try await visit.signIn(Visit.operatorToken)
        let fields = ["action": "hold", "reason": String(repeating: "x", count: 2000), "csrf": person.csrf]
        #expect(try await visit.post(Self.path, fields, person.cookie).status == .contentTooLarge)
    }

    @Test func `every answer carries the headers that keep it in its place`() async throws {
        let visit = try Visit()
        for path in ["/login", "/", "/healthz", "/nowhere", "/api/v1/nowhere", "/assets/style.css"] {
            let headers = try await visit.get(path).headers
            let policy = headers[HeaderNames.contentSecurityPolicy] ?? ""
            #expect(policy.contains("default-src 'self'") && !policy.contains("unsafe"))
            #expect(headers[HeaderNames.frameOptions] == "DENY")
            #expect(headers[HeaderNames.contentTypeOptions] == "nosniff")
            #expect(headers[HeaderNames.referrerPolicy] == "same-origin")
            #expect(headers[.cacheControl] == (path.hasPrefix("/assets/") ? "no-cache" : "no-store"))
        }
    }
}
