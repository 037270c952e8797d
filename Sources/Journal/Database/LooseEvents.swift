// When to cut the list of events that belong to no study.

import Synchronization

final class LooseEvents: Sendable {
    /// Starts high, so that the first one after a start cuts.
    private let sinceCut = Mutex(Int.max - 1)

    /// Counts one; true when it is time to cut.
    func countOne(cutEvery: Int) -> Bool {
        sinceCut.withLock { count in
            guard count >= cutEvery else {
                count += 1
                return false
            }
            count = 0
            return true
        }
    }
}
