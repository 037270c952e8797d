import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Reports
import Testing
import WorkerProtocol

@testable import Gateway

@Suite("Asking a reader for reports", .timeLimit(.minutes(2)))
struct PollingTests {
    private func polling(_ bench: Bench) -> Polling {
        Polling(
            journal: bench.journal, door: bench.door, pool: bench.workers.pool, reception: bench.reception,
            settings: bench.state.settings, logger: bench.state.logs.logger, now: bench.clock.now, beat: {})
    }

    /// A study that the reader which is asked has, and when it is asked first.
    private func scheduled(_ bench: Bench) async throws -> (TransferRecord, FakeReport) {
        let (_, transfer, report) = try await bench.sent(FakeStudy(modality: "MR"), to: "oslo")
        let pending = PendingPolls()
        pending.add(transfer.id)
        try await polling(bench).schedule(pending)
        #expect(pending.isEmpty)
        return (transfer, report)
    }

    @Test("a reader is asked only when all of the study was acknowledged, and then after a while")
    func schedule() async throws {
        let bench = try Bench()
        let id = try await bench.planned(FakeStudy(modality: "MR"))
        let pending = PendingPolls()
        pending.add(try #require(try await bench.transfers(id).first?.id))
        try await polling(bench).schedule(pending)
        #expect(!pending.isEmpty)
        #expect(try await bench.journal.nextPoll() == nil)
        try await bench.acknowledge("oslo")
        let acknowledged = bench.clock.date
        bench.clock.advance(by: 10)
        try await polling(bench).schedule(pending)
        #expect(pending.isEmpty)
        #expect(try await bench.journal.nextPoll() == acknowledged.addingTimeInterval(60))
        // Not due yet: no worker is asked.
        #expect(try await polling(bench).askDue() == acknowledged.addingTimeInterval(60))
        #expect(try bench.workers.requests().isEmpty)
    }

    @Test("a reader that pushes is not asked")
    func push() async throws {
        let bench = try Bench()
        let (_, transfer, _) = try await bench.sent()
        let pending = PendingPolls()
        pending.add(transfer.id)
        try await polling(bench).schedule(pending)
        try await polling(bench).recover(pending)
        #expect(pending.isEmpty)
        #expect(try await bench.journal.nextPoll() == nil)
    }

    @Test("after a start the studies that nobody asks for yet are found again")
    func recovery() async throws {
        let bench = try Bench()
        let (_, transfer, _) = try await bench.sent(FakeStudy(modality: "MR"), to: "oslo")
        let pending = PendingPolls()
        try await polling(bench).recover(pending)
        #expect(pending.transfers == [transfer.id])
    }

    @Test("a report that is fetched is journalled before its verdict, and the next question comes later")
    func fetched() async throws {
        let bench = try Bench()
        let (transfer, report) = try await scheduled(bench)
        bench.clock.advance(by: 60)
        try bench.workers.answer(.instanceStored(report.instance()), endsJob: false)
        try bench.workers.answer(.polled(PollOutcome(found: 1, fetched: 1)))
        let next = try await polling(bench).askDue()
        #expect(next == bench.clock.date.addingTimeInterval(60))
        let requests = try bench.workers.requests()
        guard case .poll(let job) = requests.first, case .verdict(let verdict) = requests.last else {
            Issue.record("the dialogue was another")
            return
        }
        #expect(job.study == transfer.pseudonymousStudyUID && job.method == .get && job.known.isEmpty)
        #expect(verdict == StoreVerdict(status: 0, keepFile: true))
        #expect(try await bench.journal.reports(ReportQuery()).map(\.reader) == ["oslo"])
    }

    @Test("nothing found, or a reader that cannot be reached: asked again, until the site gives up and says so")
    func givesUp() async throws {
        let bench = try Bench { $0.reports[1].giveUp = 100 }
        let (transfer, _) = try await scheduled(bench)
        bench.clock.advance(by: 60)
        try bench.workers.answer(.polled(PollOutcome(found: 0, fetched: 0)))
        #expect(try await polling(bench).askDue() == bench.clock.date.addingTimeInterval(60))
        bench.clock.advance(by: 60)
        let failure = Failure(.connectFailed, .tryAgain, .destination, detail: "no road")
        try bench.workers.answer(.failed(failure))
        #expect(try await polling(bench).askDue() == bench.clock.date.addingTimeInterval(60))
        #expect(try await bench.journal.poll(transfer: transfer.id)?.lastFailure == failure)
        bench.clock.advance(by: 60)
        try bench.workers.answer(.polled(PollOutcome(found: 0, fetched: 0)))
        #expect(try await polling(bench).askDue() == nil)
        #expect(try await bench.journal.poll(transfer: transfer.id)?.state == .givenUp)
        #expect(bench.state.logs.lines.contains { $0.contains("No report came in time") })
    }
}
