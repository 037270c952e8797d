import Testing

@testable import Forwarding

@Suite("A bandwidth cap over all lanes of a destination")
struct AllowanceTests {
    private let rate: Int64 = 1 << 20

    @Test("Many lanes together never carry more than the cap allows, and as much as it does")
    func average() {
        var allowance = Allowance()
        let start = ContinuousClock.now
        var now = 0.0
        var bytes: Int64 = 0
        while now < 60 {
            let pause = allowance.take(bytesPerSecond: rate, at: start + .seconds(now))
            if pause > 0 {
                now += pause
                continue
            }
            let size: Int64 = bytes % 3 == 0 ? 200_000 : 900_001
            allowance.correct(to: size, bytesPerSecond: rate, at: start + .seconds(now))
            bytes += size
        }
        let carried = Double(bytes) / (60 * Double(rate))
        #expect(carried > 0.97 && carried < 1.03, "\(carried)")
    }

    @Test("Lanes that come together are let through one after the other")
    func together() {
        var allowance = Allowance()
        let now = ContinuousClock.now
        let pauses = [allowance.take(bytesPerSecond: rate, at: now), allowance.take(bytesPerSecond: rate, at: now)]
        #expect(pauses[0] == 0 && pauses[1] > 0)
    }

    @Test("A lane that found nothing gives back what it took")
    func nothing() {
        var allowance = Allowance()
        let now = ContinuousClock.now
        let first = allowance.take(bytesPerSecond: rate, at: now)
        allowance.correct(to: 0, bytesPerSecond: rate, at: now)
        let second = allowance.take(bytesPerSecond: rate, at: now)
        #expect(first == 0 && second == 0)
    }

    @Test("What left compressed takes less of the line")
    func compressed() {
        var allowance = Allowance()
        let now = ContinuousClock.now
        _ = allowance.take(bytesPerSecond: rate, at: now)
        allowance.correct(to: 10 << 20, bytesPerSecond: rate, at: now)
        let before = allowance.take(bytesPerSecond: rate, at: now)
        #expect(before > 9.9)
        allowance.sent(4 << 20, for: 10 << 20, bytesPerSecond: rate, at: now)
        let pause = allowance.take(bytesPerSecond: rate, at: now)
        #expect(pause > 3.9 && pause < 4.1, "\(pause)")
    }
}
