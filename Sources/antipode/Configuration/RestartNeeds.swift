// What SIGHUP cannot put in force.

import Foundation
import Gateway

/// The settings that docs/configuration.md marks with ↻, and how to tell that one of them changed.
enum RestartNeeds {
    typealias Value = @Sendable (AntipodeConfiguration) -> String

    static var settings: [(name: String, value: Value)] { house + console }

    private static let house: [(name: String, value: Value)] = [
        ("gateway.state", { $0.gateway.state }),
        // Where it follows from the state folder, that alone is named.
        ("gateway.control_socket", { Self.own($0.socketPath, "control.sock", in: $0.gateway.state) }),
        ("gateway.socket_group", { $0.socketGroup ?? "" }),
        ("gateway.control_connections", { "\($0.control.connections)" }),
        ("gateway.control_deadline", { "\($0.control.deadline)" }),
        ("gateway.log_level", { $0.logLevel.rawValue }),
        ("gateway.worker_memory", { "\($0.gateway.workerMemory)" }),
        ("spool.directory", { Self.own($0.gateway.spool, "spool", in: $0.gateway.state) }),
        ("spool.free_floor", { "\($0.gateway.freeFloor)" }),
        ("spool.page_cache", { "\($0.gateway.usesPageCache)" }),
        ("vault.key_file", { $0.gateway.vaultKeyFile }),
        ("console", { $0.console == nil ? "" : "there" }),
    ]

    private static let console: [(name: String, value: Value)] = [
        ("console.address", { $0.console?.address ?? "" }),
        ("console.port", { $0.console.map { "\($0.port)" } ?? "" }),
        ("console.viewer_token_file", { $0.console?.viewerTokenFile ?? "" }),
        ("console.operator_token_file", { $0.console?.operatorTokenFile ?? "" }),
        ("console.language", { $0.console?.language.rawValue ?? "" }),
        ("console.origins", { $0.console?.origins.joined(separator: " ") ?? "" }),
        ("console.open_metrics", { $0.console.map { "\($0.openMetrics)" } ?? "" }),
        ("console.maximum_connections", { $0.console.map { "\($0.maximumConnections)" } ?? "" }),
        ("console.request_deadline", { $0.console.map { "\($0.requestDeadline)" } ?? "" }),
        ("console.maximum_form_bytes", { $0.console.map { "\($0.maximumFormBytes)" } ?? "" }),
        ("console.maximum_sessions", { $0.console.map { "\($0.maximumSessions)" } ?? "" }),
        ("console.session_length", { $0.console.map { "\($0.sessionLength)" } ?? "" }),
        // Rules follow it at once.
        ("gateway.time_zone for the pages", { $0.console == nil ? "" : $0.timeZone.identifier }),
    ]

    /// The names of those that differ, in the order of the documentation.
    static func names(from start: AntipodeConfiguration, to new: AntipodeConfiguration) -> [String] {
        let changed = settings.filter { $0.value(start) != $0.value(new) }.map(\.name)
        // A console that came or went is named as a whole.
        guard changed.contains("console") else { return changed }
        return changed.filter { !$0.hasPrefix("console.") && !$0.hasSuffix("for the pages") }
    }

    private static func own(_ path: String, _ name: String, in folder: String) -> String {
        path == folder + "/" + name ? "" : path
    }
}
