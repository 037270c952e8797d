// How long to wait before the next attempt.

/// Doubles from `minimum` to `maximum` seconds. Half of each delay is fixed and half is drawn, so that destinations that
/// failed together do not come back together.
package struct Backoff: Sendable, Hashable {
    package let minimum: Double
    package let maximum: Double

    package init(minimum: Double, maximum: Double) {
        self.minimum = minimum
        self.maximum = max(minimum, maximum)
    }

    /// - Parameters:
    ///   - failures: consecutive failures so far, from 1.
    ///   - draw: a random number in 0..<1.
    package func delay(failures: Int, draw: Double) -> Double {
        // 2^30 times any sensible minimum is past any sensible maximum; the bound keeps the power finite.
        let doublings = Double(1 << min(max(failures - 1, 0), 30))
        let ceiling = min(maximum, minimum * doublings)
        return ceiling * (0.5 + draw / 2)
    }
}
