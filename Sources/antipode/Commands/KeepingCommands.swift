// Sweeps, backups, and the way back from them.

import ArgumentParser
import DICOMVocabulary
import Foundation
import Gateway

struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Removes the files of what is delivered and old enough; --dry-run says which.",
        discussion: """
            The daemon does the same by itself. What is held, failed or under way is never swept, nor what a destination \
            has still to commit to where the site keeps files until then; the list says how much stays and why.

            Example:
              antipode sweep --dry-run

            Exit codes: 0 done, 69 no daemon answers, 77 not now.
            """)
    @OptionGroup var options: DeskOptions
    @Flag(name: .long, help: "Remove nothing; also while the daemon is down.") var dryRun = false

    func run() async throws {
        let view = try await options.withDesk(acting: !dryRun) {
            try await $0.sweep(dryRun: dryRun, actor: NSUserName())
        }
        try options.show(view, KeepingPages.sweep)
    }
}

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "A consistent copy of journal and vault, and a list of what the spool holds.",
        discussion: """
            While the daemon works, it makes the copy, as its own user: under systemd the folder has to lie below its \
            state folder. The study files themselves are not copied, and neither is the vault's key.

            Example:
              antipode backup /var/lib/antipode/backup/2026-11-22

            Exit codes: 0 done, 69 journal or vault cannot be read, 70 internal error, 73 the folder cannot be made or written, \
            or is not empty.
            """)
    @OptionGroup var options: DeskOptions
    @Argument(help: "A folder that does not exist yet.") var folder: String

    func run() async throws {
        let path = URL(fileURLWithPath: folder).standardizedFileURL.path
        let view = try await options.withDesk(patience: 3600) { try await $0.backup(to: path, actor: NSUserName()) }
        try options.show(view, KeepingPages.backup)
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Puts a backup in the place of journal and vault, with the daemon down.",
        discussion: """
            Everything is checked first: that the backup is whole, that this version knows its journal, that no daemon \
            runs. Where there is state already it refuses; --replace moves that aside and deletes nothing.

            Example:
              antipode restore /var/lib/antipode/backup/2026-11-22

            Exit codes: 0 done, 65 the backup is damaged or newer than this program, 66 there is no backup, 77 a daemon \
            runs or there is state already.
            """)
    @OptionGroup var options: DeskOptions
    @Argument(help: "The folder of a backup.") var folder: String
    @Flag(help: "Move a journal and a vault that are there aside.") var replace = false

    func run() async throws {
        let path = URL(fileURLWithPath: folder).standardizedFileURL.path
        let settings = try options.gatewaySettings()
        do {
            try options.show(
                try Restoring(settings: settings).restore(from: path, replacing: replace), KeepingPages.restored)
        } catch let failure as Failure {
            complain(failure.hint.isEmpty ? failure.detail : "\(failure.detail). \(failure.hint)")
            throw KeepingPages.code(of: failure)
        }
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks the journal against the spool, file by file.",
        discussion: """
            Beside a working daemon it only looks. With the daemon down, --repair holds what waits for a file that is gone \
            or damaged, takes in images that no row names (as after a restore), removes files that were swept, and counts \
            anew. Nothing else is deleted.

            Example:
              antipode verify --repair

            Exit codes: 0 all agrees, or all was repaired, 65 something is found and stays as it is, 70 internal error, \
            77 a daemon runs.
            """)
    @OptionGroup var options: DeskOptions
    @Flag(help: "Also put right what can be; with the daemon down.") var repair = false
    @Flag(help: "Compare lengths only, not every byte.") var quick = false

    func run() async throws {
        let settings = try options.gatewaySettings()
        let view: VerificationView
        do {
            view = try await Verification(settings: settings).run(repairing: repair, hashing: !quick)
        } catch let failure as Failure {
            complain(failure.hint.isEmpty ? failure.detail : "\(failure.detail). \(failure.hint)")
            throw KeepingPages.code(of: failure)
        }
        try options.show(view, KeepingPages.verification)
        if view.open > 0 { throw SysExit.dataError }
    }
}

enum KeepingPages {
    static func sweep(_ view: SweepView) -> String {
        var lines = [
            "\(view.dryRun ? "would remove" : "removed") \(view.files) files, \(Humanised.bytes(view.bytes)),"
                + " of what was finished before \(Humanised.time(view.before))"
        ]
        if !view.subjects.isEmpty {
            var table = Table("OF", "FILES", "SIZE", "FINISHED")
            for one in view.subjects {
                table.add(one.key, "\(one.files)", Humanised.bytes(one.bytes), Humanised.time(one.since))
            }
            lines.append(table.text)
        }
        if !view.kept.isEmpty {
            var table = Table("STAYS BECAUSE", "STUDIES AND REPORTS", "FILES", "SIZE")
            for one in view.kept {
                table.add(one.reason, "\(one.subjects)", "\(one.files)", Humanised.bytes(one.bytes))
            }
            lines.append(table.text)
        }
        return lines.joined(separator: "\n\n")
    }

    static func backup(_ view: BackupView) -> String {
        [
            "\(view.folder)  of \(Humanised.time(view.madeAt)) by antipode \(view.version)",
            "journal   \(Humanised.bytes(view.journal.bytes))",
            "vault     \(view.vault.map { Humanised.bytes($0.bytes) } ?? "none"); its key is not in the backup",
            "spool     \(view.spoolFiles) files, \(Humanised.bytes(view.spoolBytes)), listed in \(view.manifest.name);"
                + " the files are not in the backup",
        ].joined(separator: "\n")
    }

    static func restored(_ view: RestoreView) -> String {
        var lines = ["\(view.state) is as it was at \(Humanised.time(view.backup.madeAt))"]
        if let replaced = view.replaced { lines.append("what was there lies in \(replaced)") }
        return (lines + view.notes).joined(separator: "\n")
    }

    static func verification(_ view: VerificationView) -> String {
        var lines = [
            "\(view.files) files, \(Humanised.bytes(view.bytes)) compared with the journal"
                + (view.hashed ? " by their digests" : " by their lengths")
        ]
        for one in view.findings {
            let what = one.repair.isEmpty ? one.hint : "REPAIRED: \(one.repair)"
            lines.append("\(one.code)  \(one.key): \(one.detail) – \(what)")
        }
        lines.append(
            view.findings.isEmpty
                ? "all agrees" : "\(view.findings.count) found, \(view.findings.count - view.open) repaired")
        return lines.joined(separator: "\n")
    }

    static func code(of failure: Failure) -> ExitCode {
        switch failure.code {
        case .missingFile: SysExit.noInput
        case .damagedFile, .journalDamaged: SysExit.dataError
        case .ioError where failure.detail.contains("newer Antipode"): SysExit.dataError
        case .ioError, .vaultUnavailable: SysExit.noPermission
        default: SysExit.software
        }
    }
}
