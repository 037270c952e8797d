// How long something took that was done many times.

import Glibc

/// Times of one step, in microseconds.
struct StepTimes: Codable, Sendable {
    var count = 0
    var median = 0.0
    var slowest1Percent = 0.0
    var mean = 0.0
    /// User and system time of all threads of this process; nil where other processes did the work.
    var processor: Double?
}

/// Collects the times of one step. Used by one task.
struct Stopwatch {
    private var seconds: [Double] = []
    private var processorSeconds = 0.0

    mutating func time<T>(_ body: () async throws -> T) async rethrows -> T {
        let before = Self.processorTime()
        let start = ContinuousClock.now
        let result = try await body()
        seconds.append((ContinuousClock.now - start) / .seconds(1))
        processorSeconds += Self.processorTime() - before
        return result
    }

    /// `ownWork`: whether the time of this process's processor says anything about the step.
    func times(ownWork: Bool = true) -> StepTimes {
        guard !seconds.isEmpty else { return StepTimes() }
        let sorted = seconds.sorted()
        let scale = 1e6
        return StepTimes(
            count: sorted.count, median: sorted[sorted.count / 2] * scale,
            slowest1Percent: sorted[min(sorted.count - 1, sorted.count * 99 / 100)] * scale,
            mean: sorted.reduce(0, +) / Double(sorted.count) * scale,
            processor: ownWork ? processorSeconds / Double(sorted.count) * scale : nil)
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
