// What an operator sees of sweeps, backups and checks: values without patient data.

package import Foundation

/// What a sweep removed, or would remove, and why the rest stays.
package struct SweepView: Codable, Sendable, Hashable {
    package struct Subject: Codable, Sendable, Hashable {
        /// `S12` or `R3`.
        package var key: String
        package var files: Int
        package var bytes: Int64
        /// When nothing more was to be done.
        package var since: Date
    }
    package struct Kept: Codable, Sendable, Hashable {
        /// A state of studies (`held`, `planned`, …), `notCommitted`, or `retention` for what is too young.
        package var reason: String
        /// Studies and reports.
        package var subjects: Int
        package var files: Int
        package var bytes: Int64
    }
    package var dryRun: Bool
    /// What was finished before this is swept.
    package var before: Date
    package var subjects: [Subject]
    package var files: Int
    package var bytes: Int64
    package var kept: [Kept]

    package init(dryRun: Bool, before: Date, subjects: [Subject], kept: [Kept]) {
        self.dryRun = dryRun
        self.before = before
        self.subjects = subjects
        files = subjects.reduce(0) { $0 + $1.files }
        bytes = subjects.reduce(0) { $0 + $1.bytes }
        self.kept = kept
    }
}

/// A backup as it lies in its folder.
package struct BackupView: Codable, Sendable, Hashable {
    package struct File: Codable, Sendable, Hashable {
        package var name: String
        package var bytes: Int64
        /// SHA-256, lower-case hex.
        package var sha256: String
    }
    package var folder: String
    package var format: Int
    /// Of the program that made it.
    package var version: String
    package var madeAt: Date
    package var journal: File
    package var journalMigrations: [String]
    /// nil when there was no vault yet.
    package var vault: File?
    package var vaultMigrations: [String]
    /// The list of files that the journal knew to be in the spool.
    package var manifest: File
    package var spoolFiles: Int
    package var spoolBytes: Int64
}

/// What restoring a backup did, and what is left to do.
package struct RestoreView: Codable, Sendable, Hashable {
    package var backup: BackupView
    package var state: String
    /// Where the state that was there before lies now.
    package var replaced: String?
    package var notes: [String]
}

/// What a check of journal, spool and vault against one another found.
package struct VerificationView: Codable, Sendable, Hashable {
    package struct Finding: Codable, Sendable, Hashable {
        /// A stable word: `missingFile`, `damagedFile`, `orphan`, `sweptFile`, `setAside`, `unsynced`, `journalDamaged`,
        /// `journalCounts`, `vaultDamaged`.
        package var code: String
        /// The study, report, transfer or file that it is about.
        package var key: String
        package var detail: String
        package var hint: String
        /// What `--repair` did about it, empty if nothing.
        package var repair: String = ""
    }
    package var files: Int
    package var bytes: Int64
    /// Whether digests were compared.
    package var hashed: Bool
    package var repairing: Bool
    package var findings: [Finding]

    /// Findings that are as they were.
    package var open: Int { findings.count { $0.repair.isEmpty } }
}
