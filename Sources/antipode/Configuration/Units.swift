// Durations and sizes as people write them.

enum Units {
    private static let durations: [(name: String, seconds: Double)] = [
        ("d", 86_400), ("h", 3600), ("min", 60), ("s", 1), ("ms", 0.001),
    ]
    private static let sizes: [(name: String, bytes: Double)] = [
        ("TiB", 1_099_511_627_776), ("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1024), ("TB", 1e12),
        ("GB", 1e9),
        ("MB", 1e6), ("kB", 1e3), ("B", 1),
    ]

    /// `500ms`, `30s`, `10min`, `2h`, `14d`, also `1.5 h`. A number needs its unit.
    static func duration(_ text: String) -> Double? { value(text, durations.map { ($0.name, $0.seconds) }) }

    /// `2 GiB`, `64KiB`, `500 MB`, `512 B`.
    static func size(_ text: String) -> Int64? {
        value(text, sizes.map { ($0.name, $0.bytes) }).flatMap { $0 < 9e18 ? Int64($0) : nil }
    }

    static func describe(seconds: Double) -> String { describe(seconds, durations.map { ($0.name, $0.seconds) }, "s") }

    static func describe(bytes: Int64) -> String {
        describe(
            Double(bytes), sizes.filter { $0.name.hasSuffix("iB") || $0.name == "B" }.map { (" " + $0.name, $0.bytes) },
            " B")
    }

    private static func value(_ text: String, _ units: [(String, Double)]) -> Double? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text[digits.endIndex...].drop { $0 == " " }
        guard let number = Double(digits), let factor = units.first(where: { $0.0 == unit })?.1 else { return nil }
        return number * factor
    }

    /// In the largest unit that gives a whole number.
    private static func describe(_ value: Double, _ units: [(String, Double)], _ smallest: String) -> String {
        for (name, factor) in units where value >= factor && (value / factor).rounded() == value / factor {
            return "\(Int(value / factor))\(name)"
        }
        return value == 0 ? "0\(smallest)" : "\(value)\(smallest)"
    }
}
