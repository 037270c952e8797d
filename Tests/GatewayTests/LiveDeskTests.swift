import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Routing
import Synchronization
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

@Suite("What an operator can do")
struct LiveDeskTests {
    private func kind(_ body: () async throws -> some Sendable) async -> OperatorError.Kind? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? OperatorError)?.kind
        }
    }

    @Test("hold with a reason, and release")
    func holdAndRelease() async throws {
        let bench = try Bench()
        let key = "S\(try await bench.planned())"
        let held = try await bench.desk.act(.hold(reason: "wrong exam"), on: key, actor: "eva")
        #expect(held.study.state == "held" && held.study.hold?.detail == "wrong exam")
        #expect(held.transfers.map(\.state) == ["held"])
        #expect(held.events.contains { $0.kind == "held" && $0.actor == "eva" })
        let released = try await bench.desk.act(.release, on: key, actor: "eva")
        #expect(released.study.state == "planned" && released.transfers.map(\.state) == ["waiting"])
        #expect(bench.woken.withLock { $0 } == ["sydney", "sydney"])
        #expect(await kind { try await bench.desk.act(.release, on: key, actor: "eva") } == .notAllowed)
    }

    @Test(
        "a hold without a reason, or with an essay, is refused",
        arguments: ["", "  \n", String(repeating: "x", count: 501)])
    func reasons(text: String) async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        #expect(await kind { try await bench.desk.act(.hold(reason: text), on: "S\(id)", actor: "eva") } == .invalid)
        #expect(try await bench.record(id).state == .planned)
    }

    @Test(
        "a reason that names the study's own patient is refused without repeating it, and the attempt is an event",
        arguments: ["Tolvansson wrong arm", "TOLVAN's arm", "see acc tolvan 77", "wrong arm, 1212121212"])
    func naming(text: String) async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        let error = await #expect(throws: OperatorError.self) {
            try await bench.desk.act(.hold(reason: text), on: "S\(id)", actor: "eva")
        }
        #expect(error?.kind == .invalid)
        #expect(!FakePatient.tolvan.canaries.contains { error?.message.contains($0) ?? true })
        #expect(try await bench.record(id).state == .planned)
        if OperatorText.mayIdentify(text) { return }
        #expect(error?.message.contains("study's own patient") == true)
        let events = try await bench.desk.events(EventSearch())
        #expect(events.contains { $0.kind == "reasonRefused" && $0.actor == "eva" })
    }

    @Test("with the vault closed a study can be held all the same, and only the form of a reason is judged")
    func namingBlind() async throws {
        let bench = try Bench()
        let vaultKey = bench.state.settings.vaultKeyFile
        try FileManager.default.moveItem(atPath: vaultKey, toPath: vaultKey + ".away")
        let key = "S\(try await bench.complete())"
        let desk = bench.desk
        #expect(await kind { try await desk.act(.hold(reason: "19121212-1212"), on: key, actor: "eva") } == .invalid)
        #expect(try await desk.act(.hold(reason: "wrong arm"), on: key, actor: "eva").study.state == "held")
    }

    @Test("a study that no rule sends anywhere is not released but sent, and that is said")
    func releaseWithoutWayOut() async throws {
        let bench = try Bench { $0.rules.rules = [] }
        let id = try await bench.complete()
        try await bench.planner.planComplete()
        let key = "S\(id)"
        #expect(try await bench.record(id).state == .held)
        do {
            _ = try await bench.desk.act(.release, on: key, actor: "eva")
            Issue.record("it was released")
        } catch let error as OperatorError {
            #expect(error.kind == .notAllowed)
            #expect(error.message.contains("no rule chose a reader") && error.message.contains("study send \(key)"))
            #expect(error.message.contains("sydney"))
        }
        #expect(try await bench.record(id).state == .held)
        #expect(try await bench.desk.act(.send(destination: "sydney"), on: key, actor: "eva").study.state == "planned")
    }

    @Test("retry lets what was deferred or refused go at once")
    func retry() async throws {
        let bench = try Bench()
        let id = try await bench.planned(instances: 1..<2)
        let lane = LaneKey(lane: 1, session: "s")
        let claimed = try #require(
            try await bench.journal.settleAndClaim(
                nil, lane: lane, destination: "sydney", claim: true, at: bench.clock.date))
        let refused = Failure(.refusedByPeer, .refused, .instance, status: 0xC000, detail: "refused")
        _ = try await bench.journal.settleAndClaim(
            Settlement(id: claimed.id, outcome: .held(refused)), lane: lane, destination: "sydney", claim: false,
            at: bench.clock.date)
        let before = try await bench.desk.study("S\(id)")
        #expect(before.transfers.map(\.held) == [1])
        let after = try await bench.desk.act(.retry, on: "S\(id)", actor: "eva")
        #expect(after.transfers.map(\.held) == [0] && after.transfers.map(\.state) == ["waiting"])
        #expect(bench.woken.withLock { $0 } == ["sydney"])
    }

    @Test("cancel ends what waits, and a delivered study cannot be cancelled")
    func cancel() async throws {
        let bench = try Bench()
        let first = "S\(try await bench.planned(FakeStudy(1)))"
        let cancelled = try await bench.desk.act(.cancel, on: first, actor: "eva")
        #expect(cancelled.study.state == "cancelled" && cancelled.transfers.map(\.state) == ["cancelled"])
        let (second, _, _) = try await bench.sent(FakeStudy(2))
        #expect(await kind { try await bench.desk.act(.cancel, on: "S\(second)", actor: "eva") } == .notAllowed)
    }

    @Test("send adds a transfer to another destination")
    func send() async throws {
        let bench = try Bench()
        let (id, _, _) = try await bench.sent()
        let detail = try await bench.desk.act(.send(destination: "oslo"), on: "S\(id)", actor: "eva")
        #expect(Set(detail.transfers.map(\.destination)) == ["sydney", "oslo"])
        #expect(detail.study.state == "planned")
        #expect(
            await kind { try await bench.desk.act(.send(destination: "perth"), on: "S\(id)", actor: "eva") } == .invalid
        )
        await bench.receive(FakeStudy(2).instance())
        let receiving = try #require(try await bench.journal.receivingStudies().first)
        #expect(
            await kind { try await bench.desk.act(.send(destination: "oslo"), on: receiving.key, actor: "eva") }
                == .notAllowed)
    }

    @Test("send judges whose the images are in whatever state the study is, and adds nothing while that is in doubt")
    func sendInDoubt() async throws {
        let bench = try Bench()
        await bench.receive(FakeStudy().instance(1))
        let id = try await bench.planned(FakeStudy(patient: .agda), instances: 2..<3)
        #expect(try await bench.record(id).hold?.code == "mixedPatients")
        #expect(
            await kind { try await bench.desk.act(.send(destination: "oslo"), on: "S\(id)", actor: "eva") }
                == .notAllowed
        )
        #expect(try await bench.record(id).plannedAt == nil)
        #expect(try await bench.transfers(id).isEmpty)
    }

    @Test("why the rules hold a study is on record as of that time, beside where a release would send it now")
    func heldByRules() async throws {
        let bench = try Bench { $0.rules.rules[0].hold = "ask the neuroradiologist" }
        let held = try await bench.planned()
        let unruled = try await bench.planned(FakeStudy(2, modality: "US"))
        let decidedAt = bench.clock.date
        bench.clock.advance(by: 36_000)
        let explanation = try await bench.desk.explain("S\(held)")
        #expect(explanation.rule == "ct" && explanation.hold == "ask the neuroradiologist")
        #expect(abs(explanation.decidedAt.timeIntervalSince(decidedAt)) < 1)
        #expect(explanation.destinations.isEmpty && explanation.onRelease == ["sydney"])
        #expect(try await bench.desk.study("S\(held)").explanation?.lines == explanation.lines)
        let none = try await bench.desk.explain("S\(unruled)")
        #expect(none.rule == nil && none.hold != nil && none.onRelease == [])
        _ = try await bench.desk.act(.release, on: "S\(held)", actor: "eva")
        try await bench.planner.planComplete()
        let released = try await bench.desk.explain("S\(held)")
        #expect(released.destinations == ["sydney"] && released.hold == nil && released.onRelease == nil)
        #expect(released.decidedAt > explanation.decidedAt)
    }

    @Test("what is not there is said not to be there, and nonsense is called so")
    func errors() async throws {
        let bench = try Bench()
        let desk = bench.desk
        #expect(await kind { try await desk.study("S99") } == .notFound)
        #expect(await kind { try await desk.explain("S99") } == .notFound)
        #expect(await kind { try await desk.act(.retry, on: "S99", actor: "eva") } == .notFound)
        #expect(await kind { try await desk.reportText("R99") } == .notFound)
        #expect(await kind { try await desk.echo("perth") } == .notFound)
        for key in ["", "99x", "T1", "S", "S-1"] { #expect(await kind { try await desk.study(key) } != nil) }
    }

    @Test("a report's document comes piece by piece, and each look at one that names the patient is recorded")
    func document() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        #expect(try await bench.reception.storeReport(report.instance(), from: "sydney").status == 0)
        func looks() async throws -> [String] {
            try await bench.door.open().accesses(limit: 100).filter { $0.action == .readReport }
                .map { "\($0.actor) \($0.subject)" }
        }
        func piece(_ offset: Int, of part: DocumentPart?) async throws -> DocumentView {
            try bench.workers.answer(.documentRead(part))
            return try await OperatorActor.$current.withValue("eva") {
                try await bench.desk.reportDocument("R1", from: offset)
            }
        }
        let part = DocumentPart(mimeType: "application/pdf", total: 5, bytes: Data("345".utf8))
        let view = DocumentView(mimeType: "application/pdf", total: 5, bytes: Data("345".utf8))
        #expect(try await piece(2, of: part) == view)
        #expect(try await looks().isEmpty, "under pseudonyms it names nobody")
        try bench.workers.answer(.inspected(report.contents))
        let restored = report.restored(to: FakeStudy().uid)
        try bench.workers.answer(.restored(restored))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await piece(2, of: part) == view)
        #expect(try await looks() == ["eva R1"])
        guard case .readDocument(let job) = try bench.workers.requests().last else {
            Issue.record("no document was asked for")
            return
        }
        #expect(job.offset == 2 && job.report.spoolKey == restored.spoolKey)
        #expect(await kind { try await piece(0, of: nil) } == .notFound)
        #expect(await kind { try await bench.desk.reportDocument("R99", from: 0) } == .notFound)
    }

    @Test("studies are found by accession number and personnummer, in any written form")
    func search() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        for text in ["ACC-TOLVAN-77", "19121212-1212", "191212121212", FakeStudy().uid.string, "S\(id)"] {
            #expect(try await bench.desk.studies(StudySearch(text: text)).map(\.key) == ["S\(id)"], "\(text)")
        }
        #expect(try await bench.desk.studies(StudySearch(text: "ACC-AGDA-88")).isEmpty)
    }

    @Test("an echo is told with its time, and a road that fails with why", .timeLimit(.minutes(5)))
    func echo() async throws {
        let bench = try Bench()
        try bench.workers.answer(.echoed(EchoOutcome(status: 0, seconds: 0.25, tls: "TLSv1.3")))
        let good = try await bench.desk.echo("sydney")
        #expect(good.ok && good.milliseconds == 250 && good.tls == "TLSv1.3")
        try bench.workers.answer(.failed(Failure(.connectTimedOut, .tryAgain, .destination, detail: "no answer")))
        let bad = try await bench.desk.echo("sydney")
        #expect(!bad.ok && bad.failure?.code == "connectTimedOut")
    }

    @Test("metrics count what an operator acts on, with labels of the configuration only")
    func metrics() async throws {
        let bench = try Bench()
        _ = try await bench.planned(FakeStudy(1))
        _ = try await bench.planned(FakeStudy(2, modality: "US"))
        bench.clock.advance(by: 90)
        let samples = try await bench.desk.metrics()
        func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
            samples.first { $0.name == name && $0.labels == labels }?.value
        }
        #expect(value("antipode_ready") == 1)
        #expect(value("antipode_needs_person") == 1)
        #expect(value("antipode_studies", ["state": "planned"]) == 1)
        #expect(value("antipode_studies", ["state": "held"]) == 1)
        #expect(value("antipode_associations", ["listener": "modalities"]) == 2)
        #expect(value("antipode_waiting_instances", ["destination": "sydney"]) == 2)
        #expect(value("antipode_oldest_waiting_seconds", ["destination": "sydney"]) == 90)
        #expect(value("antipode_waiting_instances", ["destination": "oslo"]) == 0)
        let labels = Set(samples.flatMap(\.labels.keys))
        #expect(labels.isSubset(of: ["state", "destination", "listener", "version"]), "\(labels)")
        #expect(samples.allSatisfy { $0.name.hasPrefix("antipode_") && !$0.help.isEmpty })
    }
}
