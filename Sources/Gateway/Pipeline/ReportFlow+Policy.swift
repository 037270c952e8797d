// What the site wants of a report, and what the report says of others that came before it.

import DICOMVocabulary
import Foundation
import Journal
import Reports
import Vault
import WorkerProtocol

extension ReportFlow {
    static let forgotten = Failure(
        .mapForgotten, .person, .instance, detail: "the map between the study's pseudonyms and its patient was erased",
        hint: "It leads back to nobody. Ask the reader to report by another way, to the hospital itself.")

    /// Whether a study that was sent under this pseudonym is known no more.
    func isForgotten(_ pseudonym: UID, _ vault: VaultDatabase) async throws(Failure) -> Bool {
        try await failing {
            var query = TransferQuery()
            query.pseudonymousStudyUID = pseudonym
            for transfer in try await journal.transfers(query) where transfer.reportID == nil {
                guard let id = transfer.studyID, let study = try await journal.study(id) else { continue }
                if try await vault.isForgotten(study: study.studyUID) { return true }
            }
            return false
        }
    }

    func policy(for report: ReportRecord, _ knownDocuments: [UID]) -> RestorePolicy {
        var policy = RestorePolicy()
        if let reports = settings.reports(of: report.reader) {
            policy.assumedCharacterSet = reports.assumedCharacterSet
            policy.documents = reports.documents
            policy.unknownReferences = reports.unknownReferences
        }
        func released(_ code: Failure.Code) -> Bool { report.released.contains(code.rawValue) }
        policy.guessesCharacterSet = released(.characterSetMissing)
        policy.documentReleased = released(.documentUnreadable)
        policy.patientReleased = released(.patientDiffers)
        policy.knownDocuments = knownDocuments
        // One UID stands for one content: the second that came under it gets its own, made of both.
        if released(.reportConflict) {
            let digits = Array(report.digest.utf8) + [UInt8](repeating: 0x30, count: 32)
            policy.newInstance = UID(
                pseudonymousMaterial: stride(from: 0, to: 32, by: 2).map {
                    UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16) ?? digits[$0]
                })
        }
        return policy
    }

    /// Documents of this reader that a report may name. One that it follows must be about the same patient; that it
    /// follows stands in the history of both.
    func knownDocuments(
        _ contents: ReportContents, _ report: ReportRecord, _ study: SentStudy, _ vault: VaultDatabase
    ) async throws(Failure) -> [UID] {
        var query = ReportQuery()
        query.reader = report.reader
        query.studyID = study.study
        let ofStudy = query
        let beside = try await failing { try await journal.reports(ofStudy).map(\.sopInstance) }
        for uid in contents.predecessors where uid != contents.sopInstance {
            var query = ReportQuery()
            query.reader = report.reader
            query.sopInstances = [uid]
            let followed = query
            guard let former = try await failing({ try await journal.reports(followed).first }) else {
                try await note(report, study, "it follows a document that never came here")
                continue
            }
            if let transfer = former.transferID, let other = try await boundStudy(transfer, vault),
                other.patientKey != study.patientKey
            {
                throw Failure(
                    .reportContradicts, .person, .instance,
                    detail: "it follows \(former.key), which is about another patient",
                    hint: "Treat as a wrong-patient risk: ask the reader, do not release.")
            }
            let relation = ReportStatus(contents).relation == .addendum ? "addendum to" : "replacement of"
            try await note(report, study, "it comes as \(relation) \(former.key)")
            guard report.state == .received else { continue }
            try await failing {
                try await journal.record(
                    event: EventRecord(
                        at: now(), kind: "reportFollowed", detail: "\(report.key) comes as \(relation) it",
                        studyID: former.studyID, reportID: former.id))
            }
        }
        return beside + contents.predecessors
    }

    /// Once: a report that is tried again has its notes already.
    private func note(_ report: ReportRecord, _ study: SentStudy, _ detail: String) async throws(Failure) {
        guard report.state == .received else { return }
        try await failing {
            try await journal.record(
                event: EventRecord(
                    at: now(), kind: "reportFollows", detail: detail, studyID: study.study, reportID: report.id))
        }
    }
}
