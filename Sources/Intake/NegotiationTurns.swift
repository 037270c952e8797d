// Turns at negotiating, so that one address does not take every worker.

import Synchronization

/// A worker is busy with a peer from the first message to the judgement: for as long as a handshake takes, and a peer that
/// stalls takes it to its deadline. Each address has a few turns at a time and waits in line for more. Safe from any task.
final class NegotiationTurns: Sendable {
    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }
    private struct Line {
        var taken = 0
        var waiters: [Waiter] = []
    }
    private struct State {
        var lines: [String: Line] = [:]
        var last: UInt64 = 0
    }
    private let bound: Int
    private let pause: @Sendable (Double) async -> Void
    private let state = Mutex(State())

    /// `pause` is a seam for tests.
    init(
        bound: Int = 8, pause: @escaping @Sendable (Double) async -> Void = { try? await Task.sleep(for: .seconds($0)) }
    ) {
        self.bound = bound
        self.pause = pause
    }

    /// True when the turn has come, and `leave` is then to be called; false after `seconds`.
    func take(_ address: String, within seconds: Double) async -> Bool {
        let number: UInt64 = state.withLock { state in
            state.last += 1
            return state.last
        }
        let overdue = Task { [pause] in
            await pause(seconds)
            if !Task.isCancelled { giveUp(address, number) }
        }
        defer { overdue.cancel() }
        return await withCheckedContinuation { continuation in
            let comesNow = state.withLock { state in
                var line = state.lines[address] ?? Line()
                defer { state.lines[address] = line }
                if line.taken < bound {
                    line.taken += 1
                    return true
                }
                line.waiters.append(Waiter(number: number, continuation: continuation))
                return false
            }
            if comesNow { continuation.resume(returning: true) }
        }
    }

    func leave(_ address: String) {
        let next: Waiter? = state.withLock { state in
            guard var line = state.lines[address] else { return nil }
            // The turn goes to the next in line as it is.
            let next = line.waiters.isEmpty ? nil : line.waiters.removeFirst()
            if next == nil { line.taken -= 1 }
            state.lines[address] = line.taken > 0 ? line : nil
            return next
        }
        next?.continuation.resume(returning: true)
    }

    private func giveUp(_ address: String, _ number: UInt64) {
        let late: Waiter? = state.withLock { state in
            guard let index = state.lines[address]?.waiters.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            return state.lines[address]?.waiters.remove(at: index)
        }
        late?.continuation.resume(returning: false)
    }
}
