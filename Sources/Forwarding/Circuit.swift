// Whether a destination is worth connecting to: a pure state machine, time and chance passed in.

package import Foundation

/// The circuit of one destination. Fed only by connections and associations, never by the status of one object: one
/// bad instance must not close a road.
package struct Circuit: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        /// All lanes may open.
        case closed
        /// No lane opens before the date.
        case open(until: Date)
        /// One lane is trying the road.
        case halfOpen
    }

    package private(set) var state = State.closed
    package private(set) var failures = 0
    private let backoff: Backoff
    private let threshold: Int

    package init(backoff: Backoff, threshold: Int) {
        self.backoff = backoff
        self.threshold = max(1, threshold)
    }

    /// How many lanes may be open now, of `bound`. Moves from open to half open when the time has come.
    package mutating func lanesAllowed(of bound: Int, at now: Date) -> Int {
        switch state {
        case .closed: return bound
        case .halfOpen: return 1
        case .open(let until):
            guard now >= until else { return 0 }
            state = .halfOpen
            return 1
        }
    }

    /// An association was established, or an object was answered over it.
    package mutating func succeeded() {
        failures = 0
        state = .closed
    }

    /// A connection or an association failed. Lanes that fail together while the circuit is open count once.
    package mutating func failed(at now: Date, draw: Double) {
        if case .open(let until) = state, now < until { return }
        failures += 1
        if state == .halfOpen || failures >= threshold {
            state = .open(until: now.addingTimeInterval(backoff.delay(failures: failures, draw: draw)))
        }
    }

    /// An operator asks to try at once.
    package mutating func tryNow() {
        if case .open = state { state = .halfOpen }
    }

    /// When the next try is due, if the circuit is open.
    package var retryAt: Date? {
        if case .open(let until) = state { until } else { nil }
    }

    /// The word of `DestinationView.circuit`.
    package var word: String {
        switch state {
        case .closed: "closed"
        case .open: "open"
        case .halfOpen: "halfOpen"
        }
    }
}
