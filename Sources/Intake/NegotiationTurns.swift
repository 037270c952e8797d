// Turns at negotiating, so that one address does not take every worker.

import Synchronization

/// A worker is busy with a peer from the first message to the judgement: for as long as a handshake takes, and a peer that
/// stalls takes it to its deadline. Each address has a few turns at a time at each listener, and waits in line for more. Safe
/// from any task.
///
/// In a crowd, when far more wait than a handshake's time explains, most of them are stalling. Then the latest is served
/// first, for those before it are likely to be gone or to stall too, and who holds a turn for longer than a far road takes
/// gives way: a peer of the same address that does speak comes through within a second or so.
final class NegotiationTurns: Sendable {
    struct Origin: Hashable, Sendable {
        var address: String
        var listener: String
    }

    /// One that was taken, and is to be left.
    struct Turn: Sendable {
        fileprivate let origin: Origin
        fileprivate let number: UInt64
    }

    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }
    private struct Holder {
        let since: ContinuousClock.Instant
        var giveWay: (@Sendable () -> Void)?
        var gaveWay = false
    }
    private struct Line {
        var holders: [UInt64: Holder] = [:]
        var waiters: [Waiter] = []
        var isWatched = false
    }
    private struct State {
        var bound: Int
        var lines: [Origin: Line] = [:]
        var last: UInt64 = 0

        func isCrowded(_ line: Line) -> Bool { line.waiters.count > 4 * bound }
    }

    /// Seconds that a handshake over a far road takes at the most: two or three round trips.
    static let farRoad = 1.0
    private static let look = 0.25

    private let pause: @Sendable (Double) async -> Void
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// `pause` and `now` are seams for tests.
    init(
        bound: Int, pause: @escaping @Sendable (Double) async -> Void = { try? await Task.sleep(for: .seconds($0)) },
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        state = Mutex(State(bound: bound))
        self.pause = pause
        self.now = now
    }

    func waiting(_ origin: Origin) -> Int { state.withLock { $0.lines[origin]?.waiters.count ?? 0 } }

    /// Takes effect for the next turn.
    func reload(bound: Int) { state.withLock { $0.bound = bound } }

    /// The turn, when it has come; nil after `seconds`.
    func take(_ origin: Origin, within seconds: Double) async -> Turn? {
        let number: UInt64 = state.withLock { state in
            state.last += 1
            return state.last
        }
        let overdue = Task { [pause] in
            await pause(seconds)
            if !Task.isCancelled { giveUp(origin, number) }
        }
        defer { overdue.cancel() }
        let came = await withCheckedContinuation { continuation in
            let (comesNow, isToBeWatched) = state.withLock { state in
                var line = state.lines[origin] ?? Line()
                defer { state.lines[origin] = line }
                if line.holders.count < state.bound {
                    line.holders[number] = Holder(since: now())
                    return (true, false)
                }
                line.waiters.append(Waiter(number: number, continuation: continuation))
                guard state.isCrowded(line), !line.isWatched else { return (false, false) }
                line.isWatched = true
                return (false, true)
            }
            if comesNow { continuation.resume(returning: true) }
            if isToBeWatched { watch(origin) }
        }
        return came ? Turn(origin: origin, number: number) : nil
    }

    /// `giveWay` is called once if others have to be let through; the turn is still to be left.
    func hold(_ turn: Turn, giveWay: @escaping @Sendable () -> Void) {
        state.withLock { $0.lines[turn.origin]?.holders[turn.number]?.giveWay = giveWay }
    }

    func gaveWay(_ turn: Turn) -> Bool {
        state.withLock { $0.lines[turn.origin]?.holders[turn.number]?.gaveWay ?? false }
    }

    func leave(_ turn: Turn) {
        let next: Waiter? = state.withLock { state in
            guard var line = state.lines[turn.origin], line.holders.removeValue(forKey: turn.number) != nil else {
                return nil
            }
            let next =
                line.waiters.isEmpty || line.holders.count >= state.bound
                ? nil : state.isCrowded(line) ? line.waiters.removeLast() : line.waiters.removeFirst()
            if let next { line.holders[next.number] = Holder(since: now()) }
            state.lines[turn.origin] = line.holders.isEmpty && !line.isWatched ? nil : line
            return next
        }
        next?.continuation.resume(returning: true)
    }

    private func giveUp(_ origin: Origin, _ number: UInt64) {
        let late: Waiter? = state.withLock { state in
            guard let index = state.lines[origin]?.waiters.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            return state.lines[origin]?.waiters.remove(at: index)
        }
        late?.continuation.resume(returning: false)
    }

    /// As long as it is crowded.
    private func watch(_ origin: Origin) {
        Task { [pause] in
            repeat { await pause(Self.look) } while makeWay(origin)
        }
    }

    /// Ends what stands still. Whether the line is still crowded.
    func makeWay(_ origin: Origin) -> Bool {
        let limit = now() - .seconds(Self.farRoad)
        let (isCrowded, late): (Bool, [@Sendable () -> Void]) = state.withLock { state in
            guard var line = state.lines[origin] else { return (false, []) }
            guard state.isCrowded(line) else {
                line.isWatched = false
                state.lines[origin] = line.holders.isEmpty ? nil : line
                return (false, [])
            }
            let late = line.holders.filter { $0.value.since <= limit && !$0.value.gaveWay && $0.value.giveWay != nil }
            for number in late.keys { line.holders[number]?.gaveWay = true }
            state.lines[origin] = line
            return (true, late.values.compactMap(\.giveWay))
        }
        for giveWay in late { giveWay() }
        return isCrowded
    }
}
