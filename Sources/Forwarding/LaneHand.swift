// What a lane has claimed in one go, and how the instances before ended.

import DICOMVocabulary
import Journal

/// Where a turn takes milliseconds the journal has a large share of it, so a lane claims for some turns at once and
/// writes their ends down together. Where a turn takes longer, it claims one at a time.
///
/// Nothing that goes wrong stays in here: with any end but an acknowledgement the rest goes back. A kill in between lets
/// the acknowledged instances of one hand be sent again.
struct LaneHand {
    /// Seconds that a hand may take by the pace of the one before.
    private static let seconds = 0.05
    private static let maximumInstances = 8
    private static let maximumBytes: Int64 = 8 << 20

    /// To be written down with the next claim.
    private(set) var settlements: [Settlement] = []
    private var rest: ArraySlice<ClaimedInstance> = []
    private var recall = 0
    /// Seconds of the longest turn since the last claim.
    private var longest = 0.0
    /// Instances that may be claimed next: what hands were good for lately, so that one that is recalled again and again is not
    /// claimed and put down in vain.
    private var reach = 1

    /// - Parameter isPaced: a bandwidth cap gives its permission for one instance at a time.
    func limit(isPaced: Bool) -> HandLimit {
        isPaced ? .one : HandLimit(instances: reach, bytes: Self.maximumBytes)
    }

    /// What was settled is written down, and this was claimed.
    mutating func take(_ claimed: ClaimedHand) {
        settlements = []
        rest = claimed.instances[...]
        recall = claimed.recall
        longest = 0
    }

    /// Of what was claimed and not begun.
    mutating func next() -> ClaimedInstance? { rest.popFirst() }

    /// How the instance that was taken last ended, after so many seconds.
    mutating func ended(_ settlement: Settlement, seconds: Double) {
        settlements.append(settlement)
        longest = max(longest, seconds)
        guard case .acknowledged = settlement.outcome else { return putDown() }
        guard rest.isEmpty else { return }
        let affordable = Int(min(Self.seconds / max(longest, 0.000_1), Double(Self.maximumInstances)))
        reach = max(1, min(2 * settlements.count, affordable))
    }

    /// What was claimed and not begun goes back, if something was written since that may concern it.
    /// - Parameter recall: `JournalDatabase.recall(concerning:)`.
    mutating func putDown(ifRecalled recall: (_ rank: Int) -> Int) {
        if let next = rest.first, recall(next.rank) != self.recall { putDown() }
    }

    /// What was claimed and not begun goes back.
    mutating func putDown() {
        guard !rest.isEmpty else { return }
        reach = max(1, settlements.count)
        settlements += rest.map { Settlement(id: $0.id, outcome: .putDown) }
        rest = []
    }
}
