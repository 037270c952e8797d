// Steps 7 and 8 of the office: match a report, have it restored, plan its delivery.

import DICOMVocabulary
import Foundation
import Intake
import Journal
import Logging
import Reports
import Routing
import Spool
import Synchronization
import Vault
import WorkerProtocol

/// Takes received reports one by one. Repeatable at any point: a restored file that no row names is swept as an orphan.
struct ReportFlow: Sendable {
    let journal: JournalDatabase
    let door: VaultDoor
    let pool: WorkerPool
    let settings: GatewaySettings
    let logger: Logger
    let now: @Sendable () -> Date
    let delivered: @Sendable () -> Void
    let marks: ReportMarks
    /// Called between reports: the stage moves.
    let beat: @Sendable () -> Void

    /// Handles what has been received. A report that cannot go on is held; only trouble of journal or vault throws.
    func handleReceived() async throws {
        var query = ReportQuery()
        query.states = [.received, .matched]
        query.limit = 100
        for report in try await journal.reports(query).sorted(by: { $0.id < $1.id }) {
            beat()
            do throws(Failure) {
                try await handle(report)
            } catch {
                guard let hold = try verdict(on: error, report) else { continue }
                try await journal.holdReport(
                    report.id, notice: HoldNotice(hold), actor: EventRecord.antipode, at: now())
                logger.warning(
                    "A report is held",
                    metadata: ["report": "\(report.key)", "code": "\(hold.code.rawValue)", "detail": "\(hold.detail)"])
            }
        }
    }

    /// Why the report is held, or nil when it is tried again at the next turn. What concerns the whole house is thrown.
    private func verdict(on failure: Failure, _ report: ReportRecord) throws(Failure) -> Failure? {
        switch (failure.code, failure.scope, failure.disposition) {
        case (.workerDied, _, _), (.workerTooSlow, _, _):
            guard marks.add(report.id) >= Self.maximumMarks else { return nil }
            return Failure(
                .setAside, .person, .instance, detail: "\(Self.maximumMarks) workers died of it: \(failure.detail)",
                hint: "Keep the file for the maintainers; ask the reader for the report by another way.")
        case (_, .instance, .refused), (_, .instance, .person): return failure
        case (_, .instance, .tryAgain): return nil
        case (_, .destination, _): throw failure
        }
    }

    private static let maximumMarks = 2

    private func handle(_ report: ReportRecord) async throws(Failure) {
        let vault = try door.open()
        let file = file(of: report)
        guard case .inspected(let contents) = try await ask(.inspect(file)) else { throw Self.outOfTurn }
        let study = try await match(contents, from: report.reader, vault)
        _ = try await failing {
            try await journal.matchReport(
                report.id,
                ReportMatch(
                    transferID: study.transfer, studyID: study.study, completion: contents.completion,
                    verification: contents.verification, preliminary: contents.preliminary,
                    predecessors: contents.predecessors), at: now())
        }
        // Once: a report that is tried again is matched already.
        if report.state == .received { try await noteMissingImages(report, study) }
        // After the match is written down, so that a release of the study finds the report.
        if let reports = settings.reports(of: report.reader),
            !report.released.contains(Failure.Code.reportIncomplete.rawValue)
        {
            try ReportMatcher.judge(contents, reports)
        }
        guard let identity = try await failing({ try await vault.identities(study: study.original).first }) else {
            throw Failure(
                .identifiersMissing, .person, .instance, detail: "the vault no longer knows the study's identity",
                hint: "It was erased; ask the reader for the report by another way.")
        }
        let job = RestoreJob(
            report: file, spool: location, identity: identity, tokens: study.tokens,
            cited: try await cited(in: contents, beside: study, vault),
            uids: try await wayBack(contents, study, vault))
        guard case .restored(let restored) = try await ask(.restore(job)) else { throw Self.outOfTurn }
        guard restored.study == study.original else {
            throw Failure(
                .reportContradicts, .person, .instance, detail: "restoring gave it another study than it was matched to"
            )
        }
        let deliveries = (settings.reports(of: report.reader)?.deliverTo ?? []).map {
            NewTransfer(
                destination: $0, profile: "identified", rule: nil, rank: ExamPriority.stat.rank,
                priority: ExamPriority.stat.rawValue)
        }
        try await failing {
            _ = try await journal.restoreReport(
                report.id,
                restored: RestoredReport(
                    spoolKey: restored.spoolKey, bytes: restored.dataSetBytes, digest: restored.digest,
                    transferSyntax: restored.transferSyntax),
                deliveries: deliveries, at: now())
        }
        logger.notice(
            "A report is restored",
            metadata: [
                "report": "\(report.key)", "study": "S\(study.study)", "tokens": "\(restored.replacedTokens)",
                "uids": "\(restored.replacedUIDs)",
            ])
        delivered()
    }

    /// A report written before the reader had all images of the study is delivered, for it may be urgent; that it saw only
    /// a part stands in the study's timeline and in the log.
    private func noteMissingImages(_ report: ReportRecord, _ study: SentStudy) async throws(Failure) {
        try await failing {
            guard let transfer = try await journal.transfer(study.transfer), transfer.acknowledged < transfer.instances
            else { return }
            let detail = "the reader had \(transfer.acknowledged) of \(transfer.instances) images of T\(transfer.id)"
            try await journal.record(
                event: EventRecord(
                    at: now(), kind: "reportOnPart", detail: detail, studyID: study.study, reportID: report.id))
            logger.warning(
                "A report came before its reader had every image",
                metadata: ["report": "\(report.key)", "study": "S\(study.study)", "detail": "\(detail)"])
        }
    }

    private func match(
        _ contents: ReportContents, from reader: String, _ vault: VaultDatabase
    ) async throws(Failure) -> SentStudy {
        var sent: [UID: SentStudy] = [:]
        for uid in Set([contents.study] + contents.evidenceStudies + contents.requestStudies) {
            sent[uid] = try await failing { try await sentStudy(uid, reader, vault) }
        }
        return try ReportMatcher(reader: reader, sent: sent).match(contents)
    }

    private func sentStudy(_ pseudonym: UID, _ reader: String, _ vault: VaultDatabase) async throws -> SentStudy? {
        var query = TransferQuery()
        query.pseudonymousStudyUID = pseudonym
        let transfers = try await journal.transfers(query).filter { $0.reportID == nil }
        guard let transfer = transfers.first(where: { $0.destination == reader }) ?? transfers.first,
            let id = transfer.studyID, let study = try await journal.study(id),
            let identity = try await vault.identities(study: study.studyUID).first
        else { return nil }
        return SentStudy(
            transfer: transfer.id, study: study.followUpOf ?? study.id, reader: transfer.destination,
            original: study.studyUID, patientKey: vault.patientKey(identity),
            tokens: try await vault.tokens(study: study.studyUID, scope: TokenScope.shared))
    }

    /// The other studies whose order numbers the report holds: only those of the same patient that went to the same
    /// reader. Any other token stays unknown to the restorer, which holds the report for it.
    private func cited(
        in contents: ReportContents, beside study: SentStudy, _ vault: VaultDatabase
    ) async throws(Failure) -> [CitedStudy] {
        try await failing {
            var found: [UID: CitedStudy] = [:]
            for token in contents.tokens.compactMap({ Token($0) }) {
                guard let original = try await vault.meaning(of: token)?.study, original != study.original,
                    found[original] == nil,
                    let other = try await sentStudy(vault.pseudonym(original), study.reader, vault),
                    other.reader == study.reader, other.patientKey == study.patientKey,
                    let identity = try await vault.identities(study: original).first
                else { continue }
                found[original] = CitedStudy(identity: identity, tokens: other.tokens)
            }
            return found.values.sorted { $0.tokens.accessionNumber < $1.tokens.accessionNumber }
        }
    }

    /// Every UID that the report may name: those the vault holds, and those of the studies' instances, computed.
    private func wayBack(
        _ contents: ReportContents, _ study: SentStudy, _ vault: VaultDatabase
    ) async throws(Failure) -> [UIDPair] {
        try await failing {
            let wanted = Set(contents.uids)
            var pairs = Set(try await vault.pairs(pseudonyms: contents.uids))
            let studies = Set(pairs.map(\.original)).union([study.original])
            for original in studies {
                for uid in try await journal.originalUIDs(study: original).instances {
                    let pair = UIDPair(original: uid, pseudonym: vault.pseudonym(uid))
                    if wanted.contains(pair.pseudonym) { pairs.insert(pair) }
                }
            }
            return Array(pairs)
        }
    }

    func text(of report: ReportRecord) async throws(Failure) -> String {
        var file = file(of: report)
        if let restored = report.restored {
            file.spoolKey = restored.spoolKey
            file.transferSyntax = restored.transferSyntax
        }
        guard case .rendered(let text) = try await ask(.render(file)) else { throw Self.outOfTurn }
        return text
    }

    private func file(of report: ReportRecord) -> ReportFile {
        ReportFile(
            spoolKey: report.spoolKey, sopClass: report.sopClass, transferSyntax: report.transferSyntax,
            spoolDirectory: settings.spool, scan: settings.intake.scan)
    }

    private var location: SpoolLocation { SpoolLocation(directory: settings.spool, freeFloor: settings.freeFloor) }

    private func ask(_ message: OfficeMessage) async throws(Failure) -> WorkerMessage {
        try await pool.ask(message, within: 120)
    }

    private static let outOfTurn = Failure(
        .protocolError, .tryAgain, .destination, detail: "the report worker answered out of turn")

    /// Turns what the databases throw into a failure of the house: tried again, nothing held for it.
    private func failing<Value>(_ body: () async throws -> Value) async throws(Failure) -> Value {
        do {
            return try await body()
        } catch {
            throw error as? Failure
                ?? Failure(.unexpected, .tryAgain, .destination, detail: "journal or vault could not be used")
        }
    }
}

/// How many workers died of a report since the start. A restart forgets it: the daemon itself never dies of a report.
final class ReportMarks: Sendable {
    private let counts = Mutex([Int64: Int]())

    func add(_ report: Int64) -> Int {
        counts.withLock { counts in
            counts[report, default: 0] += 1
            return counts[report] ?? 0
        }
    }
}
