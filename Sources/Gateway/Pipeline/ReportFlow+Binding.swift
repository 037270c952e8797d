// A person says which study a report answers.

import DICOMVocabulary
import Journal
import Reports
import Vault
import WorkerProtocol

extension ReportFlow {
    /// How the keys of a report stand to the study of a transfer. Nothing is changed.
    func keys(of report: ReportRecord, beside transfer: TransferRecord) async throws(Failure) -> ReportKeys? {
        let vault = try door.open()
        // What a reader wrote that knows the patient is not rewritten for another study than the one that it names.
        guard !transfer.isIdentified, let study = try await boundStudy(transfer.id, vault),
            let pseudonym = transfer.pseudonymousStudyUID
        else { return nil }
        guard case .inspected(let contents) = try await ask(.inspect(file(of: report))) else { throw Self.outOfTurn }
        let sent = try await sentStudies(contents, report.reader, vault)
        return ReportKeys(contents, with: study, pseudonym: pseudonym, sent: sent)
    }

    /// The study to which a person bound a report, or nil when its transfer or identity is no longer known.
    func boundStudy(_ transfer: Int64, _ vault: VaultDatabase) async throws(Failure) -> SentStudy? {
        try await failing {
            guard let transfer = try await journal.transfer(transfer), let id = transfer.studyID,
                let study = try await journal.study(id)
            else { return nil }
            return try await sentStudy(study, by: transfer, vault)
        }
    }
}
