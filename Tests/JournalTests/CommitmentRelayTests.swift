import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

/// Whatever has happened to an object, a modality is told "committed" if and only if every destination of its list has
/// committed to that very object.
@Suite("What modalities are told of commitments")
struct CommitmentRelayTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private static let ct: UID = "1.2.840.10008.5.1.4.1.1.2"

    private func ask(
        _ instances: [SOPReference], by destinations: [String] = ["pacs"], transaction: UID = "2.25.9", at: Double = 500
    ) async throws -> Int64 {
        let new = NewCommitmentRequest(
            source: "ct1", request: CommitmentRequest(transaction: transaction, references: instances),
            callingAE: "CT1", calledAE: "ANTIPODE", address: "127.0.0.1", destinations: destinations)
        guard case .accepted(let record) = try await journal.record(request: new, at: time(at)) else {
            throw Failure(.unexpected, .person, .instance, detail: "not accepted")
        }
        return record.id
    }

    private func decide(_ id: Int64, last: Bool = false, at: Double = 600) async throws -> CommitmentRequestRecord
        .State?
    {
        try await journal.decideCommitmentRequest(
            id, last: last, next: time(at + 10), deliver: time(at), at: time(at))?.state
    }

    private func image(_ number: Int, study: Int = 1) -> SOPReference {
        SOPReference(sopClass: Self.ct, sopInstance: UID("1.2.\(study).1.\(number)"))
    }

    private func confirm(_ transfer: Int64, _ count: Int = .max) async throws {
        let waiting = try await journal.unconfirmed(transfer: transfer).prefix(count)
        try await journal.recordCommitment(
            transfer: transfer, waiting.map { ($0.id, .confirmed) }, next: time(999), at: time(300))
    }

    /// What stands between an object and its commitment.
    enum Obstacle: CaseIterable {
        case neverReceived, receiving, unplanned, studyHeld, waiting, deferred, held, acknowledged, waived, givenUp
        case cancelled, elsewhere, refused, half, otherClass, conflict, missing, receivedAnew
        case none, sweptAfterwards
    }

    @Test("No path but a destination's commitment leads to a yes", arguments: Obstacle.allCases)
    func onlyDestinationsCommit(obstacle: Obstacle) async throws {
        var reference = image(1)
        let wish: CommitmentWish = obstacle == .waived ? .none : .keep
        let destinations = obstacle == .elsewhere ? ["sydney"] : obstacle == .half ? ["pacs", "second"] : ["pacs"]
        var study: Int64 = 0
        var transfers: [TransferRecord] = []
        if obstacle != .neverReceived {
            if case .stored(let id) = try await journal.record(.ct(1)) { study = id }
        }
        if ![.neverReceived, .receiving].contains(obstacle) { try await journal.complete(study: study, at: time(30)) }
        if obstacle == .studyHeld {
            try await journal.hold(
                study: study, notice: HoldNotice(code: "operator", detail: ""), actor: "a", at: time(31))
        }
        if ![.neverReceived, .receiving, .unplanned, .studyHeld].contains(obstacle) {
            transfers = try await journal.plan(
                study: study,
                transfers: destinations.map { NewTransfer(destination: $0, profile: "identified", commitment: wish) },
                decision: [], rule: nil, at: time(40))
        }
        switch obstacle {
        case .neverReceived, .receiving, .unplanned, .studyHeld, .waiting: break
        case .deferred, .held:
            let claimed = try #require(try await journal.claim(from: "pacs"))
            try await journal.settle(
                claimed, obstacle == .held ? .held(.never) : .deferred(.later, until: time(9999)))
        case .cancelled: try await journal.cancel(study: study, actor: "a", at: time(50))
        default: for one in destinations { try await journal.sendEverything(to: one) }
        }
        if let first = transfers.first {
            switch obstacle {
            case .givenUp: try await journal.giveUpCommitment(transfer: first.id, failure: .never, at: time(200))
            case .refused:
                let waiting = try await journal.unconfirmed(transfer: first.id)
                try await journal.recordCommitment(
                    transfer: first.id, waiting.map { ($0.id, .held(.never)) }, next: time(999), at: time(300))
            case .elsewhere, .half, .otherClass, .conflict, .missing, .receivedAnew, .none, .sweptAfterwards:
                try await confirm(first.id)
            default: break
            }
        }
        switch obstacle {
        case .otherClass: reference.sopClass = "1.2.840.10008.5.1.4.1.1.4"
        case .conflict: _ = try await journal.record(.ct(1, digest: "other", at: 350))
        case .missing:
            try await journal.markMissing(
                spoolKey: try await journal.instances(study: study)[0].spoolKey, at: time(350))
            // The same UID has come again with other content, which nobody has.
            _ = try await journal.record(.ct(1, digest: "other", at: 360))
        case .receivedAnew:
            try await journal.markSwept(.study(study), at: time(350))
            _ = try await journal.record(.ct(1, digest: "other", at: 360))
        case .sweptAfterwards: try await journal.markSwept(.study(study), at: time(350))
        default: break
        }

        let request = try await ask([reference], by: obstacle == .half ? ["pacs", "second"] : ["pacs"])
        if try await decide(request) == .open {
            #expect(try await journal.answer(toCommitmentRequest: request) == nil, "nothing is said before it is known")
            _ = try await decide(request, last: true)
        }
        let answer = try #require(try await journal.answer(toCommitmentRequest: request))
        let isCommitted = obstacle == .none || obstacle == .sweptAfterwards
        #expect(answer.committed == (isCommitted ? [reference] : []))
        #expect(answer.refused.map(\.reference) == (isCommitted ? [] : [reference]))
        let reasons: [Obstacle: UInt16] = [.neverReceived: 0x0112, .otherClass: 0x0119]
        if !isCommitted { #expect(answer.refused.map(\.reason) == [reasons[obstacle] ?? 0x0110]) }
    }

    @Test("A request waits while destinations may still commit, and is looked at when one has")
    func waits() async throws {
        let study = try await journal.completeStudy(instances: 2)
        let transfers = try await journal.plan(
            study: study, transfers: [NewTransfer(destination: "pacs", profile: "identified", commitment: .keep)],
            decision: [], rule: nil, at: time(40))
        try await journal.sendEverything(to: "pacs")
        let request = try await ask([image(1), image(2)])
        #expect(try await decide(request) == .open)
        try await confirm(transfers[0].id, 1)
        #expect(try await decide(request) == .open)
        #expect(try await journal.dueCommitmentRequests(at: time(601), limit: 9).isEmpty)
        try await confirm(transfers[0].id)
        #expect(try await journal.dueCommitmentRequests(at: time(601), limit: 9).map(\.id) == [request])
        #expect(try await decide(request) == .decided)
        #expect(try await journal.answer(toCommitmentRequest: request)?.committed.count == 2)
        try await journal.notAnswered(commitmentRequest: request, failure: .later, next: time(700), at: time(610))
        #expect(try await journal.dueCommitmentRequests(at: time(699), limit: 9).isEmpty)
        try await journal.answered(commitmentRequest: request, at: time(710))
        let record = try await journal.commitmentRequest(request)
        #expect(record?.state == .answered && record?.attempts == 2 && record?.committed == 2)
        try await journal.forgetCommitmentRequests(before: time(9999))
        #expect(
            try await journal.answer(toCommitmentRequest: request)?.committed.isEmpty == true,
            "and never a yes from nothing")
    }

    @Test("The same request again is one request; the same transaction for other objects is refused while it is open")
    func transactions() async throws {
        let first = try await ask([image(1)])
        #expect(try await ask([image(1)]) == first)
        let other = NewCommitmentRequest(
            source: "ct1", request: CommitmentRequest(transaction: "2.25.9", references: [image(2)]), callingAE: "CT1",
            calledAE: "A", address: "", destinations: ["pacs"])
        #expect(try await journal.record(request: other, at: time(1)) == .transactionInUse)
        #expect(try await decide(first) == .decided)
        try await journal.answered(commitmentRequest: first, at: time(700))
        #expect(try await ask([image(2)]) == first, "a transaction ends with its answer")
        #expect(try await journal.commitmentRequest(first)?.state == .open)
    }
}
