// What the office does when storage commitment is spoken of on an incoming association.

package import DICOMVocabulary

/// Called for one message at a time per association, for many associations at once. What it answers is durable.
package protocol CommitmentDesk: Sendable {
    /// A modality asks (N-ACTION): the status to answer.
    func requested(
        _ request: CommitmentRequest, by source: SourceSettings, on association: AssociationKey
    ) async -> UInt16
    /// A destination answers (N-EVENT-REPORT): the status to answer.
    func reported(_ report: CommitmentReport, by source: SourceSettings) async -> UInt16
    /// What the modality that waits on its association can be told now.
    func answer(to transaction: UID, of source: SourceSettings) async -> CommitmentReport?
    /// It was told so.
    func told(_ transaction: UID, status: UInt16, to source: SourceSettings) async
}
