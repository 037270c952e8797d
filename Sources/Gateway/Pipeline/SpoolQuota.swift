// How many bytes the spool may hold.

import Synchronization

/// Counted from the journal now and then, and arrival by arrival in between. Safe from any task.
final class SpoolQuota: Sendable {
    private struct State {
        var maximum: Int64
        var used: Int64 = 0
    }
    private let state: Mutex<State>

    /// - Parameter maximum: bytes; 0 is none, and then only the floor of free space counts.
    init(maximum: Int64) { state = Mutex(State(maximum: maximum)) }

    func reload(maximum: Int64) { state.withLock { $0.maximum = maximum } }

    /// What the journal says.
    func recount(_ used: Int64) { state.withLock { $0.used = used } }

    func add(_ bytes: Int64) { state.withLock { $0.used += bytes } }

    func hasRoom(for bytes: Int64) -> Bool {
        state.withLock { $0.maximum == 0 || $0.used + bytes <= $0.maximum }
    }
}
