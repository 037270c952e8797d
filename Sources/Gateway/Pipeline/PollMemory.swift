// What went wrong with questions to readers, so that it is repeated ever more seldom.

import DICOMVocabulary
import Forwarding
import Foundation
import Synchronization
import WorkerProtocol

/// By transfer: the reports that its reader named and did not give, each left alone for ever longer while the others are
/// asked for, and the workers that died of the question. In memory, as with `Deferrals`: after a restart each is tried at
/// once. An entry ends with its question. Safe from any task.
final class PollMemory: Sendable {
    /// Seconds that a report is left alone at most.
    static let maximumRest = 3600.0

    private struct Refusal {
        var failures = 0
        var until = Date.distantPast
    }
    private struct Entry {
        var deaths = 0
        var refusals: [UID: Refusal] = [:]
    }

    private let entries = Mutex([Int64: Entry]())
    /// Draws from 0..<1.
    private let draw: @Sendable () -> Double

    init(draw: @escaping @Sendable () -> Double = { .random(in: 0..<1) }) { self.draw = draw }

    /// Reports that are not asked for now. One that rests longer than any may was put off by a clock that ran ahead.
    func resting(_ transfer: Int64, at now: Date) -> [UID] {
        entries.withLock { entries in
            (entries[transfer]?.refusals ?? [:]).filter { _, refusal in
                refusal.until > now && refusal.until.timeIntervalSince(now) <= Self.maximumRest
            }.map(\.key)
        }
    }

    /// The reader answered. `interval` is its own, in seconds; `resting` is what was left out of the question.
    func note(_ outcome: PollOutcome, of transfer: Int64, resting: [UID], interval: Double, at now: Date) {
        let resting = Set(resting)
        let backoff = Backoff(minimum: min(2 * interval, Self.maximumRest), maximum: Self.maximumRest)
        entries.withLock { entries in
            let old = entries[transfer]?.refusals ?? [:]
            // What was asked for and not refused came, or is not named any more.
            var refusals = old.filter { resting.contains($0.key) }
            for refused in outcome.refused {
                let failures = (old[refused.sopInstance]?.failures ?? 0) + 1
                refusals[refused.sopInstance] = Refusal(
                    failures: failures, until: now.addingTimeInterval(backoff.delay(failures: failures, draw: draw())))
            }
            entries[transfer] = refusals.isEmpty ? nil : Entry(refusals: refusals)
        }
    }

    /// Whether the reader named a report that it has not given.
    func isIncomplete(_ transfer: Int64) -> Bool {
        entries.withLock { $0[transfer]?.refusals.isEmpty == false }
    }

    /// The question failed. Says how many workers died of it in a row.
    func deaths(of transfer: Int64, adding failure: Failure) -> Int {
        entries.withLock { entries in
            var entry = entries[transfer] ?? Entry()
            if failure.isDeath { entry.deaths += 1 }
            entries[transfer] = entry
            return entry.deaths
        }
    }

    /// Nobody is asked any more.
    func forget(_ transfer: Int64) { entries.withLock { _ = $0.removeValue(forKey: transfer) } }
}

extension Failure {
    /// Whether a worker ended over it. A peer that is too slow is a failure of its road.
    var isDeath: Bool { (code == .workerDied || code == .workerTooSlow) && scope == .instance }
}
