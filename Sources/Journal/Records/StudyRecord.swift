// A study as the journal knows it.

package import DICOMVocabulary
package import Foundation

/// One row per study, and one more for each late part of it (`followUpOf`).
package struct StudyRecord: Sendable, Codable, Hashable {
    package var id: Int64
    package var studyUID: UID
    /// 1 for the first row of this Study Instance UID, 2 for its first follow-up, and so on.
    package var sequence: Int
    /// The first row of this Study Instance UID.
    package var followUpOf: Int64?
    package var source: String
    package var calledAE: String
    package var state: StudyState
    /// Also on a study that is still received: it is held as soon as it is complete.
    package var hold: HoldNotice?
    package var heldBy: String?
    /// Codes of holds that a person released: the checks behind them are not asked again.
    package var released: [String]
    package var rank: Int
    package var priority: String
    package var firstInstanceAt: Date
    package var lastInstanceAt: Date
    package var completedAt: Date?
    package var plannedAt: Date?
    /// When it became delivered or cancelled.
    package var finishedAt: Date?
    package var sweptAt: Date?
    package var instanceCount: Int
    package var bytes: Int64
    /// Instances that came again with the same bytes.
    package var duplicates: Int
    package var modalities: [String]
    package var bodyParts: [String]
    /// Marks of the patients seen in this study: more than one is a mix-up.
    package var patientKeys: [String]
    package var rule: String?
    /// The caller's own encoding of why it goes where it goes.
    package var decision: [UInt8]?
    /// Of some of its instances (`InstanceRecord.pixelsReleased`).
    package var pixelsReleased: Bool
    /// Of its transfers, reports aside.
    package var destinations: [String]
    /// Of its transfers.
    package var heldInstances: Int

    package init(
        id: Int64, studyUID: UID, sequence: Int, followUpOf: Int64?, source: String, calledAE: String,
        state: StudyState, hold: HoldNotice?, heldBy: String?, released: [String], rank: Int, priority: String,
        firstInstanceAt: Date, lastInstanceAt: Date, completedAt: Date?, plannedAt: Date?, finishedAt: Date?,
        sweptAt: Date?, instanceCount: Int, bytes: Int64, duplicates: Int, modalities: [String], bodyParts: [String],
        patientKeys: [String], rule: String?, decision: [UInt8]?, pixelsReleased: Bool, destinations: [String],
        heldInstances: Int
    ) {
        self.id = id
        self.studyUID = studyUID
        self.sequence = sequence
        self.followUpOf = followUpOf
        self.source = source
        self.calledAE = calledAE
        self.state = state
        self.hold = hold
        self.heldBy = heldBy
        self.released = released
        self.rank = rank
        self.priority = priority
        self.firstInstanceAt = firstInstanceAt
        self.lastInstanceAt = lastInstanceAt
        self.completedAt = completedAt
        self.plannedAt = plannedAt
        self.finishedAt = finishedAt
        self.sweptAt = sweptAt
        self.instanceCount = instanceCount
        self.bytes = bytes
        self.duplicates = duplicates
        self.modalities = modalities
        self.bodyParts = bodyParts
        self.patientKeys = patientKeys
        self.rule = rule
        self.decision = decision
        self.pixelsReleased = pixelsReleased
        self.destinations = destinations
        self.heldInstances = heldInstances
    }

    /// What people type: `S` and digits.
    package var key: String { "S\(id)" }
}

/// A study that a pseudonym leads to.
package struct NamedStudy: Sendable, Hashable {
    /// As the hospital knows it.
    package var study: UID
    /// The marks of its patients, as in `StudyRecord`.
    package var patientKeys: [String]

    package init(study: UID, patientKeys: [String]) {
        self.study = study
        self.patientKeys = patientKeys
    }
}
