// Who is connected to the control socket.

import DICOMVocabulary
import Glibc
import Synchronization

/// Bounds the connections and gives a newcomer the place of the one that has kept its own longest without need: whoever
/// asks at once, as the command line does, is never shut out by those who connect and say nothing. Safe to call from any
/// thread. It owns the sockets: only here are they closed, so that none is ended that has become another's.
final class ControlRoom: Sendable {
    private struct Visitor {
        let socket: UnixSocket
        /// Since when it has been talking to us, or silent; nil while the desk works for it.
        var since: ContinuousClock.Instant?
        var isEnded = false
    }
    private struct State {
        var visitors: [Int: Visitor] = [:]
        var next = 0
    }
    private let maximum: Int
    private let state = Mutex(State())

    init(maximum: Int) { self.maximum = maximum }

    /// A place for the socket, or nil when all are taken by questions that are being answered; then it stays the caller's.
    func enter(_ socket: UnixSocket) -> Int? {
        state.withLock { state in
            if state.visitors.values.count(where: { !$0.isEnded }) >= maximum {
                let idle = state.visitors.filter { !$0.value.isEnded && $0.value.since != nil }
                // Those that were ended are gone in a moment; a flood is faster than that, and waits.
                guard state.visitors.count < 2 * maximum,
                    let longest = idle.min(by: { ($0.value.since ?? .now) < ($1.value.since ?? .now) })
                else { return nil }
                shutdown(longest.value.socket.descriptor, Int32(SHUT_RDWR))
                state.visitors[longest.key]?.isEnded = true
            }
            state.next += 1
            state.visitors[state.next] = Visitor(socket: socket, since: .now)
            return state.next
        }
    }

    /// Whether some that were ended have not left yet: then a place is free in a moment.
    var isEmptying: Bool { state.withLock { $0.visitors.values.contains(where: \.isEnded) } }

    /// Its question is being answered, or the answer is on its way.
    func mark(_ place: Int, isWorking: Bool) {
        state.withLock { $0.visitors[place]?.since = isWorking ? nil : .now }
    }

    func leave(_ place: Int) {
        state.withLock { $0.visitors.removeValue(forKey: place)?.socket.close() }
    }
}
