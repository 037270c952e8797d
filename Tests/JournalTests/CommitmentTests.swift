import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("Storage commitment")
struct CommitmentTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    /// A study that its destinations have acknowledged.
    private func acknowledged(
        _ study: Int = 1, instances: Int = 2, to destinations: [String] = ["pacs"], wish: CommitmentWish = .keep
    ) async throws -> (study: Int64, transfers: [TransferRecord]) {
        let id = try await journal.completeStudy(study, instances: instances)
        let planned = try await journal.plan(
            study: id,
            transfers: destinations.map { NewTransfer(destination: $0, profile: "identified", commitment: wish) },
            decision: [], rule: nil, at: time(40))
        for destination in destinations { try await journal.sendEverything(to: destination) }
        return (id, planned)
    }

    private func state(_ transfer: TransferRecord) async throws -> TransferState? {
        try await journal.transfer(transfer.id)?.state
    }

    private func settle(
        _ transfer: TransferRecord, at: Double = 200, _ verdict: (Int) -> CommitmentVerdict?
    ) async throws {
        var verdicts: [(passage: Int64, verdict: CommitmentVerdict)] = []
        for (index, one) in try await journal.unconfirmed(transfer: transfer.id).enumerated() {
            if let verdict = verdict(index) { verdicts.append((one.id, verdict)) }
        }
        try await journal.recordCommitment(transfer: transfer.id, verdicts, next: time(at + 60), at: time(at))
    }

    private let gone = Failure(.notCommitted, .person, .instance, status: 0x0112, detail: "gone")
    private let busy = Failure(.notCommitted, .tryAgain, .instance, status: 0x0213, detail: "busy")

    @Test("An acknowledged transfer is asked about at once, and confirmed with its last object, over all answers")
    func confirmed() async throws {
        let (study, transfers) = try await acknowledged()
        #expect(try await state(transfers[0]) == .acknowledged)
        #expect(try await journal.study(study)?.state == .delivered)
        #expect(try await journal.dueCommitments(at: time(100), limit: 9).map(\.transferID) == [transfers[0].id])
        #expect(
            try await journal.beginCommitment(
                transfer: transfers[0].id, transaction: "2.25.1", next: time(500), at: time(101)))
        #expect(try await journal.dueCommitments(at: time(499), limit: 9).isEmpty)
        #expect(try await journal.transfer(ofTransaction: "2.25.1")?.id == transfers[0].id)
        try await settle(transfers[0]) { $0 == 0 ? .confirmed : nil }
        #expect(try await state(transfers[0]) == .acknowledged)
        try await settle(transfers[0]) { _ in .confirmed }
        #expect(try await state(transfers[0]) == .confirmed)
        #expect(try await journal.transfer(transfers[0].id)?.confirmed == 2)
        #expect(try await journal.study(study)?.state == .delivered)
        #expect(try await journal.commitment(transfer: transfers[0].id)?.state == .confirmed)
        #expect(try await journal.transfer(ofTransaction: "2.25.1") == nil)
        #expect(try await journal.nextCommitment() == nil)
        #expect(try await journal.counts().transfers == [.confirmed: 1])
    }

    @Test("Nobody is asked about a transfer whose site wants no commitment")
    func notAsked() async throws {
        let (_, transfers) = try await acknowledged(wish: .none)
        #expect(try await state(transfers[0]) == .acknowledged)
        #expect(try await journal.nextCommitment() == nil)
    }

    @Test("What a destination has not got is sent again, its study waits with it, and the third time a person is asked")
    func sentAgain() async throws {
        let (study, transfers) = try await acknowledged(instances: 3)
        for round in 1...2 {
            try await settle(transfers[0]) { $0 == 0 ? .sendAgain(gone, maximum: 2) : nil }
            #expect(try await state(transfers[0]) == .waiting)
            #expect(try await journal.study(study)?.state == .planned)
            #expect(try await journal.dueCommitments(at: time(9999), limit: 9).isEmpty, "it is asked when it is there")
            #expect(try await journal.sendEverything(to: "pacs", at: 300 + Double(round)) == 1)
            #expect(try await state(transfers[0]) == .acknowledged)
            #expect(try await journal.study(study)?.state == .delivered)
            #expect(try await journal.dueCommitments(at: time(9999), limit: 9).count == 1)
        }
        try await settle(transfers[0]) { $0 == 0 ? .sendAgain(gone, maximum: 2) : .confirmed }
        #expect(try await state(transfers[0]) == .held)
        #expect(try await journal.study(study)?.state == .planned)
        #expect(try await journal.counts().needsPerson == 1)
    }

    @Test("What could not be said is asked again, and nothing is sent again for it")
    func askedAgain() async throws {
        let (_, transfers) = try await acknowledged()
        try await settle(transfers[0], at: 200) { _ in .askAgain(busy) }
        #expect(try await state(transfers[0]) == .acknowledged)
        let record = try await journal.commitment(transfer: transfers[0].id)
        #expect(record?.nextAt == time(260) && record?.failures == 1 && record?.failure == busy)
    }

    @Test("A held refusal: retry sends it once more, release lets the acknowledgement be enough")
    func people() async throws {
        let (study, transfers) = try await acknowledged()
        try await settle(transfers[0]) { $0 == 0 ? .held(gone) : .confirmed }
        #expect(try await state(transfers[0]) == .held)
        try await journal.retry(study: study, actor: "eva", at: time(210))
        #expect(try await journal.sendEverything(to: "pacs", at: 220) == 1)
        try await settle(transfers[0]) { _ in .held(gone) }
        try await journal.release(study: study, actor: "eva", at: time(230))
        #expect(try await state(transfers[0]) == .acknowledged)
        #expect(try await journal.study(study)?.state == .delivered)
        #expect(try await journal.nextCommitment() == nil)
        #expect(try await journal.sweepable(before: time(999), limit: 9).count == 1, "nobody waits for a commitment")
    }

    @Test(
        "Given up: the transfer is held though all of it was acknowledged, a late answer still counts, a retry asks anew"
    )
    func givenUp() async throws {
        let (study, transfers) = try await acknowledged()
        try await journal.giveUpCommitment(transfer: transfers[0].id, failure: gone, at: time(300))
        #expect(try await state(transfers[0]) == .held)
        #expect(try await journal.study(study)?.state == .planned)
        try await settle(transfers[0]) { $0 == 0 ? .confirmed : nil }
        #expect(try await state(transfers[0]) == .held, "half an answer is none")
        try await journal.retry(study: study, actor: "eva", at: time(310))
        #expect(try await state(transfers[0]) == .acknowledged)
        #expect(try await journal.nextCommitment() == time(310))
        try await journal.giveUpCommitment(transfer: transfers[0].id, failure: gone, at: time(400))
        try await settle(transfers[0]) { _ in .confirmed }
        #expect(try await state(transfers[0]) == .confirmed)
        #expect(try await journal.study(study)?.state == .delivered)
    }

    @Test("Files stay until the destination has committed, where the site asks for that", arguments: [true, false])
    func keepFiles(keeps: Bool) async throws {
        let (study, transfers) = try await acknowledged(wish: keeps ? .keep : .ask)
        #expect(try await journal.sweepable(before: time(9999), limit: 9).isEmpty == keeps)
        #expect(try await journal.keptFiles(before: time(9999)).map(\.reason) == [keeps ? "notCommitted" : "due"])
        if keeps {
            #expect(try await journal.markSwept(.study(study), at: time(9999)) == false)
            try await settle(transfers[0]) { _ in .confirmed }
        }
        #expect(try await journal.markSwept(.study(study), at: time(9999)))
    }

    @Test("An object whose file was swept cannot be sent again: a person is told")
    func sweptMeanwhile() async throws {
        let (study, transfers) = try await acknowledged(wish: .ask)
        #expect(try await journal.markSwept(.study(study), at: time(9999)))
        try await settle(transfers[0]) { $0 == 0 ? .sendAgain(gone, maximum: 9) : .confirmed }
        #expect(try await state(transfers[0]) == .held)
        let held = try await journal.passages(transfer: transfers[0].id, states: [.held])
        #expect(held.map(\.failure?.code) == [.notCommitted])
    }
}
