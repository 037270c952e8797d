// What an operator sees, on pages, on the command line and as `--json`: values without patient data.

package import Foundation

/// A hold, a failure or a refusal in words, with what a person can do.
package struct Notice: Codable, Sendable, Hashable {
    /// A `Failure.Code` raw value, or `operator` for a hold by a person.
    package var code: String
    package var detail: String
    package var hint: String

    package init(code: String, detail: String, hint: String) {
        self.code = code
        self.detail = detail
        self.hint = hint
    }
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

    package init(
        name: String, role: String, host: String, port: Int, calledAE: String, tls: Bool, country: String,
        profile: String, circuit: String, retryAt: Date?, lanes: Int, lanesActive: Int, waitingInstances: Int,
        waitingTransfers: Int, deferredTransfers: Int, heldTransfers: Int, oldestWaitingSeconds: Double?,
        lastAcknowledgedAt: Date?, lastFailure: Notice?
    ) {
        self.name = name
        self.role = role
        self.host = host
        self.port = port
        self.calledAE = calledAE
        self.tls = tls
        self.country = country
        self.profile = profile
        self.circuit = circuit
        self.retryAt = retryAt
        self.lanes = lanes
        self.lanesActive = lanesActive
        self.waitingInstances = waitingInstances
        self.waitingTransfers = waitingTransfers
        self.deferredTransfers = deferredTransfers
        self.heldTransfers = heldTransfers
        self.oldestWaitingSeconds = oldestWaitingSeconds
        self.lastAcknowledgedAt = lastAcknowledgedAt
        self.lastFailure = lastFailure
    }
}

package struct ListenerView: Codable, Sendable, Hashable {
    package var name: String
    package var address: String
    package var port: Int
    package var tls: Bool
    package var associations: Int

    package init(name: String, address: String, port: Int, tls: Bool, associations: Int) {
        self.name = name
        self.address = address
        self.port = port
        self.tls = tls
        self.associations = associations
    }
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
    package var attention: [AttentionView]
    package var freeBytes: Int64
    package var spoolFloor: Int64
    /// Why nothing can be sent, or is not being received, if so.
    package var alarms: [Notice]

    package init(
        version: String, startedAt: Date?, running: Bool, ready: Bool, listeners: [ListenerView],
        destinations: [DestinationView], studies: [String: Int], transfers: [String: Int], reports: [String: Int],
        needsPerson: Int, attention: [AttentionView] = [], freeBytes: Int64, spoolFloor: Int64, alarms: [Notice]
    ) {
        self.version = version
        self.startedAt = startedAt
        self.running = running
        self.ready = ready
        self.listeners = listeners
        self.destinations = destinations
        self.studies = studies
        self.transfers = transfers
        self.reports = reports
        self.needsPerson = needsPerson
        self.attention = attention
        self.freeBytes = freeBytes
        self.spoolFloor = spoolFloor
        self.alarms = alarms
    }
}

package struct StudyView: Codable, Sendable, Hashable {
    /// The study's short key, `S` and digits: what an operator types.
    package var key: String
    package var studyUID: String
    /// `receiving`, `complete`, `planned`, `delivered`, `held` or `cancelled`.
    package var state: String
    package var source: String
    package var modalities: [String]
    package var bodyParts: [String]
    package var priority: String
    package var instances: Int
    package var bytes: Int64
    package var firstInstanceAt: Date
    package var lastInstanceAt: Date
    package var completedAt: Date?
    /// The study that this is a late part of.
    package var followUpOf: String?
    package var destinations: [String]
    package var rule: String?
    package var hold: Notice?
    /// Of its transfers to readers.
    package var heldInstances: Int
    /// Why a person must look: its own hold, or that of instances, a transfer or a report of it; nil when nobody need.
    package var attention: Notice?

    package init(
        key: String, studyUID: String, state: String, source: String, modalities: [String], bodyParts: [String],
        priority: String, instances: Int, bytes: Int64, firstInstanceAt: Date, lastInstanceAt: Date,
        completedAt: Date?, followUpOf: String?, destinations: [String], rule: String?, hold: Notice?,
        heldInstances: Int = 0, attention: Notice? = nil
    ) {
        self.key = key
        self.studyUID = studyUID
        self.state = state
        self.source = source
        self.modalities = modalities
        self.bodyParts = bodyParts
        self.priority = priority
        self.instances = instances
        self.bytes = bytes
        self.firstInstanceAt = firstInstanceAt
        self.lastInstanceAt = lastInstanceAt
        self.completedAt = completedAt
        self.followUpOf = followUpOf
        self.destinations = destinations
        self.rule = rule
        self.hold = hold
        self.heldInstances = heldInstances
        self.attention = attention ?? hold
    }
}

package struct TransferView: Codable, Sendable, Hashable {
    /// `T` and digits.
    package var key: String
    package var study: String?
    package var report: String?
    package var destination: String
    package var profile: String
    package var rule: String?
    /// `waiting`, `active`, `deferred`, `held`, `acknowledged` or `cancelled`.
    package var state: String
    package var instances: Int
    package var acknowledged: Int
    package var held: Int
    package var bytes: Int64
    package var priority: String
    package var createdAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?
    package var nextAttemptAt: Date?
    package var attempts: Int
    /// The study as the reader knows it.
    package var pseudonymousStudyUID: String?
    package var failure: Notice?

    package init(
        key: String, study: String?, report: String?, destination: String, profile: String, rule: String?,
        state: String, instances: Int, acknowledged: Int, held: Int, bytes: Int64, priority: String, createdAt: Date,
        startedAt: Date?, finishedAt: Date?, nextAttemptAt: Date?, attempts: Int, pseudonymousStudyUID: String?,
        failure: Notice?
    ) {
        self.key = key
        self.study = study
        self.report = report
        self.destination = destination
        self.profile = profile
        self.rule = rule
        self.state = state
        self.instances = instances
        self.acknowledged = acknowledged
        self.held = held
        self.bytes = bytes
        self.priority = priority
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.nextAttemptAt = nextAttemptAt
        self.attempts = attempts
        self.pseudonymousStudyUID = pseudonymousStudyUID
        self.failure = failure
    }
}

package struct ReportView: Codable, Sendable, Hashable {
    /// `R` and digits.
    package var key: String
    package var reader: String
    package var study: String?
    package var sopClass: String
    package var sopInstanceUID: String
    /// `received`, `matched`, `restored`, `delivered` or `held`.
    package var state: String
    package var receivedAt: Date
    package var restoredAt: Date?
    package var deliveredAt: Date?
    package var completion: String
    package var verification: String
    package var preliminary: String
    package var hold: Notice?
    /// What restoring it could not do, or had to change: fixed words and tags.
    package var notes: [String]

    package init(
        key: String, reader: String, study: String?, sopClass: String, sopInstanceUID: String, state: String,
        receivedAt: Date, restoredAt: Date?, deliveredAt: Date?, completion: String, verification: String,
        preliminary: String, hold: Notice?, notes: [String] = []
    ) {
        self.key = key
        self.reader = reader
        self.study = study
        self.sopClass = sopClass
        self.sopInstanceUID = sopInstanceUID
        self.state = state
        self.receivedAt = receivedAt
        self.restoredAt = restoredAt
        self.deliveredAt = deliveredAt
        self.completion = completion
        self.verification = verification
        self.preliminary = preliminary
        self.hold = hold
        self.notes = notes
    }
}

/// One line of a timeline.
package struct EventView: Codable, Sendable, Hashable {
    package var at: Date
    /// A stable word: `received`, `completed`, `planned`, `held`, `released`, `acknowledged`, `conflict`, …
    package var kind: String
    package var detail: String
    /// `antipode`, or who acted.
    package var actor: String
    package var study: String?
    package var transfer: String?
    package var report: String?

    package init(
        at: Date, kind: String, detail: String, actor: String, study: String? = nil, transfer: String? = nil,
        report: String? = nil
    ) {
        self.at = at
        self.kind = kind
        self.detail = detail
        self.actor = actor
        self.study = study
        self.transfer = transfer
        self.report = report
    }
}

package struct AttemptView: Codable, Sendable, Hashable {
    package var transfer: String
    package var destination: String
    package var lane: Int
    package var startedAt: Date
    package var endedAt: Date?
    package var acknowledged: Int
    package var bytes: Int64
    package var failure: Notice?

    package init(
        transfer: String, destination: String, lane: Int, startedAt: Date, endedAt: Date?, acknowledged: Int,
        bytes: Int64, failure: Notice?
    ) {
        self.transfer = transfer
        self.destination = destination
        self.lane = lane
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.acknowledged = acknowledged
        self.bytes = bytes
        self.failure = failure
    }
}

/// Why a study goes where it goes.
package struct ExplanationView: Codable, Sendable, Hashable {
    package struct RuleLine: Codable, Sendable, Hashable {
        package var rule: String
        package var matched: Bool
        /// For a rule that did not match: the conditions that were not met; for the one that did: those that were.
        package var reasons: [String]

        package init(rule: String, matched: Bool, reasons: [String]) {
            self.rule = rule
            self.matched = matched
            self.reasons = reasons
        }
    }
    package var study: String
    package var decidedAt: Date
    package var localTime: String
    package var rule: String?
    package var destinations: [String]
    /// Why the rules had a person asked, at that time.
    package var hold: String?
    /// Where the rules would send it if it were released now; nil when it is not held by them.
    package var onRelease: [String]?
    package var lines: [RuleLine]

    package init(
        study: String, decidedAt: Date, localTime: String, rule: String?, destinations: [String],
        hold: String? = nil, lines: [RuleLine]
    ) {
        self.study = study
        self.decidedAt = decidedAt
        self.localTime = localTime
        self.rule = rule
        self.destinations = destinations
        self.hold = hold
        self.lines = lines
    }
}

package struct StudyDetail: Codable, Sendable, Hashable {
    package var study: StudyView
    package var transfers: [TransferView]
    package var reports: [ReportView]
    package var attempts: [AttemptView]
    package var events: [EventView]
    package var followUps: [String]
    package var explanation: ExplanationView?

    package init(
        study: StudyView, transfers: [TransferView], reports: [ReportView], attempts: [AttemptView],
        events: [EventView], followUps: [String], explanation: ExplanationView?
    ) {
        self.study = study
        self.transfers = transfers
        self.reports = reports
        self.attempts = attempts
        self.events = events
        self.followUps = followUps
        self.explanation = explanation
    }
}

/// A search over studies; nil means any. Newest first.
package struct StudySearch: Codable, Sendable, Hashable {
    package var states: [String] = []
    /// Only what waits for a person.
    package var needsPerson = false
    package var source: String?
    package var destination: String?
    package var modality: String?
    /// A study key, a Study Instance UID or the start of one; or an exact accession number or patient ID, which the
    /// vault turns into studies without either being shown.
    package var text: String?
    package var since: Date?
    package var until: Date?
    package var limit = 50
    package var offset = 0

    package init() {}
}

/// A search over events, newest first; nil and empty mean any.
package struct EventSearch: Codable, Sendable, Hashable {
    package var kinds: [String] = []
    package var since: Date?
    /// Those of studies, transfers and reports too, not only refusals and the like.
    package var all = false
    package var limit = 100

    package init() {}
}

package struct EchoView: Codable, Sendable, Hashable {
    package var peer: String
    package var ok: Bool
    package var milliseconds: Double
    package var tls: String
    package var failure: Notice?

    package init(peer: String, ok: Bool, milliseconds: Double, tls: String, failure: Notice?) {
        self.peer = peer
        self.ok = ok
        self.milliseconds = milliseconds
        self.tls = tls
        self.failure = failure
    }
}
