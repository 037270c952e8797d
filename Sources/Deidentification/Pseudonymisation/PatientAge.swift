// Ages of the form nnnD, nnnW, nnnM, nnnY (PS3.5 6.2, AS).

/// A day of the Gregorian calendar, from the eight digits of DA.
struct CalendarDay: Comparable {
    let year: Int
    let month: Int
    let day: Int

    init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 8, digits.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else {
            return nil
        }
        (year, month, day) = (number / 10000, number / 100 % 100, number % 100)
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    }

    static func < (a: CalendarDay, b: CalendarDay) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }

    /// Days since 1 March of year 0 (a year that ends in February makes leap days fall at its end).
    var number: Int {
        let y = month > 2 ? year : year - 1
        let m = month > 2 ? month - 3 : month + 9
        return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1
    }
}

enum PatientAge {
    /// Days up to four weeks, weeks up to three months, months up to two years, then years; nil before birth.
    static func string(from birth: CalendarDay, to day: CalendarDay) -> String? {
        guard birth <= day else { return nil }
        let days = day.number - birth.number
        var months = (day.year - birth.year) * 12 + day.month - birth.month
        if day.day < birth.day { months -= 1 }
        if days < 28 { return padded(days, "D") }
        if months < 3 { return padded(days / 7, "W") }
        if months < 24 { return padded(months, "M") }
        // A birth date in the century before tells nothing.
        return months / 12 > oldest ? nil : padded(months / 12, "Y")
    }

    private static let oldest = 130

    private static func padded(_ number: Int, _ unit: String) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits + unit
    }
}
