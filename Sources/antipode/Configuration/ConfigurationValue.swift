// TOML values as Swift values.

import Routing
import TOMLKit

/// A TOML value. TOMLKit's own are pointers into a C++ document; these are ours to keep.
indirect enum ConfigurationValue: Sendable, Hashable {
    case table([String: ConfigurationValue])
    case array([ConfigurationValue])
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case time(TimeOfDay)
    /// A date, a date with a time, or a fraction of a second: nothing that the configuration asks for.
    case other(String)

    init(_ value: some TOMLValueConvertible) {
        switch value.type {
        case .table:
            var table: [String: ConfigurationValue] = [:]
            if let source = value.table {
                for key in source.keys { table[key] = source[key].map { ConfigurationValue($0.tomlValue) } }
            }
            self = .table(table)
        case .array:
            self = .array(value.array?.map { ConfigurationValue($0.tomlValue) } ?? [])
        case .string: self = .string(value.string ?? "")
        case .int: self = .integer(value.int ?? 0)
        case .double: self = .number(value.double ?? 0)
        case .bool: self = .boolean(value.bool ?? false)
        case .time:
            let time = value.time
            let whole = TimeOfDay(hour: time?.hour ?? -1, minute: time?.minute ?? 0, second: time?.second ?? 0)
            self = whole.map { time?.nanoSecond == 0 ? .time($0) : .other("a time with fractions") } ?? .other("a time")
        case .date: self = .other("a date")
        case .dateTime: self = .other("a date with a time")
        }
    }

    /// The type in words.
    var kind: String {
        switch self {
        case .table: "a table"
        case .array: "a list"
        case .string: "a text"
        case .integer, .number: "a number"
        case .boolean: "true or false"
        case .time: "a time of day"
        case .other(let kind): kind
        }
    }

    /// As written, at most 60 characters; nil for tables and lists.
    var shown: String? {
        switch self {
        case .table, .array, .other: nil
        case .string(let text): "\"" + text.prefix(60) + (text.count > 60 ? "…" : "") + "\""
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .boolean(let value): String(value)
        case .time(let value): value.description
        }
    }
}
