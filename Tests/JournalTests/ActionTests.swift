import DICOMVocabulary
import Foundation
import Journal
import Testing

@Suite("What people do to studies")
struct ActionTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase
    let wish = HoldNotice(code: "operator", detail: "wrong patient?", hint: "release or cancel")

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private func study(_ id: Int64) async throws -> StudyRecord { try #require(try await journal.study(id)) }

    @Test("A held study stops before its next instance; what is on its way is settled as it ends")
    func holdPlanned() async throws {
        let (id, transfers) = try await journal.plannedStudy(instances: 3)
        let claimed = try #require(try await journal.claim())
        #expect(try await journal.hold(study: id, notice: wish, actor: "anna", at: time(110)) == .done)
        let held = try await study(id)
        #expect(held.state == .held && held.hold == wish && held.heldBy == "anna")
        #expect(try await journal.claim(.second, at: 111) == nil)
        try await journal.settle(claimed, .acknowledged(status: 0), at: 112)
        let transfer = try #require(try await journal.transfer(transfers[0].id))
        #expect(transfer.state == .held && transfer.acknowledged == 1 && transfer.waiting == 2)

        #expect(try await journal.release(study: id, actor: "anna", at: time(120)) == .done)
        let released = try await study(id)
        #expect(released.state == .planned && released.hold == nil && released.released == ["operator"])
        #expect(try await journal.sendEverything(at: 121) == 2)
        #expect(try await study(id).state == .delivered)
        #expect(try await journal.kinds(study: id).suffix(4) == ["held", "released", "acknowledged", "delivered"])
    }

    @Test("A study held before planning waits to be planned again when it is released")
    func holdComplete() async throws {
        let id = try await journal.completeStudy()
        let mixed = HoldNotice(Failure(.mixedPatients, .person, .instance, detail: "two patients"))
        try await journal.hold(study: id, notice: mixed, actor: EventRecord.antipode, at: time(40))
        #expect(try await journal.completedStudies(limit: 9).isEmpty)
        try await journal.release(study: id, actor: "anna", at: time(50))
        // The check behind the hold is not asked again.
        #expect(try await journal.completedStudies(limit: 9).map(\.released) == [["mixedPatients"]])
    }

    @Test("What else holds a study does not hide that it is open whose its images are")
    func doubtStands() async throws {
        let (id, _) = try await journal.plannedStudy()
        let mixed = HoldNotice(Failure(.mixedPatients, .person, .instance, detail: "two patients"))
        try await journal.hold(study: id, notice: wish, actor: "anna", at: time(110))
        try await journal.hold(study: id, notice: mixed, actor: EventRecord.antipode, at: time(111))
        try await journal.hold(study: id, notice: wish, actor: "anna", at: time(112))
        let hold = try #require(try await study(id).hold)
        #expect(hold.code == mixed.code && hold.detail.contains("anna holds it"))
        #expect(try await study(id).heldBy == EventRecord.antipode)
        #expect(try await journal.retry(study: id, actor: "anna", at: time(113)) != .done)
        #expect(try await journal.claim() == nil)
        #expect(try await journal.release(study: id, actor: "anna", at: time(114)) == .done)
        #expect(try await study(id).released == [mixed.code])
    }

    @Test("A study held while it is received goes on being received and is held when complete")
    func holdReceiving() async throws {
        guard let record = try await journal.stored(.ct(1)) else { return }
        try await journal.hold(study: record.id, notice: wish, actor: "anna", at: time(1))
        guard let same = try await journal.stored(.ct(2, at: 2)) else { return }
        #expect(same.id == record.id && same.state == .receiving && same.hold == wish)
        try await journal.complete(study: record.id, at: time(40))
        #expect(try await study(record.id).state == .held)
        try await journal.release(study: record.id, actor: "anna", at: time(50))
        #expect(try await study(record.id).state == .complete)
    }

    @Test("A held study whose last instance was on its way is delivered")
    func holdTooLate() async throws {
        let (id, _) = try await journal.plannedStudy(instances: 1)
        let claimed = try #require(try await journal.claim())
        try await journal.hold(study: id, notice: wish, actor: "anna", at: time(110))
        try await journal.settle(claimed, .acknowledged(status: 0), at: 112)
        #expect(try await study(id).state == .delivered)
        #expect(try await study(id).hold == nil)
    }

    @Test("Retry sends held instances once more, their marks forgotten, and deferred ones at once")
    func retry() async throws {
        let (id, transfers) = try await journal.plannedStudy(instances: 2, to: ["sydney", "partner"])
        let bad = try #require(try await journal.claim())
        try await journal.settle(bad, .giveBack(.died, mark: true, maximumMarks: 1))
        try await journal.sendEverything()
        #expect(try await journal.transfer(transfers[0].id)?.state == .held)
        let late = try #require(try await journal.claim(from: "partner"))
        try await journal.settle(late, .deferred(.later, until: time(9999)))

        #expect(try await journal.retry(study: id, actor: "anna", at: time(200)) == .done)
        let again = try #require(try await journal.claim(at: 201))
        #expect(again.id == bad.id && again.marks == 0 && again.tries == 2 && !again.pixelsReleased)
        try await journal.settle(again, .acknowledged(status: 0), at: 202)
        #expect(try await journal.sendEverything(to: "partner", at: 203) == 2)
        #expect(try await study(id).state == .delivered)
        #expect(try await journal.retry(study: id, actor: "anna", at: time(300)) == .notAllowed(state: "delivered"))
    }

    @Test("Release lets instances go whose pixels a person has looked at")
    func releasePixels() async throws {
        let (id, _) = try await journal.plannedStudy(instances: 1)
        let claimed = try #require(try await journal.claim())
        let pixels = Failure(.pixelsMayIdentify, .person, .instance, detail: "secondary capture")
        try await journal.settle(claimed, .held(pixels))
        #expect(try await journal.release(study: id, actor: "anna", at: time(200)) == .done)
        #expect(try await journal.claim(at: 201)?.pixelsReleased == true)
    }

    @Test("Nobody has seen the pixels of what was not held when a person released the others")
    func releaseSeenPixelsOnly() async throws {
        let (id, _) = try await journal.plannedStudy(instances: 3)
        let pixels = Failure(.pixelsMayIdentify, .person, .instance, detail: "secondary capture")
        let seen = try #require(try await journal.claim())
        try await journal.settle(seen, .held(pixels))
        #expect(try await journal.release(study: id, actor: "anna", at: time(200)) == .done)
        var released: [Int64: Bool] = [:]
        while let claimed = try await journal.claim(at: 201) {
            released[claimed.id] = claimed.pixelsReleased
            try await journal.settle(claimed, .held(pixels))
        }
        #expect(released.count == 3 && released.filter(\.value).keys.elementsEqual([seen.id]))
        #expect(try await journal.instances(study: id).map(\.pixelsReleased).count { $0 } == 1)
        // To another destination goes unseen only what a person has seen.
        #expect(try await journal.release(study: id, actor: "anna", at: time(300)) == .done)
        #expect(try await journal.instances(study: id).allSatisfy { $0.pixelsReleased })
    }

    @Test("Releasing a study that was held for another reason says nothing of its pixels")
    func releaseOther() async throws {
        let (id, _) = try await journal.plannedStudy(instances: 1)
        try await journal.hold(study: id, notice: wish, actor: "anna", at: time(90))
        try await journal.release(study: id, actor: "anna", at: time(91))
        #expect(try await journal.claim(at: 201)?.pixelsReleased == false)
    }

    @Test("Cancelling sends nothing more; what is on its way and arrives counts as arrived")
    func cancel() async throws {
        let (id, transfers) = try await journal.plannedStudy(instances: 4)
        let first = try #require(try await journal.claim(.first))
        let second = try #require(try await journal.claim(.second))
        #expect(try await journal.cancel(study: id, actor: "anna", at: time(110)) == .done)
        #expect(try await journal.claim(at: 111) == nil)
        try await journal.settle(first, .acknowledged(status: 0), at: 112)
        try await journal.settle(second, .deferred(.later, until: time(120)), lane: .second, at: 112)
        let transfer = try #require(try await journal.transfer(transfers[0].id))
        #expect(transfer.state == .cancelled && transfer.acknowledged == 1 && transfer.cancelled == 3)
        #expect(transfer.failure?.detail == "cancelled by anna")
        #expect(transfer.waiting == 0 && transfer.claimed == 0)
        #expect(try await study(id).state == .cancelled)
        #expect(try await journal.claim(at: 999) == nil)
        #expect(try await journal.cancel(study: id, actor: "anna", at: time(300)) == .notAllowed(state: "cancelled"))
    }

    @Test("Another transfer of a delivered study opens it again")
    func addTransfer() async throws {
        let (id, _) = try await journal.plannedStudy()
        try await journal.sendEverything()
        let new = NewTransfer(destination: "partner", profile: "pseudonymous")
        let added = try await journal.addTransfer(study: id, new, actor: "anna", at: time(200))
        #expect(added.result == .done && added.transfer?.waiting == 2)
        #expect(try await study(id).state == .planned)
        #expect(try await journal.sendEverything(to: "partner", at: 210) == 2)
        #expect(try await study(id).finishedAt == time(210))
        #expect(try await journal.addTransfer(study: 99, new, actor: "anna", at: time(1)).result == .notFound)
    }

    @Test("A transfer added to a study that a person holds is held with it")
    func addTransferToHeld() async throws {
        let (id, _) = try await journal.plannedStudy()
        try await journal.hold(study: id, notice: wish, actor: "anna", at: time(110))
        let new = NewTransfer(destination: "partner", profile: "pseudonymous")
        let added = try await journal.addTransfer(study: id, new, actor: "bo", at: time(111))
        #expect(added.transfer?.state == .held)
        #expect(try await journal.claim(from: "partner", at: 112) == nil)
        try await journal.release(study: id, actor: "anna", at: time(120))
        #expect(try await journal.claim(from: "partner", at: 121) != nil)
    }

    @Test("One transfer can be held as a whole and tried again, but not past its study's hold")
    func oneTransfer() async throws {
        let (id, transfers) = try await journal.plannedStudy(to: ["sydney", "partner"])
        let failure = Failure(.profileMissing, .person, .destination, detail: "no profile")
        #expect(try await journal.hold(transfer: transfers[0].id, failure: failure, at: time(50)) == .done)
        #expect(try await journal.claim(at: 51) == nil)
        #expect(try await journal.claim(from: "partner", at: 51) != nil)
        #expect(try await journal.studies(.needingPerson).map(\.id) == [id])
        #expect(try await journal.retry(transfer: transfers[0].id, actor: "anna", at: time(60)) == .done)
        #expect(try await journal.claim(at: 61) != nil)
        #expect(
            try await journal.retry(transfer: transfers[0].id, actor: "a", at: time(62)) == .notAllowed(state: "active")
        )
        try await journal.hold(study: id, notice: wish, actor: "anna", at: time(70))
        #expect(
            try await journal.retry(transfer: transfers[0].id, actor: "a", at: time(71)) == .notAllowed(state: "held"))
        #expect(try await journal.retry(transfer: 99, actor: "a", at: time(71)) == .notFound)
    }

    @Test("There is nothing to release or to hold where nothing is held or left")
    func notAllowed() async throws {
        let (id, _) = try await journal.plannedStudy()
        #expect(try await journal.release(study: id, actor: "a", at: time(90)) == .notAllowed(state: "planned"))
        try await journal.sendEverything()
        #expect(
            try await journal.hold(study: id, notice: wish, actor: "a", at: time(200))
                == .notAllowed(state: "delivered"))
        #expect(try await journal.hold(study: 99, notice: wish, actor: "a", at: time(200)) == .notFound)
        #expect(try await journal.kinds(study: id).last == "delivered")
    }
}

extension StudyQuery {
    static var needingPerson: StudyQuery {
        var query = StudyQuery()
        query.needsPerson = true
        return query
    }
}
