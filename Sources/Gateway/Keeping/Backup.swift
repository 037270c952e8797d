// A consistent copy of journal and vault while the daemon works, and a list of what the spool holds.

import DICOMVocabulary
import Foundation
import Glibc
import Journal
import Spool
import Vault

/// Makes backups. One writer stays one writer: both databases are copied by connections that only read.
///
/// The journal is copied first and the vault after it: the vault is written before the journal names anything of it, so
/// that a later vault holds all that an earlier journal needs. What has come since the copy of the journal is in neither
/// the journal nor the manifest.
struct Backup: Sendable {
    static let format = 1
    static let description = "backup.json"
    static let journal = "journal.sqlite"
    static let vault = "vault.sqlite"
    static let manifest = "spool.tsv"

    let journal: JournalDatabase
    let settings: GatewaySettings
    let now: @Sendable () -> Date

    /// Into a folder that is new or empty. Under another name until it is whole: what is called `folder` can be restored.
    /// Blocks; call it from a thread of its own.
    func make(folder: String) throws(Failure) -> BackupView {
        let partial = folder + ".part"
        try prepare(folder, partial)
        do {
            let view = try fill(partial, as: folder)
            try DurableFile.synchronise(path: partial)
            rmdir(folder)
            try DurableFile.move(partial, to: folder, in: (folder as NSString).deletingLastPathComponent)
            return view
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error as? Failure
                ?? Failure(.ioError, .person, .instance, detail: "the backup could not be written")
        }
    }

    private func prepare(_ folder: String, _ partial: String) throws(Failure) {
        guard folder.hasPrefix("/"), folder.count > 1, !folder.hasSuffix("/") else {
            throw Failure(.unexpected, .person, .instance, detail: "a backup's folder is named by its whole path")
        }
        if let there = try? FileManager.default.contentsOfDirectory(atPath: folder), !there.isEmpty {
            throw Failure(
                .ioError, .person, .instance, detail: "\(folder) is not empty",
                hint: "Name a folder that does not exist yet; a backup is never written over.")
        }
        let parent = (folder as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // What a backup that was cut short has left.
            try? FileManager.default.removeItem(atPath: partial)
            try FileManager.default.createDirectory(
                atPath: partial, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(
                .ioError, .person, .instance, detail: "\(folder) cannot be made by the user of the daemon",
                hint:
                    "Under systemd it writes below its state folder only: back up to STATE/backup/…, and copy from there."
            )
        }
    }

    private func fill(_ folder: String, as name: String) throws -> BackupView {
        let journalCopy = "\(folder)/\(Self.journal)"
        try journal.copy(to: journalCopy)
        let vaultCopy = "\(folder)/\(Self.vault)"
        let hasVault = FileManager.default.fileExists(atPath: settings.vaultPath)
        if hasVault { try VaultDatabase.copy(settings.vaultPath, to: vaultCopy) }
        let (files, bytes) = try list(JournalDatabase.openReadOnly(path: journalCopy), in: folder)
        func file(_ name: String) throws(Failure) -> BackupView.File {
            let (bytes, digest) = try SpoolDirectory.digest(ofFile: "\(folder)/\(name)")
            return BackupView.File(name: name, bytes: bytes, sha256: digest)
        }
        let view = BackupView(
            folder: name, format: Self.format, version: JournalDesk.version, madeAt: now(),
            journal: try file(Self.journal), journalMigrations: try JournalDatabase.migrations(of: journalCopy),
            vault: hasVault ? try file(Self.vault) : nil,
            vaultMigrations: hasVault ? try VaultDatabase.migrations(of: vaultCopy) : [],
            manifest: try file(Self.manifest), spoolFiles: files, spoolBytes: bytes)
        try DurableFile.write(
            Array(try OperatorJSON.encoder(pretty: true).encode(view)), to: "\(folder)/\(Self.description)")
        return view
    }

    /// `key TAB bytes TAB digest TAB kind`: of the data set, as in the journal.
    private func list(_ copy: JournalDatabase, in folder: String) throws -> (files: Int, bytes: Int64) {
        let path = "\(folder)/\(Self.manifest)"
        try DurableFile.makePrivate(path: path)
        guard let stream = fopen(path, "we") else {
            throw Failure(.ioError, .person, .instance, detail: "the manifest cannot be written")
        }
        defer { fclose(stream) }
        var files = 0
        var bytes: Int64 = 0
        try copy.eachFile { file in
            files += 1
            bytes += file.bytes
            fputs("\(file.key)\t\(file.bytes)\t\(file.digest)\t\(file.kind.rawValue)\n", stream)
        }
        guard fflush(stream) == 0, ferror(stream) == 0, fsync(fileno(stream)) == 0 else {
            throw Failure(.ioError, .person, .instance, detail: "the manifest cannot be written")
        }
        try copy.close()
        return (files, bytes)
    }
}
