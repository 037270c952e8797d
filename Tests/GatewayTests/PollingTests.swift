import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Reports
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

@Suite("Asking a reader for reports", .timeLimit(.minutes(5)))
struct PollingTests {
    private let memory = PollMemory(draw: { 0 })

    private func polling(_ bench: Bench) -> Polling {
        Polling(
            journal: bench.journal, door: bench.door, pool: bench.workers.pool, reception: bench.reception,
            settings: bench.state.settings, logger: bench.state.logs.logger, now: bench.clock.now,
            memory: memory, beat: {})
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
        let bench = try Bench { $0.reports[1].maximumReports = 7 }
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
        #expect(job.maximumReports == 7)
        let vault = try bench.door.open()
        #expect(job.ownSeries == [vault.pseudonym(FakeStudy().series, scope: transfer.space)])
        #expect(verdict == StoreVerdict(status: 0, keepFile: true))
        #expect(try await bench.journal.reports(ReportQuery()).map(\.reader) == ["oslo"])
    }

    @Test("a report that is here and not matched yet is not asked for again")
    func unmatched() async throws {
        let bench = try Bench()
        let (_, report) = try await scheduled(bench)
        #expect(try await bench.reception.storeReport(report.instance(), from: "oslo").status == 0)
        bench.clock.advance(by: 60)
        try bench.workers.answer(.polled(PollOutcome(found: 1, fetched: 0)))
        _ = try await polling(bench).askDue()
        #expect(try asked(bench).first?.known == [report.instance().sopInstance])
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
        let desk = JournalDesk(
            journal: bench.journal, settings: bench.state.settings, now: bench.clock.now, find: nil)
        let status = try await desk.status()
        #expect(status.needsPerson == 1)
        let view = try #require(status.attention.first)
        let key = "S\(try #require(transfer.studyID))"
        #expect(view.key == key && view.notice.code == "reportOverdue")
        #expect(view.notice.hint.contains("study retry \(key)") && view.notice.hint.contains("study release \(key)"))
        let samples = MetricSample.samples(of: status, now: bench.clock.date)
        #expect(samples.first { $0.name == "antipode_needs_person" }?.value == 1)
        #expect(try await desk.study(key).events.contains { $0.kind == "reportGivenUp" })
    }

    private func asked(_ bench: Bench) throws -> [PollJob] {
        try bench.workers.requests().compactMap { if case .poll(let job) = $0 { job } else { nil } }
    }

    private static func refused(_ uid: UID) -> RefusedReport {
        RefusedReport(
            sopInstance: uid,
            failure: Failure(.refusedByPeer, .tryAgain, .instance, status: 0xA702, detail: "C-GET with A702H"))
    }

    @Test("a report that the reader names and does not give is asked for ever more seldom, and others every time")
    func refusals() async throws {
        let bench = try Bench()
        let (transfer, _) = try await scheduled(bench)
        var asked = 0
        for turn in 1...40 {
            bench.clock.advance(by: 60)
            let rests = memory.resting(transfer.id, at: bench.clock.date).contains("2.25.77")
            if !rests { asked += 1 }
            try bench.workers.answer(
                .polled(PollOutcome(found: 1, fetched: 0, refused: rests ? [] : [Self.refused("2.25.77")])))
            #expect(try await polling(bench).askDue() == bench.clock.date.addingTimeInterval(60))
            #expect(try self.asked(bench).count == turn)
            #expect(try self.asked(bench).last?.known.contains("2.25.77") == rests)
            // Why it is not here stays true while it is not asked for.
            #expect(try await bench.journal.poll(transfer: transfer.id)?.lastFailure?.status == 0xA702)
        }
        #expect((4...8).contains(asked))
    }

    @Test("a reader that kept a report to itself to the last needs a person, though another one came")
    func incomplete() async throws {
        let bench = try Bench { $0.reports[1].giveUp = 100 }
        let (transfer, report) = try await scheduled(bench)
        bench.clock.advance(by: 60)
        try bench.workers.answer(.instanceStored(report.instance()), endsJob: false)
        try bench.workers.answer(.polled(PollOutcome(found: 2, fetched: 1, refused: [Self.refused("2.25.77")])))
        _ = try await polling(bench).askDue()
        bench.clock.advance(by: 101)
        try bench.workers.answer(.polled(PollOutcome(found: 2, fetched: 0, refused: [Self.refused("2.25.77")])))
        #expect(try await polling(bench).askDue() == nil)
        #expect(try await bench.journal.poll(transfer: transfer.id)?.state == .givenUp)
        #expect(try await bench.journal.counts().needsPerson == 1)
    }

    @Test("what one study's question failed of puts off no other study, and a road that failed asks the others first")
    func others() async throws {
        let bench = try Bench()
        let (first, _) = try await scheduled(bench)
        bench.clock.advance(by: 1)
        let (_, second, _) = try await bench.sent(FakeStudy(2, modality: "MR"), to: "oslo")
        let pending = PendingPolls()
        pending.add(second.id)
        try await polling(bench).schedule(pending)
        bench.clock.advance(by: 60)
        try bench.workers.answer(
            .failed(Failure(.refusedByPeer, .tryAgain, .instance, status: 0xC000, detail: "C-FIND with C000H")))
        try bench.workers.answer(.polled(PollOutcome(found: 0, fetched: 0)))
        _ = try await polling(bench).askDue()
        #expect(try asked(bench).map(\.study) == [first, second].compactMap(\.pseudonymousStudyUID))
        bench.clock.advance(by: 60)
        let abort = Failure(.associationAborted, .tryAgain, .destination, detail: "aborted")
        try bench.workers.answer(.failed(abort))
        _ = try await polling(bench).askDue()
        #expect(try asked(bench).count == 3)
        bench.clock.advance(by: 62)
        try bench.workers.answer(.polled(PollOutcome(found: 0, fetched: 0)))
        try bench.workers.answer(.failed(abort))
        _ = try await polling(bench).askDue()
        #expect(
            try asked(bench).dropFirst(3).map(\.study) == [second, first].compactMap(\.pseudonymousStudyUID))
    }

    @Test("a question that workers die of is put no more than so often, and a person is told")
    func deaths() async throws {
        let bench = try Bench()
        let (transfer, _) = try await scheduled(bench)
        let settings = bench.state.settings
        for _ in 0..<settings.maximumDeaths {
            #expect(try await bench.journal.poll(transfer: transfer.id)?.state == .open)
            bench.clock.advance(by: 60)
            // No answer is left for it: the worker ends.
            _ = try await polling(bench).askDue()
        }
        let poll = try #require(try await bench.journal.poll(transfer: transfer.id))
        #expect(poll.state == .givenUp && poll.lastFailure?.code == .setAside)
        #expect(try asked(bench).count == settings.maximumDeaths)
        let study = try #require(transfer.studyID)
        let cause = try #require(try await bench.journal.heldCauses(studies: [study])[study]?.first)
        #expect(cause.notice.detail.contains("2 workers died of it"))
        // Asked for anew by a person, it is put as often again.
        #expect(try await bench.journal.retry(study: study, actor: "anna", at: bench.clock.date) == .done)
        try bench.workers.answer(.polled(PollOutcome(found: 0, fetched: 0)))
        #expect(try await polling(bench).askDue() != nil)
    }
}
