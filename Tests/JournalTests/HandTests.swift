import DICOMVocabulary
import Foundation
import Testing

@testable import Journal

@Suite("A lane takes several at once")
struct HandTests {
    private let folder: TemporaryFolder
    private let journal: JournalDatabase
    private static let eight = HandLimit(instances: 8, bytes: 1 << 20)

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private func claim(
        _ limit: HandLimit = eight, after settlements: [Settlement] = [], _ lane: LaneKey = .first, at: Double = 100
    ) async throws -> [ClaimedInstance] {
        try await journal.settleAndClaim(settlements, lane: lane, destination: "sydney", upTo: limit, at: time(at))
            .instances
    }

    private func transfer(_ id: Int64) async throws -> TransferRecord { try #require(try await journal.transfer(id)) }

    private func acknowledged(_ claimed: [ClaimedInstance]) -> [Settlement] {
        claimed.enumerated().map { offset, one in
            Settlement(
                id: one.id, outcome: .acknowledged(status: 0), bytes: 900, seconds: 0.5, at: time(101 + Double(offset)))
        }
    }

    @Test("in their order, of one transfer, within count and bytes, and at most half of what waits")
    func bounds() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 20)
        _ = try await journal.plannedStudy(2, instances: 20, at: 10)
        let first = try await claim()
        #expect(first.map(\.sopInstance) == (1...8).map { UID("1.2.1.1.\($0)") })
        #expect(try await transfer(transfers[0].id).claimed == 8)
        #expect(try await journal.openMarks().count == 8)
        // Twelve wait: half of them, and of those what the bytes allow.
        #expect(try await claim(HandLimit(instances: 8, bytes: 4999)).count == 4)
        #expect(try await claim().count == 4)
        #expect(try await claim().count == 2)
        #expect(try await claim().count == 1)
        #expect(try await claim(.one).map(\.sopInstance) == ["1.2.1.1.20"])
        #expect(try await claim().first?.studyUID == "1.2.2")
    }

    @Test("and what is larger than its bytes comes alone")
    func large() async throws {
        _ = try await journal.plannedStudy(instances: 4)
        #expect(try await claim(HandLimit(instances: 8, bytes: 10)).count == 1)
    }

    @Test("but nothing that was tried before with others, nor of a transfer that has met trouble")
    func trouble() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 6)
        let one = try await claim(.one)
        #expect(try await claim(after: [Settlement(id: one[0].id, outcome: .held(.never))]).count == 2)
        let marks = try await journal.openMarks()
        try await journal.giveBack(marks, crashed: true, maximumCrashes: 3, at: time(101))
        // Those that were never tried first, the others by themselves.
        var order: [[UID]] = []
        var settlements: [Settlement] = []
        while order.count < 4 {
            let hand = try await claim(after: settlements, at: 102)
            order.append(hand.map(\.sopInstance))
            settlements = acknowledged(hand)
        }
        #expect(order == [[4, 5], [6], [2], [3]].map { $0.map { UID("1.2.1.1.\($0)") } })
        // A transfer that was put off, until one has arrived.
        _ = try await claim(after: settlements)
        #expect(try await transfer(transfers[0].id).acknowledged == 5)
        _ = try await journal.plannedStudy(2, instances: 9)
        let deferred = try await claim(.one)
        #expect(
            try await claim(after: [Settlement(id: deferred[0].id, outcome: .deferred(.later, until: time(110)))])
                .isEmpty)
        let next = try await claim(at: 111)
        #expect(next.count == 1)
        #expect(try await claim(after: acknowledged(next), at: 112).count == 4)
    }

    @Test("and all are written down together, each with its own time")
    func settled() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 10)
        let four = try await claim(HandLimit(instances: 4, bytes: 1 << 20))
        #expect(four.count == 4)
        let next = try await claim(.one, after: acknowledged(four), at: 110)
        var record = try await transfer(transfers[0].id)
        #expect(record.state == .active && record.acknowledged == 4 && record.claimed == 1 && record.bytesSent == 3600)
        var attempt = try #require(try await journal.history(study: study)?.attempts.first)
        #expect(attempt.acknowledged == 4 && attempt.bytes == 3600 && attempt.seconds == 2)
        #expect(attempt.endedAt == time(104))
        let passages = try await journal.passages(transfer: transfers[0].id, states: [.acknowledged])
        #expect(passages.map(\.acknowledgedAt) == (101...104).map { time(Double($0)) })
        let figures = try #require(try await journal.figures(destination: "sydney").first)
        #expect(figures.acknowledgedInstances == 4 && figures.acknowledgedBytes == 3600)
        #expect(figures.lastAcknowledgedAt == time(104))
        // One arrived, one met trouble, one was not begun.
        let two = try await claim(HandLimit(instances: 2, bytes: 1 << 20), after: acknowledged(next))
        try #require(two.count == 2)
        _ = try await claim(
            after: [
                Settlement(id: two[0].id, outcome: .deferred(.later, until: time(500)), bytes: 10),
                Settlement(id: two[1].id, outcome: .putDown),
            ])
        record = try await transfer(transfers[0].id)
        #expect(record.state == .deferred && record.acknowledged == 5 && record.waiting == 5 && record.claimed == 0)
        #expect(record.attempts == 1)
        attempt = try #require(try await journal.history(study: study)?.attempts.first)
        #expect(attempt.acknowledged == 5 && attempt.bytes == 4510 && attempt.failure == .later)
        let waiting = try await journal.passages(transfer: transfers[0].id, states: [.waiting])
        #expect(waiting.map(\.tries).sorted() == [0, 0, 0, 0, 1])
    }

    @Test("What a lane puts down is as if it had never been claimed, or as its transfer has become")
    func putDown() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 6)
        let hand = try await claim()
        let back = hand.map { Settlement(id: $0.id, outcome: .putDown) }
        _ = try await journal.settleAndClaim(back, lane: .first, destination: "sydney", upTo: nil, at: time(101))
        var record = try await transfer(transfers[0].id)
        #expect(record.state == .waiting && record.waiting == 6 && record.attempts == 0 && record.claimed == 0)
        #expect(try await journal.history(study: study)?.attempts.isEmpty == true)
        let again = try await claim()
        #expect(again.map(\.id) == hand.map(\.id) && again.allSatisfy { $0.tries == 1 })
        try await journal.cancel(study: study, actor: "a", at: time(102))
        #expect(try await claim(after: back, at: 103).isEmpty)
        record = try await transfer(transfers[0].id)
        #expect(record.state == .cancelled && record.cancelled == 6)
    }

    @Test("An acute study recalls it, as does all else that may concern it; what does not, does not")
    func recall() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 9)
        let elsewhere = try await journal.completeStudy(9)
        func recalls(_ rank: Int = 2, _ body: () async throws -> Void) async throws -> Bool {
            let before = journal.recall(concerning: rank)
            try await body()
            return journal.recall(concerning: rank) != before
        }
        var hand = ClaimedHand()
        func take(_ settlements: [Settlement]) async throws {
            hand = try await journal.settleAndClaim(
                settlements, lane: .first, destination: "sydney", upTo: Self.eight, at: time(100))
        }
        #expect(try await !recalls { try await take([]) })
        #expect(hand.recall == journal.recall(concerning: 2) && hand.instances.count == 4)
        #expect(try await !recalls { try await take(self.acknowledged(hand.instances)) })
        _ = try await journal.record(.ct(1, study: 3))
        #expect(try await !recalls { _ = try await journal.record(.ct(2, study: 3)) })
        // Whose release it was is asked again.
        #expect(try await recalls { _ = try await journal.record(.ct(3, study: 3, patient: "p2")) })
        #expect(try await recalls { _ = try await journal.record(.ct(2, study: 3, digest: "other")) })
        #expect(
            try await recalls {
                try await journal.plan(
                    study: elsewhere, transfers: [NewTransfer(destination: "sydney", profile: "p")], decision: [],
                    rule: nil, at: time(100))
            })
        let notice = HoldNotice(code: "operator", detail: "")
        #expect(try await recalls { try await journal.hold(study: study, notice: notice, actor: "a", at: time(100)) })
        #expect(try await recalls { try await journal.release(study: study, actor: "a", at: time(100)) })
        #expect(try await recalls { _ = try await journal.retry(transfer: transfers[0].id, actor: "a", at: time(100)) })
        // One that is sent while it arrives.
        let growing = try #require(try await journal.stored(.ct(1, study: 4, rank: 0)))
        #expect(
            try await recalls {
                try await journal.planEarly(
                    study: growing.id, transfers: [NewTransfer(destination: "sydney", profile: "p")], decision: [],
                    rule: nil, at: time(100))
            })
        #expect(try await recalls { _ = try await journal.record(.ct(2, study: 4, rank: 0)) })
        #expect(try await !recalls(0) { _ = try await journal.record(.ct(3, study: 4, rank: 0)) })
        #expect(try await recalls(0) { _ = try await journal.record(.ct(4, study: 4, rank: 0, patient: "p2")) })
        #expect(hand.recall != journal.recall(concerning: 2))
    }

    @Test("What was written in the transaction of a claim, after it, recalls it")
    func sameTransaction() async throws {
        let (study, _) = try await journal.plannedStudy(instances: 9)
        let notice = HoldNotice(code: "operator", detail: "")
        for _ in 0..<20 {
            async let hand = journal.settleAndClaim(
                [], lane: .first, destination: "sydney", upTo: Self.eight, at: time(100))
            async let hold = journal.hold(study: study, notice: notice, actor: "a", at: time(100))
            let claimed = try await hand
            _ = try await hold
            #expect(claimed.instances.isEmpty || claimed.recall != journal.recall(concerning: 2))
            let back = claimed.instances.map { Settlement(id: $0.id, outcome: .putDown) }
            _ = try await journal.settleAndClaim(back, lane: .first, destination: "sydney", upTo: nil, at: time(101))
            try await journal.release(study: study, actor: "a", at: time(102))
        }
    }
}
