// Numbers, sizes, ages and times as people read them.

import Foundation

/// Writes values in one language and one time zone, as seen at one moment.
struct Readable: Sendable {
    let language: ConsoleLanguage
    let timeZone: TimeZone
    let now: Date

    /// No-break space: a number and its unit stay on one line.
    private static let glue = "\u{00A0}"

    func count(_ number: Int) -> String {
        let separator = language == .swedish ? Self.glue : ","
        let digits = Array(String(number.magnitude))
        var result = number < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += separator }
            result.append(digit)
        }
        return result
    }

    /// Decimal units, as disks are sold and links are rented.
    func bytes(_ bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var value = Double(bytes)
        var unit = 0
        while abs(value) >= 999.95, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return decimal(value, unit == 0 ? 0 : 1) + Self.glue + units[unit]
    }

    func decimal(_ value: Double, _ digits: Int) -> String {
        let text = String(format: "%.\(digits)f", value)
        return language == .swedish ? text.replacingOccurrences(of: ".", with: ",") : text
    }

    /// The two largest units of a length of time.
    func age(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e10)))
        let (day, hour) = language == .swedish ? ("d", "tim") : ("d", "h")
        let glue = Self.glue
        switch whole {
        case ..<60: return "\(whole)\(glue)s"
        case ..<3600: return "\(whole / 60)\(glue)min"
        case ..<86_400:
            let minutes = whole % 3600 / 60
            return "\(whole / 3600)\(glue)\(hour)" + (minutes > 0 ? " \(minutes)\(glue)min" : "")
        default:
            let hours = whole % 86_400 / 3600
            return "\(whole / 86_400)\(glue)\(day)" + (hours > 0 ? " \(hours)\(glue)\(hour)" : "")
        }
    }

    func moment(_ date: Date) -> Moment {
        let parts = Self.calendar(timeZone).dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        let today = Self.calendar(timeZone).dateComponents([.year, .month, .day], from: now)
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let day = "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day))"
        let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        let isToday = parts.year == today.year && parts.month == today.month && parts.day == today.day
        return Moment(
            machine: Self.rfc3339(date, timeZone), full: "\(day) \(time)",
            short: isToday ? time : "\(day) \(two(parts.hour)):\(two(parts.minute))")
    }

    static func rfc3339(_ date: Date, _ timeZone: TimeZone) -> String {
        date.formatted(Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: timeZone))
    }

    static func calendar(_ timeZone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        return calendar
    }
}

/// A time for `<time>`: for machines, in full, and without the date if it is today's.
struct Moment: Sendable, Hashable {
    let machine: String
    let full: String
    let short: String
}
