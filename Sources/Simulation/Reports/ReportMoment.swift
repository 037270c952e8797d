// Dates and times as DICOM writes them.

import Glibc

/// A point in time in UTC (PS3.5 6.2: DA, TM, DT).
struct ReportMoment: Sendable {
    let date: String
    let time: String

    /// - Parameter seconds: since 1970.
    init(seconds: Int) {
        var parts = tm()
        var clock = time_t(seconds)
        gmtime_r(&clock, &parts)
        date =
            Self.digits(Int(parts.tm_year) + 1900, 4) + Self.digits(Int(parts.tm_mon) + 1, 2)
            + Self.digits(Int(parts.tm_mday), 2)
        time =
            Self.digits(Int(parts.tm_hour), 2) + Self.digits(Int(parts.tm_min), 2)
            + Self.digits(Int(parts.tm_sec), 2)
    }

    /// DT with its offset from UTC.
    var dateTime: String { date + time + "+0000" }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
