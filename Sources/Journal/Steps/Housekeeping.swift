// Step 10 and what surrounds the rest: sweeping, missing files, loose events, small settings.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Studies finished and reports delivered before a time, whose files are still here; oldest first.
    package func sweepable(before: Date, limit: Int) async throws(Failure) -> [SweepCandidate] {
        try await read { db in
            let limitTime = before.timeIntervalSince1970
            let studies = try db.rows(
                """
                SELECT id FROM studies WHERE finishedAt IS NOT NULL AND sweptAt IS NULL AND finishedAt < ?
                    AND NOT EXISTS (SELECT 1 FROM transfers WHERE studyID = studies.id AND claimed > 0)
                ORDER BY finishedAt LIMIT ?
                """, [limitTime, limit])
            let reports = try db.rows(
                """
                SELECT id, spoolKey, restoredSpoolKey FROM reports WHERE deliveredAt IS NOT NULL AND sweptAt IS NULL
                    AND deliveredAt < ? ORDER BY deliveredAt LIMIT ?
                """, [limitTime, max(0, limit - studies.count)])
            return try studies.map { row in
                let keys = try db.rows(
                    "SELECT spoolKey FROM instances WHERE studyID = ? AND state <> 'swept' ORDER BY id",
                    [row["id"] as Int64])
                return SweepCandidate(subject: .study(row["id"]), spoolKeys: keys.map { $0["spoolKey"] })
            }
                + reports.map { row in
                    let keys = [row["spoolKey"] as String?, row["restoredSpoolKey"] as String?].compactMap { $0 }
                    return SweepCandidate(subject: .report(row["id"]), spoolKeys: keys)
                }
        }
    }

    /// Says that the files are needed no more; call it before they are removed, so that a crash in between leaves files
    /// without rows and not rows without files. From now on the same instances may arrive anew. False if the subject is
    /// not finished (any more).
    @discardableResult
    package func markSwept(_ subject: SweepCandidate.Subject, at: Date) async throws(Failure) -> Bool {
        try await write { db in
            let now = at.timeIntervalSince1970
            switch subject {
            case .study(let id):
                try db.run(
                    "UPDATE studies SET sweptAt = ? WHERE id = ? AND finishedAt IS NOT NULL AND sweptAt IS NULL",
                    [now, id])
                guard db.changesCount > 0 else { return false }
                try db.run("UPDATE instances SET state = 'swept' WHERE studyID = ?", [id])
                try EventRecord(at: at, kind: "swept", studyID: id).insert(db)
            case .report(let id):
                try db.run(
                    "UPDATE reports SET sweptAt = ? WHERE id = ? AND deliveredAt IS NOT NULL AND sweptAt IS NULL",
                    [now, id])
                guard db.changesCount > 0 else { return false }
                let study = try db.value("SELECT studyID FROM reports WHERE id = ?", [id], as: Int64.self)
                try EventRecord(at: at, kind: "swept", studyID: study, reportID: id).insert(db)
            }
            return true
        }
    }

    /// A row's file is not there: what waits of it is held for a person, and the instance may arrive anew. False if no
    /// stored instance has this key.
    @discardableResult
    package func markMissing(spoolKey: String, at: Date) async throws(Failure) -> Bool {
        try await write { db in
            guard
                let row = try db.row(
                    "SELECT id, studyID, sopInstanceUID FROM instances WHERE spoolKey = ? AND state = 'stored'",
                    [spoolKey])
            else { return false }
            let instance = row["id"] as Int64
            let study = row["studyID"] as Int64
            let failure = Failure(
                .missingFile, .person, .instance,
                detail: "the file of \(row.uid("sopInstanceUID")) is not in the spool",
                hint: "Send the study again from its source.")
            try db.run("UPDATE instances SET state = 'missing' WHERE id = ?", [instance])
            let passages = try db.rows(
                "SELECT id, transferID FROM transfer_instances WHERE instanceID = ? AND state = 'waiting'", [instance])
            for passage in passages {
                try db.run(
                    "UPDATE transfer_instances SET state = 'held', failure = ? WHERE id = ?",
                    [try Column.json(failure), passage["id"] as Int64])
                try db.refreshTransfer(passage["transferID"], at: at)
            }
            try EventRecord(at: at, kind: "missing", detail: failure.detail, studyID: study).insert(db)
            return true
        }
    }

    /// Keys of files that should be in the spool, for recovery: call again with the last `row` until none come.
    package func spoolKeys(after: Int64 = 0, limit: Int = 5000) async throws(Failure) -> [(row: Int64, key: String)] {
        try await read { db in
            try db.rows(
                "SELECT id, spoolKey FROM instances WHERE id > ? AND state = 'stored' ORDER BY id LIMIT ?",
                [after, limit]
            ).map { ($0["id"], $0["spoolKey"]) }
        }
    }

    /// Whether a row names this file and it was not swept. Blocks; for the sweep of orphans at start.
    package func knows(spoolKey: String) throws(Failure) -> Bool {
        try Failure.ofSQLite("look for a file's row") {
            try reader.read { db in
                try db.row("SELECT 1 FROM instances WHERE spoolKey = ? AND state <> 'swept'", [spoolKey]) != nil
                    || db.row("SELECT 1 FROM reports WHERE spoolKey = ? AND sweptAt IS NULL", [spoolKey]) != nil
                    || db.row("SELECT 1 FROM reports WHERE restoredSpoolKey = ? AND sweptAt IS NULL", [spoolKey]) != nil
            }
        }
    }

    /// An event, for what has no step of its own. Of those about no study, transfer or report, such as a refused
    /// association, only the newest `keeping` are kept (and at most a tenth more between two cuts), so that nobody
    /// fills the disk from outside.
    package func record(event: EventRecord, keeping: Int = 10_000) async throws(Failure) {
        let loose = event.studyID == nil && event.transferID == nil && event.reportID == nil
        let cut = loose && looseEvents.countOne(cutEvery: keeping / 10)
        try await write { db in
            try event.insert(db)
            guard cut else { return }
            try db.run(
                """
                DELETE FROM events WHERE studyID IS NULL AND transferID IS NULL AND reportID IS NULL AND id <=
                    (SELECT id FROM events WHERE studyID IS NULL AND transferID IS NULL AND reportID IS NULL
                        ORDER BY id DESC LIMIT 1 OFFSET ?)
                """, [keeping])
        }
    }

    /// The newest events of no study, transfer or report, newest first.
    package func looseEvents(limit: Int) async throws(Failure) -> [EventRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT * FROM events WHERE studyID IS NULL AND transferID IS NULL AND reportID IS NULL
                ORDER BY id DESC LIMIT ?
                """, [limit]
            ).map(EventRecord.init(row:))
        }
    }

    /// A small value that outlives the process, such as a quota's counter.
    package func setting(_ key: String) async throws(Failure) -> String? {
        try await read { db in try db.value("SELECT value FROM settings WHERE key = ?", [key]) }
    }

    package func setSetting(_ key: String, to value: String?) async throws(Failure) {
        try await write { db in
            if let value {
                try db.run(
                    "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", [key, value])
            } else {
                try db.run("DELETE FROM settings WHERE key = ?", [key])
            }
        }
    }
}
