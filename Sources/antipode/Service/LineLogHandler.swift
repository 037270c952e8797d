// Log lines for journald, for people and for programs: a fixed sentence, then key=value, or JSON.

import Foundation
import Gateway
import Logging

/// Writes one line per event to standard error, with the priority prefix of sd-daemon(3) when journald reads it as text.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let forJournald: Bool
    private let asJSON: Bool

    init(level: Logger.Level, environment: [String: String], asJSON: Bool = false) {
        self.asJSON = asJSON
        logLevel = level
        forJournald = environment["JOURNAL_STREAM"] != nil
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// One line of the log for programs.
    private struct Line: Encodable {
        var at = Date()
        var level: String
        var message: String
        var details: [String: String]
    }

    func log(event: LogEvent) {
        if asJSON, let line = encoded(event) {
            return write(line)
        }
        var line = forJournald ? "<\(priority(event.level))>" : "\(Date().formatted(Self.time)) \(word(event.level)) "
        line += "\(event.message)"
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(Self.quoted("\(value)"))" }
        write(Data(line.utf8))
    }

    /// Whatever became of standard error, a full disk or a pipe that nobody reads, is no reason to end: `write(_:)` traps.
    private func write(_ line: Data) {
        try? FileHandle.standardError.write(contentsOf: line + Data("\n".utf8))
    }

    private func encoded(_ event: LogEvent) -> Data? {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        return try? OperatorJSON.encoder().encode(
            Line(
                level: event.level.rawValue, message: "\(event.message)", details: all.mapValues { "\($0)" }))
    }

    /// What a peer said may hold anything: control characters are written as their codes, so that no peer writes lines
    /// of its own.
    private static func quoted(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else if scalar == "\"" || scalar == "\\" {
                text += "\\\(scalar)"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text.isEmpty || text.contains(" ") || text != value ? "\"\(text)\"" : text
    }

    private func word(_ level: Logger.Level) -> String { level.rawValue.uppercased() }

    private func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
