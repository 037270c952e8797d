import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Synchronization
import Testing
import WorkerProtocol

@testable import Gateway

@Suite("A report's way home", .timeLimit(.minutes(2)))
struct ReportFlowTests {
    private func arrive(_ report: FakeReport, at bench: Bench, from reader: String = "sydney") async throws -> Int64 {
        #expect(try await bench.reception.storeReport(report.instance(), from: reader).status == 0)
        return try #require(try await bench.journal.reports(ReportQuery()).first?.id)
    }

    private func report(_ id: Int64, _ bench: Bench) async throws -> ReportRecord {
        try #require(try await bench.journal.report(id))
    }

    @Test("it is matched by study and token, restored with the study's identity, and its delivery is a transfer")
    func delivered() async throws {
        let bench = try Bench()
        let (study, transfer, report) = try await bench.sent()
        let id = try await arrive(report, at: bench)
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        let rung = Mutex(0)
        try await bench.reportFlow(ReportMarks(), delivered: { rung.withLock { $0 += 1 } }).handleReceived()
        let row = try await self.report(id, bench)
        #expect(row.state == .restored && row.transferID == transfer.id && row.studyID == study)
        #expect(rung.withLock { $0 } == 1)
        let delivery = try #require(try await bench.transfers(study).first { $0.reportID == id })
        #expect(delivery.destination == "pacs" && delivery.profile == "identified" && delivery.rank == 0)
        guard case .restore(let job) = try bench.workers.requests().last else {
            Issue.record("nothing was restored")
            return
        }
        #expect(job.identity == FakeStudy().identity)
        #expect(job.tokens.patientID == report.patientID)
        #expect(job.uids.contains(UIDPair(original: FakeStudy().uid, pseudonym: report.study)))
        try await bench.acknowledge("pacs")
        #expect(try await self.report(id, bench).state == .delivered)
    }

    private static let wrong: [(String, @Sendable (inout FakeReport) -> Void, String)] = [
        ("study", { $0.study = "2.25.999" }, "reportUnmatched"),
        ("patient", { $0.patientID = "APBCDFGHJKMNP" }, "reportContradicts"),
        ("order", { $0.accessionNumber = "APBCDFGHJKMNP" }, "reportContradicts"),
        ("nobody", { ($0.patientID, $0.accessionNumber) = ("", "") }, "reportUnmatched"),
        ("partial", { $0.completion = "PARTIAL" }, "reportIncomplete"),
    ]

    @Test("what does not agree is held and nothing is restored", arguments: wrong.map(\.0))
    func held(kind: String) async throws {
        let bench = try Bench()
        var (_, _, report) = try await bench.sent()
        let (_, spoil, code) = try #require(Self.wrong.first { $0.0 == kind })
        spoil(&report)
        let id = try await arrive(report, at: bench)
        try bench.workers.answer(.inspected(report.contents))
        try await bench.reportFlow(ReportMarks()).handleReceived()
        let row = try await self.report(id, bench)
        #expect(row.state == .held && row.hold?.code == code)
        #expect(try bench.workers.requests().count == 1)
    }

    @Test("another reader's report about a study that it never got is held")
    func wrongReader() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench, from: "oslo")
        try bench.workers.answer(.inspected(report.contents))
        try await bench.reportFlow(ReportMarks()).handleReceived()
        #expect(try await self.report(id, bench).hold?.code == "reportContradicts")
    }

    @Test("restoring to another study than it was matched to is never delivered")
    func wrongRestoration() async throws {
        let bench = try Bench()
        let (study, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench)
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: "1.2.752.99.666")))
        try await bench.reportFlow(ReportMarks()).handleReceived()
        #expect(try await self.report(id, bench).hold?.code == "reportContradicts")
        #expect(try await bench.transfers(study).allSatisfy { $0.reportID == nil })
    }

    @Test("a report of which two workers die is set aside")
    func setAside() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench)
        let marks = ReportMarks()
        // No answer is left for the worker: it dies.
        try await bench.reportFlow(marks).handleReceived()
        #expect(try await self.report(id, bench).state == .received)
        try await bench.reportFlow(marks).handleReceived()
        #expect(try await self.report(id, bench).hold?.code == "setAside")
    }

    @Test("with the vault closed a report waits, and is not held for it")
    func closedVault() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench)
        let other = VaultDoor(
            path: bench.state.settings.vaultPath, keyFile: bench.state.folder + "/no.key", now: bench.clock.now)
        let flow = ReportFlow(
            journal: bench.journal, door: other, pool: bench.workers.pool, settings: bench.state.settings,
            logger: bench.state.logs.logger, now: bench.clock.now, delivered: {}, marks: ReportMarks(),
            beat: {})
        let error = await #expect(throws: Failure.self) { try await flow.handleReceived() }
        #expect(error?.code == .vaultUnavailable)
        #expect(try await self.report(id, bench).state == .received)
    }
}
