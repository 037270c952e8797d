// Documents that we sent to a reader ourselves: they come back in its answers, and are no reports.

import DICOMVocabulary
import Journal
import Vault

/// What a reader has of a study from us, as it knows it.
struct OwnObjects: Sendable {
    /// SOP Instance UIDs of the structured documents.
    var documents: [UID] = []
    var series: [UID] = []
}

/// Looks up the structured documents among a study's own instances, as the reader knows them.
struct OwnDocuments: Sendable {
    let journal: JournalDatabase
    let door: VaultDoor

    /// Of all parts of a study, in one space of pseudonyms.
    func objects(study: UID, space: String) async throws(Failure) -> OwnObjects {
        let vault = try door.open()
        let originals = try await journal.originalUIDs(study: study, of: SOPClass.reports)
        return OwnObjects(
            documents: originals.instances.map { vault.pseudonym($0, scope: space) },
            series: originals.series.map { vault.pseudonym($0, scope: space) })
    }

    /// Whether an object that a reader gave us is one that we gave it. The study is named as the reader knows it.
    func contains(_ instance: UID, pseudonymousStudy: UID) async throws(Failure) -> Bool {
        guard let transfer = try await journal.transfers(pseudonymousStudyUID: pseudonymousStudy).first,
            let id = transfer.studyID, let study = try await journal.study(id)
        else { return false }
        return try await objects(study: study.studyUID, space: transfer.space).documents.contains(instance)
    }
}
