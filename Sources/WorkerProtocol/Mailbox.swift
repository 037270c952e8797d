// What a worker said and nobody has read yet.

import Dispatch
import Synchronization

/// One wait for a message.
package enum Reception<Message: Sendable>: Sendable {
    case message(Message)
    /// The worker is gone, and everything it said has been read.
    case ended
    /// Nothing came in time. Waiting again is allowed.
    case late
    /// The waiting task was cancelled. Nothing was lost.
    case cancelled
}

/// A queue from one writer to one reader that never blocks a thread. Time is the monotonic clock's.
final class Mailbox<Message: Sendable>: Sendable {
    private struct Waiter {
        let number: UInt64
        let deadline: DispatchTime?
        let continuation: CheckedContinuation<Reception<Message>, Never>
    }
    private struct State {
        var messages: [Message] = []
        var read = 0
        var ended = false
        var waiter: Waiter?
        var waits: UInt64 = 0
        /// Waits that were cancelled before they began.
        var cancelled: Set<UInt64> = []
        /// When the next timer fires.
        var timer: DispatchTime?
    }

    private let state = Mutex(State())
    private let bound: Int

    init(bound: Int) { self.bound = bound }

    var isEnded: Bool { state.withLock { $0.ended } }

    /// False when the reader is so far behind that the writer must be flooding it.
    func put(_ message: Message) -> Bool {
        let (waiter, fits): (Waiter?, Bool) = state.withLock { state in
            if state.ended { return (nil, true) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            state.messages.append(message)
            return (nil, state.messages.count - state.read <= bound)
        }
        waiter?.continuation.resume(returning: .message(message))
        return fits
    }

    func end() {
        let waiter: Waiter? = state.withLock { state in
            state.ended = true
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.continuation.resume(returning: .ended)
    }

    /// Waits for the next message, for `seconds` at most. One task at a time.
    func next(within seconds: Double?) async -> Reception<Message> {
        let number: UInt64 = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let deadline = seconds.map { DispatchTime.now() + max(0, min($0, 1e9)) }
                let waiter = Waiter(number: number, deadline: deadline, continuation: continuation)
                if let answer = answerOrWait(waiter, patient: seconds.map { $0 > 0 } ?? true) {
                    continuation.resume(returning: answer)
                }
            }
        } onCancel: {
            let waiter: Waiter? = state.withLock { state in
                guard let waiter = state.waiter, waiter.number == number else {
                    state.cancelled.insert(number)
                    return nil
                }
                state.waiter = nil
                return waiter
            }
            waiter?.continuation.resume(returning: .cancelled)
        }
    }

    private func answerOrWait(_ waiter: Waiter, patient: Bool) -> Reception<Message>? {
        var timer: DispatchTime?
        let answer: Reception<Message>? = state.withLock { state in
            precondition(state.waiter == nil, "a worker's messages have one reader")
            let wasCancelled = state.cancelled.contains(waiter.number)
            state.cancelled.removeAll()
            if wasCancelled { return .cancelled }
            if state.read < state.messages.count {
                let message = state.messages[state.read]
                state.read += 1
                if state.read == state.messages.count || state.read > 256 {
                    state.messages.removeFirst(state.read)
                    state.read = 0
                }
                return .message(message)
            }
            if state.ended { return .ended }
            if !patient { return .late }
            state.waiter = waiter
            if let deadline = waiter.deadline, state.timer.map({ deadline < $0 }) ?? true {
                state.timer = deadline
                timer = deadline
            }
            return nil
        }
        if let timer { setTimer(timer) }
        return answer
    }

    /// Few timers stand per mailbox, however many messages pass: one looks at the wait of the moment when it fires, and
    /// is set again if that one has time left.
    private func setTimer(_ deadline: DispatchTime) {
        DispatchQueue.global().asyncAfter(deadline: deadline) { [weak self] in self?.timerFired(deadline) }
    }

    private func timerFired(_ time: DispatchTime) {
        var again: DispatchTime?
        let waiter: Waiter? = state.withLock { state in
            if state.timer == time { state.timer = nil }
            guard let waiter = state.waiter, let deadline = waiter.deadline else { return nil }
            if deadline <= DispatchTime.now() {
                state.waiter = nil
                return waiter
            }
            if state.timer.map({ deadline < $0 }) ?? true {
                state.timer = deadline
                again = deadline
            }
            return nil
        }
        if let again { setTimer(again) }
        waiter?.continuation.resume(returning: .late)
    }
}
