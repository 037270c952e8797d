import DICOMVocabulary
import Forwarding
import Foundation
import GatewayTesting
import Journal
import Synchronization
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

@Suite("Asking destinations to commit", .timeLimit(.minutes(5)))
struct CommittingTests {
    private func bench(_ change: @escaping (inout CommitmentSettings) -> Void = { _ in }) throws -> Bench {
        try Bench { settings in
            var commitment = CommitmentSettings()
            change(&commitment)
            for index in settings.destinations.indices { settings.destinations[index].commitment = commitment }
        }
    }

    private func committing(_ bench: Bench, changed: @escaping @Sendable () -> Void = {}) -> Committing {
        Committing(
            journal: bench.journal, door: bench.door, pool: bench.workers.pool, settings: bench.state.settings,
            counters: Counters(), logger: bench.state.logs.logger, now: bench.clock.now, deferrals: bench.deferrals,
            draw: { 0.5 }, beat: {},
            changed: changed)
    }

    private func asked(_ bench: Bench) throws -> [CommitmentJob] {
        try bench.workers.requests().compactMap { if case .askCommitment(let job) = $0 { job } else { nil } }
    }

    @Test(
        "A reader is asked about what it got, under its pseudonyms, and its answer on either way confirms the transfer")
    func pseudonyms() async throws {
        let bench = try bench()
        let (_, transfer, _) = try await bench.sent()
        try bench.workers.answer(.commitmentSettled(status: 0))
        _ = try await committing(bench).askDue()
        let job = try #require(try asked(bench).first)
        let vault = try bench.door.open()
        let sent = (1...2).map { vault.pseudonym(FakeStudy().sopInstance($0)) }
        #expect(job.request.references.map(\.sopInstance) == sent)
        #expect(job.request.references.allSatisfy { $0.sopClass == FakeStudy.sopClass })
        // Another destination's word is no word.
        var report = CommitmentReport(
            transaction: job.request.transaction, committed: job.request.references, refused: [])
        #expect(await committing(bench).take(report, from: "oslo") == 0x0115)
        #expect(try await bench.journal.transfer(transfer.id)?.state == .acknowledged)
        // Nor is one about the objects as the hospital knows them.
        report.committed = (1...2).map {
            SOPReference(sopClass: FakeStudy.sopClass, sopInstance: FakeStudy().sopInstance($0))
        }
        #expect(await committing(bench).take(report, from: "sydney") == 0)
        #expect(try await bench.journal.transfer(transfer.id)?.state == .acknowledged)
        report.committed = job.request.references
        let rung = Mutex(0)
        #expect(await committing(bench, changed: { rung.withLock { $0 += 1 } }).take(report, from: "sydney") == 0)
        #expect(try await bench.journal.transfer(transfer.id)?.state == .confirmed)
        #expect(rung.withLock { $0 } == 1)
    }

    @Test("One that cannot be reached is asked again later, and at last a person is told")
    func silence() async throws {
        let bench = try bench { $0.giveUp = 100 }
        let (id, transfer, _) = try await bench.sent()
        let failure = Failure(.connectFailed, .tryAgain, .destination, detail: "no road")
        try bench.workers.answer(.failed(failure))
        let next = try await committing(bench).askDue()
        #expect(try #require(next) > bench.clock.date)
        #expect(try await bench.journal.commitment(transfer: transfer.id)?.failure == failure)
        bench.clock.advance(by: 101)
        #expect(try await committing(bench).askDue() == nil)
        #expect(try await bench.journal.transfer(transfer.id)?.state == .held)
        #expect(try await bench.record(id).state == .planned)
        #expect(bench.state.logs.lines.contains { $0.contains("did not commit in time") })
    }

    @Test("A closed vault answers nothing: the destination may report again")
    func closedVault() async throws {
        let bench = try bench()
        let (_, transfer, _) = try await bench.sent()
        try bench.workers.answer(.commitmentSettled(status: 0))
        _ = try await committing(bench).askDue()
        let job = try #require(try asked(bench).first)
        let closed = Committing(
            journal: bench.journal,
            door: VaultDoor(path: bench.state.folder + "/nowhere/v", keyFile: "/nowhere", now: bench.clock.now),
            pool: bench.workers.pool, settings: bench.state.settings, counters: Counters(),
            logger: bench.state.logs.logger, now: bench.clock.now, deferrals: bench.deferrals, draw: { 0.5 }, beat: {},
            changed: {})
        let report = CommitmentReport(
            transaction: job.request.transaction, committed: job.request.references, refused: [])
        #expect(await closed.take(report, from: "sydney") == 0x0110)
        #expect(try await bench.journal.transfer(transfer.id)?.state == .acknowledged)
    }

    @Test("A site that asks no more lets acknowledgements be enough")
    func noMore() async throws {
        let bench = try bench()
        let (_, transfer, _) = try await bench.sent()
        var settings = bench.state.settings
        for index in settings.destinations.indices { settings.destinations[index].commitment = nil }
        let committing = Committing(
            journal: bench.journal, door: bench.door, pool: bench.workers.pool, settings: settings,
            counters: Counters(), logger: bench.state.logs.logger, now: bench.clock.now, deferrals: bench.deferrals,
            draw: { 0.5 }, beat: {},
            changed: {})
        #expect(try await committing.askDue() == nil)
        #expect(try await bench.journal.transfer(transfer.id)?.commitment == CommitmentWish.none)
    }

    @Test(
        "A destination that is taken out for a while waives nothing: what it has not committed is asked when it is back"
    )
    func takenOut() async throws {
        let bench = try bench()
        let (_, transfer, _) = try await bench.sent()
        let wish = try await bench.journal.transfer(transfer.id)?.commitment
        var settings = bench.state.settings
        settings.destinations.removeAll()
        let committing = Committing(
            journal: bench.journal, door: bench.door, pool: bench.workers.pool, settings: settings,
            counters: Counters(), logger: bench.state.logs.logger, now: bench.clock.now, deferrals: bench.deferrals,
            draw: { 0.5 }, beat: {},
            changed: {})
        let next = try await committing.askDue()
        #expect(next == bench.clock.date.addingTimeInterval(300))
        #expect(wish != CommitmentWish.none && wish != nil)
        #expect(try await bench.journal.transfer(transfer.id)?.commitment == wish)
    }

    @Test("A question that workers die of is put no more than so often, and a person is told")
    func deaths() async throws {
        let bench = try bench()
        let (_, transfer, _) = try await bench.sent()
        for _ in 0..<bench.state.settings.maximumDeaths {
            #expect(try await bench.journal.transfer(transfer.id)?.state == .acknowledged)
            // No answer is left for it: the worker ends.
            let next = try await committing(bench).askDue()
            bench.clock.advance(by: max(1, next?.timeIntervalSince(bench.clock.date) ?? 1))
        }
        let held = try #require(try await bench.journal.transfer(transfer.id))
        #expect(held.state == .held && held.failure?.code == .notCommitted)
        #expect(held.failure?.detail.hasPrefix("2 workers died") == true)
        #expect(try asked(bench).count == 2)
    }
}
