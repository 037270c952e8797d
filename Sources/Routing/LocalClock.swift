// Instants and the wall clock of a place.

package import Foundation

/// The wall clock of an IANA time zone. Dates are counted in days since 1970-01-01, so that no calendar is needed.
///
/// A time of day on a date is taken as *the first instant at which that day's clock shows it or has passed it*. So at
/// the change to summer time a time that does not exist is the instant of the change, and at the change back a time
/// that comes twice is the first of the two. Windows that follow one another without a gap by the clock (20:00–02:30,
/// 02:30–07:00) therefore do so on those nights too, neither overlapping nor leaving an hour to nobody; and a window
/// that lies within the skipped hour does not happen that night.
package struct LocalClock: Sendable {
    package let timeZone: TimeZone

    package init(_ timeZone: TimeZone) { self.timeZone = timeZone }

    /// Seconds since 1970-01-01 00:00 as the wall clock counts them.
    private func wallSeconds(at instant: Date) -> Int {
        Int(instant.timeIntervalSince1970.rounded(.down)) + timeZone.secondsFromGMT(for: instant)
    }

    package func day(at instant: Date) -> Int { Self.floorDivide(wallSeconds(at: instant), 86_400) }

    package func weekday(ofDay day: Int) -> Weekday {
        // 1970-01-01 was a Thursday.
        let index = Self.modulo(day + 3, 7)
        return Weekday.allCases[index]
    }

    /// The first instant at which the clock of that day shows the time or has passed it.
    package func instant(day: Int, time: TimeOfDay) -> Date {
        let wall = Double(day * 86_400 + time.secondsFromMidnight)
        let early = Date(timeIntervalSince1970: wall - 86_400)
        let late = Date(timeIntervalSince1970: wall + 86_400)
        let before = Double(timeZone.secondsFromGMT(for: early))
        let after = Double(timeZone.secondsFromGMT(for: late))
        let byOldClock = Date(timeIntervalSince1970: wall - before)
        guard before != after, let change = timeZone.nextDaylightSavingTimeTransition(after: early), change < late,
            byOldClock >= change
        else { return byOldClock }
        return max(change, Date(timeIntervalSince1970: wall - after))
    }

    /// Whether an instant lies in the window that begins on one of the weekdays.
    package func isInside(_ window: TimeWindow, on weekdays: Set<Weekday>, at instant: Date) -> Bool {
        let today = day(at: instant)
        let lastsIntoNextDay = window.until <= window.from
        return [today - 1, today].contains { day in
            weekdays.contains(weekday(ofDay: day)) && self.instant(day: day, time: window.from) <= instant
                && instant < self.instant(day: lastsIntoNextDay ? day + 1 : day, time: window.until)
        }
    }

    /// `2026-10-25T02:30:00+02:00 Europe/Stockholm, sun`: what a person checks a decision against.
    package func description(of instant: Date) -> String {
        let offset = timeZone.secondsFromGMT(for: instant)
        let wall = wallSeconds(at: instant)
        let day = Self.floorDivide(wall, 86_400)
        let seconds = Self.modulo(wall, 86_400)
        let (year, month, date) = Self.civil(day)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let zone = "\(offset < 0 ? "-" : "+")\(two(abs(offset) / 3600)):\(two(abs(offset) / 60 % 60))"
        let time = "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return
            "\(year)-\(two(month))-\(two(date))T\(time)\(zone) \(timeZone.identifier), \(weekday(ofDay: day).rawValue)"
    }

    private static func floorDivide(_ a: Int, _ b: Int) -> Int { (a - modulo(a, b)) / b }

    private static func modulo(_ a: Int, _ b: Int) -> Int { (a % b + b) % b }

    /// Year, month and day of the Gregorian calendar, counted from a year that begins in March, as a leap day is then
    /// its last.
    private static func civil(_ day: Int) -> (Int, Int, Int) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
