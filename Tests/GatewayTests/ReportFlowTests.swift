import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Reports
import Synchronization
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

@Suite("A report's way home", .timeLimit(.minutes(5)))
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
        try await bench.reportFlow(Deferrals(), delivered: { rung.withLock { $0 += 1 } }).handleReceived()
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
        ("patient", { $0.patientID = "APBCDFGHJKMNK" }, "reportContradicts"),
        ("order", { $0.accessionNumber = "APBCDFGHJKMNK" }, "reportContradicts"),
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
        try await bench.reportFlow(Deferrals()).handleReceived()
        let row = try await self.report(id, bench)
        #expect(row.state == .held && row.hold?.code == code)
        #expect(try bench.workers.requests().count == 1)
    }

    @Test(
        "what the journal cannot read for one report is that report's trouble; a journal that is full or locked is the house's"
    )
    func journalTrouble() async throws {
        let flow = try Bench().reportFlow(Deferrals())
        for disposition in [Failure.Disposition.person, .tryAgain] {
            let failure = await #expect(throws: Failure.self) {
                try await flow.failing { throw Failure(.ioError, disposition, .instance, detail: "SQLite") }
            }
            #expect(failure?.scope == (disposition == .person ? .instance : .destination))
            #expect(failure?.disposition == .tryAgain)
        }
    }

    @Test("while a part of the study may be another patient's, its report waits for a person")
    func disputed() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        let other = FakeStudy(patient: .agda)
        #expect(other.uid == FakeStudy().uid)
        let part = try await bench.planned(other, instances: 7..<8)
        #expect(try await bench.record(part).hold?.code == "mixedPatients")
        let id = try await arrive(report, at: bench)
        try bench.workers.answer(.inspected(report.contents))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(id, bench).hold?.code == "mixedPatients")
        #expect(try await bench.journal.releaseReport(id, actor: "eva", at: bench.clock.date) == .done)
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(id, bench).state == .restored)
    }

    @Test("a report of a study under whose UIDs another patient's images came waits for a person, sent as it was")
    func corrected() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        #expect(await bench.receive(FakeStudy(patient: .agda).instance(digest: "other")).keepFile == false)
        let id = try await arrive(report, at: bench)
        try bench.workers.answer(.inspected(report.contents))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(id, bench).hold?.code == "mixedPatients")
        #expect(try bench.workers.requests().count == 1, "nothing was restored")
        #expect(try await bench.journal.report(id)?.isReleasable == true)
        _ = try await bench.desk.act(.release, onReport: "R\(id)", actor: "eva")
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(id, bench).state == .restored)
    }

    @Test("a retry does not answer which of two reports under one UID is meant; a release does")
    func conflictTriedAgain() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        let first = try await arrive(report, at: bench)
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(first, bench).state == .restored)
        #expect(try await bench.reception.storeReport(report.instance(digest: "other"), from: "sydney").status == 0)
        let second = try #require(try await bench.journal.reports(ReportQuery()).map(\.id).max())
        #expect(try await self.report(second, bench).hold?.code == "reportConflict")
        #expect(try await bench.journal.retryReport(second, actor: "eva", at: bench.clock.date) == .done)
        try bench.workers.answer(.inspected(report.contents))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(second, bench).hold?.code == "reportConflict")
        #expect(try await bench.journal.releaseReport(second, actor: "eva", at: bench.clock.date) == .done)
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(second, bench).state == .restored)
    }

    @Test(
        "evidence of a study that was never sent, beside ours, is the site's to judge",
        arguments: [UnknownReferences.deliver, .hold])
    func unknownEvidence(wish: UnknownReferences) async throws {
        let bench = try Bench { settings in
            for index in settings.reports.indices { settings.reports[index].unknownReferences = wish }
        }
        let (_, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench)
        var contents = report.contents
        contents.evidenceStudies.append("2.25.999")
        try bench.workers.answer(.inspected(contents))
        if wish == .deliver { try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid))) }
        try await bench.reportFlow(Deferrals()).handleReceived()
        let row = try await self.report(id, bench)
        #expect(row.state == (wish == .deliver ? .restored : .held))
        #expect(row.hold?.code == (wish == .deliver ? nil : "reportUnmatched"))
    }

    // MARK: Whose objects it names

    private static let patient = FakePatient.agda

    /// What becomes of a report about a first study that names, besides, what `name` makes of a second one; and the pairs
    /// that restoring it got.
    private func naming(
        _ bench: Bench, _ other: FakeStudy,
        _ name: (inout ReportContents, _ pseudonym: (UID) -> UID) async throws -> Void
    ) async throws -> (ReportRecord, [UIDPair]) {
        let (_, _, report) = try await bench.sent()
        _ = try await bench.sent(other)
        let vault = try bench.door.open()
        var contents = report.contents
        try await name(&contents) { vault.pseudonym($0) }
        let id = try await arrive(report, at: bench)
        try bench.workers.answer(.inspected(contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        guard case .restore(let job) = try bench.workers.requests().last else {
            return (try await self.report(id, bench), [])
        }
        return (try await self.report(id, bench), job.uids)
    }

    @Test(
        "an image, a series, a study or another UID of another patient, named anywhere, holds the report",
        arguments: ["image", "series", "study", "frame", "forgotten", "disputed image", "disputed study"])
    func stranger(kind: String) async throws {
        let bench = try Bench()
        let stranger = FakeStudy(2, patient: Self.patient)
        let frame: UID = "1.2.752.99.777"
        let (row, pairs) = try await naming(bench, stranger) { contents, pseudonym in
            let vault = try bench.door.open()
            if kind.hasPrefix("disputed") {
                // Who came under its UIDs, with other content, owns nothing of it.
                let correction = FakeStudy(2).instance(digest: "other")
                #expect(await bench.receive(correction).status == 0x0111)
            }
            switch kind {
            case "image", "forgotten", "disputed image": contents.uids.append(pseudonym(stranger.sopInstance(1)))
            case "series": contents.uids.append(pseudonym(stranger.series))
            case "study", "disputed study": contents.uids.append(pseudonym(stranger.uid))
            default:
                try await vault.remember(
                    uids: [UIDPair(original: frame, pseudonym: pseudonym(frame))], study: stranger.uid)
                contents.uids.append(pseudonym(frame))
            }
            if kind == "forgotten" { _ = try await vault.forget(studies: [stranger.uid], at: bench.clock.date) }
        }
        #expect(row.state == .held && row.hold?.code == "reportContradicts" && pairs.isEmpty)
    }

    @Test("a prior of the same patient is named and comes home, a frame of reference that both share too")
    func prior() async throws {
        let bench = try Bench()
        let prior = FakeStudy(2)
        let frame: UID = "1.2.752.99.777"
        let (row, pairs) = try await naming(bench, prior) { contents, pseudonym in
            contents.uids += [pseudonym(prior.sopInstance(1)), pseudonym(frame), "2.25.4711"]
            for study in [prior, FakeStudy(), FakeStudy(3, patient: Self.patient)] {
                if study.number == 3 { _ = try await bench.sent(study) }
                try await bench.door.open().remember(
                    uids: [UIDPair(original: frame, pseudonym: pseudonym(frame))], study: study.uid)
            }
        }
        #expect(row.state == .restored)
        #expect(Set(pairs.map(\.original)).isSuperset(of: [prior.sopInstance(1), frame]))
        #expect(!pairs.contains { $0.pseudonym == "2.25.4711" })
    }

    @Test("evidence under the exam's own UID that lists images of another exam only is another exam's")
    func otherExam() async throws {
        let bench = try Bench()
        let prior = FakeStudy(2)
        let (row, _) = try await naming(bench, prior) { contents, pseudonym in
            contents.evidenceInstances = [pseudonym(prior.sopInstance(1)), pseudonym(prior.sopInstance(2))]
            contents.uids += contents.evidenceInstances
        }
        #expect(row.state == .held && row.hold?.code == "reportContradicts")
    }

    @Test("another reader's report about a study that it never got is held")
    func wrongReader() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench, from: "oslo")
        try bench.workers.answer(.inspected(report.contents))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(id, bench).hold?.code == "reportContradicts")
    }

    @Test("restoring to another study than it was matched to is never delivered")
    func wrongRestoration() async throws {
        let bench = try Bench()
        let (study, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench)
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: "1.2.752.99.666")))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await self.report(id, bench).hold?.code == "reportContradicts")
        #expect(try await bench.transfers(study).allSatisfy { $0.reportID == nil })
    }

    @Test("a report of which two workers die is set aside")
    func setAside() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench)
        let deferrals = Deferrals(draw: { 0 })
        // No answer is left for the worker: it dies.
        try await bench.reportFlow(deferrals).handleReceived()
        try await bench.reportFlow(deferrals).handleReceived()
        #expect(try await self.report(id, bench).state == .received, "it is left alone for a while")
        bench.clock.advance(by: 3)
        try await bench.reportFlow(deferrals).handleReceived()
        #expect(try await self.report(id, bench).hold?.code == "setAside")
    }

    @Test("a report whose file could not be read time and again waits for a person")
    func unreadable() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        let id = try await arrive(report, at: bench)
        let deferrals = Deferrals(draw: { 0 })
        let flow = bench.reportFlow(deferrals)
        for turn in 1...9 {
            #expect(try await self.report(id, bench).state == .received, "before turn \(turn)")
            try bench.workers.answer(.failed(Failure(.ioError, .tryAgain, .instance, detail: "errno 5")))
            try await flow.handleReceived()
            bench.clock.advance(by: 700)
        }
        #expect(try await self.report(id, bench).hold?.code == "unreadable")
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
            logger: bench.state.logs.logger, now: bench.clock.now, delivered: {}, deferrals: Deferrals(),
            beat: {})
        let error = await #expect(throws: Failure.self) { try await flow.handleReceived() }
        #expect(error?.code == .vaultUnavailable)
        #expect(try await self.report(id, bench).state == .received)
    }
}
