import DICOMVocabulary
import Forwarding
import Foundation
import GatewayTesting
import Journal
import Reports
import Synchronization
import Testing

@testable import Gateway

@Suite("Clocks that are wrong or are set")
struct TimekeeperTests {
    private static let year = 365 * 86_400.0

    /// The clock that nobody sets, moved by hand.
    private final class Steady: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(by seconds: Double) { instant.withLock { $0 += .seconds(seconds) } }
    }

    private func timekeeper(_ bench: Bench, _ steady: Steady) -> Timekeeper {
        Timekeeper(
            journal: bench.journal, logger: bench.state.logs.logger, now: bench.clock.now, steady: { steady.now })
    }

    /// A planned study whose only instance is deferred for 60 s; its transfer.
    private func deferred(_ bench: Bench) async throws -> Int64 {
        _ = try await bench.planned(instances: 1..<2)
        let lane = LaneKey(lane: 1, session: "test")
        let claimed = try #require(
            try await bench.journal.settleAndClaim(
                nil, lane: lane, destination: "sydney", claim: true, at: bench.clock.date))
        let failure = Failure(.outOfResources, .tryAgain, .instance, status: 0xA700, detail: "test")
        _ = try await bench.journal.settleAndClaim(
            Settlement(
                id: claimed.id, outcome: .deferred(failure, until: bench.clock.date.addingTimeInterval(60))),
            lane: lane, destination: "sydney", claim: false, at: bench.clock.date)
        return claimed.transferID
    }

    private func isDue(_ bench: Bench) async throws -> Bool {
        try await bench.journal.outlook(destination: "sydney", at: bench.clock.date, limit: 1).due == bench.clock.date
    }

    @Test("a step is told from time that passes, and from a clock that is steered")
    func steps() {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let steady = ContinuousClock.now
        var watch = ClockWatch(wall: start, steady: steady)
        #expect(watch.look(wall: start + 5, steady: steady + .seconds(5)) == nil)
        #expect(watch.look(wall: start + 13, steady: steady + .seconds(10)) == nil)
        let back = watch.look(wall: start - 3582, steady: steady + .seconds(15))
        #expect(back.map { abs($0 + 3600) < 0.01 } == true)
        #expect(watch.look(wall: start - 3577, steady: steady + .seconds(20)) == nil)
        let ahead = watch.look(wall: start + 1000, steady: steady + .seconds(25))
        #expect(ahead.map { abs($0 - 4572) < 0.01 } == true)
    }

    @Test("what was deferred by a clock that ran a year ahead is tried once the clock is set back")
    func setBackWhileRunning() async throws {
        let bench = try Bench()
        let steady = Steady()
        bench.clock.advance(by: Self.year)
        let keeper = timekeeper(bench, steady)
        _ = try await deferred(bench)
        #expect(try await !isDue(bench))
        bench.clock.advance(by: -Self.year)
        steady.advance(by: 5)
        #expect(await keeper.look())
        #expect(try await isDue(bench))
        #expect(bench.state.logs.lines.contains { $0.contains("The clock was set") })
        #expect(try await bench.journal.looseEvents(limit: 1).first?.kind == "clockSet")
        steady.advance(by: 5)
        bench.clock.advance(by: 5)
        #expect(await !keeper.look())
    }

    @Test("the same after a restart, when nobody saw the clock being set; a real back-off stays")
    func setBackWhileAway() async throws {
        let bench = try Bench()
        _ = try await deferred(bench)
        try await timekeeper(bench, Steady()).start(bench.state.settings)
        #expect(try await !isDue(bench), "sixty seconds are a wait that the settings allow")
        bench.clock.advance(by: -Self.year)
        try await timekeeper(bench, Steady()).start(bench.state.settings)
        #expect(try await isDue(bench))
    }

    @Test("a question is not given up because the clock jumped, nor delayed because it was set back")
    func questions() async throws {
        let bench = try Bench()
        let steady = Steady()
        let keeper = timekeeper(bench, steady)
        let (_, transfer, _) = try await bench.sent()
        try await bench.journal.schedulePoll(transfer: transfer.id, at: bench.clock.date)
        bench.clock.advance(by: 100)
        steady.advance(by: 100)
        #expect(await !keeper.look())
        bench.clock.advance(by: Self.year)
        #expect(await !keeper.look(), "ahead: nothing has to be tried at once")
        func age() async throws -> Double {
            let poll = try #require(try await bench.journal.poll(transfer: transfer.id))
            return bench.clock.date.timeIntervalSince(poll.firstAt)
        }
        #expect(abs(try await age() - 100) < 1)
        let later = bench.clock.date.addingTimeInterval(3600)
        try await bench.journal.recordPoll(
            transfer: transfer.id, next: later, state: .open, failure: nil, at: bench.clock.date)
        bench.clock.advance(by: -Self.year)
        #expect(await keeper.look())
        #expect(try await bench.journal.duePolls(at: bench.clock.date, limit: 10).map(\.transferID) == [transfer.id])
        #expect(try await (0...1).contains(age()))
    }

    @Test("months of absence give no question up")
    func absence() async throws {
        let bench = try Bench()
        let (_, transfer, _) = try await bench.sent()
        try await bench.journal.schedulePoll(transfer: transfer.id, at: bench.clock.date)
        bench.clock.advance(by: Self.year)
        try await timekeeper(bench, Steady()).start(bench.state.settings)
        let poll = try #require(try await bench.journal.poll(transfer: transfer.id))
        #expect(bench.clock.date.timeIntervalSince(poll.firstAt) < 3600)
    }

    @Test("nothing is swept for an hour after the clock went ahead by more than a day")
    func doubt() async throws {
        let bench = try Bench()
        let steady = Steady()
        let keeper = timekeeper(bench, steady)
        #expect(keeper.isTrusted)
        bench.clock.advance(by: 3600)
        _ = await keeper.look()
        #expect(keeper.isTrusted, "an hour is summer time set by hand")
        bench.clock.advance(by: Self.year)
        _ = await keeper.look()
        #expect(!keeper.isTrusted)
        steady.advance(by: 3599)
        #expect(!keeper.isTrusted)
        steady.advance(by: 2)
        #expect(keeper.isTrusted)
    }
}
