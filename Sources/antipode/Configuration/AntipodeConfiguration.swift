// Everything that the configuration file says.

import DICOMVocabulary
import Foundation
import Gateway

/// A configuration without faults. Secrets are not in it, only the paths of their files.
struct AntipodeConfiguration: Sendable {
    /// The names of swift-log's levels.
    enum LogLevel: String, Sendable, CaseIterable { case trace, debug, info, notice, warning, error, critical }

    /// The file it was read from.
    var path: String
    var gateway: GatewaySettings
    /// The Unix socket of the command line, and the group that may use it beside the daemon's own user.
    var socketPath: String
    var socketGroup: String?
    var control = OperatorListener.Limits()
    var logLevel = LogLevel.info
    var timeZone: TimeZone
    /// nil: no console.
    var console: ConsoleConfiguration?
    /// Sets of TLS files by name, and which listeners and destinations use them.
    var tls: [String: TLSFiles] = [:]
    /// What deserves a look, though the configuration can be used.
    var warnings: [Finding] = []
}

/// The console as the file describes it.
struct ConsoleConfiguration: Sendable, Hashable {
    enum Language: String, Sendable, CaseIterable {
        case swedish = "sv"
        case english = "en"
    }

    var address = "127.0.0.1"
    var port = 8080
    var viewerTokenFile: String
    var operatorTokenFile: String
    var language = Language.swedish
    var origins: [String] = []
    var openMetrics = false
    var maximumConnections = 128
    /// Seconds.
    var requestDeadline: Double = 20
    /// Bytes.
    var maximumFormBytes = 16 * 1024
    var maximumSessions = 200
    /// Seconds.
    var sessionLength: Double = 12 * 3600
}
