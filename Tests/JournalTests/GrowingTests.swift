import DICOMVocabulary
import Foundation
import Testing

@testable import Journal

@Suite("A study that is sent while it arrives")
struct GrowingTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private func transfer(_ study: Int64) async throws -> TransferRecord {
        var query = TransferQuery()
        query.studyID = study
        return try #require(try await journal.transfers(query).first)
    }

    /// Its first image is here, and it was planned to go to Sydney.
    private func planned() async throws -> Int64 {
        let study = try #require(try await journal.stored(.ct(1)))
        #expect(
            try await journal.planEarly(
                study: study.id, transfers: [NewTransfer(destination: "sydney", profile: "pseudonymous")], decision: [],
                rule: "acute", at: time(1)))
        return study.id
    }

    @Test("Each image joins its transfer as it comes, and the transfer does not end before its study does")
    func grows() async throws {
        let study = try await planned()
        #expect(try await journal.study(study)?.state == .receiving)
        #expect(try await journal.sendEverything() == 1)
        var transfer = try await transfer(study)
        #expect(transfer.isGrowing && transfer.state == .waiting && transfer.acknowledged == 1)
        _ = try await journal.stored(.ct(2))
        _ = try await journal.stored(.ct(3))
        let claimed = try #require(try await journal.claim())
        #expect(claimed.isGrowing && claimed.sopInstance == "1.2.1.1.2")
        try await journal.settle(claimed, .acknowledged(status: 0))
        #expect(try await journal.sendEverything() == 1)
        #expect(try await journal.study(study)?.state == .receiving)
        #expect(try await journal.complete(study: study, at: time(5)))
        try await journal.closePlan(study: study, marks: [7], at: time(6))
        transfer = try await self.transfer(study)
        #expect(transfer.state == .acknowledged && !transfer.isGrowing && transfer.instances == 3)
        #expect(transfer.bytes == 3000)
        #expect(try await journal.study(study)?.state == .delivered)
    }

    @Test("What joined no transfer joins it when the study is complete")
    func closes() async throws {
        let study = try await planned()
        var unread = Arrival.ct(2)
        unread.patientKey = PatientMark.unread
        _ = try await journal.stored(unread)
        #expect(try await transfer(study).instances == 1)
        #expect(try await journal.complete(study: study, at: time(5)))
        try await journal.closePlan(study: study, marks: [], at: time(6))
        #expect(try await transfer(study).instances == 2)
        #expect(try await journal.sendEverything() == 2)
        #expect(try await journal.study(study)?.state == .delivered)
    }

    @Test("At the sight of a second patient nothing more leaves")
    func secondPatient() async throws {
        let study = try await planned()
        var other = Arrival.ct(2)
        other.patientKey = "another"
        _ = try await journal.stored(other)
        let transfer = try await transfer(study)
        #expect(transfer.state == .held && transfer.instances == 1)
        #expect(try await journal.claim() == nil)
        #expect(try await journal.kinds(study: study).contains("held"))
        // Nor does a third image of the first patient.
        _ = try await journal.stored(.ct(3))
        #expect(try await journal.claim() == nil)
        let mixed = Failure.Code.mixedPatients.rawValue
        #expect(try await journal.study(study)?.hold?.code == mixed)
        #expect(try await journal.kinds(study: study).filter { $0 == "held" }.count == 1)
        // Only a person answers it, and that for the patients who are known alone.
        #expect(try await journal.retry(study: study, actor: "eva", at: time(4)) != .done)
        #expect(try await journal.claim() == nil)
        #expect(try await journal.release(study: study, actor: "eva", at: time(5)) == .done)
        #expect(try await journal.study(study)?.released == [mixed])
        #expect(try await journal.sendEverything() == 1)
        var third = Arrival.ct(4)
        third.patientKey = "third"
        _ = try await journal.stored(third)
        #expect(try await journal.study(study)?.hold?.code == mixed)
        #expect(try await journal.study(study)?.released == [])
        #expect(try await journal.claim() == nil)
    }

    @Test("A lost image that comes again lifts no hold of a study that still arrives", arguments: [true, false])
    func lostImageOfHeld(byPerson: Bool) async throws {
        let study = try await planned()
        let claimed = try #require(try await journal.claim())
        try await journal.settle(claimed, .held(Failure(.missingFile, .person, .instance, detail: "gone")))
        _ = try await journal.stored(.ct(2))
        if byPerson {
            let notice = HoldNotice(code: HoldNotice.operator, detail: "wrong")
            #expect(try await journal.hold(study: study, notice: notice, actor: "eva", at: time(2)) == .done)
        } else {
            var other = Arrival.ct(3)
            other.patientKey = "another"
            _ = try await journal.stored(other)
        }
        #expect(try await journal.record(.ct(1, at: 300)) == .stored(studyID: study))
        #expect(try await transfer(study).state == .held)
        #expect(try await journal.claim() == nil)
        #expect(try await journal.release(study: study, actor: "eva", at: time(400)) == .done)
        #expect(try await journal.sendEverything(at: 401) == 2)
    }

    @Test("After a restart its report is not forgotten, though nothing more of it is acknowledged")
    func pollAfterRestart() async throws {
        let study = try #require(try await journal.stored(.ct(1)))
        let transfer = NewTransfer(destination: "sydney", profile: "pseudonymous", pseudonymousStudyUID: "2.25.1")
        #expect(
            try await journal.planEarly(study: study.id, transfers: [transfer], decision: [], rule: nil, at: time(1)))
        _ = try await journal.sendEverything()
        let made = try await self.transfer(study.id).id
        #expect(try await journal.transfersWithoutPoll(destinations: ["sydney"]) == [made])
        #expect(try await journal.complete(study: study.id, at: time(5)))
        try await journal.closePlan(study: study.id, marks: [], at: time(6))
        try await journal.schedulePoll(transfer: made, at: time(7))
        #expect(try await journal.transfersWithoutPoll(destinations: ["sydney"]).isEmpty)
    }

    @Test("A plan fails when an image came meanwhile whose patient was not looked at")
    func notJudged() async throws {
        let transfer = NewTransfer(destination: "sydney", profile: "pseudonymous", pseudonymousStudyUID: "2.25.1")
        let study = try #require(try await journal.stored(.ct(1)))
        _ = try await journal.stored(.ct(2, patient: "p2"))
        await #expect(throws: Failure.self) {
            try await journal.planEarly(
                study: study.id, transfers: [transfer], decision: [], rule: nil, judged: ["p1"], at: time(1))
        }
        #expect(
            try await journal.planEarly(
                study: study.id, transfers: [transfer], decision: [], rule: nil, judged: ["p1", "p2"], at: time(1)))
        #expect(try await journal.complete(study: study.id, at: time(5)))
        await #expect(throws: Failure.self) {
            try await journal.closePlan(study: study.id, marks: [], judged: ["p1"], at: time(6))
        }
        let other = try await journal.completeStudy(7, instances: 1)
        for marks: Set<String> in [["p2"], []] {
            await #expect(throws: Failure.self) {
                try await journal.plan(
                    study: other, transfers: [transfer], decision: [], rule: nil, judged: marks, at: time(1))
            }
            await #expect(throws: Failure.self) {
                try await journal.addTransfer(study: other, transfer, judged: marks, actor: "eva", at: time(1))
            }
        }
        try await journal.setPatientKeys(["p3"], study: other, insteadOf: ["p2"], at: time(0))
        #expect(try await journal.study(other)?.patientKeys == ["p1"], "an image came meanwhile")
    }

    @Test("A study is planned early once, and only while it is received")
    func once() async throws {
        let study = try await planned()
        #expect(try await !journal.planEarly(study: study, transfers: [], decision: [], rule: nil, at: time(2)))
        let other = try #require(try await journal.stored(.ct(1, study: 2)))
        #expect(try await journal.complete(study: other.id, at: time(5)))
        #expect(try await !journal.planEarly(study: other.id, transfers: [], decision: [], rule: nil, at: time(6)))
    }

    @Test("A person who holds it stops what has not left, and a release goes on with all of it")
    func held() async throws {
        let study = try await planned()
        let notice = HoldNotice(code: "operator", detail: "wrong", hint: "")
        #expect(try await journal.hold(study: study, notice: notice, actor: "eva", at: time(2)) == .done)
        #expect(try await journal.claim() == nil)
        _ = try await journal.stored(.ct(2))
        #expect(try await journal.claim() == nil)
        #expect(try await journal.complete(study: study, at: time(5)))
        #expect(try await journal.study(study)?.state == .held)
        #expect(try await journal.release(study: study, actor: "eva", at: time(6)) == .done)
        // It has still to be planned to its end.
        #expect(try await journal.study(study)?.state == .complete)
        try await journal.closePlan(study: study, marks: [], at: time(7))
        #expect(try await journal.sendEverything() == 2)
        #expect(try await journal.study(study)?.state == .delivered)
    }

    @Test("A person who cancels it ends it, and what comes later is a late part")
    func cancelled() async throws {
        let study = try await planned()
        #expect(try await journal.cancel(study: study, actor: "eva", at: time(2)) == .done)
        let late = try #require(try await journal.stored(.ct(2)))
        #expect(late.id != study && late.followUpOf == study)
        #expect(try await journal.claim() == nil)
    }

    @Test("Under a cap only what is urgent is taken")
    func urgent() async throws {
        _ = try await journal.plannedStudy(1, rank: 2, at: 0)
        _ = try await journal.plannedStudy(2, rank: 0, at: 10)
        var taken: [UID?] = []
        for _ in 0..<3 {
            taken.append(
                try await journal.settleAndClaim(
                    nil, lane: .first, destination: "sydney", claim: true, upToRank: ClaimedInstance.urgentRank,
                    at: time(100))?.studyUID)
        }
        #expect(taken == ["1.2.2", "1.2.2", nil])
    }

    @Test("A lane that stays is ready for what lately went to its destination")
    func usual() async throws {
        _ = try await journal.plannedStudy(1)
        _ = try await journal.sendEverything()
        let contexts = try await journal.usualContexts(destination: "sydney")
        #expect(contexts.map(\.sopClass) == ["1.2.840.10008.5.1.4.1.1.2"])
        #expect(try await journal.usualContexts(destination: "elsewhere").isEmpty)
    }
}
