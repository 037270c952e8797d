import Gateway
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Console

@Suite struct ActionTests {
    @Test(arguments: [
        (["action": "hold", "reason": "wrong protocol"], StudyAction.hold(reason: "wrong protocol")),
        (["action": "release"], .release), (["action": "release", "asks": "yes", "sure": "yes"], .release),
        (["action": "retry"], .retry),
        (["action": "cancel", "sure": "yes"], .cancel),
        (["action": "send", "destination": "sydney"], .send(destination: "sydney")),
    ])
    func `each action reaches the desk with who did it`(fields: [String: String], action: StudyAction) async throws {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken, signature: "Ann-Sofie B.")
        let all = fields.merging(["csrf": person.csrf]) { $1 }
        #expect(try await visit.post("/studies/s12/actions", all, person.cookie).status == .seeOther)
        #expect(
            visit.desk.state.withLock { $0.acts } == [
                .init(action: action, key: "S12", actor: "Ann-Sofie B. (operator)")
            ])
    }

    @Test(arguments: [
        ["action": "hold"], ["action": "hold", "reason": "  "], ["action": "cancel"], ["action": "send"],
        ["action": "burn"], [:], ["action": "release", "asks": "yes"],
        ["action": "hold", "reason": "patient 19121212-1212 is moved"], ["action": "hold", "reason": "121212+1212"],
        ["action": "hold", "reason": "191212121212"], ["action": "hold", "reason": "19850101-T123"],
    ])
    func `an action that is not whole, or that names a patient, changes nothing`(fields: [String: String]) async throws
    {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        let all = fields.merging(["csrf": person.csrf]) { $1 }
        let response = try await visit.post("/studies/S12/actions", all, person.cookie)
        #expect(response.status == .unprocessableContent)
        #expect(visit.desk.state.withLock { $0.acts.isEmpty })
    }

    @Test(arguments: ["see S12 and T31", "port 11112 down since 20:00", "ticket 4711", "1.2.826.0.1.3680043.8.498.44"])
    func `everyday reasons are taken`(reason: String) {
        #expect(!OperatorText.mayIdentify(reason))
    }

    @Test(arguments: [
        (OperatorError.Kind.notFound, 404), (.notAllowed, 403), (.invalid, 422), (.unavailable, 503),
    ])
    func `what the desk refuses is told in a sentence and in its own words`(kind: OperatorError.Kind, code: Int)
        async throws
    {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        visit.desk.state.withLock { $0.failure = OperatorError(kind, "the study is <delivered>") }
        let response = try await visit.post(
            "/studies/S12/actions", ["action": "retry", "csrf": person.csrf], person.cookie)
        #expect(response.status.code == code)
        #expect(response.text.contains("the study is &lt;delivered&gt;"))
        let api = try await visit.get("/api/v1/status", visit.bearer(Visit.viewerToken))
        #expect(api.status.code == code)
        #expect(api.headers[.contentType]?.hasPrefix("application/problem+json") == true)
        #expect(api.text.contains("\"status\":\(code)"))
    }

    @Test func `a road can be tested`() async throws {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        let works = try await visit.post("/destinations/echo", ["peer": "sydney", "csrf": person.csrf], person.cookie)
        #expect(works.text.contains("312 ms"))
        let fails = try await visit.post("/destinations/echo", ["peer": "pacs", "csrf": person.csrf], person.cookie)
        #expect(fails.text.contains("Is it on?"))
    }
}
