// What could not be done now, and when to try again.

import DICOMVocabulary
import Forwarding
import Foundation
import Synchronization

/// Studies to be planned, or reports to be restored, whose own trouble keeps them from going on: each is left alone for
/// ever longer, and the workers that died of it are counted. In memory: the daemon itself never dies of an object, and
/// after a restart each is tried at once. Safe from any task.
final class Deferrals: Sendable {
    private struct Entry {
        var failures = 0
        var deaths = 0
        /// Of `failures`, those in which something could not be read, by their code.
        var readings: [Failure.Code: Int] = [:]
        var until = Date.distantPast
    }

    /// Failures that pass by themselves are fewer.
    private static let patience = 5
    /// Seconds after which one that was due and not tried again was ended by somebody, or could not be tried: it begins anew.
    private static let memory = 86_400.0

    private let entries = Mutex([Int64: Entry]())
    private let backoff: Backoff
    /// Draws from 0..<1.
    private let draw: @Sendable () -> Double

    init(
        backoff: Backoff = Backoff(minimum: 5, maximum: 600),
        draw: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.backoff = backoff
        self.draw = draw
    }

    /// Puts it off, and says how many workers died of it so far.
    func deaths(of id: Int64, adding failure: Failure, at now: Date) -> Int {
        let draw = draw()
        return entries.withLock { entries in
            entries = entries.filter { $0.key == id || now.timeIntervalSince($0.value.until) < Self.memory }
            var entry = entries[id] ?? Entry()
            entry.failures += 1
            if failure.isDeath { entry.deaths += 1 }
            if failure.isOfReading { entry.readings[failure.code, default: 0] += 1 }
            entry.until = now.addingTimeInterval(backoff.delay(failures: entry.failures, draw: draw))
            entries[id] = entry
            return entry.deaths
        }
    }

    /// What a person is asked when it could not be read once more; nil while it may be only slow, and for other trouble.
    func hopeless(_ id: Int64, after failure: Failure) -> Failure? {
        failure.hopeless(after: entries.withLock { $0[id]?.readings[failure.code] ?? 0 })
    }

    /// Those that are not to be tried now. One that waits longer than any may was put off by a clock that ran ahead.
    func waiting(at now: Date) -> [Int64] {
        entries.withLock { entries in
            entries.filter { $0.value.until > now && $0.value.until.timeIntervalSince(now) <= backoff.maximum }.map(
                \.key)
        }
    }

    /// Those that were put off so often that somebody is to be told. A person may have ended some of them meanwhile.
    var overdue: [Int64] {
        entries.withLock { entries in entries.filter { $0.value.failures >= Self.patience }.keys.sorted() }
    }

    /// It went on, or a person is asked about it.
    func forget(_ id: Int64) { entries.withLock { _ = $0.removeValue(forKey: id) } }

    /// Why it is set aside after so many workers died of it.
    static func setAside(_ deaths: Int, after failure: Failure, hint: String) -> Failure {
        Failure(
            .setAside, .person, .instance, detail: "\(deaths) workers died of it: \(failure.detail)", hint: hint)
    }
}
