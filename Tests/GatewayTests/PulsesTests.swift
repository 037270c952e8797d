import Foundation
import GatewayTesting
import Synchronization
import Testing
import WorkerProtocol

@testable import Gateway

@Suite struct PulsesTests {
    private final class Clock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(by seconds: Double) { instant.withLock { $0 = $0 + .seconds(seconds) } }
    }

    private let clock = Clock()
    private var pulses: Pulses { Pulses(now: { [clock] in clock.now }) }

    @Test("A stage that does not beat in time is stuck, and one that does again is not")
    func stuck() {
        let pulses = pulses
        pulses.beat("planner")
        pulses.beat("journal", within: 10)
        clock.advance(by: 11)
        #expect(pulses.stuck == ["journal"])
        pulses.beat("journal", within: 10)
        #expect(pulses.stuck.isEmpty)
        clock.advance(by: Pulses.patience)
        #expect(pulses.stuck == ["journal", "planner"])
    }

    @Test("A question is answered from its first asking on: asking again gives no more time")
    func expected() {
        let pulses = pulses
        pulses.expect("listener lan", within: 10)
        clock.advance(by: 6)
        pulses.expect("listener lan", within: 10)
        clock.advance(by: 6)
        #expect(pulses.stuck == ["listener lan"])
    }

    @Test("A stage that has ended is not waited for")
    func ended() {
        let pulses = pulses
        pulses.beat("lane 1 to sydney", within: 5)
        pulses.end("lane 1 to sydney")
        clock.advance(by: 100)
        #expect(pulses.stuck.isEmpty)
    }

    @Test("A lane with an instance of any size has a time that can be counted")
    func long() {
        let pulses = pulses
        pulses.beat("lane", within: .infinity)
        clock.advance(by: 1e6)
        #expect(pulses.stuck.isEmpty)
    }
}

@Suite struct SpoolQuotaTests {
    @Test("What fits is taken, what does not is not, and a recount gives room again")
    func quota() {
        let quota = SpoolQuota(maximum: 1000)
        #expect(quota.hasRoom(for: 1000))
        quota.add(900)
        #expect(quota.hasRoom(for: 100) && !quota.hasRoom(for: 101))
        quota.recount(0)
        #expect(quota.hasRoom(for: 1000))
        quota.reload(maximum: 10)
        #expect(!quota.hasRoom(for: 11))
    }

    @Test("Without a maximum there is room for everything")
    func none() {
        let quota = SpoolQuota(maximum: 0)
        quota.add(.max / 2)
        #expect(quota.hasRoom(for: 1 << 40))
    }

    @Test("An object beyond it is refused with A700 and its file is not kept")
    func refused() async throws {
        let bench = try Bench()
        let quota = SpoolQuota(maximum: 1500)
        let reception = Gateway.Reception(
            journal: bench.journal, door: bench.door, spool: bench.state.spool, quota: quota,
            logger: bench.state.logs.logger, now: bench.clock.now, rules: { bench.state.settings.rules },
            reportArrived: {})
        let source = bench.state.source("ct1")
        let first = await reception.store(FakeStudy().instance(1), from: source, calledAE: "ANTIPODE").0
        let second = await reception.store(FakeStudy().instance(2), from: source, calledAE: "ANTIPODE").0
        #expect(first.status == 0 && first.keepFile)
        #expect(second.status == 0xA700 && !second.keepFile)
    }
}
