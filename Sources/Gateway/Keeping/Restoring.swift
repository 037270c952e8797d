// A backup put in the place of a lost state.

import DICOMVocabulary
package import Foundation
import Glibc
import Journal
import Spool
import Vault

/// Puts a backup back, with the daemon down. Everything is judged before anything is changed, and what was there before is
/// moved aside, never deleted.
package struct Restoring: Sendable {
    let settings: GatewaySettings
    let now: @Sendable () -> Date

    package init(settings: GatewaySettings, now: @escaping @Sendable () -> Date = { Date() }) {
        self.settings = settings
        self.now = now
    }

    /// Fails, and changes nothing, when a daemon runs, when state is there already and `replacing` is false, when the
    /// backup is not whole, or when a newer program made it. Blocks.
    package func restore(from folder: String, replacing: Bool) throws -> RestoreView {
        let backup = try judge(folder)
        try FileManager.default.createDirectory(
            atPath: settings.state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try JournalDatabase.withoutOwner(of: settings.journalPath) {
            try VaultDatabase.withoutOwner(of: settings.vaultPath) {
                let replaced = try moveAside(replacing: replacing)
                try place("\(folder)/\(backup.journal.name)", at: settings.journalPath)
                if let vault = backup.vault { try place("\(folder)/\(vault.name)", at: settings.vaultPath) }
                return RestoreView(
                    backup: backup, state: settings.state, replaced: replaced, notes: notes(backup))
            }
        }
    }

    private func judge(_ folder: String) throws -> BackupView {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(Backup.description)"),
            let backup = try? OperatorJSON.decoder().decode(BackupView.self, from: data)
        else {
            throw Failure(
                .missingFile, .person, .instance, detail: "\(folder) holds no backup of Antipode",
                hint: "Name the folder that antipode backup made; one that ends in .part is not whole.")
        }
        guard backup.format <= Backup.format else {
            throw Failure(
                .ioError, .person, .instance, detail: "the backup was made by a newer Antipode (\(backup.version))",
                hint: "A downgrade cannot be done: install that version, or take an older backup.")
        }
        for file in [backup.journal, backup.vault, backup.manifest].compactMap({ $0 }) {
            let found = try SpoolDirectory.digest(ofFile: "\(folder)/\(file.name)")
            guard !file.name.contains("/"), found.bytes == file.bytes, found.digest == file.sha256 else {
                throw Failure(
                    .damagedFile, .person, .instance,
                    detail: "\(file.name) of the backup is not what was written: its SHA-256 is another",
                    hint: "Take another backup, or another copy of this one.")
            }
        }
        _ = try JournalDatabase.migrations(of: "\(folder)/\(backup.journal.name)")
        let damage = try JournalDatabase.damage(of: "\(folder)/\(backup.journal.name)")
        guard damage.isEmpty else {
            throw Failure(
                .journalDamaged, .person, .instance, detail: "the journal of the backup is damaged: \(damage[0])",
                hint: "Take an older backup.")
        }
        if let vault = backup.vault { _ = try VaultDatabase.migrations(of: "\(folder)/\(vault.name)") }
        return backup
    }

    /// Gives the folder where the old state lies, if there was one.
    private func moveAside(replacing: Bool) throws -> String? {
        let names = [settings.journalPath, settings.vaultPath].flatMap { path in
            ["", "-wal", "-shm"].map { path + $0 }
        }.filter { FileManager.default.fileExists(atPath: $0) }
        guard !names.isEmpty else { return nil }
        guard replacing else {
            throw Failure(
                .ioError, .person, .instance, detail: "there is a journal or a vault in \(settings.state) already",
                hint: "--replace moves it aside, into a folder beside it.")
        }
        let stamp = now().formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let aside = "\(settings.state)/replaced-\(stamp)"
        try FileManager.default.createDirectory(
            atPath: aside, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        for path in names {
            try DurableFile.move(path, to: "\(aside)/\((path as NSString).lastPathComponent)", in: settings.state)
        }
        try DurableFile.synchronise(path: aside)
        return aside
    }

    /// Written under another name, made durable, and then named. It belongs to whom the state folder belongs to, so that
    /// root can restore for the service.
    private func place(_ source: String, at target: String) throws {
        let partial = target + ".restoring"
        unlink(partial)
        try DurableFile.copy(source, to: partial)
        var owner = stat()
        if geteuid() == 0, stat(settings.state, &owner) == 0 {
            _ = chown(partial, owner.st_uid, owner.st_gid)
            _ = chown(target + ".lock", owner.st_uid, owner.st_gid)
        }
        try DurableFile.move(partial, to: target, in: settings.state)
    }

    private func notes(_ backup: BackupView) -> [String] {
        var notes: [String] = []
        if backup.vault == nil { notes.append("The backup holds no vault: nothing can be sent under a pseudonym.") }
        do throws(Failure) {
            _ = try VaultKey(file: settings.vaultKeyFile)
        } catch {
            notes.append("The vault's key is not here (\(error.detail)): put it back before the daemon is started.")
        }
        notes.append(
            "antipode verify compares the journal with the spool, antipode verify --repair takes in what came after the"
                + " backup. Then start the daemon.")
        return notes
    }
}
