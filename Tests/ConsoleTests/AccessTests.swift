import Foundation
import Gateway
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Console

@Suite struct AccessTests {
    static let looking = [
        "/", "/fragments/now", "/studies", "/studies/S12", "/transfers", "/reports", "/metrics", "/api/v1/status",
        "/api/v1/peers", "/api/v1/studies", "/api/v1/studies/S12", "/api/v1/transfers", "/api/v1/reports",
    ]

    @Test(arguments: looking) func `looking needs a token`(path: String) async throws {
        let visit = try Visit()
        let stranger = try await visit.get(path)
        let isPage = !["/api", "/metrics", "/fragments"].contains { path.hasPrefix($0) }
        #expect(stranger.status == (isPage ? .seeOther : .unauthorized))
        if isPage { #expect(stranger.headers[.location]?.hasPrefix("/login") == true) }
        #expect(!stranger.text.contains("sydney"))
        #expect(try await visit.get(path, visit.bearer("wrong-token-0123456789")).status == .unauthorized)
        #expect(try await visit.get(path, visit.bearer(Visit.viewerToken)).status == .ok)
        #expect(try await visit.get(path, visit.bearer(Visit.operatorToken)).status == .ok)
        #expect(try await visit.get(path, visit.signIn(Visit.viewerToken).cookie).status == .ok)
    }

    @Test(arguments: ["/healthz", "/readyz", "/login", "/assets/style.css", "/assets/now.js", "/assets/mark.svg"])
    func `health, the sign-in page and its assets are open`(path: String) async throws {
        #expect(try await Visit().get(path).status == .ok)
    }

    @Test func `metrics are open only where the site says so`() async throws {
        #expect(try await Visit { $0.openMetrics = true }.get("/metrics").status == .ok)
    }

    @Test func `acting needs the operator's token`() async throws {
        let visit = try Visit()
        let viewer = try await visit.signIn(Visit.viewerToken)
        let path = "/studies/S12/actions"
        #expect(
            try await visit.post(path, ["action": "retry", "csrf": viewer.csrf], viewer.cookie).status == .forbidden)
        #expect(try await visit.post(path, ["action": "retry"], visit.bearer(Visit.viewerToken)).status == .forbidden)
        #expect(try await visit.post(path, ["action": "retry"]).status == .unauthorized)
        #expect(visit.desk.state.withLock { $0.acts.isEmpty })
        let person = try await visit.signIn(Visit.operatorToken, signature: "anna<b>")
        let done = try await visit.post(path, ["action": "retry", "csrf": person.csrf], person.cookie)
        #expect(done.status == .seeOther)
        #expect(done.headers[.location] == "/studies/S12?done=retry")
        #expect(visit.desk.state.withLock { $0.acts } == [.init(action: .retry, key: "S12", actor: "annab (operator)")])
    }

    @Test func `the cookie is kept from scripts and other sites, and behind TLS from plain HTTP`() async throws {
        let plain = try await Visit().post("/login", ["token": Visit.viewerToken]).headers[.setCookie] ?? ""
        #expect(plain.hasPrefix("antipode_session="))
        for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] { #expect(plain.contains(word)) }
        #expect(!plain.contains("Secure"))
        let tls =
            try await Visit { $0.origins = ["https://gateway.example"] }
            .post("/login", ["token": Visit.viewerToken]).headers[.setCookie] ?? ""
        #expect(tls.hasPrefix("__Host-antipode=") && tls.contains("; Secure"))
    }

    @Test func `a session ends after its length, and by signing out`() async throws {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.viewerToken)
        visit.pass(12 * 3600 - 1)
        #expect(try await visit.get("/", person.cookie).status == .ok)
        visit.pass(2)
        #expect(try await visit.get("/", person.cookie).status == .seeOther)
        let other = try await visit.signIn(Visit.viewerToken)
        #expect(try await visit.post("/logout", ["csrf": other.csrf], other.cookie).status == .seeOther)
        #expect(try await visit.get("/", other.cookie).status == .seeOther)
    }

    @Test func `the number of sessions is bounded, and the one unused longest goes`() {
        let sessions = Sessions(limit: 3, length: 100)
        let start = Date(timeIntervalSince1970: 0)
        let first = sessions.open(role: .viewer, actor: "a", at: start)
        let second = sessions.open(role: .viewer, actor: "b", at: start.addingTimeInterval(1))
        _ = sessions.open(role: .viewer, actor: "c", at: start.addingTimeInterval(2))
        #expect(sessions.visitor(first.session ?? "", at: start.addingTimeInterval(3)) != nil)
        _ = sessions.open(role: .viewer, actor: "d", at: start.addingTimeInterval(4))
        #expect(sessions.count == 3)
        #expect(sessions.visitor(second.session ?? "", at: start.addingTimeInterval(5)) == nil)
        #expect(sessions.visitor(first.session ?? "", at: start.addingTimeInterval(5)) != nil)
    }

    @Test func `guessing is slowed down, and the right token works again after a minute`() async throws {
        let visit = try Visit()
        for _ in 0..<10 {
            #expect(try await visit.post("/login", ["token": "guess"]).status == .unauthorized)
        }
        let refused = try await visit.post("/login", ["token": Visit.viewerToken])
        #expect(refused.status == .tooManyRequests)
        #expect(refused.headers[.retryAfter] == "60")
        visit.pass(61)
        #expect(try await visit.post("/login", ["token": Visit.viewerToken]).status == .seeOther)
    }

    @Test func `the memory of who guessed is bounded`() {
        let limiter = AttemptLimiter(allowed: 1, window: 60, addresses: 2)
        let now = Date(timeIntervalSince1970: 0)
        for (offset, address) in ["a", "b", "c"].enumerated() {
            limiter.failed(address, at: now.addingTimeInterval(Double(offset)))
        }
        #expect(limiter.wait("a", at: now.addingTimeInterval(3)) == nil)
        #expect(limiter.wait("c", at: now.addingTimeInterval(3)) == 59)
    }

    @Test(arguments: [
        ("/studies/S12", "/studies/S12"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a b", "/"), ("", "/"), ("/studies?state=held", "/studies?state=held"),
    ])
    func `signing in leads on to our own pages alone`(next: String, target: String) async throws {
        let response = try await Visit().post("/login", ["token": Visit.viewerToken, "next": next])
        #expect(response.headers[.location] == target)
    }

    @Test func `tokens are equal only when every byte is`() {
        #expect(Secret.equal("abc", "abc"))
        for wrong in ["", "ab", "abd", "abcabc", "abcd", "Abc"] { #expect(!Secret.equal(wrong, "abc")) }
        #expect(!Secret.equal("", ""))
        #expect(Set((0..<50).map { _ in Secret.random() }).count == 50)
        #expect(Secret.random().count == 64)
    }
}
