import DICOMVocabulary
import Foundation
import Testing

@testable import Journal

@Suite struct LostFileTests {
    private let folder: TemporaryFolder
    private let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private static let lost = [Failure.Code.missingFile, .damagedFile].map {
        Failure($0, .person, .instance, detail: "not what it was")
    }

    @Test(
        "An instance whose file is lost when it is to be sent is held, and the same bytes take its place",
        arguments: lost)
    func healed(failure: Failure) async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 2)
        let claimed = try #require(try await journal.claim())
        try await journal.settle(claimed, .held(failure))
        #expect(try await journal.sendEverything() == 1)
        #expect(try await journal.transfer(transfers[0].id)?.state == .held)
        let number = Int(claimed.sopInstance.string.split(separator: ".").last ?? "") ?? 0
        #expect(try await journal.record(.ct(number, at: 300)) == .stored(studyID: study))
        #expect(try await journal.transfer(transfers[0].id)?.state == .waiting)
        #expect(try await journal.sendEverything(at: 400) == 1)
        #expect(try await journal.study(study)?.state == .delivered)
        let kinds = try await journal.kinds(study: study)
        #expect(kinds.contains("missing") && kinds.contains("cameAgain"))
        #expect(try await journal.instances(study: study).count == 2)
    }

    @Test("A study of which nothing was left when it was to be planned goes on when its images come again")
    func heldUnplanned() async throws {
        let first = Arrival.ct(1)
        let study = try #require(try await journal.stored(first))
        #expect(try await journal.markMissing(spoolKey: first.spoolKey, at: time(10)))
        #expect(try await journal.complete(study: study.id, at: time(100)))
        try await journal.hold(study: study.id, notice: HoldNotice(Self.lost[0]), actor: "antipode", at: time(110))
        #expect(try await journal.record(.ct(1, at: 300)) == .stored(studyID: study.id))
        let healed = try #require(try await journal.study(study.id))
        #expect(healed.state == .complete && healed.hold == nil)
    }

    @Test(
        "A lost file that comes again does not take its place in a study that was judged without its patient",
        arguments: [
            (["p1", PatientMark.unread], "p2"), (["p1"], "p2"), (["p1", PatientMark.unread], PatientMark.unread),
        ])
    func notJudged(known: [String], patient: String) async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 2)
        try await journal.setPatientKeys(known, study: study, insteadOf: ["p1"], at: time(0))
        let claimed = try #require(try await journal.claim())
        try await journal.settle(claimed, .held(Self.lost[0]))
        let number = Int(claimed.sopInstance.string.split(separator: ".").last ?? "") ?? 0
        let later = try #require(try await journal.stored(.ct(number, patient: patient, at: 300)))
        #expect(later.id != study && later.followUpOf == study && later.patientKeys == [patient])
        #expect(try await journal.passages(transfer: transfers[0].id, states: [.held]).count == 1)
    }

    @Test("What somebody went on without and comes again all the same goes as a late part")
    func leftOut() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 2, to: ["sydney", "oslo"])
        let claimed = try #require(try await journal.claim())
        try await journal.settle(claimed, .held(Self.lost[0]))
        #expect(try await journal.leaveOutHeld(study: study, actor: "eva", at: time(110)) == .done)
        let number = Int(claimed.sopInstance.string.split(separator: ".").last ?? "") ?? 0
        let late = try #require(try await journal.stored(.ct(number, at: 300)))
        #expect(late.followUpOf == study)
        #expect(try await journal.passages(transfer: transfers[0].id, states: [.cancelled]).count == 1)
    }

    @Test("Who is judged later is judged by the patient of a lost file that came again too")
    func judgedLater() async throws {
        let first = Arrival.ct(1, patient: PatientMark.unread)
        let study = try #require(try await journal.stored(first))
        _ = try await journal.record(.ct(2))
        #expect(try await journal.markMissing(spoolKey: first.spoolKey, at: time(10)))
        #expect(try await journal.complete(study: study.id, at: time(100)))
        #expect(try await journal.record(.ct(1, patient: "p2", at: 300)) == .stored(studyID: study.id))
        #expect(try await journal.study(study.id)?.patientKeys == [PatientMark.unread, "p1", "p2"])
    }

    @Test("A file that is found again waits until somebody has read whose it is, where it could be sent before")
    func foundUnread() async throws {
        let lost = Arrival.ct(1, patient: PatientMark.unread)
        let study = try #require(try await journal.stored(lost))
        _ = try await journal.stored(.ct(2))
        #expect(try await journal.complete(study: study.id, at: time(100)))
        #expect(try await journal.markMissing(spoolKey: lost.spoolKey, at: time(110)))
        let sydney = NewTransfer(destination: "sydney", profile: "pseudonymous")
        #expect(try await journal.addTransfer(study: study.id, sydney, actor: "eva", at: time(120)).result == .done)
        #expect(try await !journal.found(spoolKey: lost.spoolKey, digest: lost.digest, at: time(130)))
        try await journal.setPatientKeys(["p1"], study: study.id, insteadOf: [PatientMark.unread, "p1"], at: time(0))
        #expect(try await journal.found(spoolKey: lost.spoolKey, digest: lost.digest, at: time(140)))
    }

    @Test("What cannot be read eight times, and nothing of it arrives, waits for a person, and the same bytes mend it")
    func unreadable() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 1)
        func deferred(_ code: Failure.Code, _ times: ClosedRange<Int>) async throws {
            for turn in times {
                let claimed = try #require(try await journal.claim(at: Double(100 + turn)), "\(code) \(turn)")
                let failure = Failure(code, .tryAgain, .instance, detail: "errno 5")
                let outcome = Settlement.Outcome.deferred(failure, until: time(Double(100 + turn)))
                try await journal.settle(claimed, outcome, at: Double(100 + turn))
            }
        }
        // Trouble of the peer before it does not count.
        try await deferred(.refusedByPeer, 1...20)
        try await deferred(.ioError, 21...29)
        #expect(try await journal.claim(at: 200) == nil)
        let passage = try #require(try await journal.passages(transfer: transfers[0].id, states: [.held]).first)
        #expect(passage.failure?.code == .unreadable)
        // Whoever tries again, or sends it again, begins anew.
        #expect(try await journal.retry(transfer: transfers[0].id, actor: "eva", at: time(200)) == .done)
        try await deferred(.ioError, 101...108)
        #expect(try await journal.passages(transfer: transfers[0].id, states: [.held]).isEmpty)
        try await deferred(.ioError, 109...109)
        #expect(try await journal.passages(transfer: transfers[0].id, states: [.held]).count == 1)
        let key = try #require(try await journal.instances(study: study).first?.spoolKey)
        #expect(try await journal.markMissing(spoolKey: key, at: time(210)))
        #expect(try await journal.record(.ct(1, at: 300)) == .stored(studyID: study))
        #expect(try await journal.transfer(transfers[0].id)?.failures == 0)
        #expect(try await journal.sendEverything(at: 400) == 1)
    }

    @Test("A file that cannot be read is told of, also beside an image that its peer refuses faster each time")
    func unreadableBesideRefused() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 2)
        let refused = Failure(.refusedByPeer, .tryAgain, .instance, detail: "A700")
        let unread = Failure(.ioError, .tryAgain, .instance, detail: "errno 5")
        for turn in 1...9 {
            let at = Double(100 * turn)
            var claims: [(LaneKey, ClaimedInstance)] = []
            for lane in [LaneKey.first, .second] {
                claims.append((lane, try #require(try await journal.claim(lane, at: at))))
            }
            claims.sort { $0.1.id < $1.1.id }
            for ((lane, claimed), failure) in zip(claims, [refused, unread]) {
                let outcome = Settlement.Outcome.deferred(failure, until: time(at + 50), round: claimed.failures)
                try await journal.settle(claimed, outcome, lane: lane, at: at)
            }
        }
        let held = try await journal.passages(transfer: transfers[0].id, states: [.held])
        #expect(held.map(\.failure?.code) == [.unreadable])
    }

    @Test(
        "A disk that fails once under many lanes makes no file hopeless; one that goes on failing is told of, however many files it has"
    )
    func unreadableOnce() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 12)
        let failure = Failure(.ioError, .tryAgain, .instance, detail: "errno 5")
        var failures: [Int] = []
        for round in 1...9 {
            // As many lanes as there are files, which are all read before one of them is put off.
            var claims: [ClaimedInstance] = []
            while let claimed = try await journal.claim(at: Double(100 * round)) { claims.append(claimed) }
            #expect(claims.count == 12)
            for claimed in claims {
                let until = time(Double(100 * round + 50))
                try await journal.settle(
                    claimed, .deferred(failure, until: until, round: claimed.failures),
                    at: Double(100 * round))
            }
            failures.append(try #require(try await journal.transfer(transfers[0].id)).failures)
        }
        #expect(failures == [1, 2, 3, 4, 5, 6, 7, 8, 9])
        #expect(try await journal.passages(transfer: transfers[0].id, states: [.held]).count == 1)
    }

    @Test("What a lane says of a file that was lost is nothing about the one that has taken its place")
    func replacedWhileClaimed() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 1)
        let claimed = try #require(try await journal.claim())
        #expect(try await journal.markMissing(spoolKey: claimed.spoolKey, at: time(200)))
        #expect(
            try journal.content(ofSpoolKey: claimed.spoolKey)?.digest == "d", "an unfinished file is still judged by it"
        )
        let second = Arrival.ct(1, at: 300)
        #expect(try await journal.record(second) == .stored(studyID: study))
        let settlement = Settlement(id: claimed.id, outcome: .held(Self.lost[0]), spoolKey: claimed.spoolKey)
        _ = try await journal.settleAndClaim(
            settlement, lane: .first, destination: "sydney", claim: false, upToRank: .max, at: time(310))
        #expect(try await journal.instances(study: study).map(\.spoolKey) == [second.spoolKey])
        #expect(try await journal.sendEverything(at: 400) == 1)
        #expect(try await journal.transfer(transfers[0].id)?.state == .acknowledged)
    }

    @Test("Other bytes under a lost instance's UID are no healing: they make a late part")
    func otherBytes() async throws {
        let (study, _) = try await journal.plannedStudy(instances: 1)
        try await journal.settle(try #require(try await journal.claim()), .held(Self.lost[0]))
        let late = try #require(try await journal.stored(.ct(1, digest: "other", at: 300)))
        #expect(late.id != study && late.followUpOf == study)
    }

    @Test("A study that a person holds is healed and stays held")
    func heldStudy() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 1)
        try await journal.settle(try #require(try await journal.claim()), .held(Self.lost[1]))
        let notice = HoldNotice(code: "operator", detail: "wait", hint: "")
        try await journal.hold(study: study, notice: notice, actor: "a", at: time(200))
        #expect(try await journal.record(.ct(1, at: 300)) == .stored(studyID: study))
        #expect(try await journal.claim(at: 400) == nil)
        try await journal.release(study: study, actor: "a", at: time(500))
        #expect(try await journal.sendEverything(at: 600) == 1)
        #expect(try await journal.transfer(transfers[0].id)?.state == .acknowledged)
    }

    @Test("An instance that was held for another reason is not touched when it comes again")
    func otherReason() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 1)
        try await journal.settle(try #require(try await journal.claim()), .held(.never))
        #expect(try await journal.record(.ct(1, at: 300)) == .duplicate(studyID: study))
        #expect(try await journal.transfer(transfers[0].id)?.state == .held)
    }
}
