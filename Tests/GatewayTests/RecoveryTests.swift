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
    private func recover(_ bench: Bench, maximumCrashes: Int = 5) async throws {
        try await Recovery(
            journal: bench.journal, spool: bench.state.spool, logger: bench.state.logs.logger, now: bench.clock.now,
            maximumCrashes: maximumCrashes
        ).run()
    }

    private func claim(_ bench: Bench, lane: Int = 1) async throws -> ClaimedInstance? {
        try await bench.journal.settleAndClaim(
            nil, lane: LaneKey(lane: lane, session: "dead"), destination: "sydney", claim: true, at: bench.clock.date)
    }

    /// A complete study whose files are there.
    private func complete(_ bench: Bench, _ study: FakeStudy = FakeStudy()) async throws -> (id: Int64, keys: [String])
    {
        var keys: [String] = []
        for number in 1...2 {
            let key = try bench.state.spooled(study.file(number))
            #expect(await bench.receive(study.instance(number, spoolKey: key)).status == 0)
            keys.append(key)
        }
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        return (id, keys)
    }

    /// The same, planned.
    private func planned(_ bench: Bench) async throws -> (id: Int64, keys: [String]) {
        let study = try await complete(bench)
        try await bench.planner.planComplete()
        return study
    }

    @Test("what was under way is given back, and one kill is no reason to set it aside")
    func claims() async throws {
        let bench = try Bench()
        _ = try await planned(bench)
        let transfer = try #require(try await claim(bench)?.transferID)
        #expect(try await bench.journal.openMarks().count == 1)
        try await recover(bench)
        #expect(try await bench.journal.openMarks().isEmpty)
        let passages = try await bench.journal.passages(transfer: transfer)
        #expect(passages.map(\.state) == [.waiting, .waiting] && passages.allSatisfy { $0.marks == 0 })
        #expect(bench.state.logs.lines.contains { $0.contains("Recovered") && $0.contains("given_back=1") })
    }

    @Test("an instance that is under way at so many crashes is set aside with its reason, and the rest goes on")
    func poison() async throws {
        let bench = try Bench()
        _ = try await planned(bench)
        let poison = try #require(try await claim(bench))
        for life in 1...3 {
            if life > 1 {
                // The other one is tried less often, so it comes first; it goes through.
                while let one = try await claim(bench, lane: 2), one.id != poison.id {
                    _ = try await bench.journal.settleAndClaim(
                        Settlement(id: one.id, outcome: .acknowledged(status: 0)),
                        lane: LaneKey(lane: 2, session: "dead"), destination: "sydney", claim: false,
                        at: bench.clock.date)
                }
            }
            #expect(try await bench.journal.openMarks().map(\.id) == [poison.id])
            try await recover(bench, maximumCrashes: 3)
        }
        let passages = try await bench.journal.passages(transfer: poison.transferID)
        #expect(passages.map(\.state).sorted { $0.rawValue < $1.rawValue } == [.acknowledged, .held])
        let held = try #require(passages.first { $0.state == .held })
        #expect(held.id == poison.id && held.failure?.code == .setAside)
        #expect(held.failure?.detail.contains("3 times") == true)
        #expect(try await bench.journal.counts().needsPerson == 1)
    }

    @Test("a stop that was asked for counts against nothing, and only that one stop")
    func politeStops() async throws {
        let bench = try Bench()
        _ = try await planned(bench)
        let first = try #require(try await claim(bench))
        for _ in 1...3 {
            try await bench.journal.setSetting(Recovery.politeEnd, to: "yes")
            try await recover(bench, maximumCrashes: 1)
            #expect(try await bench.journal.setting(Recovery.politeEnd) == nil)
            #expect(try await claim(bench) != nil)
        }
        #expect(try await bench.journal.passages(transfer: first.transferID).allSatisfy { $0.state != .held })
        try await recover(bench, maximumCrashes: 1)
        #expect(try await bench.journal.passages(transfer: first.transferID).contains { $0.state == .held })
    }

    @Test("a study whose planning was under way at so many crashes is held; a release plans it again")
    func planning() async throws {
        let bench = try Bench()
        let poison = try await complete(bench, FakeStudy(1)).id
        let other = try await complete(bench, FakeStudy(2)).id
        for _ in 1...2 {
            try await bench.journal.beginHandling(Handled(.study, poison))
            try await recover(bench, maximumCrashes: 3)
            #expect(try await bench.record(poison).state == .complete)
        }
        try await bench.journal.beginHandling(Handled(.study, poison))
        try await recover(bench, maximumCrashes: 3)
        let record = try await bench.record(poison)
        #expect(record.state == .held && record.hold?.code == Failure.Code.setAside.rawValue)
        #expect(record.hold?.detail.contains("3 times") == true && record.hold?.hint.contains("release") == true)
        try await bench.planner.planComplete()
        #expect(try await bench.record(other).state == .planned)
        #expect(try await bench.record(poison).state == .held)
        try await bench.journal.release(study: poison, actor: "eva", at: bench.clock.date)
        try await recover(bench, maximumCrashes: 3)
        try await bench.planner.planComplete()
        #expect(try await bench.record(poison).state == .planned)
        // What was planned counts for nothing any more, and leaves no mark.
        for _ in 1...4 { try await recover(bench, maximumCrashes: 1) }
        #expect(try await bench.record(poison).state == .planned)
    }

    @Test("a report that was in hand at so many crashes is held; one that went on is not")
    func reports() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        #expect(try await bench.reception.storeReport(report.instance(), from: "sydney").status == 0)
        let id = try #require(try await bench.journal.reports(ReportQuery()).first?.id)
        for life in 1...3 {
            try await bench.journal.beginHandling(Handled(.report, id))
            try await recover(bench, maximumCrashes: 3)
            #expect(try await bench.journal.report(id)?.state == (life < 3 ? .received : .held))
        }
        #expect(try await bench.journal.report(id)?.hold?.code == Failure.Code.setAside.rawValue)
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

    @Test(
        "a spool that holds nothing of what the journal names is another folder: the start is refused, and nothing is given up"
    )
    func anotherSpool() async throws {
        let bench = try Bench()
        let id = try await bench.complete(FakeStudy(), instances: 1..<10)
        try await recover(bench)
        #expect(
            try await bench.journal.instances(study: id).allSatisfy { $0.state == .missing }, "single files may be lost"
        )
        let other = try await bench.complete(FakeStudy(2), instances: 1..<11)
        await #expect(throws: Failure.self) { try await recover(bench) }
        #expect(try await bench.journal.instances(study: other).allSatisfy { $0.state == .stored })
        _ = try bench.state.spooled(FakeStudy(3).file())
        try await recover(bench)
        #expect(try await bench.journal.instances(study: other).allSatisfy { $0.state == .missing })
    }

    @Test("a file that was missed and is there again lets its instance go on, where its bytes are what the row says")
    func found() async throws {
        let bench = try Bench()
        let first = try bench.spooled()
        #expect(await bench.receive(first).keepFile)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        #expect(try await bench.journal.markMissing(spoolKey: first.spoolKey, at: bench.clock.date))
        #expect(try await bench.transfers(id).map(\.held) == [1])
        #expect(try await !bench.journal.found(spoolKey: first.spoolKey, digest: "other", at: bench.clock.date))
        #expect(try await bench.journal.found(spoolKey: first.spoolKey, digest: first.digest, at: bench.clock.date))
        #expect(try await bench.transfers(id).map(\.waiting) == [1])
        #expect(try await !bench.journal.found(spoolKey: first.spoolKey, digest: first.digest, at: bench.clock.date))
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
