import Foundation
import Testing

@testable import Routing

@Suite("Bandwidth by the clock")
struct BandwidthPlanTests {
    private func time(_ hour: Int) throws -> TimeOfDay { try #require(TimeOfDay(hour: hour)) }

    /// 2026-11-27 is a Friday.
    private func at(_ day: Int, _ hour: Int) throws -> Date {
        try Date("2026-11-\(day)T\(hour < 10 ? "0" : "")\(hour):30:00Z", strategy: .iso8601)
    }

    @Test("The lowest cap in force counts, on the days and at the hours of the site's clock")
    func lowest() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Stockholm"))
        let caps = [
            BandwidthWindow(
                window: TimeWindow(from: try time(7), until: try time(18)), weekdays: [.friday],
                bytesPerSecond: 2_000_000),
            BandwidthWindow(window: TimeWindow(from: try time(12), until: try time(13)), bytesPerSecond: 500_000),
            BandwidthWindow(window: TimeWindow(from: try time(22), until: try time(5)), bytesPerSecond: 9_000_000),
        ]
        let clock = LocalClock(zone)
        // One hour behind Stockholm.
        #expect(caps.bytesPerSecond(at: try at(27, 6), clock) == 2_000_000)
        #expect(caps.bytesPerSecond(at: try at(27, 5), clock) == nil)
        #expect(caps.bytesPerSecond(at: try at(27, 11), clock) == 500_000)
        #expect(caps.bytesPerSecond(at: try at(28, 11), clock) == 500_000)
        #expect(caps.bytesPerSecond(at: try at(28, 9), clock) == nil)
        #expect(caps.bytesPerSecond(at: try at(28, 3), clock) == 9_000_000)
        #expect([BandwidthWindow]().bytesPerSecond(at: try at(27, 11), clock) == nil)
    }
}
