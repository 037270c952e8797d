// Documents that we sent to a reader ourselves: they come back in its answers, and are no reports.

import DICOMVocabulary
import Journal
import Vault

/// Looks up the structured documents among a study's own instances, as the reader knows them.
struct OwnDocuments: Sendable {
    let journal: JournalDatabase
    let door: VaultDoor

    /// Pseudonymous SOP Instance UIDs of the documents in all parts of a study.
    func pseudonyms(study: UID) async throws(Failure) -> [UID] {
        let vault = try door.open()
        var query = StudyQuery()
        query.uids = [study]
        var found: [UID] = []
        for part in try await journal.studies(query) {
            for instance in try await journal.instances(study: part.id)
            where SOPClass.reports.contains(instance.sopClass) {
                found.append(vault.pseudonym(instance.sopInstance))
            }
        }
        return found
    }

    /// Whether an object that a reader gave us is one that we gave it. The study is named as the reader knows it.
    func contains(_ instance: UID, pseudonymousStudy: UID) async throws(Failure) -> Bool {
        guard let transfer = try await journal.transfers(pseudonymousStudyUID: pseudonymousStudy).first,
            let id = transfer.studyID, let study = try await journal.study(id)
        else { return false }
        return try await pseudonyms(study: study.studyUID).contains(instance)
    }
}
