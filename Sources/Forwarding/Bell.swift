// A loop that sleeps until something happens or a time comes.

import Dispatch
import Synchronization

/// Rung from anywhere, waited for by one task. A ring while nobody waits is remembered, once.
package final class Bell: Sendable {
    private struct State {
        var rung = false
        var wait: UInt64 = 0
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    package init() {}

    package func ring() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            state.rung = waiter == nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns when the bell rings, when `seconds` have passed, or when the task is cancelled. One task at a time.
    package func wait(atMost seconds: Double) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let number: UInt64? = state.withLock { state in
                    state.wait += 1
                    if state.rung || Task.isCancelled || seconds <= 0 {
                        state.rung = false
                        return nil
                    }
                    state.waiter = continuation
                    return state.wait
                }
                guard let number else { return continuation.resume() }
                DispatchQueue.global().asyncAfter(deadline: .now() + min(seconds, 86_400)) { [weak self] in
                    self?.timeOut(number)
                }
            }
        } onCancel: {
            ring()
        }
    }

    private func timeOut(_ number: UInt64) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.wait == number else { return nil }
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}
