// Journal against spool against digests: what agrees, what does not, and what can be done about it.

import DICOMVocabulary
package import Foundation
import Intake
import Journal
import Routing
import Spool
import Vault
import WorkerProtocol

/// Compares, and repairs only when told to. Runs in a process of its own, beside a working daemon (then it only looks) or
/// with the daemon down. Nothing is deleted but files that the journal itself says were swept.
package struct Verification: Sendable {
    /// Seconds that a file without a row may be old: its row may be on its way.
    private static let youth: Double = 60

    let settings: GatewaySettings
    let now: @Sendable () -> Date

    package init(settings: GatewaySettings, now: @escaping @Sendable () -> Date = { Date() }) {
        self.settings = settings
        self.now = now
    }

    /// - Parameters:
    ///   - repairing: needs the daemon down; fails when it runs.
    ///   - hashing: reads every byte of the spool. Without it only lengths are compared.
    package func run(repairing: Bool, hashing: Bool) async throws -> VerificationView {
        let journal =
            repairing
            ? try JournalDatabase.open(path: settings.journalPath)
            : try JournalDatabase.openReadOnly(path: settings.journalPath)
        let round = Round(
            isAlone: repairing || isAlone, journal: journal, spool: SpoolDirectory(path: settings.spool, freeFloor: 0),
            settings: settings,
            repairing: repairing, hashing: hashing, now: now)
        let view = try await round.run()
        if repairing { try journal.close() }
        return view
    }

    /// Whether no daemon runs. A lock that does not exist is not made: it would belong to whoever asks.
    private var isAlone: Bool {
        guard FileManager.default.fileExists(atPath: JournalDatabase.lock(of: settings.journalPath)) else {
            return true
        }
        return (try? JournalDatabase.withoutOwner(of: settings.journalPath) {}) != nil
    }

    /// One check. Belongs to one task.
    private final class Round {
        /// Without a daemon, every file that is here has been here.
        let isAlone: Bool
        let journal: JournalDatabase
        let spool: SpoolDirectory
        let settings: GatewaySettings
        let repairing: Bool
        let now: @Sendable () -> Date
        var view: VerificationView
        /// What this round itself has set aside.
        var moved: Set<String> = []

        init(
            isAlone: Bool, journal: JournalDatabase, spool: SpoolDirectory, settings: GatewaySettings, repairing: Bool,
            hashing: Bool,
            now: @escaping @Sendable () -> Date
        ) {
            self.isAlone = isAlone
            self.journal = journal
            self.spool = spool
            self.settings = settings
            self.repairing = repairing
            self.now = now
            view = VerificationView(files: 0, bytes: 0, hashed: hashing, repairing: repairing, findings: [])
        }

        func run() async throws -> VerificationView {
            try await databases()
            var rows: [JournalFile] = []
            try journal.eachFile { rows.append($0) }
            for row in rows { try await check(row) }
            var strangers: [(key: String, state: SpoolKeyState)] = []
            try spool.eachKey { key in
                let state = try journal.state(ofSpoolKey: key)
                // An unfinished one is being written, or goes at the next start.
                if state != .here, spool.isFinished(key) { strangers.append((key, state)) }
            }
            for (key, state) in strangers { try await stranger(key, state) }
            for key in try spool.orphanKeys() where !moved.contains(key) { try await setAside(key) }
            for name in try spool.doubtfulFiles() {
                find(
                    "unsynced", name,
                    "the disk did not confirm this file, and its sender was told so; or it is not what its row says, which is told on "
                        + "its study's page",
                    "Look at the disk; then delete it from orphans/ in the spool.")
            }
            return view
        }

        private func find(_ code: String, _ key: String, _ detail: String, _ hint: String, repair: String = "") {
            view.findings.append(.init(code: code, key: key, detail: detail, hint: hint, repair: repair))
        }

        private func databases() async throws {
            for words in try await journal.damage() {
                find("journalDamaged", "journal", words, "Keep a copy of the state folder, then restore a backup.")
            }
            let wrong = try await journal.wrongCounts()
            if repairing, !wrong.isEmpty { try await journal.recount() }
            for one in wrong {
                find(
                    "journalCounts", one.key, one.detail, "antipode verify --repair counts anew.",
                    repair: repairing ? "counted anew" : "")
            }
            guard FileManager.default.fileExists(atPath: settings.vaultPath) else { return }
            for words in try VaultDatabase.damage(of: settings.vaultPath) {
                find("vaultDamaged", "vault", words, "Keep a copy of the state folder, then restore a backup.")
            }
        }

        private func moveAside(_ key: String) throws(Failure) {
            try spool.setAside(key)
            moved.insert(key)
        }

        // MARK: Rows and their files

        private func check(_ row: JournalFile) async throws {
            // Its row came before its last bytes: its worker, or the sweep, says what became of it.
            if !isAlone, !spool.isFinished(row.key), isYoung(row.key) || spool.isBeingWritten(row.key) { return }
            let found: StoredContent
            do throws(Failure) {
                found = try spool.content(of: spool.path(of: row.key), hashing: view.hashed)
            } catch {
                // Swept since its row was read.
                guard try journal.state(ofSpoolKey: row.key) == .here else { return }
                let isGone = error.code == .missingFile
                guard isGone || ![.ioError, .outOfResources].contains(error.code) else {
                    return find(
                        "unreadableFile", row.subject, "file \(row.key) cannot be read now: \(error.detail)",
                        "Look at the spool's disk; nothing was done to it.")
                }
                return try await lost(
                    row, isGone ? "missingFile" : "damagedFile",
                    isGone ? "file \(row.key) is not in the spool" : "file \(row.key) cannot be read: \(error.detail)")
            }
            view.files += 1
            view.bytes += found.bytes
            if found.bytes != row.bytes {
                try await lost(row, "damagedFile", "file \(row.key) has \(found.bytes) bytes instead of \(row.bytes)")
            } else if view.hashed, found.digest != row.digest {
                try await lost(row, "damagedFile", "file \(row.key) is not what came: its digest is another")
            }
        }

        private func isYoung(_ key: String) -> Bool { spool.changed(spool.path(of: key)).map(isYoung) ?? false }

        private func isYoung(_ changed: Double) -> Bool {
            now().timeIntervalSince1970 - changed <= Verification.youth
        }

        private func lost(_ row: JournalFile, _ code: String, _ detail: String) async throws {
            let hint =
                switch row.kind {
                case .image: "Send the study again from its source; --repair holds what still waits of it."
                case .report: "Ask the reader to send the report again; --repair holds it if it is still needed."
                case .restored: "--repair has the report restored anew if it is not delivered yet."
                }
            guard repairing else { return find(code, row.subject, detail, hint) }
            if code == "damagedFile" { try? moveAside(row.key) }
            let what = try await giveUp(row, detail) ?? "nothing waits for it"
            find(code, row.subject, detail, hint, repair: code == "damagedFile" ? "set aside, and \(what)" : what)
        }

        /// What becomes of who waits for the file; nil where nobody does.
        private func giveUp(_ row: JournalFile, _ detail: String) async throws -> String? {
            let held = "held where it waits"
            switch row.kind {
            case .image: return try await journal.markMissing(spoolKey: row.key, at: now()) ? held : nil
            case .report:
                return try await journal.markMissing(report: row.id, detail: detail, at: now()) == .done ? held : nil
            case .restored:
                return try await journal.restoreAnew(report: row.id, at: now()) == .done ? "to be restored anew" : nil
            }
        }

        // MARK: Files and their rows

        private func stranger(_ key: String, _ state: SpoolKeyState) async throws {
            let path = spool.path(of: key)
            guard let changed = spool.changed(path) else { return }
            if !isAlone {
                // What is being received has its file before its row.
                guard !isYoung(changed), try journal.state(ofSpoolKey: key) == state
                else { return }
            }
            switch state {
            case .here: return
            case .lost where try await isBack(key, path):
                let repair = "its instance has its file again"
                find(
                    "foundFile", key, "this file was missed, and is what came", "--repair lets its instance go on.",
                    repair: repairing ? repair : "")
            case .swept, .lost:
                let detail = state == .swept ? "its study was swept" : "its instance was found damaged or came again"
                if repairing { try state == .swept ? spool.remove(key) : moveAside(key) }
                find(
                    "sweptFile", key, "the journal does not need this file: \(detail)",
                    state == .swept ? "--repair deletes it." : "--repair sets it aside.",
                    repair: repairing ? state == .swept ? "deleted" : "set aside" : "")
            case .unknown:
                let detail = "no row names this file"
                let hint =
                    "It came after the backup that was restored, or its sender was never answered; --repair takes it in."
                guard repairing else { return find("orphan", key, detail, hint) }
                let repair = try await adopt(key, path)
                // Where a start would put it.
                if repair == nil { try moveAside(key) }
                find("orphan", key, detail, hint, repair: repair ?? "set aside")
            }
        }

        /// Whether a file that was missed is here as it came. Repairing, its instance goes on.
        private func isBack(_ key: String, _ path: String) async throws -> Bool {
            guard let content = try? spool.content(of: path), let row = try journal.content(ofSpoolKey: key),
                row.digest == content.digest
            else { return false }
            guard repairing else { return true }
            try spool.confirm(key)
            return try await journal.found(spoolKey: key, digest: content.digest, at: now())
        }

        private func setAside(_ key: String) async throws {
            let detail = "an earlier start found no row for this file and set it aside"
            let hint = "--repair takes in what can be read; look at the rest and delete it from orphans/ in the spool."
            guard repairing, try journal.state(ofSpoolKey: key) == .unknown else {
                return find("setAside", key, detail, hint)
            }
            // Its place first: a row is only made for a file that is there.
            try spool.takeBack(key)
            let repair = try await adopt(key, spool.path(of: key))
            if repair == nil { try spool.setAside(key) }
            find("setAside", key, detail, hint, repair: repair ?? "")
        }

        /// Gives an image the row that it lost. It is planned like one that has just come; rules that name a source do not
        /// fit it, so that a person is asked. Nil for what is no image, or cannot be walked.
        private func adopt(_ key: String, _ path: String) async throws -> String? {
            let wanted = InstanceHeader.wantedTags.union(StudyIdentity.wantedTags).union([
                .sopClassUID, .sopInstanceUID, .studyInstanceUID, .seriesInstanceUID,
            ])
            guard var source = try? FileByteSource(path: path),
                let header = try? HeaderScanner(bounds: settings.intake.scan, wanted: wanted).scan(&source, as: nil),
                let sopClass = header.uid(.sopClassUID), let sopInstance = header.uid(.sopInstanceUID),
                let study = header.uid(.studyInstanceUID), let series = header.uid(.seriesInstanceUID),
                [sopClass, sopInstance, study, series].allSatisfy(\.isValid),
                // Nobody can tell whose a report is, or whether it is a restored one.
                !SOPClass.reports.contains(sopClass)
            else { return nil }
            try spool.confirm(key)
            let content = try spool.content(of: path)
            let reading = InstanceHeader(header)
            let words = HeaderWords(
                rules: { [rules = settings.rules] in rules }, source: nil, identity: StudyIdentity(header: header))
            let priority = ExamPriority(written: reading.priority)
            let arrival = Arrival(
                spoolKey: key, sopClass: sopClass, sopInstance: sopInstance, study: study, series: series,
                transferSyntax: header.transferSyntax, bytes: content.bytes, digest: content.digest,
                modality: words.modality(reading.modality), bodyPart: words.bodyPart(reading.bodyPart),
                source: "recovered", calledAE: "", patientKey: PatientMark.unread,
                rank: priority.rank, priority: priority.rawValue, receivedAt: now())
            switch try await journal.record(arrival) {
            case .stored(let study): return "taken in as part of S\(study)"
            case .duplicate(let study):
                try spool.remove(key)
                return "deleted: S\(study) has the same bytes"
            case .conflict: return nil
            }
        }
    }
}
