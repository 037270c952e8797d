// Step 3: the identity into the vault, the row into the journal, and only then the answer.

import DICOMVocabulary
import Foundation
import Intake
import Journal
import Logging
import Routing
import Spool
import Synchronization
import Vault
import WorkerProtocol

/// Decides what a C-STORE is answered. Safe to call from any task.
final class Reception: Sendable {
    /// Copies of one instance that are looked at before one more is answered: others may come, and be lost, meanwhile.
    private static let maximumLooks = 3

    private let journal: JournalDatabase
    private let door: VaultDoor
    private let quota: SpoolQuota
    private let firstCopies: FirstCopies
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let reportArrived: @Sendable () -> Void
    /// The rules in force: words that they name may stand in the journal.
    private let rules: @Sendable () -> RuleSet
    /// The patients' marks of identities that are in the vault already, so that a study's thousandth image costs neither a
    /// vault write nor a keyed hash. The identities themselves are not kept.
    private let remembered = Mutex([Int: String]())

    init(
        journal: JournalDatabase, door: VaultDoor, spool: SpoolDirectory, quota: SpoolQuota = SpoolQuota(maximum: 0),
        logger: Logger, now: @escaping @Sendable () -> Date, rules: @escaping @Sendable () -> RuleSet,
        reportArrived: @escaping @Sendable () -> Void
    ) {
        self.journal = journal
        self.door = door
        self.quota = quota
        firstCopies = FirstCopies(journal: journal, spool: spool, now: now)
        self.logger = logger
        self.now = now
        self.rules = rules
        self.reportArrived = reportArrived
    }

    /// Also gives the row of the study that the instance was stored in, for assembly.
    func store(
        _ instance: StoredInstance, from source: SourceSettings, calledAE: String
    ) async -> (StoreVerdict, study: Int64?) {
        do {
            switch source.role {
            case .modality: return try await storeInstance(instance, from: source, calledAE: calledAE)
            case .reader(let destination): return (try await storeReport(instance, from: destination), nil)
            // No context for instances was accepted.
            case .pacs: return (StoreVerdict(status: DIMSE.sopClassNotSupported, keepFile: false), nil)
            }
        } catch {
            let failure = error as? Failure
            logger.error(
                "An instance could not be journalled and was refused",
                metadata: [
                    "source": "\(source.name)", "code": "\(failure?.code.rawValue ?? "unexpected")",
                    "detail": "\(failure?.detail ?? "")",
                ])
            return (StoreVerdict(status: DIMSE.outOfResources, keepFile: false), nil)
        }
    }

    /// The row of an instance whose bytes did not come as far as the disk: whoever sends it again brings its file.
    func takeBack(_ spoolKey: String) async {
        do {
            _ = try await journal.markMissing(spoolKey: spoolKey, at: now())
        } catch {
            logger.error(
                "The row of an instance whose file is lost stays for now; the file is missed when it is to be sent",
                metadata: ["code": "\(error.code.rawValue)", "detail": "\(error.detail)"])
        }
    }

    private func storeInstance(
        _ instance: StoredInstance, from source: SourceSettings, calledAE: String
    ) async throws -> (StoreVerdict, study: Int64?) {
        FaultPoint.pass("office.arrival.before-vault")
        guard quota.hasRoom(for: instance.dataSetBytes) else {
            throw Failure(
                .spoolFull, .tryAgain, .instance, detail: "the spool holds as many bytes as spool.maximum allows")
        }
        let key = await remember(instance)
        FaultPoint.pass("office.arrival.before-row")
        let priority = ExamPriority(instance)
        let words = HeaderWords(rules: rules, source: source, identity: instance.identity)
        let arrival = Arrival(
            spoolKey: instance.spoolKey, sopClass: instance.sopClass, sopInstance: instance.sopInstance,
            study: instance.study, series: instance.series, transferSyntax: instance.transferSyntax,
            bytes: instance.dataSetBytes, digest: instance.digest,
            modality: words.modality(instance.header.modality),
            bodyPart: words.bodyPart(instance.header.bodyPart), source: source.name, calledAE: calledAE,
            patientKey: key ?? PatientMark.unread,
            rank: priority.rank, priority: priority.rawValue, receivedAt: now())
        var outcome = try await journal.record(arrival)
        var looks = 0
        while let study = outcome.studyOfFirst,
            try await firstCopies.giveUpIfLost(instance.sopInstance, digest: instance.digest, for: instance.spoolKey)
        {
            looks += 1
            guard looks <= Self.maximumLooks else {
                throw Failure(
                    .ioError, .tryAgain, .instance,
                    detail: "an object came again, and its copies were lost one after the other",
                    hint: "Look at the spool's disk.")
            }
            logger.error(
                "The file of an instance that came again was lost or is not what was stored; the new one takes its place",
                metadata: ["study": "S\(study)", "hint": "Look at the spool's disk."])
            outcome = try await journal.record(arrival)
        }
        FaultPoint.pass("office.arrival.after-row-before-answer")
        switch outcome {
        case .stored(let study):
            quota.add(instance.dataSetBytes)
            return (StoreVerdict(status: 0, keepFile: true), study)
        case .duplicate:
            return (StoreVerdict(status: 0, keepFile: false), nil)
        case .conflict(let study):
            try await holdIfAnothers(study, key, instance.identity)
            logger.warning(
                "The same SOP Instance UID came with other content; the first is kept",
                metadata: [
                    "source": "\(source.name)", "study": "S\(study)",
                    "hint":
                        "Two devices or two exports use one UID, or the sender changed the image; compare them there.",
                ])
            return (StoreVerdict(status: source.conflictStatus, keepFile: false), nil)
        }
    }

    /// What came again under the UIDs of images that are here, and names another patient, is a correction as often as a mistake: nothing
    /// more of that part of the study leaves until a person has seen which. So too where nobody can tell whom it names; then it fails with
    /// `.tryAgain`, for its sender is to say it once more.
    private func holdIfAnothers(
        _ id: Int64, _ patient: String?, _ identity: StudyIdentity
    ) async throws(Failure) {
        guard let study = try await journal.study(id) else { return }
        var detail = "images came again under the same UIDs with other content, and the vault could not say whose"
        if let patient {
            guard !study.isKnown(patient) else { return }
            if let vault = try? door.open(), let known = try? await vault.identities(study: study.studyUID) {
                // Of very many the vault keeps no more.
                guard PatientJudgement.isDisputed(known + [identity], vault) else { return }
                detail = "images that came again under the same UIDs name another patient"
            }
        }
        try await journal.dispute(
            study: id, by: patient, notice: .mixedPatients(detail + "; the first are kept"), at: now())
        guard patient == nil else { return }
        throw Failure(
            .vaultUnavailable, .tryAgain, .instance,
            detail: "the vault could not keep whose an image is that came again with other content")
    }

    /// The patient's mark, or nil when the vault is closed or cannot be written: then planning reads the header again. What is wrong
    /// with the vault never keeps a new object from being received.
    private func remember(_ instance: StoredInstance) async -> String? {
        guard let vault = try? door.open() else { return nil }
        var hasher = Hasher()
        // What was forgotten since is to be remembered again.
        hasher.combine(door.generation)
        hasher.combine(instance.study)
        hasher.combine(instance.identity)
        let hash = hasher.finalize()
        if let key = remembered.withLock({ $0[hash] }) { return key }
        let others: [StudyIdentity]
        do throws(Failure) {
            try await vault.remember(instance.identity, study: instance.study)
            others = try await vault.identities(study: instance.study)
        } catch {
            logger.error(
                "An identity could not be kept in the vault, or not be compared with others; a new object is received all the same",
                metadata: ["code": "\(error.code.rawValue)", "detail": "\(error.detail)"])
            return nil
        }
        let own = vault.patientKey(instance.identity)
        // Told apart before its row, for a study may be sent while it arrives. The identity that came first keeps the patient's own
        // mark.
        let isInDoubt =
            others.first != instance.identity
            && others.contains { vault.patientKey($0) == own && $0.contradicts(instance.identity) }
        let key = isInDoubt ? vault.doubtKey(instance.identity) : own
        remembered.withLock { known in
            if known.count > 10_000 { known.removeAll() }
            known[hash] = key
        }
        return key
    }

    func storeReport(_ instance: StoredInstance, from reader: String) async throws -> StoreVerdict {
        guard SOPClass.reports.contains(instance.sopClass) else {
            logger.warning(
                "A reader sent what is no report, and it was refused",
                metadata: ["reader": "\(reader)", "sop_class": "\(instance.sopClass)"])
            return StoreVerdict(status: DIMSE.sopClassNotSupported, keepFile: false)
        }
        // With a closed vault nobody can tell; then it is kept, and handled when the vault is open.
        let own = OwnDocuments(journal: journal, door: door)
        if (try? await own.contains(instance.sopInstance, pseudonymousStudy: instance.study)) == true {
            logger.info("A reader gave back a document of ours", metadata: ["reader": "\(reader)"])
            return StoreVerdict(status: 0, keepFile: false)
        }
        let report = NewReport(
            reader: reader, sopClass: instance.sopClass, sopInstance: instance.sopInstance,
            transferSyntax: instance.transferSyntax, bytes: instance.dataSetBytes, digest: instance.digest,
            spoolKey: instance.spoolKey, receivedAt: now())
        FaultPoint.pass("report.arrival.before-row")
        let outcome = try await journal.recordReport(report)
        FaultPoint.pass("report.arrival.after-row-before-answer")
        switch outcome {
        case .stored:
            reportArrived()
            return StoreVerdict(status: 0, keepFile: true)
        case .duplicate:
            return StoreVerdict(status: 0, keepFile: false)
        case .conflict(let report, let first):
            logger.error(
                "A report came under the UID of another one with other content, and is held",
                metadata: ["reader": "\(reader)", "report": "\(report.key)", "first": "R\(first)"])
            return StoreVerdict(status: 0, keepFile: true)
        }
    }
}

enum DIMSE {
    /// Refused: Out of Resources (PS3.4 Table B.2-1).
    static let outOfResources: UInt16 = 0xA700
    /// Refused: SOP Class Not Supported (PS3.7 C.5.6).
    static let sopClassNotSupported: UInt16 = 0x0122
}

extension ExamPriority {
    /// What the data set says, or else the priority of the C-STORE-RQ (PS3.7 9.1.1.1.6).
    init(_ instance: StoredInstance) {
        self =
            instance.header.priority.isEmpty && instance.highPriority
            ? .high : ExamPriority(written: instance.header.priority)
    }
}
