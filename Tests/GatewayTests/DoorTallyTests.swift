import Foundation
import GatewayTesting
import Intake
import Journal
import Testing
import WorkerProtocol

@testable import Gateway

/// `#expect` looks at values, and a tally changes when it is asked.
private final class Door {
    private var tally = DoorTally()

    func isNews(_ key: DoorTally.Key, at time: Date) -> Bool { tally.isNews(key, at: time) }
    func due(at time: Date, all: Bool = false) -> [DoorTally.Repeats] { tally.due(at: time, all: all) }
}

@Suite("What repeats at the door")
struct DoorTallyTests {
    private let start = Date(timeIntervalSince1970: 1_000_000)

    private func key(_ address: String, _ reason: String = "garbage") -> DoorTally.Key {
        DoorTally.Key(kind: "connectionFailed", address: address, listener: "lan", reason: reason)
    }

    @Test("is one row at once and one for the rest of its minute")
    func minute() {
        let door = Door()
        #expect(door.isNews(key("10.0.0.1"), at: start))
        for second in 1..<50 { #expect(!door.isNews(key("10.0.0.1"), at: start + Double(second))) }
        #expect(door.isNews(key("10.0.0.2"), at: start) && door.isNews(key("10.0.0.1", "timedOut"), at: start))
        #expect(door.due(at: start + 59).isEmpty)
        let row = DoorTally.Repeats(
            kind: "connectionFailed", detail: "10.0.0.1 on lan: garbage, 49 more within a minute")
        #expect(door.due(at: start + 60) == [row])
        #expect(door.due(at: start + 61).isEmpty)
        #expect(door.isNews(key("10.0.0.1"), at: start + 62))
    }

    @Test("is counted together once it comes from too many, so that no scan makes more rows")
    func scan() {
        let door = Door()
        let rows = (0..<10_000).count { door.isNews(key("2001:db8::\(String($0, radix: 16))"), at: start) }
        #expect(rows == DoorTally.maximumKeys + 1)
        let repeats = door.due(at: start + 60)
        #expect(repeats.count == 1)
        #expect(repeats[0].detail.hasPrefix("other addresses on lan: and other reasons, 9743 more"))
    }

    @Test("is told at the end although its minute is not over, and a clock that was set back keeps no minute open")
    func end() {
        let door = Door()
        for _ in 0..<3 { _ = door.isNews(key("10.0.0.1"), at: start) }
        #expect(door.due(at: start + 1, all: true).count == 1)
        for _ in 0..<3 { _ = door.isNews(key("10.0.0.1"), at: start) }
        #expect(door.due(at: start - 3600).count == 1)
    }

    @Test("fills the journal with two rows, however often it happens")
    func rows() async throws {
        let bench = try Bench()
        let clock = bench.clock
        let witness = IntakeWitness(
            journal: bench.journal, counters: Counters(), logger: bench.state.logs.logger, now: clock.now)
        for _ in 0..<500 {
            await witness.see(
                .connectionRefused(address: "10.0.0.1", listener: "lan", reason: "nobody comes from there"))
        }
        clock.advance(by: 61)
        await witness.settle()
        let rows = try await bench.journal.looseEvents(limit: 100).map(\.detail)
        #expect(
            rows == [
                "10.0.0.1 on lan: nobody comes from there, 499 more within a minute",
                "10.0.0.1 on lan: nobody comes from there",
            ])
    }
}
