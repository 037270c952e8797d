// Step 6: one instance of one transfer, as a lane takes it and brings it back.

package import DICOMVocabulary
package import Foundation

/// Who claims: a lane of a destination, in one session (one association, or one try to open it).
package struct LaneKey: Sendable, Codable, Hashable, CustomStringConvertible {
    package var lane: Int
    /// Unique for ever, so that an open mark names its claimant.
    package var session: String

    package init(lane: Int, session: String) {
        self.lane = lane
        self.session = session
    }

    package var description: String { "\(session)/\(lane)" }
}

/// All that a lane needs to send one instance, or one restored report.
package struct ClaimedInstance: Sendable, Codable, Hashable {
    /// Of the passage, for the settlement.
    package var id: Int64
    package var transferID: Int64
    package var studyID: Int64?
    package var reportID: Int64?
    package var destination: String
    package var profile: String
    package var spoolKey: String
    package var sopClass: UID
    package var sopInstance: UID
    package var studyUID: UID?
    package var series: UID?
    package var transferSyntax: TransferSyntax
    package var bytes: Int64
    /// XXH3-128 of the data set as it was received or restored, lower-case hex.
    package var digest: String
    /// Workers that died holding it.
    package var marks: Int
    /// Claims of it, this one included.
    package var tries: Int
    /// Deferrals of the transfer since its last acknowledgement.
    package var failures: Int
    package var rank: Int
    package var pixelsReleased: Bool
    /// Whose pseudonyms go with it (`PseudonymSpace`).
    package var space = PseudonymSpace.shared
    /// Its study still arrives.
    package var isGrowing = false

    /// The `rank` of what waits for no bandwidth cap: STAT.
    package static let urgentRank = 0

    package init(
        id: Int64, transferID: Int64, studyID: Int64?, reportID: Int64?, destination: String, profile: String,
        spoolKey: String, sopClass: UID, sopInstance: UID, studyUID: UID?, series: UID?,
        transferSyntax: TransferSyntax, bytes: Int64, digest: String, marks: Int, tries: Int,
        failures: Int,
        rank: Int, pixelsReleased: Bool
    ) {
        self.id = id
        self.transferID = transferID
        self.studyID = studyID
        self.reportID = reportID
        self.destination = destination
        self.profile = profile
        self.spoolKey = spoolKey
        self.sopClass = sopClass
        self.sopInstance = sopInstance
        self.studyUID = studyUID
        self.series = series
        self.transferSyntax = transferSyntax
        self.bytes = bytes
        self.digest = digest
        self.marks = marks
        self.tries = tries
        self.failures = failures
        self.rank = rank
        self.pixelsReleased = pixelsReleased
    }
}

/// How one claimed instance ended.
package struct Settlement: Sendable, Codable, Hashable {
    package enum Outcome: Sendable, Codable, Hashable {
        /// Success or a warning (PS3.4 B.2.3).
        case acknowledged(status: UInt16)
        /// Waiting again; the whole transfer waits until then. `round` is `ClaimedInstance.failures`: lanes that meet trouble in the same
        /// round have met it once. Nil where nobody knows it: a round of its own.
        case deferred(Failure, until: Date, round: Int? = nil)
        /// Waiting again at once. `mark`: a worker died holding it; at `maximumMarks` it is set aside for a person.
        case giveBack(Failure?, mark: Bool, maximumMarks: Int)
        /// The daemon ended, without having been asked to, while it was claimed. Waiting again; set aside for a person
        /// when that has happened `maximum` times since it was last acknowledged or released.
        case crashed(maximum: Int)
        /// This one waits for a person; the others of the transfer go on.
        case held(Failure)
    }
    /// `ClaimedInstance.id`.
    package var id: Int64
    package var outcome: Outcome
    /// `ClaimedInstance.spoolKey`, where the outcome says something about that file; nil where nobody knows it.
    package var spoolKey: String?
    /// Sent over the wire, for the attempt's row.
    package var bytes: Int64
    package var seconds: Double

    package init(id: Int64, outcome: Outcome, spoolKey: String? = nil, bytes: Int64 = 0, seconds: Double = 0) {
        self.id = id
        self.outcome = outcome
        self.spoolKey = spoolKey
        self.bytes = bytes
        self.seconds = seconds
    }
}

/// A claim that nobody settled: what a killed daemon leaves.
package struct OpenMark: Sendable, Codable, Hashable {
    /// Of the passage.
    package var id: Int64
    package var transferID: Int64
    package var destination: String
    package var claimedBy: String
    package var claimedAt: Date
    package var marks: Int

    package init(id: Int64, transferID: Int64, destination: String, claimedBy: String, claimedAt: Date, marks: Int) {
        self.id = id
        self.transferID = transferID
        self.destination = destination
        self.claimedBy = claimedBy
        self.claimedAt = claimedAt
        self.marks = marks
    }
}

/// For a study's page: what one instance's way to one destination came to.
package struct PassageRecord: Sendable, Codable, Hashable {
    package var id: Int64
    package var transferID: Int64
    package var instanceID: Int64?
    package var reportID: Int64?
    package var state: PassageState
    package var marks: Int
    package var tries: Int
    package var lastStatus: UInt16?
    package var failure: Failure?
    package var acknowledgedAt: Date?

    package init(
        id: Int64, transferID: Int64, instanceID: Int64?, reportID: Int64?, state: PassageState, marks: Int,
        tries: Int, lastStatus: UInt16?, failure: Failure?, acknowledgedAt: Date?
    ) {
        self.id = id
        self.transferID = transferID
        self.instanceID = instanceID
        self.reportID = reportID
        self.state = state
        self.marks = marks
        self.tries = tries
        self.lastStatus = lastStatus
        self.failure = failure
        self.acknowledgedAt = acknowledgedAt
    }
}

/// What one lane did for one transfer in one session.
package struct AttemptRecord: Sendable, Codable, Hashable {
    package var id: Int64
    package var transferID: Int64
    package var destination: String
    package var lane: Int
    package var session: String
    package var startedAt: Date
    package var endedAt: Date?
    package var acknowledged: Int
    package var bytes: Int64
    /// Spent sending.
    package var seconds: Double
    package var failure: Failure?

    package init(
        id: Int64, transferID: Int64, destination: String, lane: Int, session: String, startedAt: Date,
        endedAt: Date?, acknowledged: Int, bytes: Int64, seconds: Double, failure: Failure?
    ) {
        self.id = id
        self.transferID = transferID
        self.destination = destination
        self.lane = lane
        self.session = session
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.acknowledged = acknowledged
        self.bytes = bytes
        self.seconds = seconds
        self.failure = failure
    }
}

/// A SOP class and a transfer syntax that wait for a destination.
package struct WaitingContext: Sendable, Codable, Hashable {
    package var sopClass: UID
    package var transferSyntax: TransferSyntax

    package init(sopClass: UID, transferSyntax: TransferSyntax) {
        self.sopClass = sopClass
        self.transferSyntax = transferSyntax
    }
}
