// Text and document of a report, for whoever may know the patient.

import DICOMVocabulary
import Forwarding
import Journal
import Vault
import WorkerProtocol

extension LiveDesk {
    func reportText(_ key: String) async throws -> String {
        try await reading(key) { flow, report async throws(Failure) in try await flow.text(of: report) }
    }

    func reportDocument(_ key: String, from offset: Int) async throws -> DocumentView {
        let part = try await reading(key) { flow, report async throws(Failure) in
            try await flow.document(of: report, from: offset)
        }
        guard let part else { throw OperatorError(.notFound, "\(key) holds no document; report show prints its text") }
        return DocumentView(mimeType: part.mimeType, total: part.total, bytes: part.bytes)
    }

    /// Looks into a report whose file is here, and writes down who looked.
    private func reading<Value>(
        _ key: String, _ body: (ReportFlow, ReportRecord) async throws(Failure) -> Value
    ) async throws -> Value {
        var query = ReportQuery()
        query.ids = [try number(key, "R")]
        guard let report = try await journal.reports(query).first else {
            throw OperatorError(.notFound, "there is no report \(key)")
        }
        guard report.sweptAt == nil else {
            throw OperatorError(.notFound, "the file of \(key) was swept after its delivery")
        }
        do throws(Failure) {
            let flow = reportFlow()
            // A restored report names the patient, as the vault does, and so does any of a reader that knows who it is.
            if report.restored != nil || settings().destination(report.reader)?.profile.isIdentified == true {
                try await flow.door.open().record(
                    VaultAccess(at: now(), actor: OperatorActor.current, action: .readReport, subject: key, found: 1))
            }
            return try await body(flow, report)
        } catch {
            throw OperatorError(.unavailable, "\(key) cannot be shown: \(error.detail)")
        }
    }
}
