// Connections that have not said a word: they cost a descriptor and a few bytes, never a worker.

import Dispatch
import Glibc
import Synchronization
import WorkerProtocol

/// Holds sockets until their first byte. A pool of 64 workers cannot be taken by a thousand open and silent connections.
final class SilentConnections: Sendable {
    private struct Held {
        let number: UInt64
        let watch: DescriptorWatch
        let deadline: DispatchTime
    }
    private struct State {
        var bound: Int
        var silence: Double
        /// Oldest first.
        var held: [Held] = []
        var last: UInt64 = 0
        var timerIsSet = false
    }

    private let queue = DispatchQueue(label: "antipode.intake.silent")
    private let state: Mutex<State>

    init(bound: Int, silence: Double) { state = Mutex(State(bound: max(1, bound), silence: silence)) }

    var count: Int { state.withLock { $0.held.count } }

    func reload(bound: Int, silence: Double) {
        state.withLock { state in
            state.bound = max(1, bound)
            state.silence = silence
        }
    }

    /// Takes over the socket. `spoken` gets it at its first byte, on this object's queue, and then owns it; a connection
    /// that stays silent, or that ends, is closed without a word. Beyond the bound the oldest goes.
    func hold(_ socket: CInt, spoken: @escaping @Sendable (CInt) -> Void) {
        queue.async { self.begin(socket, spoken) }
    }

    func closeAll() {
        queue.async {
            let held = self.state.withLock { state in
                defer { state.held = [] }
                return state.held
            }
            for one in held { one.watch.cancel() }
        }
    }

    /// Gives up the oldest, for one more descriptor. False when there is none.
    func dropOldest() -> Bool {
        let oldest = state.withLock { $0.held.isEmpty ? nil : $0.held.removeFirst() }
        oldest?.watch.cancel()
        return oldest != nil
    }

    private func begin(_ socket: CInt, _ spoken: @escaping @Sendable (CInt) -> Void) {
        let number: UInt64 = state.withLock { state in
            state.last += 1
            return state.last
        }
        let watch = DescriptorWatch.readable(socket, on: queue) { [weak self] in
            self?.heard(number, socket, spoken)
        }
        var mustSetTimer: DispatchTime?
        let dropped: Held? = state.withLock { state in
            let deadline = DispatchTime.now() + state.silence
            state.held.append(Held(number: number, watch: watch, deadline: deadline))
            if !state.timerIsSet {
                state.timerIsSet = true
                mustSetTimer = deadline
            }
            return state.held.count > state.bound ? state.held.removeFirst() : nil
        }
        dropped?.watch.cancel()
        if let mustSetTimer { setTimer(mustSetTimer) }
    }

    private func heard(_ number: UInt64, _ socket: CInt, _ spoken: @Sendable (CInt) -> Void) {
        let held: Held? = state.withLock { state in
            guard let index = state.held.firstIndex(where: { $0.number == number }) else { return nil }
            return state.held.remove(at: index)
        }
        guard let held else { return }
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT))
        // The watch closes its own descriptor; the connection goes on under another.
        let copy = count > 0 ? fcntl(socket, F_DUPFD_CLOEXEC, 0) : -1
        held.watch.cancel()
        if copy >= 0 { spoken(copy) }
    }

    private func setTimer(_ time: DispatchTime) {
        queue.asyncAfter(deadline: time) { [weak self] in self?.expire() }
    }

    private func expire() {
        var next: DispatchTime?
        let expired: [Held] = state.withLock { state in
            let now = DispatchTime.now()
            let count = state.held.firstIndex { $0.deadline > now } ?? state.held.count
            let expired = Array(state.held.prefix(count))
            state.held.removeFirst(count)
            next = state.held.first?.deadline
            state.timerIsSet = next != nil
            return expired
        }
        for one in expired { one.watch.cancel() }
        if let next { setTimer(next) }
    }
}
