// Clocks that are wrong, are set, or run while nobody is here.

import DICOMVocabulary
import Forwarding
import Foundation
import Journal
import Logging
import Reports
import Synchronization

/// The wall clock beside one that nobody sets: pure, both passed in.
struct ClockWatch: Sendable {
    /// Seconds; less is a clock that is being steered.
    private static let tolerance = 5.0

    private var wall: Date
    private var steady: ContinuousClock.Instant

    init(wall: Date, steady: ContinuousClock.Instant) {
        self.wall = wall
        self.steady = steady
    }

    /// Seconds by which the wall clock was set since the last look, negative when it was set back; nil if it was not.
    mutating func look(wall: Date, steady: ContinuousClock.Instant) -> Double? {
        defer { (self.wall, self.steady) = (wall, steady) }
        let step = wall.timeIntervalSince(self.wall) - (steady - self.steady) / .seconds(1)
        return abs(step) > Self.tolerance ? step : nil
    }
}

/// Keeps what waits for a time from waiting for a wrong one. The journal's times are the wall clock's, because people read
/// them; after a jump they are put right here. Safe from any task.
final class Timekeeper: Sendable {
    /// Seconds for which nothing is swept after the clock went ahead by more than a day: it may be about to be set right.
    private static let doubt = 3600.0
    private static let day = 86_400.0

    private struct State {
        var watch: ClockWatch
        var doubtUntil: ContinuousClock.Instant?
    }
    private let journal: JournalDatabase
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let steady: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    init(
        journal: JournalDatabase, logger: Logger, now: @escaping @Sendable () -> Date,
        steady: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.journal = journal
        self.logger = logger
        self.now = now
        self.steady = steady
        state = Mutex(State(watch: ClockWatch(wall: now(), steady: steady())))
    }

    /// At a start nobody knows how long it was: nothing may wait longer than the settings can make it wait, and the time
    /// since the newest event gives no question up.
    func start(_ settings: GatewaySettings) async throws(Failure) {
        let now = now()
        let attempts = settings.destinations.map(\.retry.maximum).max() ?? 0
        let reports = settings.reports.flatMap { [$0.interval, $0.firstPoll, $0.giveUp / 10] }
        let commitments = settings.destinations.compactMap(\.commitment?.answer)
        let questions = (reports + commitments + [attempts, 600]).max() ?? 0
        try await journal.bringForward(
            attemptsAfter: now.addingTimeInterval(attempts), questionsAfter: now.addingTimeInterval(questions), at: now)
        guard let newest = try await journal.newestEvent() else { return }
        let gap = now.timeIntervalSince(newest)
        if gap > Self.day {
            doubt()
            try await journal.prolongQuestions(by: gap, at: now)
        }
        if abs(gap) > Self.day {
            logger.warning(
                "The clock and the journal's newest event are far apart", metadata: ["seconds": "\(Int(gap))"])
        }
    }

    /// Called every few seconds. True when the clock was set back: whatever waits in memory is worth trying at once too.
    func look() async -> Bool {
        let now = now()
        guard let step = state.withLock({ $0.watch.look(wall: now, steady: steady()) }) else { return false }
        logger.warning("The clock was set", metadata: ["seconds": "\(Int(step))"])
        if step > Self.day { doubt() }
        do throws(Failure) {
            try await journal.record(
                event: EventRecord(at: now, kind: "clockSet", detail: "by \(Int(step)) seconds"))
            if step < 0 {
                try await journal.bringForward(attemptsAfter: now, questionsAfter: now, at: now)
            } else {
                try await journal.prolongQuestions(by: step, at: now)
            }
        } catch {
            logger.error(
                "What waits could not be put right after the clock was set", metadata: ["detail": "\(error.detail)"])
        }
        return step < 0
    }

    /// Whether the clock can be believed when it says that files are old.
    var isTrusted: Bool {
        state.withLock { state in state.doubtUntil.map { steady() >= $0 } ?? true }
    }

    private func doubt() {
        let until = steady() + .seconds(Self.doubt)
        state.withLock { $0.doubtUntil = until }
    }
}
