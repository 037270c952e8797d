// What pages ask for.

package import DICOMVocabulary
package import Foundation

/// A search over studies, newest first; nil and empty mean any. With `since` or `until` the newest is that whose first
/// instance came last, else that whose row is the last.
package struct StudyQuery: Sendable, Hashable {
    package var ids: [Int64] = []
    package var states: [StudyState] = []
    package var source: String?
    package var destination: String?
    package var modality: String?
    /// The start of a Study Instance UID, or all of it.
    package var uidPrefix: String?
    package var uids: [UID]?
    /// By the first instance.
    package var since: Date?
    package var until: Date?
    /// Held, or with a transfer, an instance or a report that is, or waiting for one of `unserved`.
    package var needsPerson = false
    /// Destinations that nobody sends to: see `JournalDatabase.unserved(served:)`.
    package var unserved: [String] = []
    package var limit = 50
    package var offset = 0

    package init() {}
}

/// A search over transfers, newest first; nil and empty mean any.
package struct TransferQuery: Sendable, Hashable {
    package var ids: [Int64] = []
    package var states: [TransferState] = []
    package var destination: String?
    package var studyID: Int64?
    package var reportID: Int64?
    package var pseudonymousStudyUID: UID?
    package var limit = 200
    package var offset = 0

    package init() {}
}

/// A search over reports, newest first; nil and empty mean any.
package struct ReportQuery: Sendable, Hashable {
    package var ids: [Int64] = []
    package var states: [ReportState] = []
    package var reader: String?
    package var sopInstances: [UID] = []
    package var studyID: Int64?
    package var transferID: Int64?
    package var limit = 200
    package var offset = 0

    package init() {}
}

/// What waits for one destination.
package struct DestinationFigures: Sendable, Codable, Hashable {
    package var destination: String
    /// Claimed ones included.
    package var waitingInstances: Int
    package var waitingTransfers: Int
    package var activeTransfers: Int
    package var deferredTransfers: Int
    package var heldTransfers: Int
    package var oldestWaitingSince: Date?
    package var lastAcknowledgedAt: Date?
    /// Since the journal began.
    package var acknowledgedInstances: Int64
    package var acknowledgedBytes: Int64
    package var lastFailure: Failure?
    package var lastFailureAt: Date?

    package init(
        destination: String, waitingInstances: Int, waitingTransfers: Int, activeTransfers: Int,
        deferredTransfers: Int, heldTransfers: Int, oldestWaitingSince: Date?, lastAcknowledgedAt: Date?,
        acknowledgedInstances: Int64, acknowledgedBytes: Int64, lastFailure: Failure?, lastFailureAt: Date?
    ) {
        self.destination = destination
        self.waitingInstances = waitingInstances
        self.waitingTransfers = waitingTransfers
        self.activeTransfers = activeTransfers
        self.deferredTransfers = deferredTransfers
        self.heldTransfers = heldTransfers
        self.oldestWaitingSince = oldestWaitingSince
        self.lastAcknowledgedAt = lastAcknowledgedAt
        self.acknowledgedInstances = acknowledgedInstances
        self.acknowledgedBytes = acknowledgedBytes
        self.lastFailure = lastFailure
        self.lastFailureAt = lastFailureAt
    }
}

/// How many rows are in each state.
package struct JournalCounts: Sendable, Hashable {
    package var studies: [StudyState: Int]
    package var transfers: [TransferState: Int]
    package var reports: [ReportState: Int]
    /// Studies and reports that wait for somebody.
    package var needsPerson: Int

    package init(
        studies: [StudyState: Int], transfers: [TransferState: Int], reports: [ReportState: Int], needsPerson: Int
    ) {
        self.studies = studies
        self.transfers = transfers
        self.reports = reports
        self.needsPerson = needsPerson
    }
}

/// One study and everything around it.
package struct StudyHistory: Sendable, Hashable {
    package var study: StudyRecord
    package var transfers: [TransferRecord]
    package var reports: [ReportRecord]
    package var attempts: [AttemptRecord]
    package var events: [EventRecord]
    package var followUps: [StudyRecord]
}

/// One report and everything around it.
package struct ReportHistory: Sendable, Hashable {
    package var report: ReportRecord
    package var deliveries: [TransferRecord]
    package var events: [EventRecord]
}

/// A search over events, newest first; nil and empty mean any.
package struct EventQuery: Sendable, Hashable {
    package var kinds: [String] = []
    package var since: Date?
    /// Only what belongs to no study, transfer or report, refused connections and the like; and conflicts, of which the
    /// sender was told as of a refusal.
    package var loose = true
    package var limit = 100

    package init() {}
}

/// What came of an operator's wish.
package enum ActionResult: Sendable, Hashable {
    case done
    case notFound
    /// Nothing to do in this state, which is named.
    case notAllowed(state: String)
}

/// Files that nothing needs any more.
package struct SweepCandidate: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        case study(Int64)
        case report(Int64)
    }
    package var subject: Subject
    package var spoolKeys: [String]
    package var bytes: Int64
    /// When nothing more was to be done.
    package var since: Date

    package init(subject: Subject, spoolKeys: [String], bytes: Int64, since: Date) {
        self.subject = subject
        self.spoolKeys = spoolKeys
        self.bytes = bytes
        self.since = since
    }
}
