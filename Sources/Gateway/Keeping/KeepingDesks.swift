// Sweeps and backups, asked for by a person.

import DICOMVocabulary
import Foundation
import Journal
import Logging
import Spool

extension OperatorDesk {
    package func sweep(dryRun: Bool, actor: String) async throws -> SweepView {
        throw OperatorError(.unavailable, "a sweep needs the daemon running")
    }

    package func backup(to folder: String, actor: String) async throws -> BackupView {
        throw OperatorError(.unavailable, "a backup needs the daemon, or its state folder")
    }
}

extension JournalDesk {
    /// Only looks: what the daemon would do.
    package func sweep(dryRun: Bool, actor: String) async throws -> SweepView {
        guard dryRun else { throw OperatorError(.unavailable, "sweeping needs the daemon running") }
        return try await sweeping.plan()
    }

    /// With the daemon down, too: both databases are only read.
    package func backup(to folder: String, actor: String) async throws -> BackupView {
        let backup = Backup(journal: journal, settings: settings, now: now)
        do {
            return try await onThread { try backup.make(folder: folder) }
        } catch let failure as Failure {
            throw OperatorError(
                failure.code == .ioError ? .cannotCreate : .unavailable,
                failure.hint.isEmpty ? failure.detail : "\(failure.detail). \(failure.hint)")
        }
    }

    var sweeping: Sweeping {
        Sweeping(
            journal: journal, spool: SpoolDirectory(path: settings.spool, freeFloor: 0), retention: settings.retention,
            imageHistory: settings.imageHistory, now: now)
    }

    /// A copy of gigabytes blocks its thread.
    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result(catching: body)) }
            thread.name = "backup"
            thread.start()
        }
    }
}

extension LiveDesk {
    func sweep(dryRun: Bool, actor: String) async throws -> SweepView {
        let sweeping = looking().sweeping
        if dryRun { return try await sweeping.plan() }
        guard mayDelete() else {
            throw OperatorError(
                .notAllowed, "the clock has moved, and nothing is deleted by it until it is trusted again")
        }
        let view = try await sweeping.all(actor: actor)
        logger.notice(
            "An operator swept",
            metadata: ["actor": "\(actor)", "subjects": "\(view.subjects.count)", "bytes": "\(view.bytes)"])
        return view
    }

    func backup(to folder: String, actor: String) async throws -> BackupView {
        do {
            let view = try await looking().backup(to: folder, actor: actor)
            try await journal.record(
                event: EventRecord(
                    at: now(), kind: "backup", detail: "\(view.journal.bytes) bytes, \(view.spoolFiles) files listed",
                    actor: actor))
            logger.notice("A backup was made", metadata: ["actor": "\(actor)", "folder": "\(folder)"])
            return view
        } catch let failure as Failure {
            throw OperatorError(
                .unavailable, failure.hint.isEmpty ? failure.detail : "\(failure.detail). \(failure.hint)")
        }
    }
}

extension RemoteDesk {
    package func sweep(dryRun: Bool, actor: String) async throws -> SweepView {
        try ask(.sweep(dryRun: dryRun), for: SweepView.self)
    }

    package func backup(to folder: String, actor: String) async throws -> BackupView {
        try ask(.backup(to: folder), for: BackupView.self)
    }
}
