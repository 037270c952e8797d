// Whether every stage still moves.

import Foundation
import Synchronization

/// Each stage beats when its loop turns; one that has not for long is stuck. Safe from any task.
final class Pulses: Sendable {
    private let beats = Mutex([String: ContinuousClock.Instant]())

    func beat(_ stage: String) { beats.withLock { $0[stage] = .now } }

    /// Stages without a beat for so many seconds.
    func stuck(after seconds: Double) -> [String] {
        let limit = ContinuousClock.now - .seconds(seconds)
        return beats.withLock { $0.filter { $0.value < limit }.keys.sorted() }
    }
}
