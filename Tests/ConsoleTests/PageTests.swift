import Foundation
import Gateway
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Console

@Suite struct PageTests {
    static let pages = [
        "/", "/fragments/now", "/studies", "/studies?state=held&page=1", "/studies/S12", "/studies/S4",
        "/studies/S12?done=hold",
        "/transfers", "/transfers?state=held&state=waiting&destination=sydney", "/reports", "/reports?state=held",
        "/studies?person=yes", "/reports/R5", "/reports/R6?done=retry", "/events", "/events?kind=refused&all=yes",
        "/nowhere", "/reports/R99", "/reports/<x>",
        "/studies/S99", "/studies/<x>",
    ]

    @Test(arguments: pages, ConsoleLanguage.allCases)
    func `every page renders in both languages, and no text becomes markup`(
        path: String, language: ConsoleLanguage
    ) async throws {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        let address = path + (path.contains("?") ? "&" : "?") + "lang=" + language.rawValue
        let page = try await visit.get(address, person.cookie).markup
        if !path.hasPrefix("/fragments") { #expect(page.contains("<html lang=\"\(language.rawValue)\">")) }
        #expect(!page.contains("<script>") && !page.contains("<b>gone"))
        #expect(!page.contains("Optional(") && !page.contains("Badge("))
        // Texts with braces stay texts.
        #expect(!page.replacingOccurrences(of: "{{csrf}}", with: "").contains("{{"))
        #expect(!page.contains(" style=") && !page.contains(" onclick="))
        for tag in ["table", "section", "form", "ul", "div", "tr", "td", "th", "dl", "main", "tbody", "span", "p"] {
            let opened = page.matches(of: try Regex("<\(tag)[\\s>]")).count
            #expect(opened == page.matches(of: try Regex("</\(tag)>")).count, "\(tag)")
        }
    }

    @Test func `the first page says what waits, where and why`() async throws {
        let visit = try Visit()
        let page = try await visit.get("/", visit.bearer(Visit.viewerToken)).markup
        #expect(page.contains("4 things are waiting for a person."))
        #expect(page.contains("Broken") && page.contains("next try"))
        #expect(page.contains("Ask the partner whether their VPN is up"))
        #expect(page.contains("&lt;b&gt;gone&lt;/b&gt;"))
        #expect(page.contains("412.0\u{A0}GB") && page.contains("Near the floor."))
        #expect(page.contains("http-equiv=\"refresh\"") && page.contains("/assets/now.js"))
        #expect(!page.contains("/destinations/echo"))
        visit.desk.state.withLock { $0.quiet = true }
        visit.pass(2)
        #expect(try await visit.get("/", visit.bearer(Visit.viewerToken)).markup.contains("Everything has arrived."))
        visit.desk.state.withLock { $0.ready = false }
        visit.pass(2)
        let alarmed = try await visit.get("/", visit.bearer(Visit.viewerToken)).markup
        #expect(alarmed.contains("The vault is not available"))
    }

    @Test func `many open pages share one reading of the desk`() async throws {
        let visit = try Visit()
        for _ in 0..<5 { _ = try await visit.get("/fragments/now", visit.bearer(Visit.viewerToken)) }
        #expect(visit.desk.state.withLock { $0.listed.count } == 1)
    }

    @Test func `waiting times are counted in steps for each destination`() {
        let ages = [0, 299, 300, 1799, 1800, 7199, 7200, 1e9].map { AgeBucket.of($0) }
        #expect(ages == [.fresh, .fresh, .short, .short, .long, .long, .late, .late])
    }

    @Test func `filters come back in the form and in the links`() async throws {
        let visit = try Visit()
        let address = "/studies?state=held&state=planned&source=ct+%C3%A5&destination=gone&modality=ct&since=2026-11-01"
        visit.desk.state.withLock { $0.studyCount = 0 }
        let page = try await visit.get(address, visit.bearer(Visit.viewerToken)).markup
        #expect(page.contains("value=\"held\" checked") && page.contains("value=\"planned\" checked"))
        #expect(!page.contains("value=\"complete\" checked"))
        #expect(page.contains("name=\"source\" value=\"ct å\""))
        #expect(page.contains("<option value=\"gone\" selected>"))
        #expect(page.contains("value=\"CT\"") && page.contains("type=\"date\" value=\"2026-11-01\""))
        let search = visit.desk.state.withLock { $0.searches.last }
        #expect(search?.states == ["planned", "held"])
        #expect(search?.since == (try Date("2026-10-31T23:00:00Z", strategy: .iso8601)))
    }

    @Test func `pages lead to their neighbours with the same filters`() async throws {
        let visit = try Visit()
        let headers = visit.bearer(Visit.viewerToken)
        visit.desk.state.withLock { $0.studyCount = 101 }
        let first = try await visit.get("/studies?destination=a%26b", headers).markup
        #expect(first.contains("rel=\"next\" href=\"/studies?destination=a%26b&amp;page=2\""))
        #expect(!first.contains("rel=\"prev\""))
        let second = try await visit.get("/studies?destination=a%26b&page=2", headers).markup
        #expect(second.contains("rel=\"prev\" href=\"/studies?destination=a%26b\""))
        let third = try await visit.get("/studies?destination=a%26b&page=3", headers).markup
        #expect(third.contains(">S101<") && !third.contains("rel=\"next\""))
        #expect(visit.desk.state.withLock { $0.searches.map(\.offset) } == [0, 50, 100])
    }

    @Test(arguments: ["S12", "1.2.826.0.1", "2.25"]) func `a key or a UID may stand in the address`(text: String)
        async throws
    {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.viewerToken)
        let posted = try await visit.post(
            "/studies", ["text": text, "state": "held", "csrf": person.csrf], person.cookie)
        #expect(posted.headers[.location] == "/studies?text=\(text)&state=held")
    }

    @Test(arguments: ["191212121212", "19121212-1212", "RIS-2026-0001", "Svensson^Anna"])
    func `an identifier is looked for, but never enters an address or a page`(text: String) async throws {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.viewerToken)
        let posted = try await visit.post("/studies", ["text": text, "csrf": person.csrf], person.cookie)
        #expect(posted.status == .ok)
        #expect(visit.desk.state.withLock { $0.searches.last?.text } == text)
        #expect(!posted.markup.contains(text))
        let typed = try await visit.get("/studies?text=" + FormFields.encoded(text), person.cookie)
        #expect(typed.status == .badRequest)
        let api = try await visit.get("/api/v1/studies?text=" + FormFields.encoded(text), person.cookie)
        #expect(api.status == .badRequest)
        #expect(visit.desk.state.withLock { $0.searches.count } == 2)
    }

    @Test(arguments: ["2026-13-01", "2026-02-30", "yesterday", "2026-1-1"])
    func `a date that is none is told`(text: String) async throws {
        let visit = try Visit()
        let response = try await visit.get("/studies?since=" + text, visit.bearer(Visit.viewerToken))
        #expect(response.status == .badRequest)
        #expect(response.markup.contains("YYYY-MM-DD"))
    }

    @Test func `until takes in its whole day`() {
        let stockholm = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        let search = StudyFilter(FormFields("since=2026-10-25&until=2026-10-25")).search(stockholm)
        // The day when clocks go back has 25 hours.
        #expect(
            (search?.until ?? .distantPast).timeIntervalSince(search?.since ?? .distantFuture).rounded() == 25 * 3600)
    }

    @Test func `an operator sees the actions that fit, a viewer sees none`() async throws {
        let visit = try Visit()
        let acting = try await visit.get("/studies/S12", visit.signIn(Visit.operatorToken).cookie).markup
        for action in ["hold", "release", "retry", "send", "cancel"] {
            #expect(acting.contains("name=\"action\" value=\"\(action)\""))
        }
        let looking = try await visit.get("/studies/S12", visit.signIn(Visit.viewerToken).cookie).markup
        #expect(!looking.contains("name=\"action\""))
        #expect(looking.contains("Acting needs the operator&#39;s token"))
    }

    @Test(arguments: [["sydney"], []])
    func `what a rule holds can be released where that leads somewhere, and else be sent`(
        destinations: [String]
    ) async throws {
        let visit = try Visit()
        visit.desk.state.withLock { $0.onRelease = destinations }
        let page = try await visit.get("/studies/S18", visit.signIn(Visit.operatorToken).cookie).markup
        #expect(page.contains("name=\"action\" value=\"release\"") == !destinations.isEmpty)
        #expect(page.contains("a release would change nothing") == destinations.isEmpty)
        #expect(page.contains("name=\"action\" value=\"send\"") && page.contains("fråga neuro"))
    }

    @Test func `a study shows the rule that chose and why the others did not`() async throws {
        let visit = try Visit()
        let page = try await visit.get("/studies/S12", visit.bearer(Visit.viewerToken)).markup
        #expect(page.contains("time is 23:41, wanted 08:00–20:00"))
        #expect(page.contains("Chosen") && page.contains("Did not match"))
        #expect(page.contains("reset by peer after 200 instances"))
    }
}
