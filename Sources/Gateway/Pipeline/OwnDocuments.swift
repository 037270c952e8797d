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

    /// Of all parts of a study, as they went with a transfer.
    func objects(study: UID, sentBy transfer: TransferRecord) async throws(Failure) -> OwnObjects {
        let originals = try await journal.originalUIDs(study: study, of: SOPClass.reports)
        guard !transfer.isIdentified else {
            return OwnObjects(documents: originals.instances, series: originals.series)
        }
        let vault = try door.open()
        return OwnObjects(
            documents: originals.instances.map { vault.pseudonym($0, scope: transfer.space) },
            series: originals.series.map { vault.pseudonym($0, scope: transfer.space) })
    }

    /// Whether an object that a reader gave us is one that we gave it. The study is named as the reader knows it.
    func contains(_ instance: UID, pseudonymousStudy: UID) async throws(Failure) -> Bool {
        guard let transfer = try await journal.transfers(pseudonymousStudyUID: pseudonymousStudy).first,
            let id = transfer.studyID, let study = try await journal.study(id)
        else { return false }
        if transfer.isIdentified {
            // Under the UIDs of the hospital reports that went home may come back as documents of ours: a report is one still.
            var query = ReportQuery()
            query.reader = transfer.destination
            query.sopInstances = [instance]
            guard try await journal.reports(query).isEmpty else { return false }
        }
        return try await objects(study: study.studyUID, sentBy: transfer).documents.contains(instance)
    }
}
