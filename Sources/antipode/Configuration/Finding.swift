// What is wrong with a configuration, for a person to mend.

import Foundation

/// One thing that is wrong, or that deserves a look. Never shows a secret.
struct Finding: Sendable, Hashable, Codable {
    enum Level: String, Sendable, Hashable, Codable { case error, warning }

    var level: Level
    /// The file in which it is to be mended: the configuration, or a certificate or folder that it names.
    var file: String
    /// In the configuration file, where it could be told.
    var line: Int?
    /// `destination[2].port`, counted from 1; empty where it concerns the file as a whole.
    var key: String
    /// As written, shortened; nil where there is none or where it could be a secret.
    var value: String?
    /// What is wrong, in words.
    var problem: String
    /// What would be right: a type, a range, a choice.
    var allowed: String?
    var hint: String?

    init(
        _ level: Level, file: String, line: Int? = nil, key: String = "", value: String? = nil, problem: String,
        allowed: String? = nil, hint: String? = nil
    ) {
        self.level = level
        self.file = file
        self.line = line
        self.key = key
        self.value = value
        self.problem = problem
        self.allowed = allowed
        self.hint = hint
    }

    /// `antipode.toml:12: error: listener[1].port = 70000: out of range (allowed: 0 to 65535)`
    var text: String {
        var text = "\(file)\(line.map { ":\($0)" } ?? ""): \(level.rawValue): "
        if !key.isEmpty { text += key + (value.map { " = \($0)" } ?? "") + ": " }
        text += problem
        if let allowed { text += " (allowed: \(allowed))" }
        if let hint { text += "\n    \(hint)" }
        return text
    }
}

/// A configuration that cannot be used, with everything that is wrong with it at once. Exit code 78.
struct ConfigurationFaults: Error, Sendable, CustomStringConvertible, LocalizedError {
    var findings: [Finding]

    var description: String { findings.map(\.text).joined(separator: "\n") }
    var errorDescription: String? { description }
}
