// What recalls the hands of lanes.

import Synchronization

/// Which lanes have to look anew before they begin with the next of the instances that they hold (`ClaimedHand`).
enum Recall: Sendable, Hashable {
    case nobody
    /// Something waits now that goes before what they hold.
    case whoeverHoldsLessUrgent(thanRank: Int)
    case everybody
}

/// Counts of recalls, for each rank. May be used from any thread.
final class RecallCounts: Sendable {
    /// Of those that concern this rank (`ExamPriority.rank`) and all behind it.
    private let counts = Mutex([0, 0, 0, 0, 0])

    func add(_ recall: Recall) {
        let first: Int
        switch recall {
        case .nobody: return
        case .everybody: first = 0
        case .whoeverHoldsLessUrgent(let rank): first = max(0, rank + 1)
        }
        counts.withLock { $0[min(first, $0.count - 1)] += 1 }
    }

    /// Of those that concern who holds instances of that rank.
    func count(concerning rank: Int) -> Int {
        counts.withLock { $0[0...max(0, min(rank, $0.count - 1))].reduce(0, +) }
    }
}
