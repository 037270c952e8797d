import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Spool
import Testing
import WorkerProtocol

@testable import Gateway

@Suite("After a kill, and in the long run")
struct RecoveryTests {
    private func recover(_ bench: Bench) async throws {
        try await Recovery(
            journal: bench.journal, spool: bench.state.spool, logger: bench.state.logs.logger, now: bench.clock.now
        ).run()
    }

    /// A planned study whose files are there.
    private func planned(_ bench: Bench) async throws -> (id: Int64, keys: [String]) {
        var keys: [String] = []
        for number in 1...2 {
            let key = try bench.state.spooled(FakeStudy().file(number))
            #expect(await bench.receive(FakeStudy().instance(number, spoolKey: key)).status == 0)
            keys.append(key)
        }
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        return (id, keys)
    }

    @Test("what was under way is given back, and the kill is no mark against it")
    func claims() async throws {
        let bench = try Bench()
        _ = try await planned(bench)
        let claimed = try await bench.journal.settleAndClaim(
            nil, lane: LaneKey(lane: 1, session: "dead"), destination: "sydney", claim: true, at: bench.clock.date)
        let transfer = try #require(claimed?.transferID)
        #expect(try await bench.journal.openMarks().count == 1)
        try await recover(bench)
        #expect(try await bench.journal.openMarks().isEmpty)
        let passages = try await bench.journal.passages(transfer: transfer)
        #expect(passages.map(\.state) == [.waiting, .waiting] && passages.allSatisfy { $0.marks == 0 })
        #expect(bench.state.logs.lines.contains { $0.contains("Recovered") && $0.contains("given_back=1") })
    }

    @Test("a file that no row names is set aside, and one that a row names stays")
    func orphans() async throws {
        let bench = try Bench()
        let (_, keys) = try await planned(bench)
        let orphan = try bench.state.spooled(FakeStudy(2).file())
        let part = try bench.state.spool.beginFile()
        try await recover(bench)
        #expect(!bench.state.spool.exists(orphan))
        #expect(keys.allSatisfy(bench.state.spool.exists))
        let names = bench.state.names()
        #expect(names.contains("spool/orphans/\(orphan).dcm"))
        #expect(!names.contains("spool/incoming/\(part.key).part"))
    }

    @Test("a row whose file is gone is held for a person, and may arrive anew")
    func missing() async throws {
        let bench = try Bench()
        let (id, keys) = try await planned(bench)
        try bench.state.spool.remove(keys[0])
        try await recover(bench)
        let transfer = try #require(try await bench.transfers(id).first)
        let passages = try await bench.journal.passages(transfer: transfer.id)
        #expect(passages.map(\.state) == [.held, .waiting])
        #expect(passages[0].failure?.code == .missingFile)
        let again = try bench.state.spooled(FakeStudy().file(1))
        let verdict = await bench.receive(FakeStudy().instance(1, spoolKey: again))
        #expect(verdict.status == 0 && verdict.keepFile)
    }

    @Test("files are swept when the retention is over and nothing needs them, and the history stays")
    func sweep() async throws {
        let bench = try Bench()
        let (id, keys) = try await planned(bench)
        let sweeping = Sweeping(
            journal: bench.journal, spool: bench.state.spool, retention: 3600, now: bench.clock.now)
        bench.clock.advance(by: 100_000)
        try await sweeping.turn()
        #expect(keys.allSatisfy(bench.state.spool.exists), "it is not delivered")
        try await bench.acknowledge("sydney")
        #expect(try await bench.record(id).state == .delivered)
        bench.clock.advance(by: 3599)
        try await sweeping.turn()
        #expect(keys.allSatisfy(bench.state.spool.exists), "the retention is not over")
        bench.clock.advance(by: 2)
        try await sweeping.turn()
        #expect(!keys.contains(where: bench.state.spool.exists))
        let detail = try await bench.desk.study("S\(id)")
        #expect(detail.events.map(\.kind).contains("swept"))
        let error = await #expect(throws: OperatorError.self) {
            try await bench.desk.act(.send(destination: "oslo"), on: "S\(id)", actor: "eva")
        }
        #expect(error?.kind == .notAllowed)
    }
}
