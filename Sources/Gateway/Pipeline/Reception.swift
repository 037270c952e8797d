// Step 3: the identity into the vault, the row into the journal, and only then the answer.

import DICOMVocabulary
import Foundation
import Intake
import Journal
import Logging
import Routing
import Synchronization
import Vault
import WorkerProtocol

/// Decides what a C-STORE is answered. Safe to call from any task.
final class Reception: Sendable {
    private let journal: JournalDatabase
    private let door: VaultDoor
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let reportArrived: @Sendable () -> Void
    /// Identities that are in the vault already, so that a study's thousandth image costs no vault write. Hashes only.
    private let remembered = Mutex(Set<Int>())

    init(
        journal: JournalDatabase, door: VaultDoor, logger: Logger, now: @escaping @Sendable () -> Date,
        reportArrived: @escaping @Sendable () -> Void
    ) {
        self.journal = journal
        self.door = door
        self.logger = logger
        self.now = now
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

    private func storeInstance(
        _ instance: StoredInstance, from source: SourceSettings, calledAE: String
    ) async throws -> (StoreVerdict, study: Int64?) {
        let key = try await remember(instance)
        let priority = ExamPriority(instance)
        let arrival = Arrival(
            spoolKey: instance.spoolKey, sopClass: instance.sopClass, sopInstance: instance.sopInstance,
            study: instance.study, series: instance.series, transferSyntax: instance.transferSyntax,
            bytes: instance.dataSetBytes, digest: instance.digest,
            header: Array(try JSONEncoder().encode(instance.header)), modality: instance.header.modality,
            bodyPart: instance.header.bodyPart, source: source.name, calledAE: calledAE, patientKey: key ?? "",
            rank: priority.rank, priority: priority.rawValue, receivedAt: now())
        switch try await journal.record(arrival) {
        case .stored(let study):
            return (StoreVerdict(status: 0, keepFile: true), study.id)
        case .duplicate:
            return (StoreVerdict(status: 0, keepFile: false), nil)
        case .conflict(let study):
            logger.warning(
                "The same SOP Instance UID came with other content; the first is kept",
                metadata: ["source": "\(source.name)", "study": "S\(study)"])
            return (StoreVerdict(status: source.conflictStatus, keepFile: false), nil)
        }
    }

    /// The patient's mark, or nil when the vault is closed: then planning reads the header again.
    private func remember(_ instance: StoredInstance) async throws -> String? {
        guard let vault = try? door.open() else { return nil }
        var hasher = Hasher()
        hasher.combine(instance.study)
        hasher.combine(instance.identity)
        let hash = hasher.finalize()
        if !remembered.withLock({ $0.contains(hash) }) {
            try await vault.remember(instance.identity, study: instance.study)
            remembered.withLock { known in
                if known.count > 10_000 { known.removeAll() }
                known.insert(hash)
            }
        }
        return vault.patientKey(instance.identity)
    }

    func storeReport(_ instance: StoredInstance, from reader: String) async throws -> StoreVerdict {
        let report = NewReport(
            reader: reader, sopClass: instance.sopClass, sopInstance: instance.sopInstance,
            transferSyntax: instance.transferSyntax, bytes: instance.dataSetBytes, digest: instance.digest,
            spoolKey: instance.spoolKey, receivedAt: now())
        switch try await journal.recordReport(report) {
        case .stored:
            reportArrived()
            return StoreVerdict(status: 0, keepFile: true)
        case .duplicate:
            return StoreVerdict(status: 0, keepFile: false)
        case .conflict(let id):
            logger.error(
                "A report came again with other content; the first is kept",
                metadata: ["reader": "\(reader)", "report": "R\(id)"])
            return StoreVerdict(status: 0x0111, keepFile: false)
        }
    }
}

enum DIMSE {
    /// Refused: Out of Resources (PS3.4 Table B.2-1).
    static let outOfResources: UInt16 = 0xA700
}

extension ExamPriority {
    /// What the data set says, or else the priority of the C-STORE-RQ (PS3.7 9.1.1.1.6).
    init(_ instance: StoredInstance) {
        self = instance.header.priority.isEmpty && instance.highPriority
            ? .high : ExamPriority(written: instance.header.priority)
    }
}
