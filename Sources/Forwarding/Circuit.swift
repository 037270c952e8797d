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

    /// How many associations the destination was found to take at once, fewer than the site allows.
    private struct Room: Hashable {
        var lanes: Int
        var refusals: Int
        /// When one more is tried.
        var until: Date
    }

    package private(set) var state = State.closed
    package private(set) var failures = 0
    private var room: Room?
    private let backoff: Backoff
    private let threshold: Int

    package init(backoff: Backoff, threshold: Int) {
        self.backoff = backoff
        self.threshold = max(1, threshold)
    }

    /// How many lanes may be open now, of `bound`. Moves from open to half open when the time has come.
    package mutating func lanesAllowed(of bound: Int, at now: Date) -> Int {
        switch state {
        case .closed:
            guard let room else { return bound }
            return min(bound, now < room.until ? room.lanes : room.lanes + 1)
        case .halfOpen: return 1
        case .open(let until):
            // A pause longer than any can be: the clock was set back, and nobody is to wait until it has caught up.
            guard now >= until || until.timeIntervalSince(now) > backoff.maximum else { return 0 }
            state = .halfOpen
            return 1
        }
    }

    /// An association was established, so that `standing` of them stand now. That alone closes no circuit: a peer that
    /// takes associations and answers no object would be tried without a pause. But its lane may go on.
    package mutating func associated(standing: Int, at now: Date) {
        if case .open = state { state = .halfOpen }
        if let room, standing > room.lanes { self.room = Room(lanes: standing, refusals: 0, until: now) }
    }

    /// An object was answered, whatever was said about it, or an association ended well.
    package mutating func succeeded() {
        failures = 0
        state = .closed
    }

    /// No further association was to be had while `standing` others stand: the peer's limit, and no failure of the road.
    /// Refusals that come together count once.
    package mutating func crowded(standing: Int, at now: Date, draw: Double) {
        let lanes = max(1, standing)
        if let room, now < room.until {
            self.room = Room(lanes: lanes, refusals: room.refusals, until: room.until)
        } else {
            let refusals = (room?.refusals ?? 0) + 1
            let delay = backoff.delay(failures: refusals, draw: draw)
            room = Room(lanes: lanes, refusals: refusals, until: now.addingTimeInterval(delay))
        }
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
        room = nil
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
