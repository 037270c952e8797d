// How many lanes are worth having: a pure state machine, time passed in.

/// Lanes are opened while they add throughput, up to the site's bound. On a short road a few fill the processor or the
/// peer, and each further one is on trial: it stays if more comes through with it. On a long road an object waits for a
/// round trip, so that many lanes are opened at once; a connection's round trip, or how long an association took to open, tells the two apart.
package struct LaneGrowth: Sendable, Hashable {
    package typealias Instant = ContinuousClock.Instant

    private static let firstLanes = 2
    private static let firstLanesOfALongRoad = 16
    /// Compressed objects are half as long or less: so many more are under way on a road that is full.
    private static let firstLanesCompressed = 24
    /// Seconds of one round trip; and of an association that is opened with TLS, which are four, whoever stands between.
    private static let (longRoundTrip, longOpening) = (0.02, 0.15)
    /// What comes through has to grow by so much of what lanes were added by, for them to stay: beyond what chance makes of it.
    private static let gain = 0.4
    /// A measurement is at least so long, and of at least so many answers for each lane.
    private static let window = Duration.milliseconds(500)
    private static let answersPerLane = 3
    /// After a trial that failed; each further failure doubles it, for a trial costs a full road some of what it carries.
    private static let (shortestRest, longestRest) = (Duration.seconds(20), Duration.seconds(640))

    /// Where so much more comes through than when a trial failed, something else filled the machine or the road then, and the answer
    /// holds no more.
    private static let change = 1.5

    private struct Measurement: Hashable {
        var begin: Instant
        var bytes: Int64 = 0
        var answers = 0
    }
    private struct Trial: Hashable {
        var lanesBefore: Int
        var bytesPerSecondBefore: Double
        /// On a long road the first measurement is of lanes in their slow start, and says nothing.
        var hasSettled = false
    }

    /// So many lanes may be open.
    package private(set) var wanted: Int
    private let bound: Int
    private let firstOfLongRoad: Int
    private var isLong = false
    private var measurement: Measurement?
    private var trial: Trial?
    private var noTrialBefore: Instant?
    /// What came through at most when the last trial failed.
    private var bytesPerSecondThen: Double?
    private var rest = Self.shortestRest

    /// - Parameter compresses: objects leave compressed, where that pays.
    package init(bound: Int, compresses: Bool = false) {
        self.bound = max(1, bound)
        firstOfLongRoad = min(self.bound, compresses ? Self.firstLanesCompressed : Self.firstLanesOfALongRoad)
        wanted = min(self.bound, Self.firstLanes)
    }

    /// A connection stands, over a road of so many seconds there and back.
    package mutating func connected(roundTrip: Double) {
        if roundTrip > Self.longRoundTrip { isOfLongRoad() }
    }

    /// An association was established, so many seconds after it was asked for.
    package mutating func opened(seconds: Double) {
        measurement = nil
        if seconds > Self.longOpening { isOfLongRoad() }
    }

    private mutating func isOfLongRoad() {
        isLong = true
        wanted = max(wanted, firstOfLongRoad)
    }

    /// A lane has ended: what was measured with it says nothing of the others.
    package mutating func closed() { measurement = nil }

    /// Every open lane holds an object that does not come to its end, and others wait.
    package mutating func stalled() {
        measurement = nil
        trial = nil
        wanted = min(bound, wanted * 2)
    }

    /// Nothing waits any more: what the road carries by the next time is measured anew.
    package mutating func rested() {
        measurement = nil
        if let trial { wanted = trial.lanesBefore }
        trial = nil
    }

    /// An object was answered, while so many lanes stand and all of them have something to do.
    package mutating func answered(bytes: Int64, lanes: Int, at now: Instant) {
        guard lanes >= wanted else {
            measurement = nil
            return
        }
        guard var running = measurement else {
            measurement = Measurement(begin: now)
            return
        }
        running.bytes += bytes
        running.answers += 1
        measurement = running
        let time = now - running.begin
        guard time >= Self.window, running.answers >= Self.answersPerLane * lanes else { return }
        judge(Double(running.bytes) / (time / .seconds(1)), at: now)
        measurement = Measurement(begin: now)
    }

    private mutating func judge(_ bytesPerSecond: Double, at now: Instant) {
        if let trial {
            // Lanes in their slow start take nothing from those that were there, unless the road is full.
            if isLong, !trial.hasSettled, bytesPerSecond > trial.bytesPerSecondBefore {
                self.trial?.hasSettled = true
                return
            }
            self.trial = nil
            let added = Double(wanted - trial.lanesBefore) / Double(trial.lanesBefore)
            guard bytesPerSecond > trial.bytesPerSecondBefore * (1 + added * Self.gain) else {
                wanted = trial.lanesBefore
                noTrialBefore = now + rest
                bytesPerSecondThen = max(bytesPerSecond, trial.bytesPerSecondBefore)
                rest = min(rest * 2, Self.longestRest)
                return
            }
            rest = Self.shortestRest
        }
        if let then = bytesPerSecondThen, bytesPerSecond > then * Self.change {
            (noTrialBefore, bytesPerSecondThen) = (nil, nil)
        }
        guard wanted < bound, noTrialBefore.map({ now >= $0 }) ?? true else { return }
        trial = Trial(lanesBefore: wanted, bytesPerSecondBefore: bytesPerSecond)
        // On a long road there are many already, and half as many again would overflow the queue of one that is full.
        wanted = min(bound, wanted + max(1, wanted / (isLong ? 4 : 2)))
    }
}
