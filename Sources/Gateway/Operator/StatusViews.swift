// What an operator sees of the gateway and its neighbours, on pages, on the command line and as `--json`: values without
// patient data.

package import Foundation

/// A hold, a failure or a refusal in words, with what a person can do.
package struct Notice: Codable, Sendable, Hashable {
    /// A `Failure.Code` raw value, or `operator` for a hold by a person.
    package var code: String
    package var detail: String
    package var hint: String
}

package struct GatewayStatus: Codable, Sendable, Hashable {
    package var version: String
    package var startedAt: Date?
    /// False when the daemon is down and the journal alone was read.
    package var running: Bool
    package var ready: Bool
    package var listeners: [ListenerView]
    package var destinations: [DestinationView]
    /// Counts by `StudyView.state`.
    package var studies: [String: Int]
    /// Counts by `TransferView.state`.
    package var transfers: [String: Int]
    /// Counts by `ReportView.state`.
    package var reports: [String: Int]
    package var needsPerson: Int
    /// The newest of them, and why.
    package var attention: [AttentionView] = []
    package var freeBytes: Int64
    package var spoolFloor: Int64
    /// Why nothing can be sent, or is not being received, if so.
    package var alarms: [Notice]
}

package struct ListenerView: Codable, Sendable, Hashable {
    package var name: String
    package var address: String
    package var port: Int
    package var tls: Bool
    package var associations: Int
}

package struct DestinationView: Codable, Sendable, Hashable {
    package var name: String
    package var role: String
    package var host: String
    package var port: Int
    package var calledAE: String
    package var tls: Bool
    package var country: String
    package var profile: String
    /// `closed` (all well), `open` (waiting before the next try), `halfOpen` (one probe under way) or `unconfigured` (no
    /// longer in the configuration, and something is still to be sent to it).
    package var circuit: String
    package var retryAt: Date?
    package var lanes: Int
    package var lanesActive: Int
    package var waitingInstances: Int
    package var waitingTransfers: Int
    package var deferredTransfers: Int
    package var heldTransfers: Int
    package var oldestWaitingSeconds: Double?
    package var lastAcknowledgedAt: Date?
    package var lastFailure: Notice?
}

package struct EchoView: Codable, Sendable, Hashable {
    package var peer: String
    package var ok: Bool
    package var milliseconds: Double
    package var tls: String
    package var failure: Notice?
}
