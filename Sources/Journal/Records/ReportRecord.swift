// A report on its way back.

package import DICOMVocabulary
package import Foundation

/// A received report whose file is durable.
package struct NewReport: Sendable, Codable, Hashable {
    package var reader: String
    package var sopClass: UID
    package var sopInstance: UID
    package var transferSyntax: TransferSyntax
    package var bytes: Int64
    package var digest: String
    package var spoolKey: String
    package var receivedAt: Date

    package init(
        reader: String, sopClass: UID, sopInstance: UID, transferSyntax: TransferSyntax, bytes: Int64, digest: String,
        spoolKey: String, receivedAt: Date
    ) {
        self.reader = reader
        self.sopClass = sopClass
        self.sopInstance = sopInstance
        self.transferSyntax = transferSyntax
        self.bytes = bytes
        self.digest = digest
        self.spoolKey = spoolKey
        self.receivedAt = receivedAt
    }
}

package enum ReportOutcome: Sendable, Hashable {
    case stored(ReportRecord)
    case duplicate(reportID: Int64)
    /// The same SOP Instance UID from the same reader with other bytes: it is kept beside the first and held.
    case conflict(ReportRecord, of: Int64)
}

/// What a report turned out to be about, and what it says of itself (PS3.3 C.17.2).
package struct ReportMatch: Sendable, Codable, Hashable {
    package var transferID: Int64
    package var studyID: Int64
    package var completion: String
    package var verification: String
    package var preliminary: String
    package var predecessors: [UID]

    package init(
        transferID: Int64, studyID: Int64, completion: String, verification: String, preliminary: String,
        predecessors: [UID]
    ) {
        self.transferID = transferID
        self.studyID = studyID
        self.completion = completion
        self.verification = verification
        self.preliminary = preliminary
        self.predecessors = predecessors
    }
}

/// The file with the identity put back, durable in the spool.
package struct RestoredReport: Sendable, Codable, Hashable {
    package var spoolKey: String
    package var bytes: Int64
    package var digest: String
    package var transferSyntax: TransferSyntax
    /// Where restoring gives it another UID; nil keeps the reader's.
    package var sopInstance: UID?

    package init(
        spoolKey: String, bytes: Int64, digest: String, transferSyntax: TransferSyntax, sopInstance: UID? = nil
    ) {
        self.spoolKey = spoolKey
        self.bytes = bytes
        self.digest = digest
        self.transferSyntax = transferSyntax
        self.sopInstance = sopInstance
    }
}

/// A person says which transfer a report answers.
package struct ReportBinding: Sendable, Codable, Hashable {
    package var transferID: Int64
    /// Why, though fewer than two keys of the report agree with the study; nil when they do.
    package var against: String?

    package init(transferID: Int64, against: String?) {
        self.transferID = transferID
        self.against = against
    }
}

/// One row per report and reader.
package struct ReportRecord: Sendable, Codable, Hashable {
    package var id: Int64
    package var reader: String
    package var transferID: Int64?
    package var studyID: Int64?
    package var sopInstance: UID
    package var sopClass: UID
    package var transferSyntax: TransferSyntax
    package var bytes: Int64
    package var digest: String
    package var spoolKey: String
    package var restored: RestoredReport?
    package var state: ReportState
    package var hold: HoldNotice?
    package var heldBy: String?
    /// Codes of holds that a person released.
    package var released: [String]
    package var receivedAt: Date
    package var restoredAt: Date?
    package var deliveredAt: Date?
    package var sweptAt: Date?
    package var completion: String
    package var verification: String
    package var preliminary: String
    package var predecessors: [UID]
    /// The transfer to which a person bound it, if somebody did.
    package var bound: ReportBinding?
    package var discardedAt: Date?

    package init(
        id: Int64, reader: String, transferID: Int64?, studyID: Int64?, sopInstance: UID, sopClass: UID,
        transferSyntax: TransferSyntax, bytes: Int64, digest: String, spoolKey: String, restored: RestoredReport?,
        state: ReportState, hold: HoldNotice?, heldBy: String?, released: [String], receivedAt: Date,
        restoredAt: Date?, deliveredAt: Date?, sweptAt: Date?, completion: String, verification: String,
        preliminary: String, predecessors: [UID]
    ) {
        self.id = id
        self.reader = reader
        self.transferID = transferID
        self.studyID = studyID
        self.sopInstance = sopInstance
        self.sopClass = sopClass
        self.transferSyntax = transferSyntax
        self.bytes = bytes
        self.digest = digest
        self.spoolKey = spoolKey
        self.restored = restored
        self.state = state
        self.hold = hold
        self.heldBy = heldBy
        self.released = released
        self.receivedAt = receivedAt
        self.restoredAt = restoredAt
        self.deliveredAt = deliveredAt
        self.sweptAt = sweptAt
        self.completion = completion
        self.verification = verification
        self.preliminary = preliminary
        self.predecessors = predecessors
    }

    /// False while it is held because its file is lost: then it is to come anew.
    package var hasFile: Bool { !Failure.Code.ofLostFiles.contains(hold?.code ?? "") }

    /// Whether a release answers why it is held: the others are asked again, and hold it again.
    package var isReleasable: Bool { hold.map { Self.releasable.contains($0.code) } ?? false }

    /// Holds by the site's wish and by people. A report that may be somebody else's is never let go by its hold alone.
    static let releasable: Set<String> = [
        Failure.Code.reportIncomplete.rawValue, Failure.Code.reportConflict.rawValue,
        Failure.Code.characterSetMissing.rawValue, Failure.Code.documentUnreadable.rawValue,
        Failure.Code.patientDiffers.rawValue, Failure.Code.mixedPatients.rawValue, HoldNotice.operator,
    ]

    /// What people type: `R` and digits.
    package var key: String { "R\(id)" }
}

/// When a reader is asked next for the report of one transfer.
package struct PollRecord: Sendable, Codable, Hashable {
    package var transferID: Int64
    package var studyID: Int64?
    package var destination: String
    package var pseudonymousStudyUID: UID?
    package var nextPollAt: Date
    package var polls: Int
    package var firstAt: Date
    package var lastFailure: Failure?
    package var state: PollState

    package init(
        transferID: Int64, studyID: Int64?, destination: String, pseudonymousStudyUID: UID?, nextPollAt: Date,
        polls: Int, firstAt: Date, lastFailure: Failure?, state: PollState
    ) {
        self.transferID = transferID
        self.studyID = studyID
        self.destination = destination
        self.pseudonymousStudyUID = pseudonymousStudyUID
        self.nextPollAt = nextPollAt
        self.polls = polls
        self.firstAt = firstAt
        self.lastFailure = lastFailure
        self.state = state
    }
}
