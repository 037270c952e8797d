import Foundation
import Gateway
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Console

@Suite struct DecisionPageTests {
    @Test func `what waits for a person stands on the first page with its reason and a link`() async throws {
        let visit = try Visit()
        let page = try await visit.get("/?lang=sv", visit.bearer(Visit.viewerToken)).markup
        #expect(page.contains("<a href=\"/reports/R6\">R6</a>") && page.contains("<a href=\"/studies/S12\">S12</a>"))
        #expect(page.contains("3 av 1216 objekt till sydney: ultraljud, skärmdumpar eller fotografier"))
        #expect(page.contains("Visar de inget namn: Släpp.") && page.contains("href=\"/studies?person=yes\""))
        visit.desk.state.withLock { $0.quiet = true }
        visit.pass(2)
        #expect(try await !visit.get("/", visit.bearer(Visit.viewerToken)).markup.contains("id=\"attention\""))
    }

    @Test func `the filter of what needs a person reaches the desk and stays in the address`() async throws {
        let visit = try Visit()
        let page = try await visit.get("/studies?person=yes", visit.bearer(Visit.viewerToken)).markup
        #expect(visit.desk.state.withLock { $0.searches.last?.needsPerson } == true)
        #expect(
            page.contains("name=\"person\" value=\"yes\"\n        checked") || page.contains("checked> Needs a person"))
        #expect(page.contains("/studies?person=yes&amp;page=2"))
    }

    @Test func `a study names its held instances and offers to leave them out, asking first`() async throws {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        let page = try await visit.get("/studies/S12", person.cookie).markup
        #expect(
            page.contains("I77") && page.contains("Ultrasound Image") && page.contains("1.2.826.0.1.3680043.8.498.77"))
        #expect(page.contains("antipode study instances S12 --held") && !page.contains("/spool/objects"))
        let bare = try await visit.post(
            "/studies/S12/actions", ["action": "leave-out", "csrf": person.csrf], person.cookie)
        #expect(bare.status == .unprocessableContent)
        let done = try await visit.post(
            "/studies/S12/actions", ["action": "leave-out", "sure": "yes", "csrf": person.csrf], person.cookie)
        #expect(done.status == .seeOther)
        #expect(visit.desk.state.withLock { $0.acts.map(\.action) } == [.leaveOut])
    }

    @Test func `a report that is held can be bound, retried or discarded, and a doubtful one not released`()
        async throws
    {
        let visit = try Visit()
        let person = try await visit.signIn(Visit.operatorToken)
        let page = try await visit.get("/reports/R6", person.cookie).markup
        for action in ["bind", "retry", "discard"] { #expect(page.contains("value=\"\(action)\""), "\(action)") }
        #expect(!page.contains("value=\"release\""))
        for (fields, status) in [
            (["action": "bind", "study": "S12"], 303), (["action": "bind", "study": "nobody"], 422),
            (["action": "bind", "study": "S12", "against": "19121212-1212"], 422), (["action": "discard"], 422),
            (["action": "discard", "reason": "sent anew"], 303), (["action": "burn"], 422),
        ] {
            let all = fields.merging(["csrf": person.csrf]) { $1 }
            let answer = try await visit.post("/reports/R6/actions", all, person.cookie)
            #expect(answer.status.code == status, "\(fields)")
        }
        #expect(visit.desk.state.withLock { $0.reportActs.count } == 2)
        let viewer = try await visit.signIn(Visit.viewerToken)
        let refused = try await visit.post(
            "/reports/R6/actions", ["action": "retry", "csrf": viewer.csrf], viewer.cookie)
        #expect(refused.status == .forbidden)
    }

    @Test func `events are listed newest first, by kind, and with those of studies when asked for`() async throws {
        let visit = try Visit()
        let all = try await visit.get("/events?all=yes", visit.bearer(Visit.viewerToken)).markup
        #expect(all.contains("Association rejected") && all.contains("Instance refused"))
        let some = try await visit.get("/events?kind=refused&kind=nonsense", visit.bearer(Visit.viewerToken)).markup
        #expect(!some.contains("10.0.0.9"))
        #expect(
            visit.desk.state.withLock { $0.eventSearches.map(\.kinds) } == [[], ["refused"]])
        #expect(visit.desk.state.withLock { $0.eventSearches.map(\.all) } == [true, false])
    }

    @Test(arguments: [
        ("ultrasound, captured or photographic images", "ultraljud, skärmdumpar eller fotografier"),
        ("1 of 1 instance to sydney: modality OT", "1 av 1 objekt till sydney: modalitet OT"),
        (
            "report R3: its Completion Flag (0040,A491) is PARTIAL",
            "utlåtande R3: dess Completion Flag (0040,A491) är PARTIAL"
        ),
        ("it is a late part of S3, which is held", "den är en sen del av S3, som är kvarhållen"),
        (
            "object 1.2.3 from ct1 with status C000: unwalkable, damaged",
            "objekt 1.2.3 från ct1 med status C000: \(NoticeWords.codes["unwalkable"]?.swedish ?? ""), damaged"
        ),
        (
            "A7 of ct1 after 3 stored: garbage, with object 1.2.3 on its way",
            "A7 från ct1 efter 3 lagrade: inte DICOM, med objekt 1.2.3 på väg in"
        ),
        ("10.0.0.1 on lan: garbage, 9 more within a minute", "10.0.0.1 på lan: inte DICOM, 9 till inom en minut"),
        ("a sentence that nobody has translated", "a sentence that nobody has translated"),
        ("{}", "{}"), ("", ""),
    ])
    func `the desk's sentences are Swedish on Swedish pages`(english: String, swedish: String) {
        #expect(DetailWords.swedish(english) == swedish)
    }

    @Test func `every sentence has as many places in both languages`() {
        for (english, swedish) in DetailWords.sentences {
            let count = english.components(separatedBy: "{}").count - 1
            #expect((0..<count).allSatisfy { swedish.contains("{\($0)}") }, "\(english)")
            #expect(!swedish.contains("{\(count)}"), "\(english)")
        }
    }
}
