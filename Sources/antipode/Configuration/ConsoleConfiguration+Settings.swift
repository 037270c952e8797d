// From the console's paths to its settings, with the tokens in memory.

import Console
import Foundation

extension ConsoleConfiguration {
    /// Reads the two token files. Spaces and line ends around a token are not part of it. Throws what is wrong with
    /// files or tokens; no finding shows one.
    func settings(timeZone: TimeZone) throws(ConfigurationFaults) -> ConsoleSettings {
        var findings: [Finding] = []
        func token(_ key: String, _ path: String) -> String {
            guard let data = FileManager.default.contents(atPath: path) else {
                findings.append(Finding(.error, file: path, key: "console.\(key)", problem: "cannot be read"))
                return ""
            }
            return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        var settings = ConsoleSettings(
            viewerToken: token("viewer_token_file", viewerTokenFile),
            operatorToken: token("operator_token_file", operatorTokenFile))
        settings.address = address
        settings.port = port
        settings.language = language == .swedish ? .swedish : .english
        settings.origins = origins
        settings.openMetrics = openMetrics
        settings.maximumConnections = maximumConnections
        settings.requestDeadline = requestDeadline
        settings.maximumFormBytes = maximumFormBytes
        settings.maximumSessions = maximumSessions
        settings.sessionLength = sessionLength
        settings.timeZone = timeZone
        if findings.isEmpty {
            findings = settings.problems().map { Finding(.error, file: viewerTokenFile, key: "console", problem: $0) }
        }
        guard findings.isEmpty else { throw ConfigurationFaults(findings: findings) }
        return settings
    }
}
