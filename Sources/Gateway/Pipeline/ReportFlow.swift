// Steps 7 and 8 of the office: match a report, have it restored, plan its delivery.

import DICOMVocabulary
import Forwarding
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
    /// Reports that could not go on for a reason of their own.
    let deferrals: Deferrals
    /// Called between reports: the stage moves.
    let beat: @Sendable () -> Void

    /// Handles what has been received. A report that cannot go on is held; only trouble of journal or vault throws.
    func handleReceived() async throws {
        for report in try await journal.openReports(except: deferrals.waiting(at: now()), limit: 100) {
            beat()
            do throws(Failure) {
                try await handleMarked(report)
                deferrals.forget(report.id)
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

    /// Why the report is held, or nil when it is tried again later. What concerns the whole house is thrown.
    private func verdict(on failure: Failure, _ report: ReportRecord) throws(Failure) -> Failure? {
        switch (failure.scope, failure.disposition) {
        case (.destination, _): throw failure
        case (.instance, .refused), (.instance, .person):
            deferrals.forget(report.id)
            return failure
        case (.instance, .tryAgain):
            if let hopeless = deferrals.hopeless(report.id, after: failure) {
                deferrals.forget(report.id)
                return hopeless
            }
            let deaths = deferrals.deaths(of: report.id, adding: failure, at: now())
            guard deaths >= settings.maximumDeaths else {
                logger.warning(
                    "A report could not go on and will be tried again",
                    metadata: [
                        "report": "\(report.key)", "code": "\(failure.code.rawValue)", "detail": "\(failure.detail)",
                    ])
                return nil
            }
            deferrals.forget(report.id)
            return Deferrals.setAside(
                deaths, after: failure,
                hint: "Keep the file for the maintainers; ask the reader for the report by another way.")
        }
    }

    /// With an open mark in the journal, for the daemon may end of it.
    private func handleMarked(_ report: ReportRecord) async throws(Failure) {
        let mark = Handled(.report, report.id)
        try await failing { try await journal.beginHandling(mark) }
        do throws(Failure) {
            try await handle(report)
        } catch {
            try await failing { try await journal.endHandling(mark) }
            throw error
        }
        try await failing { try await journal.endHandling(mark) }
    }

    private func handle(_ report: ReportRecord) async throws(Failure) {
        let vault = try door.open()
        let file = file(of: report)
        guard case .inspected(let contents) = try await ask(.inspect(file)) else { throw Self.outOfTurn }
        FaultPoint.pass("report.inspected")
        let study = try await study(of: report, contents, vault)
        _ = try await failing {
            try await journal.matchReport(
                report.id,
                ReportMatch(
                    transferID: study.transfer, studyID: study.study,
                    completion: HeaderWords.kept(contents.completion, of: ["PARTIAL", "COMPLETE"]),
                    verification: HeaderWords.kept(contents.verification, of: ["UNVERIFIED", "VERIFIED"]),
                    preliminary: HeaderWords.kept(contents.preliminary, of: ["PRELIMINARY", "FINAL"]),
                    predecessors: contents.predecessors), at: now())
        }
        FaultPoint.pass("report.matched")
        // Once: a report that is tried again is matched already.
        if report.state == .received { try await noteMissingImages(report, study) }
        let uids = try await wayBack(contents, study, isBound: report.bound != nil, vault)
        let known = try await knownDocuments(contents, report, study, vault)
        // After the match is written down, so that a release of the study finds the report.
        if let reports = settings.reports(of: report.reader),
            !report.released.contains(Failure.Code.reportIncomplete.rawValue)
        {
            try ReportStatus(contents).judge(reports)
        }
        let identities = try await failing { try await vault.identities(study: study.original) }
        guard let identity = identities.first else { throw Self.forgotten }
        try await checkParts(of: study, report, identities, vault)
        try await checkConflict(report)
        let job = RestoreJob(
            report: file, spool: location, identity: identity, tokens: study.tokens,
            cited: try await cited(in: contents, beside: study, vault),
            uids: uids,
            policy: policy(for: report, known), isIdentified: study.isIdentified)
        try await failing {
            try await vault.record(
                VaultAccess(
                    at: now(), actor: EventRecord.antipode, action: .restore, subject: report.key, found: 1,
                    reason: "of S\(study.study)"))
        }
        guard case .restored(let restored) = try await ask(.restore(job)) else { throw Self.outOfTurn }
        guard restored.study == study.original else {
            throw Failure(
                .reportContradicts, .person, .instance, detail: "restoring gave it another study than it was matched to"
            )
        }
        FaultPoint.pass("report.restored-before-rows")
        let deliveries = (settings.reports(of: report.reader)?.deliverTo ?? []).map {
            NewTransfer(
                destination: $0, profile: TransferRecord.identifiedProfile, rule: nil, rank: ExamPriority.stat.rank,
                priority: ExamPriority.stat.rawValue,
                commitment: settings.destination($0)?.commitmentWish ?? .none)
        }
        try await failing {
            _ = try await journal.restoreReport(
                report.id,
                restored: RestoredReport(
                    spoolKey: restored.spoolKey, bytes: restored.dataSetBytes, digest: restored.digest,
                    transferSyntax: restored.transferSyntax, sopInstance: job.policy.newInstance),
                deliveries: deliveries, notes: restored.notes + Self.notes(on: identities, study), at: now())
        }
        FaultPoint.pass("report.after-rows")
        logger.notice(
            "A report is restored",
            metadata: [
                "report": "\(report.key)", "study": "S\(study.study)", "tokens": "\(restored.replacedTokens)",
                "uids": "\(restored.replacedUIDs)",
            ])
        delivered()
    }

    /// While a person has to find out whose another part of the study is, or which of two patients its images name, it is open whose
    /// the report is.
    private func checkParts(
        of study: SentStudy, _ report: ReportRecord, _ identities: [StudyIdentity], _ vault: VaultDatabase
    ) async throws(Failure) {
        let code = Failure.Code.mixedPatients
        guard !report.released.contains(code.rawValue) else { return }
        var query = StudyQuery()
        query.uids = [study.original]
        query.limit = 1000
        let asked = query
        let parts = try await failing { try await journal.studies(asked) }
        let hint = "Find out whose they are. If it is about the patient of the images that were sent, release it."
        if let disputed = parts.first(where: { $0.hold?.code == code.rawValue }) {
            throw Failure(
                code, .person, .instance,
                detail: "\(disputed.key), a part of its study, is held because its images may be another patient's",
                hint: hint)
        }
        guard !parts.contains(where: { $0.released.contains(code.rawValue) }),
            PatientJudgement.isDisputed(identities, vault)
        else { return }
        throw Failure(
            code, .person, .instance, detail: "the images that came of its study name more than one patient", hint: hint
        )
    }

    /// A retry, or binding it to a study, does not answer which of two contents under one UID is meant.
    private func checkConflict(_ report: ReportRecord) async throws(Failure) {
        let code = Failure.Code.reportConflict
        guard !report.released.contains(code.rawValue) else { return }
        var query = ReportQuery()
        query.reader = report.reader
        query.sopInstances = [report.sopInstance]
        let asked = query
        let first = try await failing { try await journal.reports(asked) }
            .first { $0.id < report.id && $0.digest != report.digest && $0.state != .discarded }
        guard let first else { return }
        throw Failure(
            code, .person, .instance, detail: "it has the SOP Instance UID of \(first.key) and other content",
            hint: "Compare it with \(first.key) and ask \(report.reader) which counts; "
                + "release delivers it beside the other under a UID of its own.")
    }

    /// What a site that gives one study several orders should know.
    private static func notes(on identities: [StudyIdentity], _ study: SentStudy) -> [String] {
        let orders = Set(identities.map { $0.text(.accessionNumber) }.filter { !$0.isEmpty })
        guard orders.count > 1, !study.isIdentified else { return [] }
        return ["its study came with \(orders.count) accession numbers, and it names the first"]
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

    /// What a person said goes before what the keys say: they were compared when it was said.
    private func study(
        of report: ReportRecord, _ contents: ReportContents, _ vault: VaultDatabase
    ) async throws(Failure) -> SentStudy {
        if let bound = report.bound, let study = try await boundStudy(bound.transferID, vault) { return study }
        let sent = try await sentStudies(contents, report.reader, vault)
        if sent[contents.study] == nil, try await isForgotten(contents.study, vault) { throw Self.forgotten }
        let unknown = settings.reports(of: report.reader)?.unknownReferences ?? .deliver
        return try ReportMatcher(reader: report.reader, sent: sent, unknownReferences: unknown).match(contents)
    }

    /// Every study of ours that a report names, as its reader knows it.
    func sentStudies(
        _ contents: ReportContents, _ reader: String, _ vault: VaultDatabase
    ) async throws(Failure) -> [UID: SentStudy] {
        var sent: [UID: SentStudy] = [:]
        for uid in Set([contents.study] + contents.evidenceStudies + contents.requestStudies) {
            sent[uid] = try await failing { try await sentStudy(uid, reader, vault) }
        }
        return sent
    }

    private func sentStudy(_ pseudonym: UID, _ reader: String, _ vault: VaultDatabase) async throws -> SentStudy? {
        var query = TransferQuery()
        query.pseudonymousStudyUID = pseudonym
        let transfers = try await journal.transfers(query).filter { $0.reportID == nil }
        // Everybody who has met a study knows its own UID: that counts for the reader alone that has got it from us.
        let own = transfers.first { $0.destination == reader && (!$0.isIdentified || $0.acknowledged > 0) }
        guard let transfer = own ?? transfers.first(where: { !$0.isIdentified }), let id = transfer.studyID,
            let study = try await journal.study(id)
        else { return nil }
        return try await sentStudy(study, by: transfer, vault)
    }

    func sentStudy(_ study: StudyRecord, by transfer: TransferRecord, _ vault: VaultDatabase) async throws -> SentStudy?
    {
        guard let identity = try await vault.identities(study: study.studyUID).first else { return nil }
        let tokens =
            transfer.isIdentified
            ? StudyTokens(sayingItself: identity)
            : try await vault.tokens(study: study.studyUID, scope: transfer.space)
        return SentStudy(
            transfer: transfer.id, study: study.followUpOf ?? study.id, reader: transfer.destination,
            original: study.studyUID, patientKey: vault.patientKey(identity), tokens: tokens, space: transfer.space,
            isIdentified: transfer.isIdentified)
    }

    /// The other studies whose order numbers the report holds: only those of the same patient that went to the same
    /// reader. Any other token stays unknown to the restorer, which holds the report for it.
    private func cited(
        in contents: ReportContents, beside study: SentStudy, _ vault: VaultDatabase
    ) async throws(Failure) -> [CitedStudy] {
        guard !study.isIdentified else { return [] }
        return try await failing {
            var found: [UID: CitedStudy] = [:]
            for token in contents.tokens.compactMap({ Token($0) }) {
                guard let meaning = try await vault.meaning(of: token), meaning.scope == study.space,
                    let original = meaning.study, original != study.original, found[original] == nil,
                    let other = try await sentStudy(
                        vault.pseudonym(original, scope: study.space), study.reader, vault),
                    other.reader == study.reader, other.patientKey == study.patientKey,
                    let identity = try await vault.identities(study: original).first
                else { continue }
                found[original] = CitedStudy(identity: identity, tokens: other.tokens)
            }
            return found.values.sorted { $0.tokens.accessionNumber < $1.tokens.accessionNumber }
        }
    }

    func text(of report: ReportRecord) async throws(Failure) -> String {
        guard case .rendered(let text) = try await ask(.render(shown(report))) else { throw Self.outOfTurn }
        return text
    }

    /// A piece of the document inside; nil where there is none.
    func document(of report: ReportRecord, from offset: Int) async throws(Failure) -> DocumentPart? {
        let job = DocumentJob(report: shown(report), offset: offset)
        guard case .documentRead(let part) = try await ask(.readDocument(job)) else { throw Self.outOfTurn }
        return part
    }

    /// What a person sees: the restored report once there is one.
    private func shown(_ report: ReportRecord) -> ReportFile {
        var file = file(of: report)
        if [.restored, .delivered].contains(report.state), let restored = report.restored {
            file.spoolKey = restored.spoolKey
            file.transferSyntax = restored.transferSyntax
            file.digest = restored.digest
        }
        return file
    }

    func file(of report: ReportRecord) -> ReportFile {
        ReportFile(
            spoolKey: report.spoolKey, sopClass: report.sopClass, transferSyntax: report.transferSyntax,
            spoolDirectory: settings.spool, scan: settings.intake.scan, digest: report.digest)
    }

    private var location: SpoolLocation { SpoolLocation(directory: settings.spool, freeFloor: settings.freeFloor) }

    func ask(_ message: OfficeMessage) async throws(Failure) -> WorkerMessage {
        try await pool.ask(message)
    }

    static let outOfTurn = Failure(
        .protocolError, .tryAgain, .destination, detail: "the report worker answered out of turn")

    /// Turns what the databases throw into a failure of the house, tried again, with nothing held for it; what the journal cannot read for
    /// this report is tried again by itself, and is a question to a person in the end.
    func failing<Value>(_ body: () async throws -> Value) async throws(Failure) -> Value {
        do {
            return try await body()
        } catch {
            guard let failure = error as? Failure else {
                throw Failure(.unexpected, .tryAgain, .destination, detail: "journal or vault could not be used")
            }
            guard failure.code == .ioError else { throw failure }
            // Full or locked is nobody's own.
            let isOfHouse = failure.disposition == .tryAgain
            throw Failure(
                .ioError, .tryAgain, isOfHouse ? .destination : .instance, detail: failure.detail, hint: failure.hint)
        }
    }
}

extension StudyTokens {
    /// What went with a study that left with its identity.
    fileprivate init(sayingItself identity: StudyIdentity) {
        func text(_ tag: Tag) -> String { identity.text(tag).trimmingCharacters(in: ["\0", " "]) }
        self.init(
            patientID: identity.hasPatientNumber ? text(.patientID) : "", patientName: text(.patientName),
            accessionNumber: text(.accessionNumber), studyID: text(.studyID))
    }
}
