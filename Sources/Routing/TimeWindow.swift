// Days and hours as a site writes them.

package enum Weekday: String, Sendable, Hashable, Codable, CaseIterable {
    case monday = "mon"
    case tuesday = "tue"
    case wednesday = "wed"
    case thursday = "thu"
    case friday = "fri"
    case saturday = "sat"
    case sunday = "sun"
}

/// A time on the wall clock.
package struct TimeOfDay: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    package let secondsFromMidnight: Int

    /// Fails for what no clock shows; 24:00 is written 00:00.
    package init?(hour: Int, minute: Int = 0, second: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        secondsFromMidnight = hour * 3600 + minute * 60 + second
    }

    package static func < (a: TimeOfDay, b: TimeOfDay) -> Bool { a.secondsFromMidnight < b.secondsFromMidnight }

    /// `20:00`, or with seconds where there are any.
    package var description: String {
        let parts = [secondsFromMidnight / 3600, secondsFromMidnight / 60 % 60, secondsFromMidnight % 60]
        return (parts[2] == 0 ? parts.prefix(2) : parts[...]).map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }
}

/// From a time of day, inclusive, until another, exclusive. Where `until` is not later than `from` it is the next
/// day's.
package struct TimeWindow: Sendable, Hashable, Codable, CustomStringConvertible {
    package var from: TimeOfDay
    package var until: TimeOfDay

    package init(from: TimeOfDay, until: TimeOfDay) {
        self.from = from
        self.until = until
    }

    package var description: String { "\(from)–\(until)" }
}
