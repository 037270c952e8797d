import DICOMVocabulary
import Foundation
import Journal
import Testing

@testable import Forwarding

@Suite("What a lane claims in one go")
struct LaneHandTests {
    private static func claimed(_ ids: ClosedRange<Int64>, recall: Int = 0) -> ClaimedHand {
        let instances = ids.map { id in
            ClaimedInstance(
                id: id, transferID: 1, studyID: 1, reportID: nil, destination: "sydney", profile: "",
                spoolKey: "k\(id)",
                sopClass: "1.2", sopInstance: UID("1.2.\(id)"), studyUID: nil, series: nil,
                transferSyntax: .explicitVRLittleEndian, bytes: 1000, digest: "", marks: 0, tries: 1, failures: 0,
                rank: 2, pixelsReleased: false)
        }
        return ClaimedHand(instances: instances, recall: recall)
    }

    /// Takes as many as it may and has all of them acknowledged, each after so many seconds; gives how many.
    @discardableResult
    private static func play(_ hand: inout LaneHand, seconds: Double) -> Int {
        let count = hand.limit(isPaced: false).instances
        hand.take(claimed(1...Int64(count)))
        while let one = hand.next() {
            hand.ended(Settlement(id: one.id, outcome: .acknowledged(status: 0)), seconds: seconds)
        }
        return count
    }

    @Test("is one at first, and twice as many each time, up to eight")
    func grows() {
        var hand = LaneHand()
        #expect((1...5).map { _ in Self.play(&hand, seconds: 0.004) } == [1, 2, 4, 8, 8])
        #expect(hand.settlements.map(\.id) == Array(1...8))
    }

    @Test("is no longer than 50 ms by the pace of the one before, and one where a turn takes longer than that")
    func pace() {
        var hand = LaneHand()
        #expect((1...4).map { _ in Self.play(&hand, seconds: 0.012) } == [1, 2, 4, 4])
        #expect((1...3).map { _ in Self.play(&hand, seconds: 0.3) } == [4, 1, 1])
    }

    @Test("is one where a bandwidth cap gives its permission for one")
    func paced() {
        var hand = LaneHand()
        for _ in 1...4 { Self.play(&hand, seconds: 0.001) }
        #expect(hand.limit(isPaced: true).instances == 1 && hand.limit(isPaced: false).instances == 8)
    }

    @Test("goes back where it was not begun, with whatever end is no acknowledgement")
    func trouble() {
        let failure = Failure(.connectFailed, .tryAgain, .destination, detail: "")
        let ends: [Settlement.Outcome] = [
            .held(failure), .deferred(failure, until: .distantFuture), .giveBack(failure, mark: true, maximumMarks: 2),
        ]
        for end in ends {
            var hand = LaneHand()
            hand.take(Self.claimed(1...4))
            for outcome in [.acknowledged(status: 0), end] {
                guard let one = hand.next() else {
                    Issue.record("nothing left")
                    continue
                }
                hand.ended(Settlement(id: one.id, outcome: outcome), seconds: 0.001)
            }
            #expect(hand.next() == nil)
            #expect(hand.settlements.map(\.id) == [1, 2, 3, 4])
            #expect(hand.settlements.map(\.outcome) == [.acknowledged(status: 0), end, .putDown, .putDown])
        }
    }

    @Test("goes back where something was written meanwhile, and the next is no more than what was sent of it")
    func recalled() throws {
        var hand = LaneHand()
        for _ in 1...4 { Self.play(&hand, seconds: 0.001) }
        hand.take(Self.claimed(1...8, recall: 7))
        for _ in 1...3 {
            hand.putDown { _ in 7 }
            let next = hand.next()
            let one = try #require(next)
            hand.ended(Settlement(id: one.id, outcome: .acknowledged(status: 0)), seconds: 0.001)
        }
        hand.putDown { _ in 8 }
        #expect(hand.next() == nil)
        let putDown = hand.settlements.filter { $0.outcome == .putDown }
        #expect(putDown.map(\.id) == [4, 5, 6, 7, 8])
        #expect(hand.limit(isPaced: false).instances == 3)
    }

    @Test("forgets what was written down with the next claim, and nothing before")
    func settled() {
        var hand = LaneHand()
        Self.play(&hand, seconds: 0.001)
        hand.putDown()
        #expect(hand.settlements.map(\.id) == [1])
        hand.take(ClaimedHand())
        #expect(hand.settlements.isEmpty && hand.next() == nil)
    }
}
