import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Synchronization
import Testing
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

    @Test("studies are found by accession number and personnummer, in any written form")
    func search() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        for text in ["ACC-TOLVAN-77", "19121212-1212", "191212121212", FakeStudy().uid.string, "S\(id)"] {
            #expect(try await bench.desk.studies(StudySearch(text: text)).map(\.key) == ["S\(id)"], "\(text)")
        }
        #expect(try await bench.desk.studies(StudySearch(text: "ACC-AGDA-88")).isEmpty)
    }

    @Test("an echo is told with its time, and a road that fails with why", .timeLimit(.minutes(1)))
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
