import DICOMVocabulary
import Foundation
import Journal
import Testing

@Suite("What waits for a person, and what people decide about it")
struct DecisionTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase
    private let pixels = Failure(.pixelsMayIdentify, .person, .instance, detail: "ultrasound")

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    /// A study of three of which the first is held; the others are acknowledged.
    private func partlyHeld() async throws -> Int64 {
        let (id, _) = try await journal.plannedStudy(instances: 3)
        let first = try #require(try await journal.claim())
        try await journal.settle(first, .held(pixels))
        try await journal.sendEverything()
        return id
    }

    private func report(_ instance: UID = "1.9.1", hold code: Failure.Code) async throws -> ReportRecord {
        let new = NewReport(
            reader: "sydney", sopClass: "1.2.840.10008.5.1.4.1.1.88.11", sopInstance: instance,
            transferSyntax: .implicitVRLittleEndian, bytes: 50, digest: "r", spoolKey: UUID().uuidString,
            receivedAt: time(300))
        guard case .stored(let report) = try await journal.recordReport(new) else {
            throw Failure(.unexpected, .person, .instance, detail: "not stored")
        }
        try await journal.holdReport(
            report.id, notice: HoldNotice(code: code.rawValue, detail: "doubt"), at: time(301))
        return try #require(try await journal.report(report.id))
    }

    @Test("A study whose instances are held says so, how many, and why, and is found among what needs a person")
    func causes() async throws {
        let id = try await partlyHeld()
        let other = try await journal.plannedStudy(2).study
        let causes = try await journal.heldCauses(studies: [id, other])
        #expect(causes[other] == nil)
        let cause = try #require(causes[id]?.first)
        #expect(cause.subject == .instances(held: 1, of: 3, destination: "sydney", report: nil))
        #expect(cause.notice.code == "pixelsMayIdentify" && cause.notice.detail == "ultrasound")
        var query = StudyQuery()
        query.needsPerson = true
        #expect(try await journal.studies(query).map(\.id) == [id])
        let ways = try await journal.ways(study: id, held: true, limit: 9)
        #expect(ways.count == 1 && ways.first?.destination == "sydney")
        #expect(ways.first?.instance.sopInstance.string.hasPrefix("1.2.1.1.") == true)
        #expect(ways.first?.failure?.code == .pixelsMayIdentify)
        #expect(try await journal.ways(study: id, held: false, limit: 9).count == 3)
    }

    @Test("While a study is received its instances are on no way yet")
    func waysBeforePlanning() async throws {
        let study = try #require(try await journal.stored(.ct(1)))
        let ways = try await journal.ways(study: study.id, held: false, limit: 9)
        #expect(ways.map(\.instance.sopInstance) == ["1.2.1.1.1"] && ways[0].destination == nil && ways[0].state == nil)
    }

    @Test("What is left out stays behind, the rest counts as all, and the history says who and why")
    func leaveOut() async throws {
        let id = try await partlyHeld()
        #expect(try await journal.leaveOutHeld(study: id, actor: "eva", at: time(200)) == .done)
        let study = try #require(try await journal.study(id))
        #expect(study.state == .delivered && study.heldInstances == 0)
        let history = try #require(try await journal.history(study: id))
        #expect(history.transfers[0].state == .acknowledged && history.transfers[0].cancelled == 1)
        let event = try #require(history.events.first { $0.kind == "leftOut" })
        #expect(event.actor == "eva" && event.detail == "1 of 3 instances to sydney: pixelsMayIdentify")
        #expect(try await journal.heldCauses(studies: [id]).isEmpty)
        #expect(
            try await journal.leaveOutHeld(study: id, actor: "eva", at: time(201)) == .notAllowed(state: "delivered"))
        #expect(try await journal.leaveOutHeld(study: 99, actor: "eva", at: time(201)) == .notFound)
    }

    @Test("A study of nothing but what is left out is cancelled: nobody got anything")
    func leaveAllOut() async throws {
        let (id, _) = try await journal.plannedStudy(instances: 1)
        try await journal.settle(try #require(try await journal.claim()), .held(pixels))
        try await journal.leaveOutHeld(study: id, actor: "eva", at: time(200))
        #expect(try await journal.study(id)?.state == .cancelled)
        let history = try #require(try await journal.history(study: id))
        #expect(history.transfers[0].state == .cancelled && history.transfers[0].failure?.code == .cancelled)
        #expect(history.transfers[0].failure?.detail.contains("left out by") == true)
        #expect(history.transfers[0].failure?.detail.contains("pixelsMayIdentify") == true)
        #expect(
            history.events.last { $0.kind == "cancelled" && $0.transferID == nil }?.detail == "nothing of it was sent")
    }

    @Test("What is left out while others still wait does not stop them")
    func leaveOutEarly() async throws {
        let (id, _) = try await journal.plannedStudy(instances: 3)
        try await journal.settle(try #require(try await journal.claim()), .held(pixels))
        #expect(try await journal.leaveOutHeld(study: id, actor: "eva", at: time(150)) == .done)
        #expect(try await journal.study(id)?.state == .planned)
        #expect(try await journal.sendEverything(at: 160) == 2)
        #expect(try await journal.study(id)?.state == .delivered)
    }

    @Test("A bound report goes on to its transfer, and the history says on what ground")
    func bind() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let one = try await report(hold: .reportUnmatched)
        let reason = "reader telephoned"
        #expect(
            try await journal.bindReport(one.id, to: transfers[0].id, against: reason, actor: "eva", at: time(310))
                == .done)
        let bound = try #require(try await journal.report(one.id))
        #expect(bound.state == .received && bound.studyID == study && bound.hold == nil)
        #expect(bound.bound == ReportBinding(transferID: transfers[0].id, against: reason))
        let event = try #require(try await journal.history(report: one.id)?.events.last)
        #expect(event.kind == "reportBound" && event.detail.contains("against its keys: reader telephoned"))
        #expect(
            try await journal.bindReport(one.id, to: transfers[0].id, against: nil, actor: "eva", at: time(311))
                == .notAllowed(state: "received"))
    }

    @Test("A discarded report needs nobody any more and comes back by no action")
    func discard() async throws {
        let one = try await report(hold: .reportContradicts)
        #expect(try await journal.counts().needsPerson == 1)
        #expect(try await journal.discardReport(one.id, reason: "sent anew", actor: "eva", at: time(310)) == .done)
        #expect(try await journal.report(one.id)?.state == .discarded)
        // Its file goes in its time, as a delivered one's does.
        #expect(try await journal.sweepable(before: time(310), limit: 9).isEmpty)
        #expect(try await journal.sweepable(before: time(311), limit: 9).map(\.subject) == [.report(one.id)])
        #expect(try await journal.markSwept(.report(one.id), at: time(312)))
        #expect(try await journal.counts().needsPerson == 0)
        #expect(try await journal.retryReport(one.id, actor: "eva", at: time(320)) == .notAllowed(state: "discarded"))
        #expect(
            try await journal.discardReport(one.id, reason: "again", actor: "eva", at: time(320))
                == .notAllowed(state: "discarded"))
    }

    @Test("Releasing a study lets no report go that may be another patient's")
    func doubtfulReports() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        try await journal.sendEverything()
        let doubtful = try await report(hold: .reportContradicts)
        let partial = try await report("1.9.2", hold: .reportIncomplete)
        for one in [doubtful, partial] {
            let match = ReportMatch(
                transferID: transfers[0].id, studyID: study, completion: "", verification: "", preliminary: "",
                predecessors: [])
            try await journal.holdReport(one.id, notice: try #require(one.hold), match: match, at: time(305))
        }
        #expect(try await journal.release(study: study, actor: "eva", at: time(310)) == .done)
        #expect(try await journal.report(doubtful.id)?.state == .held)
        #expect(try await journal.report(partial.id)?.state == .received)
        #expect(
            try await journal.release(study: study, actor: "eva", at: time(311)) == .notAllowed(state: "delivered"))
    }

    @Test("Events are found by kind and time; those of studies only when asked for")
    func events() async throws {
        _ = try await partlyHeld()
        for (at, kind) in [(1.0, "refused"), (2, "connectionRefused"), (3, "refused")] {
            try await journal.record(event: EventRecord(at: time(at), kind: kind, detail: "\(at)"))
        }
        var query = EventQuery()
        #expect(try await journal.events(query).map(\.detail) == ["3.0", "2.0", "1.0"])
        query.kinds = ["refused"]
        query.since = time(2)
        #expect(try await journal.events(query).map(\.detail) == ["3.0"])
        // A conflict is of a study, and was told to its sender as a refusal is.
        _ = try await journal.record(.ct(2, digest: "other", at: 5))
        query = EventQuery()
        #expect(try await journal.events(query).map(\.kind) == ["conflict", "refused", "connectionRefused", "refused"])
        query.limit = 2
        #expect(try await journal.events(query).map(\.kind) == ["conflict", "refused"])
        query.kinds = ["conflict"]
        query.since = time(6)
        #expect(try await journal.events(query).isEmpty)
        query = EventQuery()
        query.loose = false
        query.limit = 1000
        #expect(try await journal.events(query).contains { $0.kind == "held" && $0.studyID != nil })
    }
}
