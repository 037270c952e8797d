// Whether every stage still moves.

import Foundation
import Synchronization

/// Each stage says when it moves and until when it will do so again; one that is overdue is stuck. Safe from any task.
final class Pulses: Sendable {
    /// For loops whose longest step ends by its own deadlines: a report worker, a reader that is asked.
    static let patience: Double = 400
    /// For what turns every few seconds: the journal's writer, the listeners, the destinations.
    static let shortPatience: Double = 120

    private let due = Mutex([String: ContinuousClock.Instant]())
    private let now: @Sendable () -> ContinuousClock.Instant

    /// `now` is a seam for tests.
    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// The stage moves, and will again within so many seconds.
    func beat(_ stage: String, within seconds: Double = Pulses.patience) {
        let next = now() + .seconds(min(seconds, 1e9))
        due.withLock { $0[stage] = next }
    }

    /// The stage is asked, and answers with a beat: within so many seconds, if it has never beaten.
    func expect(_ stage: String, within seconds: Double = Pulses.shortPatience) {
        let next = now() + .seconds(seconds)
        due.withLock { due in due[stage] = due[stage] ?? next }
    }

    /// The stage has ended and is not waited for.
    func end(_ stage: String) { due.withLock { _ = $0.removeValue(forKey: stage) } }

    var stages: [String] { due.withLock { Array($0.keys) } }

    /// Stages that are overdue.
    var stuck: [String] {
        let now = now()
        return due.withLock { $0.filter { $0.value < now }.keys.sorted() }
    }
}
