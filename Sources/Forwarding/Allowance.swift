// What a capped line may carry next: pure, time passed in.

/// The bandwidth cap of one destination over all of its lanes. Each object takes its share of time on the line before the
/// next one begins, so that the average never exceeds the cap; within an object its lane keeps to the cap by itself.
/// What is urgent does not ask, and is not counted.
package struct Allowance: Sendable, Hashable {
    package typealias Instant = ContinuousClock.Instant

    /// Nobody waits for less.
    private static let instant = Duration.milliseconds(1)

    /// Until then the line is taken.
    private var taken: Instant?
    /// Bytes of a usual object: what a lane takes that does not know its object yet.
    private var usual: Int64 = 512 << 10

    package init() {}

    /// Seconds until an object that is not urgent may begin; 0 takes the line for one of the usual size.
    package mutating func take(bytesPerSecond: Int64, at now: Instant) -> Double {
        if let taken, taken - now > Self.instant { return (taken - now) / .seconds(1) }
        occupy(usual, bytesPerSecond, now)
        return 0
    }

    /// What the line was taken for turned out to be another number of bytes: of an object that was found, or none.
    package mutating func correct(to bytes: Int64, bytesPerSecond: Int64, at now: Instant) {
        occupy(bytes - usual, bytesPerSecond, now)
        if bytes > 0 { usual = (usual * 7 + bytes) / 8 }
    }

    /// An object that took the line for `bytes` left in another number.
    package mutating func sent(_ actual: Int64, for bytes: Int64, bytesPerSecond: Int64, at now: Instant) {
        occupy(actual - bytes, bytesPerSecond, now)
    }

    private mutating func occupy(_ bytes: Int64, _ bytesPerSecond: Int64, _ now: Instant) {
        taken = max(taken ?? now, now) + .seconds(Double(bytes) / Double(max(1, bytesPerSecond)))
    }
}
