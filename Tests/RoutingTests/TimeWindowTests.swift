import Foundation
import Routing
import Testing

@Suite("Time windows on the clock of Stockholm")
struct TimeWindowTests {
    struct Case: CustomTestStringConvertible {
        let window: String
        var days: Set<Weekday> = Set(Weekday.allCases)
        let instant: String
        let isInside: Bool
        var testDescription: String { "\(window) at \(instant) is \(isInside)" }
    }

    private static let clock = TimeZone(identifier: "Europe/Stockholm").map { LocalClock($0) }

    /// `20:00-07:00`
    private static func window(_ text: String) -> TimeWindow? {
        let times = text.split(separator: "-").compactMap { part -> TimeOfDay? in
            let numbers = part.split(separator: ":").compactMap { Int($0) }
            return numbers.count == 2 ? TimeOfDay(hour: numbers[0], minute: numbers[1]) : nil
        }
        return times.count == 2 ? TimeWindow(from: times[0], until: times[1]) : nil
    }

    static func instant(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    static let cases: [Case] = [
        // Within a day: from is inside, until is not. Winter is UTC+1, summer UTC+2.
        Case(window: "08:00-17:00", instant: "2026-01-15T07:00:00Z", isInside: true),
        Case(window: "08:00-17:00", instant: "2026-01-15T06:59:59Z", isInside: false),
        Case(window: "08:00-17:00", instant: "2026-01-15T15:59:59Z", isInside: true),
        Case(window: "08:00-17:00", instant: "2026-01-15T16:00:00Z", isInside: false),
        Case(window: "08:00-17:00", instant: "2026-07-15T06:00:00Z", isInside: true),
        Case(window: "08:00-17:00", instant: "2026-07-15T15:00:00Z", isInside: false),
        // Across midnight the weekday is the one on which the window begins. 2026-11-20 is a Friday.
        Case(window: "20:00-07:00", days: [.friday], instant: "2026-11-20T19:00:00Z", isInside: true),
        Case(window: "20:00-07:00", days: [.friday], instant: "2026-11-21T05:59:59Z", isInside: true),
        Case(window: "20:00-07:00", days: [.friday], instant: "2026-11-21T06:00:00Z", isInside: false),
        Case(window: "20:00-07:00", days: [.friday], instant: "2026-11-21T19:00:00Z", isInside: false),
        Case(window: "20:00-07:00", days: [.saturday], instant: "2026-11-21T01:00:00Z", isInside: false),
        Case(window: "20:00-07:00", days: [.friday], instant: "2026-11-20T01:00:00Z", isInside: false),
        Case(window: "20:00-07:00", days: [.sunday], instant: "2026-11-23T03:00:00Z", isInside: true),
        // The same time twice is a whole day from there.
        Case(window: "07:00-07:00", days: [.friday], instant: "2026-11-21T05:59:59Z", isInside: true),
        Case(window: "07:00-07:00", days: [.friday], instant: "2026-11-20T05:59:59Z", isInside: false),
        // To summer time: at 02:00 (01:00Z) on 2026-03-29 the clock goes to 03:00.
        Case(window: "20:00-02:30", instant: "2026-03-29T00:59:59Z", isInside: true),
        Case(window: "20:00-02:30", instant: "2026-03-29T01:00:00Z", isInside: false),
        Case(window: "02:30-07:00", instant: "2026-03-29T00:59:59Z", isInside: false),
        Case(window: "02:30-07:00", instant: "2026-03-29T01:00:00Z", isInside: true),
        Case(window: "02:30-07:00", instant: "2026-03-29T04:59:59Z", isInside: true),
        Case(window: "02:30-07:00", instant: "2026-03-29T05:00:00Z", isInside: false),
        Case(window: "02:15-02:45", instant: "2026-03-29T00:59:59Z", isInside: false),
        Case(window: "02:15-02:45", instant: "2026-03-29T01:00:00Z", isInside: false),
        Case(window: "20:00-07:00", days: [.saturday], instant: "2026-03-29T04:59:59Z", isInside: true),
        Case(window: "20:00-07:00", days: [.saturday], instant: "2026-03-29T05:00:00Z", isInside: false),
        // Back: at 03:00 (01:00Z) on 2026-10-25 the clock goes to 02:00; 02:00–03:00 comes twice, the first counts.
        Case(window: "20:00-02:30", instant: "2026-10-25T00:29:59Z", isInside: true),
        Case(window: "20:00-02:30", instant: "2026-10-25T00:30:00Z", isInside: false),
        Case(window: "20:00-02:30", instant: "2026-10-25T01:15:00Z", isInside: false),
        Case(window: "02:30-07:00", instant: "2026-10-25T00:29:59Z", isInside: false),
        Case(window: "02:30-07:00", instant: "2026-10-25T00:30:00Z", isInside: true),
        Case(window: "02:30-07:00", instant: "2026-10-25T01:15:00Z", isInside: true),
        Case(window: "02:30-07:00", instant: "2026-10-25T05:59:59Z", isInside: true),
        Case(window: "02:30-07:00", instant: "2026-10-25T06:00:00Z", isInside: false),
        Case(window: "02:15-02:45", instant: "2026-10-25T00:20:00Z", isInside: true),
        Case(window: "02:15-02:45", instant: "2026-10-25T01:20:00Z", isInside: false),
        Case(window: "20:00-07:00", days: [.saturday], instant: "2026-10-25T05:59:59Z", isInside: true),
        // 03:00 exactly is not ambiguous.
        Case(window: "20:00-03:00", instant: "2026-10-25T01:59:59Z", isInside: true),
        Case(window: "20:00-03:00", instant: "2026-10-25T02:00:00Z", isInside: false),
    ]

    @Test("hold the instants they should", arguments: cases)
    func windows(_ one: Case) throws {
        let clock = try #require(Self.clock)
        let window = try #require(Self.window(one.window))
        #expect(clock.isInside(window, on: one.days, at: try Self.instant(one.instant)) == one.isInside)
    }

    @Test("that follow one another cover every minute of the nights of change exactly once")
    func tiling() throws {
        let clock = try #require(Self.clock)
        let windows = try ["07:00-20:00", "20:00-02:15", "02:15-02:45", "02:45-07:00"].map {
            try #require(Self.window($0))
        }
        for start in ["2026-03-28T10:00:00Z", "2026-10-24T10:00:00Z"] {
            let first = try Self.instant(start)
            for minute in 0..<(30 * 60) {
                let instant = first.addingTimeInterval(Double(minute) * 60)
                let open = windows.filter { clock.isInside($0, on: Set(Weekday.allCases), at: instant) }
                #expect(open.count == 1, "\(instant)")
            }
        }
    }

    @Test(
        "are written down as the clock showed them",
        arguments: [
            ("2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00 Europe/Stockholm, sun"),
            ("2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00 Europe/Stockholm, sun"),
            ("2026-12-31T23:30:00Z", "2027-01-01T00:30:00+01:00 Europe/Stockholm, fri"),
            ("2028-02-29T12:00:00Z", "2028-02-29T13:00:00+01:00 Europe/Stockholm, tue"),
        ])
    func written(instant: String, expected: String) throws {
        #expect(try #require(Self.clock).description(of: Self.instant(instant)) == expected)
    }

    @Test("in zones west of Greenwich and off the full hour")
    func otherZones() throws {
        let newfoundland = LocalClock(try #require(TimeZone(identifier: "America/St_Johns")))
        let night = try #require(Self.window("22:00-06:00"))
        // 22:00 in St. John's is 01:30Z of the next day in winter.
        #expect(newfoundland.isInside(night, on: [.monday], at: try Self.instant("2026-01-06T01:30:00Z")))
        #expect(!newfoundland.isInside(night, on: [.monday], at: try Self.instant("2026-01-06T01:29:00Z")))
        #expect(
            newfoundland.description(of: try Self.instant("2026-01-06T01:30:00Z"))
                == "2026-01-05T22:00:00-03:30 America/St_Johns, mon")
    }

    @Test("have no times that clocks do not show")
    func times() {
        #expect(TimeOfDay(hour: 24) == nil)
        #expect(TimeOfDay(hour: 7, minute: 60) == nil)
        #expect(TimeOfDay(hour: 7, minute: 5)?.description == "07:05")
        #expect(TimeOfDay(hour: 7, minute: 5, second: 9)?.description == "07:05:09")
    }
}
