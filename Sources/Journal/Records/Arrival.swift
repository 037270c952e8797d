// Step 3: an instance whose file is durable asks for its row.

package import DICOMVocabulary
package import Foundation

/// What the journal is told of a received instance. Nothing of it names the patient.
package struct Arrival: Sendable, Codable, Hashable {
    package var spoolKey: String
    package var sopClass: UID
    package var sopInstance: UID
    package var study: UID
    package var series: UID
    package var transferSyntax: TransferSyntax
    /// Of the data set as it came.
    package var bytes: Int64
    /// XXH3-128 of the data set as it came, lower-case hex.
    package var digest: String
    package var modality: String
    package var bodyPart: String
    /// The name of the source's settings.
    package var source: String
    package var calledAE: String
    /// `VaultDatabase.patientKey`: a keyed mark, the same for the same patient.
    package var patientKey: String
    /// Smaller is sent first.
    package var rank: Int
    /// The word for the rank.
    package var priority: String
    package var receivedAt: Date

    package init(
        spoolKey: String, sopClass: UID, sopInstance: UID, study: UID, series: UID, transferSyntax: TransferSyntax,
        bytes: Int64, digest: String, modality: String, bodyPart: String, source: String,
        calledAE: String, patientKey: String, rank: Int, priority: String, receivedAt: Date
    ) {
        self.spoolKey = spoolKey
        self.sopClass = sopClass
        self.sopInstance = sopInstance
        self.study = study
        self.series = series
        self.transferSyntax = transferSyntax
        self.bytes = bytes
        self.digest = digest
        self.modality = modality
        self.bodyPart = bodyPart
        self.source = source
        self.calledAE = calledAE
        self.patientKey = patientKey
        self.rank = rank
        self.priority = priority
        self.receivedAt = receivedAt
    }
}

package enum ArrivalOutcome: Sendable, Hashable {
    /// The row is durable, in this study's row.
    case stored(studyID: Int64)
    /// The same SOP Instance UID with the same bytes is here already; the new file is not needed.
    case duplicate(studyID: Int64)
    /// The same SOP Instance UID with other bytes is here; the first is kept, and an event tells.
    case conflict(studyID: Int64)

    /// The study of the copy that was here before.
    package var studyOfFirst: Int64? {
        switch self {
        case .stored: nil
        case .duplicate(let study), .conflict(let study): study
        }
    }
}
