// Connections that have not asked for anything yet: they cost a descriptor and a few bytes, never a worker.

import Dispatch
import Glibc
import Synchronization
import WorkerProtocol

/// Holds sockets until their first message is there as a whole. A pool of 64 workers cannot be taken by a thousand open
/// connections that are silent, or that say one byte every few seconds.
final class SilentConnections: Sendable {
    /// Why a connection that had begun to speak was closed here.
    struct Unfinished: Sendable {
        var bytes: Int
    }

    private struct Held {
        let number: UInt64
        let socket: CInt
        let watch: DescriptorWatch
        let unfinished: @Sendable (Unfinished) -> Void
        var deadline: DispatchTime
        var hasSpoken = false
    }
    private struct State {
        var bound: Int
        var silence: Double
        var negotiation: Double
        /// Oldest first.
        var held: [Held] = []
        var last: UInt64 = 0
        var timerIsSet = false

        /// When the timer is to be set, if it is not.
        mutating func nextTimer() -> DispatchTime? {
            guard !timerIsSet, let next = held.map(\.deadline).min() else { return nil }
            timerIsSet = true
            return next
        }
    }

    private let queue = DispatchQueue(label: "antipode.intake.silent")
    private let state: Mutex<State>

    /// - Parameters:
    ///   - silence: seconds from connect to the first byte.
    ///   - negotiation: seconds from there to the end of the first message.
    init(bound: Int, silence: Double, negotiation: Double) {
        state = Mutex(State(bound: max(1, bound), silence: silence, negotiation: negotiation))
    }

    var count: Int { state.withLock { $0.held.count } }

    func reload(bound: Int, silence: Double, negotiation: Double) {
        state.withLock { state in
            state.bound = max(1, bound)
            state.silence = silence
            state.negotiation = negotiation
        }
    }

    /// Takes over the socket. `spoken` gets it when its first message is there, or what came cannot become one, on this
    /// object's queue, and then owns it; a connection that stays silent, or that ends, is closed without a word. Beyond
    /// the bound the oldest goes. `unfinished` is told of one that began and did not come to an end in time.
    func hold(
        _ socket: CInt, spoken: @escaping @Sendable (CInt) -> Void,
        unfinished: @escaping @Sendable (Unfinished) -> Void = { _ in }
    ) {
        queue.async { self.begin(socket, spoken, unfinished) }
    }

    func whenItsTurnComes(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

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

    private func begin(
        _ socket: CInt, _ spoken: @escaping @Sendable (CInt) -> Void,
        _ unfinished: @escaping @Sendable (Unfinished) -> Void
    ) {
        let number: UInt64 = state.withLock { state in
            state.last += 1
            return state.last
        }
        let watch = DescriptorWatch.readable(socket, on: queue) { [weak self] in
            self?.heard(number, spoken)
        }
        let (dropped, next): (Held?, DispatchTime?) = state.withLock { state in
            state.held.append(
                Held(
                    number: number, socket: socket, watch: watch, unfinished: unfinished,
                    deadline: .now() + state.silence))
            let dropped = state.held.count > state.bound ? state.held.removeFirst() : nil
            return (dropped, state.nextTimer())
        }
        dropped?.watch.cancel()
        if let next { setTimer(next) }
    }

    private func heard(_ number: UInt64, _ spoken: @Sendable (CInt) -> Void) {
        // The watch cannot close the socket meanwhile: its cancellation runs on this queue.
        guard let socket = state.withLock({ $0.held.first { $0.number == number }?.socket }) else { return }
        switch FirstMessage.look(at: socket) {
        case .incomplete:
            state.withLock { state in
                guard let index = state.held.firstIndex(where: { $0.number == number }),
                    !state.held[index].hasSpoken
                else { return }
                state.held[index].hasSpoken = true
                state.held[index].deadline = .now() + state.negotiation
            }
        case .complete:
            // The watch closes its own descriptor; the connection goes on under another.
            let copy = fcntl(socket, F_DUPFD_CLOEXEC, 0)
            letGo(number)
            if copy >= 0 { spoken(copy) }
        case .ended:
            letGo(number)
        }
    }

    private func letGo(_ number: UInt64) {
        let held: Held? = state.withLock { state in
            guard let index = state.held.firstIndex(where: { $0.number == number }) else { return nil }
            return state.held.remove(at: index)
        }
        held?.watch.cancel()
    }

    private func setTimer(_ time: DispatchTime) {
        queue.asyncAfter(deadline: time) { [weak self] in self?.expire() }
    }

    private func expire() {
        let (expired, next): ([Held], DispatchTime?) = state.withLock { state in
            let now = DispatchTime.now()
            let expired = state.held.filter { $0.deadline <= now }
            state.held.removeAll { $0.deadline <= now }
            state.timerIsSet = false
            return (expired, state.nextTimer())
        }
        for one in expired {
            if one.hasSpoken { one.unfinished(Unfinished(bytes: FirstMessage.waiting(on: one.socket))) }
            one.watch.cancel()
        }
        if let next { setTimer(next) }
    }
}
