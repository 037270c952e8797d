// TOML values.

import Routing

/// A value of TOML 1.0.
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
