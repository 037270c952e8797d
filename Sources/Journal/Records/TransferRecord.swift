// A study, or a report, on its way to one destination.

package import DICOMVocabulary
package import Foundation

/// A transfer to be planned.
package struct NewTransfer: Sendable, Codable, Hashable {
    package var destination: String
    package var profile: String
    package var rule: String?
    /// nil takes the study's.
    package var rank: Int?
    package var priority: String?
    /// The study as the reader will know it: its own UID where it goes with the identity; nil for archives.
    package var pseudonymousStudyUID: UID?
    /// Whose pseudonyms go with it (`PseudonymSpace`).
    package var space = PseudonymSpace.shared
    package var commitment: CommitmentWish
    /// `UID.pseudonymMark` of each of its images, as the reader will know them.
    package var instanceMarks: [Int64]

    package init(
        destination: String, profile: String, rule: String? = nil, rank: Int? = nil, priority: String? = nil,
        pseudonymousStudyUID: UID? = nil, space: String = PseudonymSpace.shared, commitment: CommitmentWish = .none,
        instanceMarks: [Int64] = []
    ) {
        self.instanceMarks = instanceMarks
        self.destination = destination
        self.profile = profile
        self.rule = rule
        self.rank = rank
        self.priority = priority
        self.pseudonymousStudyUID = pseudonymousStudyUID
        self.space = space
        self.commitment = commitment
    }
}

/// One row per study or report and destination.
package struct TransferRecord: Sendable, Codable, Hashable {
    package var id: Int64
    package var studyID: Int64?
    /// Set for the delivery of a report; `studyID` is then the study it is about.
    package var reportID: Int64?
    package var destination: String
    package var profile: String
    package var rule: String?
    package var state: TransferState
    package var rank: Int
    package var priority: String
    package var createdAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?
    package var nextAttemptAt: Date?
    /// Lane sessions that took an instance of it.
    package var attempts: Int
    /// Deferrals since the last acknowledgement: what back-off counts.
    package var failures: Int
    /// The last, while it matters.
    package var failure: Failure?
    /// The study as the reader knows it.
    package var pseudonymousStudyUID: UID?
    /// Whose pseudonyms went with it, whatever the configuration says today.
    package var space = PseudonymSpace.shared
    /// Its study still arrives, and each further image joins it: it cannot be finished yet.
    package var isGrowing = false
    package var instances: Int
    package var waiting: Int
    package var claimed: Int
    package var acknowledged: Int
    package var held: Int
    package var cancelled: Int
    /// Of its instances as they were received.
    package var bytes: Int64
    package var bytesSent: Int64
    package var commitment: CommitmentWish
    /// Of the acknowledged ones, those that the destination has committed to.
    package var confirmed: Int

    /// `profile` of what leaves as it is.
    package static let identifiedProfile = "identified"

    package var isIdentified: Bool { profile == Self.identifiedProfile }

    package init(
        id: Int64, studyID: Int64?, reportID: Int64?, destination: String, profile: String, rule: String?,
        state: TransferState, rank: Int, priority: String, createdAt: Date, startedAt: Date?, finishedAt: Date?,
        nextAttemptAt: Date?, attempts: Int, failures: Int, failure: Failure?, pseudonymousStudyUID: UID?,
        instances: Int, waiting: Int, claimed: Int, acknowledged: Int, held: Int, cancelled: Int, bytes: Int64,
        bytesSent: Int64, commitment: CommitmentWish = .none, confirmed: Int = 0
    ) {
        self.id = id
        self.studyID = studyID
        self.reportID = reportID
        self.destination = destination
        self.profile = profile
        self.rule = rule
        self.state = state
        self.rank = rank
        self.priority = priority
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.nextAttemptAt = nextAttemptAt
        self.attempts = attempts
        self.failures = failures
        self.failure = failure
        self.pseudonymousStudyUID = pseudonymousStudyUID
        self.instances = instances
        self.waiting = waiting
        self.claimed = claimed
        self.acknowledged = acknowledged
        self.held = held
        self.cancelled = cancelled
        self.bytes = bytes
        self.bytesSent = bytesSent
        self.commitment = commitment
        self.confirmed = confirmed
    }

    /// What people type: `T` and digits.
    package var key: String { "T\(id)" }
}
