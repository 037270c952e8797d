import DICOMVocabulary
import Foundation
import Journal
import Testing

@Suite("Arrivals and studies that become complete")
struct ReceivingTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private func stored(_ arrival: Arrival) async throws -> StudyRecord {
        guard let study = try await journal.stored(arrival) else {
            throw Failure(.unexpected, .person, .instance, detail: "not stored")
        }
        return study
    }

    @Test("The first instance opens its study; the next ones add to it")
    func summary() async throws {
        let first = try await stored(.ct(1, at: 5))
        #expect(first.key == "S1" && first.instanceCount == 1 && first.state == .receiving)
        var second = Arrival.ct(2, rank: 0, at: 9, modality: "SR")
        second.bodyPart = ""
        let study = try await stored(second)
        #expect(study.id == first.id && study.instanceCount == 2 && study.bytes == 2000)
        #expect(study.modalities == ["CT", "SR"] && study.bodyParts == ["CHEST"])
        #expect(study.firstInstanceAt == time(5) && study.lastInstanceAt == time(9))
        // The most urgent instance speaks for the study.
        #expect(study.rank == 0 && study.priority == "STAT")
        #expect(try await journal.study(first.id) == study)
        #expect(try await journal.kinds(study: first.id) == ["received"])
        #expect(try await journal.instances(study: first.id).count == 2)
    }

    @Test("The same instance with the same bytes is a duplicate and keeps the study warm")
    func duplicate() async throws {
        let study = try await stored(.ct(1))
        #expect(try await journal.record(.ct(1, at: 20)) == .duplicate(studyID: study.id))
        let after = try #require(try await journal.study(study.id))
        #expect(after.instanceCount == 1 && after.duplicates == 1 && after.lastInstanceAt == time(20))
    }

    @Test("The same instance with other bytes is a conflict: the first is kept and an event tells")
    func conflict() async throws {
        let study = try await stored(.ct(1))
        #expect(try await journal.record(.ct(1, digest: "other", at: 20)) == .conflict(studyID: study.id))
        #expect(try await journal.instances(study: study.id).map(\.digest) == ["d"])
        #expect(try await journal.kinds(study: study.id) == ["received", "conflict"])
    }

    @Test("A duplicate stays a duplicate long after, in whatever state its study is")
    func lateDuplicate() async throws {
        let (study, _) = try await journal.plannedStudy()
        #expect(try await journal.record(.ct(1)) == .duplicate(studyID: study))
        #expect(try await journal.receivingStudies().isEmpty)
    }

    @Test("A late instance opens a follow-up, and those after it join that one")
    func followUp() async throws {
        let (first, _) = try await journal.plannedStudy()
        let second = try await stored(.ct(10, at: 500))
        #expect(second.id != first && second.followUpOf == first && second.sequence == 2)
        #expect(try await stored(.ct(11, at: 501)).id == second.id)
        try await journal.complete(study: second.id, at: time(600))
        let third = try await stored(.ct(12, at: 700))
        #expect(third.followUpOf == first && third.sequence == 3)
        #expect(try await journal.history(study: first)?.followUps.map(\.id) == [second.id, third.id])
        let uids = try await journal.originalUIDs(study: "1.2.1")
        #expect(uids.instances.count == 5 && uids.series == ["1.2.1.1"])
        let ofClass = try await journal.originalUIDs(study: "1.2.1", of: [Arrival.ct(1).sopClass])
        #expect(ofClass.series == uids.series && Set(ofClass.instances) == Set(uids.instances))
        let documents = try await journal.originalUIDs(study: "1.2.1", of: SOPClass.reports)
        #expect(documents.series == uids.series && documents.instances.isEmpty)
    }

    @Test("Two patients in one study are seen")
    func mixedPatients() async throws {
        #expect(try await stored(.ct(1)).patientKeys.count == 1)
        #expect(try await stored(.ct(2, patient: "p2")).patientKeys.count == 2)
        for number in 3...60 { _ = try await stored(.ct(number, patient: "p\(number)")) }
        #expect(try await journal.study(1)?.patientKeys.count == 16)
    }

    @Test("Who released the patients of a study is asked anew, of all its parts, for one whom no part had")
    func newcomerOfALatePart() async throws {
        let first = try await journal.completeStudy()
        let mixed = HoldNotice.mixedPatients("two of them")
        #expect(try await journal.hold(study: first, notice: mixed, actor: "antipode", at: time(40)) == .done)
        #expect(try await journal.release(study: first, actor: "eva", at: time(41)) == .done)
        let part = try await stored(.ct(7))
        #expect(part.followUpOf == first)
        #expect(try await journal.study(first)?.released == [mixed.code], "nobody new")
        _ = try await stored(.ct(8, patient: PatientMark.unread))
        #expect(try await journal.study(first)?.released == [mixed.code], "asked about when it is read")
        _ = try await stored(.ct(9, patient: "p2"))
        #expect(try await journal.study(first)?.released == [])
    }

    @Test("A patient who is named under known UIDs is one of the study's, and answered once")
    func disputes() async throws {
        let (study, _) = try await journal.plannedStudy()
        let mixed = HoldNotice.mixedPatients("another")
        for _ in 1...2 { try await journal.dispute(study: study, by: "p2", notice: mixed, at: time(50)) }
        #expect(try await journal.study(study)?.hold?.code == mixed.code)
        #expect(try await journal.study(study)?.patientKeys == ["p1", "?p2"])
        #expect(try await journal.kinds(study: study).filter { $0 == "held" }.count == 1)
        // Whoever is about to release it is told of one who comes meanwhile.
        try await journal.dispute(study: study, by: "p4", notice: mixed, at: time(50))
        #expect(try await journal.study(study)?.hold?.detail == "another; further patients were named since")
        #expect(try await journal.kinds(study: study).filter { $0 == "held" }.count == 2)
        #expect(try await journal.release(study: study, actor: "eva", at: time(51)) == .done)
        try await journal.dispute(study: study, by: "p2", notice: mixed, at: time(52))
        try await journal.dispute(study: study, by: nil, notice: mixed, at: time(53))
        #expect(try await journal.study(study)?.hold == nil)
        #expect(try await journal.sendEverything() == 2)
        try await journal.dispute(study: study, by: "p3", notice: mixed, at: time(54))
        let done = try #require(try await journal.study(study))
        #expect(done.state == .delivered && done.released == [] && done.patientKeys == ["p1", "?p2", "?p4", "?p3"])
    }

    @Test("A release of who was named under known UIDs makes no image of his the study's")
    func imagesOfADisputed() async throws {
        let study = try await stored(.ct(1)).id
        let transfer = NewTransfer(destination: "sydney", profile: "pseudonymous")
        #expect(try await journal.planEarly(study: study, transfers: [transfer], decision: [], rule: nil, at: time(1)))
        let mixed = HoldNotice.mixedPatients("another")
        try await journal.dispute(study: study, by: "p2", notice: mixed, at: time(2))
        #expect(try await journal.release(study: study, actor: "eva", at: time(3)) == .done)
        _ = try await stored(.ct(2))
        #expect(try await journal.study(study)?.hold == nil)
        let other = try await stored(.ct(3, patient: "p2"))
        #expect(other.id == study && other.hold?.code == mixed.code && other.released == [])
        #expect(try await journal.claim() == nil)
    }

    @Test("Who is known of one part is asked about in no other, as long as the release stands")
    func disputesOfParts() async throws {
        let first = try await journal.completeStudy()
        let part = try await stored(.ct(7, patient: "p2")).id
        #expect(try await journal.complete(study: part, at: time(40)))
        let mixed = HoldNotice.mixedPatients("two of them")
        #expect(try await journal.hold(study: first, notice: mixed, actor: "antipode", at: time(41)) == .done)
        #expect(try await journal.release(study: first, actor: "eva", at: time(42)) == .done)
        try await journal.dispute(study: first, by: "p2", notice: mixed, at: time(43))
        #expect(try await journal.study(first)?.hold == nil)
        #expect(try await journal.study(first)?.released == [mixed.code])
        // A part that nobody has released is held for the same.
        try await journal.dispute(study: part, by: "p1", notice: mixed, at: time(44))
        #expect(try await journal.study(part)?.hold?.code == mixed.code)
    }

    @Test("A study is completed once, and waits to be planned by urgency, then age")
    func completion() async throws {
        let old = try await journal.completeStudy(1, rank: 2)
        let urgent = try await journal.completeStudy(2, rank: 0, at: 50)
        let young = try await journal.completeStudy(3, rank: 2, at: 60)
        #expect(try await journal.complete(study: old, at: time(99)) == false)
        #expect(try await journal.completedStudies(limit: 10).map(\.id) == [urgent, old, young])
        #expect(try await journal.completedStudies(except: [urgent, old], limit: 1).map(\.id) == [young])
        _ = try await journal.cancel(study: old, actor: "eva", at: time(100))
        let waiting = try await journal.stillWaiting(studies: [young, old, urgent, 999], reports: [1])
        #expect(Set(waiting.studies) == [young, urgent] && waiting.reports.isEmpty)
        #expect(try await journal.study(old)?.completedAt == time(30))
        #expect(try await journal.receivingStudies().isEmpty)
    }

    @Test("Planning writes transfers, decision, rule and event together, and only once")
    func planning() async throws {
        let (study, transfers) = try await journal.plannedStudy(to: ["sydney", "partner"])
        #expect(transfers.map(\.destination) == ["sydney", "partner"])
        #expect(transfers.allSatisfy { $0.instances == 2 && $0.waiting == 2 && $0.bytes == 2000 })
        let record = try #require(try await journal.study(study))
        #expect(record.state == .planned && record.rule == "night" && record.decision == [7])
        #expect(record.destinations.sorted() == ["partner", "sydney"])
        #expect(try await journal.kinds(study: study) == ["received", "completed", "planned"])
        let failure = await #expect(throws: Failure.self) {
            try await journal.plan(study: study, transfers: [], decision: [], rule: nil, at: time(40))
        }
        #expect(failure?.disposition == .tryAgain)
    }

    @Test("A study that goes nowhere is done")
    func nowhere() async throws {
        let study = try await journal.completeStudy()
        try await journal.plan(study: study, transfers: [], decision: [], rule: "archive only", at: time(40))
        #expect(try await journal.study(study)?.state == .delivered)
    }
}
