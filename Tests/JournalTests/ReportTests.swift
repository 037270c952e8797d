import DICOMVocabulary
import Foundation
import Journal
import Testing

@Suite("Reports come back")
struct ReportTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private func new(_ instance: UID = "1.9.1", digest: String = "r", reader: String = "sydney") -> NewReport {
        NewReport(
            reader: reader, sopClass: "1.2.840.10008.5.1.4.1.1.88.11", sopInstance: instance,
            transferSyntax: .implicitVRLittleEndian, bytes: 50, digest: digest, spoolKey: UUID().uuidString,
            receivedAt: time(300))
    }

    private let restored = RestoredReport(
        spoolKey: "restored", bytes: 60, digest: "x", transferSyntax: .explicitVRLittleEndian, sopInstance: nil)
    private let pacs = NewTransfer(destination: "pacs", profile: "identified")

    private func match(_ transfer: TransferRecord, study: Int64) -> ReportMatch {
        ReportMatch(
            transferID: transfer.id, studyID: study, completion: "COMPLETE", verification: "VERIFIED",
            preliminary: "FINAL", predecessors: ["1.9.0"])
    }

    private func received() async throws -> ReportRecord {
        guard case .stored(let report) = try await journal.recordReport(new()) else {
            throw Failure(.unexpected, .person, .instance, detail: "not stored")
        }
        return report
    }

    private func state(_ id: Int64) async throws -> ReportState? { try await journal.report(id)?.state }

    @Test("A report is received, matched, restored and delivered, and each is told in the study's history")
    func wholeWay() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        try await journal.sendEverything()
        let report = try await received()
        #expect(report.key == "R1" && report.state == .received)
        #expect(try await journal.openReports(limit: 9) == [report])
        #expect(try await journal.openReports(except: [report.id], limit: 9).isEmpty)
        #expect(try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(310)) == .done)
        let matched = try #require(try await journal.openReports(limit: 9).first)
        #expect(matched.studyID == study && matched.completion == "COMPLETE" && matched.predecessors == ["1.9.0"])

        let roads = try await journal.restoreReport(report.id, restored: restored, deliveries: [pacs], at: time(320))
        #expect(roads.map(\.reportID) == [report.id] && roads[0].studyID == study && roads[0].waiting == 1)
        #expect(try await state(report.id) == .restored)
        let claimed = try #require(try await journal.claim(from: "pacs", at: 330))
        #expect(claimed.spoolKey == "restored" && claimed.sopInstance == "1.9.1" && claimed.bytes == 60)
        #expect(claimed.transferSyntax == .explicitVRLittleEndian && claimed.studyUID == "1.2.1")
        #expect(claimed.reportID == report.id && claimed.series == nil && claimed.profile == "identified")
        try await journal.settle(claimed, .acknowledged(status: 0), at: 331)
        let delivered = try #require(try await journal.report(report.id))
        #expect(delivered.state == .delivered && delivered.deliveredAt == time(331) && delivered.restored == restored)
        // The delivery of a report is no transfer of the study.
        #expect(try await journal.study(study)?.state == .delivered)
        #expect(try await journal.study(study)?.destinations == ["sydney"])
        let history = try #require(try await journal.history(study: study))
        #expect(history.reports.count == 1 && history.transfers.count == 2)
        #expect(
            history.events.map(\.kind).suffix(4) == [
                "reportMatched", "reportRestored", "acknowledged", "reportDelivered",
            ])
    }

    @Test("A report's contexts are those of the restored file")
    func contexts() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let report = try await received()
        try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(310))
        try await journal.restoreReport(report.id, restored: restored, deliveries: [pacs], at: time(320))
        let contexts = try await journal.distinctContexts(destination: "pacs", at: time(330))
        #expect(
            contexts == [
                WaitingContext(
                    sopClass: "1.2.840.10008.5.1.4.1.1.88.11", transferSyntax: .explicitVRLittleEndian)
            ])
    }

    @Test("The same report from the same reader is kept once; other content under its UID is kept beside it and held")
    func duplicates() async throws {
        let report = try await received()
        #expect(try await journal.recordReport(new()) == .duplicate(reportID: report.id))
        guard case .conflict(let other, let first) = try await journal.recordReport(new(digest: "other")) else {
            Issue.record("no conflict")
            return
        }
        #expect(first == report.id && other.id != report.id)
        #expect(other.state == .held && other.hold?.code == "reportConflict" && other.isReleasable)
        #expect(try await journal.recordReport(new(digest: "other")) == .duplicate(reportID: other.id))
        #expect(try await journal.counts().needsPerson == 1)
        #expect(try await state(report.id) == .received)
        guard case .stored = try await journal.recordReport(new(reader: "partner")) else {
            Issue.record("another reader's report is another report")
            return
        }
    }

    @Test(
        "A report whose file is lost is healed by the same bytes", arguments: [Failure.Code.missingFile, .damagedFile])
    func lostFile(code: Failure.Code) async throws {
        let report = try await received()
        let failure = Failure(code, .person, .instance, detail: "not what it was")
        try await journal.holdReport(report.id, notice: HoldNotice(failure), at: time(5))
        let again = new()
        guard case .stored(let healed) = try await journal.recordReport(again) else {
            Issue.record("it was dropped")
            return
        }
        #expect(healed.id == report.id && healed.state == .received && healed.hold == nil)
        #expect(healed.spoolKey == again.spoolKey)
        #expect(try await journal.recordReport(new()) == .duplicate(reportID: report.id))
    }

    @Test("A report that nobody can match waits for a person, with what was found out")
    func held() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let report = try await received()
        let notice = HoldNotice(Failure(.reportContradicts, .person, .instance, detail: "two studies"))
        #expect(try await journal.holdReport(report.id, notice: notice, at: time(310)) == .done)
        #expect(try await state(report.id) == .held)
        #expect(try await journal.counts().needsPerson == 1)
        #expect(try await journal.releaseReport(report.id, actor: "anna", at: time(320)) == .done)
        let released = try #require(try await journal.report(report.id))
        #expect(released.state == .received && released.hold == nil && released.released == ["reportContradicts"])

        let found = match(transfers[0], study: study)
        try await journal.holdReport(report.id, notice: notice, match: found, at: time(330))
        #expect(try await journal.report(report.id)?.completion == "COMPLETE")
        #expect(try await journal.studies(.needingPerson).map(\.id) == [study])
        // A study's release lets its reports go, unless one may be another patient's.
        #expect(
            try await journal.release(study: study, actor: "anna", at: time(335)) == .notAllowed(state: "planned"))
        for code: Failure.Code in [.patientDiffers, .characterSetMissing, .documentUnreadable, .reportConflict] {
            let unread = HoldNotice(Failure(code, .person, .instance, detail: "to be read"))
            try await journal.holdReport(report.id, notice: unread, at: time(335))
            #expect(
                try await journal.release(study: study, actor: "anna", at: time(335)) == .notAllowed(state: "planned"),
                "whoever releases a study has not read a report that is held for \(code)")
            try await journal.retryReport(report.id, actor: "anna", at: time(335))
        }
        let partial = HoldNotice(Failure(.reportIncomplete, .person, .instance, detail: "PARTIAL"))
        try await journal.holdReport(report.id, notice: partial, at: time(336))
        #expect(try await journal.release(study: study, actor: "anna", at: time(340)) == .done)
        #expect(try await state(report.id) == .received)
        #expect(
            try await journal.retryReport(report.id, actor: "anna", at: time(350)) == .notAllowed(state: "received"))
    }

    @Test("A refused delivery is held, retried, and then delivers the report")
    func refusedDelivery() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let report = try await received()
        try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(310))
        try await journal.restoreReport(
            report.id, restored: restored, deliveries: [pacs, NewTransfer(destination: "ris", profile: "identified")],
            at: time(320))
        try await journal.sendEverything(to: "ris", at: 325)
        let claimed = try #require(try await journal.claim(from: "pacs", at: 330))
        try await journal.settle(claimed, .held(.never), at: 331)
        #expect(try await state(report.id) == .restored)
        #expect(try await journal.counts().needsPerson == 1)
        #expect(try await journal.retryReport(report.id, actor: "anna", at: time(340)) == .done)
        #expect(try await journal.sendEverything(to: "pacs", at: 341) == 1)
        #expect(try await state(report.id) == .delivered)
        #expect(try await journal.counts().needsPerson == 0)
    }

    @Test("A report whose restored file is lost is restored anew, and goes where it did not arrive")
    func restoredAnew() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let report = try await received()
        let roads = [pacs, NewTransfer(destination: "ris", profile: "identified")]
        try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(310))
        try await journal.restoreReport(report.id, restored: restored, deliveries: roads, at: time(320))
        try await journal.sendEverything(to: "ris", at: 325)
        let claimed = try #require(try await journal.claim(from: "pacs", at: 330))
        #expect(try await journal.restoreAnew(report: report.id, at: time(330)) == .notAllowed(state: "restored"))
        let lost = Failure(.damagedFile, .person, .instance, detail: "not what it was")
        try await journal.settle(claimed, .held(lost), at: 331)
        #expect(try await journal.retryReport(report.id, actor: "anna", at: time(340)) == .done)
        let anew = try #require(try await journal.report(report.id))
        #expect(anew.state == .received)
        #expect(try await journal.usualContexts(destination: "pacs").count == 1)
        #expect(try await journal.distinctContexts(destination: "pacs", at: time(341)).isEmpty)
        #expect(try await journal.claim(from: "pacs", at: 341) == nil)
        try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(350))
        var again = restored
        again.spoolKey = "again"
        let made = try await journal.restoreReport(report.id, restored: again, deliveries: roads, at: time(360))
        #expect(made.map(\.destination) == ["pacs"])
        #expect(try await journal.claim(from: "pacs", at: 370)?.spoolKey == "again")
        #expect(try await state(report.id) == .restored)
    }

    @Test(
        "A report that is restored anew goes nowhere twice, and does not ask again where a person may go without a commitment"
    )
    func restoredAnewBesideCommitments() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let report = try await received()
        let roads = ["pacs", "ris", "his"].map {
            NewTransfer(destination: $0, profile: "identified", commitment: .ask)
        }
        try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(310))
        let made = try await journal.restoreReport(report.id, restored: restored, deliveries: roads, at: time(320))
        let lost = Failure(.damagedFile, .person, .instance, detail: "not what it was")
        let uncommitted = Failure(.notCommitted, .person, .instance, detail: "asked three times")
        for (road, failure) in [("pacs", lost), ("his", uncommitted)] {
            let claimed = try #require(try await journal.claim(from: road, at: 330))
            try await journal.settle(claimed, .held(failure), at: 331)
        }
        try await journal.sendEverything(to: "ris", at: 332)
        #expect(try await journal.restoreAnew(report: report.id, at: time(340)) == .done)
        #expect(try await journal.passages(transfer: made[2].id, states: [.held]).count == 1)
        // While it is restored, one that had acknowledged it says that it has not got it.
        let asked = try #require(try await journal.unconfirmed(transfer: made[1].id).first)
        try await journal.recordCommitment(
            transfer: made[1].id, [(asked.id, .sendAgain(uncommitted, maximum: 3))], next: time(999), at: time(345))
        try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(350))
        let again = try await journal.restoreReport(report.id, restored: restored, deliveries: roads, at: time(360))
        #expect(again.map(\.destination) == ["pacs"])
        #expect(try await journal.transfer(made[0].id)?.state == .cancelled)
        #expect(try await journal.sendEverything(to: "ris", at: 370) == 1)
    }

    @Test("A report is restored once, and only after it was matched")
    func order() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let report = try await received()
        await #expect(throws: Failure.self) {
            try await journal.restoreReport(report.id, restored: restored, deliveries: [pacs], at: time(320))
        }
        try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(310))
        try await journal.restoreReport(report.id, restored: restored, deliveries: [pacs], at: time(320))
        await #expect(throws: Failure.self) {
            try await journal.restoreReport(report.id, restored: restored, deliveries: [pacs], at: time(321))
        }
        #expect(
            try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(322))
                == .notAllowed(state: "restored"))
    }

    @Test("A question is asked when due, again when told, and no more when done")
    func polls() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let id = transfers[0].id
        try await journal.schedulePoll(transfer: id, at: time(400))
        try await journal.schedulePoll(transfer: id, at: time(999))
        #expect(try await journal.nextPoll() == time(400))
        #expect(try await journal.duePolls(at: time(399), limit: 9).isEmpty)
        let due = try #require(try await journal.duePolls(at: time(400), limit: 9).first)
        #expect(due.studyID == study && due.destination == "sydney" && due.pseudonymousStudyUID == "2.25.1")
        try await journal.recordPoll(transfer: id, next: time(460), state: .open, failure: .later, at: time(401))
        #expect(try await journal.poll(transfer: id)?.polls == 1)
        #expect(try await journal.poll(transfer: id)?.lastFailure == .later)
        try await journal.recordPoll(transfer: id, next: nil, state: .givenUp, failure: nil, at: time(461))
        #expect(try await journal.nextPoll() == nil)
        #expect(try await journal.kinds(study: study).last == "reportGivenUp")
        #expect(try await journal.retry(study: study, actor: "anna", at: time(500)) == .done)
        #expect(try await journal.nextPoll() == time(500))
        #expect(try await journal.counts().needsPerson == 0)
    }

    @Test(
        "A report that did not come in time needs a person, until it comes, or somebody asks again or waits no more",
        arguments: ["comes", "retry", "release", "cancel"])
    func overdue(how: String) async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let id = transfers[0].id
        try await journal.schedulePoll(transfer: id, at: time(400))
        #expect(try await journal.counts().needsPerson == 0)
        try await journal.recordPoll(transfer: id, next: nil, state: .givenUp, failure: .later, at: time(461))
        #expect(try await journal.counts().needsPerson == 1)
        var query = StudyQuery()
        query.needsPerson = true
        #expect(try await journal.studies(query).map(\.id) == [study])
        let cause = try #require(try await journal.heldCauses(studies: [study])[study]?.first)
        #expect(cause.subject == .noReport(destination: "sydney") && cause.notice.code == "reportOverdue")
        #expect(cause.notice.detail == "sydney has given no report; last: \(Failure.later.detail)")
        switch how {
        case "comes":
            let report = try await received()
            try await journal.matchReport(report.id, match(transfers[0], study: study), at: time(500))
        case "retry": #expect(try await journal.retry(study: study, actor: "anna", at: time(500)) == .done)
        case "release": #expect(try await journal.release(study: study, actor: "anna", at: time(500)) == .done)
        default: #expect(try await journal.cancel(study: study, actor: "anna", at: time(500)) == .done)
        }
        #expect(try await journal.counts().needsPerson == 0)
        #expect(try await journal.heldCauses(studies: [study]).isEmpty)
        #expect(try await journal.poll(transfer: id)?.state == (how == "retry" ? .open : .done))
    }

    @Test("A reader's study leads to its transfers")
    func byPseudonym() async throws {
        let (_, transfers) = try await journal.plannedStudy(7, to: ["sydney", "partner"])
        let found = try await journal.transfers(pseudonymousStudyUID: "2.25.7")
        #expect(Set(found.map(\.id)) == Set(transfers.map(\.id)))
        #expect(try await journal.transfers(pseudonymousStudyUID: "2.25.8").isEmpty)
    }
}
