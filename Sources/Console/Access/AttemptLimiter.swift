// Slows down guessing of tokens, with a bounded memory of who guessed.

import Foundation
import Synchronization

/// Counts failed attempts by address within a sliding window. Safe from any task; time is passed in.
final class AttemptLimiter: Sendable {
    private struct Failures {
        var count: Int
        var since: Date
    }

    private let failures = Mutex<[String: Failures]>([:])
    private let allowed: Int
    private let window: TimeInterval
    private let addresses: Int

    /// `allowed` failures within `window` seconds for one address. Of more than `addresses` addresses the one that
    /// failed longest ago is forgotten: memory is bounded, and the tokens are too long to be guessed from many
    /// addresses.
    init(allowed: Int = 10, window: TimeInterval = 60, addresses: Int = 1024) {
        self.allowed = allowed
        self.window = window
        self.addresses = addresses
    }

    /// Seconds to wait before the next attempt is looked at; nil when one is welcome now.
    func wait(_ address: String, at now: Date) -> Int? {
        failures.withLock { failures in
            guard let known = failures[address], known.count >= allowed else { return nil }
            let left = window - now.timeIntervalSince(known.since)
            return left > 0 ? Int(left.rounded(.up)) : nil
        }
    }

    func failed(_ address: String, at now: Date) {
        failures.withLock { failures in
            if var known = failures[address], now.timeIntervalSince(known.since) < window {
                known.count += 1
                failures[address] = known
                return
            }
            if failures[address] == nil, failures.count >= addresses,
                let oldest = failures.min(by: { $0.value.since < $1.value.since })?.key
            {
                failures[oldest] = nil
            }
            failures[address] = Failures(count: 1, since: now)
        }
    }

    func succeeded(_ address: String) {
        failures.withLock { $0[address] = nil }
    }
}
