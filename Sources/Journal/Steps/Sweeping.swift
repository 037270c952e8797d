// Step 10: files go when nothing needs them; later the rows of single images, whose sums stay.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Studies finished and reports delivered before a time, whose files are still here; oldest first. Not those whose
    /// destination has still to commit, where the site wants the files kept until then.
    package func sweepable(before: Date, limit: Int) async throws(Failure) -> [SweepCandidate] {
        try await read { db in
            let limitTime = before.timeIntervalSince1970
            let studies = try db.rows(
                """
                SELECT id, finishedAt FROM studies WHERE finishedAt IS NOT NULL AND sweptAt IS NULL AND finishedAt < ?
                    AND NOT EXISTS (SELECT 1 FROM transfers WHERE studyID = studies.id AND claimed > 0)
                    AND NOT EXISTS (SELECT 1 FROM transfers WHERE studyID = studies.id AND reportID IS NULL
                        AND \(Sweep.keeps))
                ORDER BY finishedAt LIMIT ?
                """, [limitTime, limit])
            let reports = try db.rows(
                """
                SELECT id, spoolKey, restoredSpoolKey, bytes, restoredBytes,
                    COALESCE(deliveredAt, discardedAt) AS doneAt FROM reports
                WHERE id IN (
                        SELECT id FROM reports WHERE deliveredAt IS NOT NULL AND sweptAt IS NULL AND deliveredAt < ?1
                        UNION SELECT id FROM reports
                            WHERE discardedAt IS NOT NULL AND sweptAt IS NULL AND discardedAt < ?1)
                    AND NOT EXISTS (SELECT 1 FROM transfers WHERE reportID = reports.id AND \(Sweep.keeps))
                ORDER BY doneAt LIMIT ?2
                """, [limitTime, max(0, limit - studies.count)])
            return try studies.map { row in
                let files = try db.rows(
                    "SELECT spoolKey, bytes FROM instances WHERE studyID = ? AND state <> 'swept' ORDER BY id",
                    [row["id"] as Int64])
                return SweepCandidate(
                    subject: .study(row["id"]), spoolKeys: files.map { $0["spoolKey"] },
                    bytes: files.reduce(0) { $0 + ($1["bytes"] as Int64) }, since: row.time("finishedAt"))
            }
                + reports.map { row in
                    let keys = [row["spoolKey"] as String?, row["restoredSpoolKey"] as String?].compactMap { $0 }
                    return SweepCandidate(
                        subject: .report(row["id"]), spoolKeys: keys,
                        bytes: (row["bytes"] as Int64) + (row["restoredBytes"] as Int64? ?? 0),
                        since: row.time("doneAt"))
                }
        }
    }

    /// Says that the files are needed no more; call it before they are removed, so that a crash in between leaves files
    /// without rows and not rows without files. From now on the same instances may arrive anew. False if the subject is
    /// not finished (any more).
    @discardableResult
    package func markSwept(
        _ subject: SweepCandidate.Subject, actor: String = EventRecord.antipode, at: Date
    ) async throws(Failure) -> Bool {
        try await write { db in
            let now = at.timeIntervalSince1970
            switch subject {
            case .study(let id):
                try db.run(
                    """
                    UPDATE studies SET sweptAt = ? WHERE id = ? AND finishedAt IS NOT NULL AND sweptAt IS NULL
                        AND NOT EXISTS (SELECT 1 FROM transfers WHERE studyID = studies.id AND reportID IS NULL
                            AND (claimed > 0 OR \(Sweep.keeps)))
                    """, [now, id])
                guard db.changesCount > 0 else { return false }
                try db.run("UPDATE instances SET state = 'swept' WHERE studyID = ?", [id])
                try EventRecord(at: at, kind: "swept", actor: actor, studyID: id).insert(db)
            case .report(let id):
                try db.run(
                    """
                    UPDATE reports SET sweptAt = ?
                    WHERE id = ? AND COALESCE(deliveredAt, discardedAt) IS NOT NULL AND sweptAt IS NULL
                        AND NOT EXISTS (SELECT 1 FROM transfers WHERE reportID = reports.id AND \(Sweep.keeps))
                    """, [now, id])
                guard db.changesCount > 0 else { return false }
                let study = try db.value("SELECT studyID FROM reports WHERE id = ?", [id], as: Int64.self)
                try EventRecord(at: at, kind: "swept", actor: actor, studyID: study, reportID: id).insert(db)
            }
            return true
        }
    }

    /// Why files stay, and how many: whatever is not swept has its reason here.
    package func keptFiles(before: Date) async throws(Failure) -> [KeptFiles] {
        try await read { db in
            try db.rows(
                """
                SELECT reason, count(*) AS subjects, total(files) AS files, total(bytes) AS bytes FROM (
                    SELECT instanceCount AS files, bytes, CASE
                        WHEN finishedAt IS NULL THEN state
                        WHEN EXISTS (SELECT 1 FROM transfers WHERE studyID = studies.id AND reportID IS NULL
                            AND \(Sweep.keeps)) THEN 'notCommitted'
                        WHEN EXISTS (SELECT 1 FROM transfers WHERE studyID = studies.id AND claimed > 0) THEN 'planned'
                        WHEN finishedAt >= ?1 THEN 'retention' ELSE 'due' END AS reason
                    FROM studies WHERE sweptAt IS NULL
                    UNION ALL SELECT 1 + (restoredSpoolKey IS NOT NULL), bytes + COALESCE(restoredBytes, 0), CASE
                        WHEN COALESCE(deliveredAt, discardedAt) IS NULL
                            THEN CASE state WHEN 'held' THEN 'held' ELSE 'planned' END
                        WHEN EXISTS (SELECT 1 FROM transfers WHERE reportID = reports.id AND \(Sweep.keeps))
                            THEN 'notCommitted'
                        WHEN COALESCE(deliveredAt, discardedAt) >= ?1 THEN 'retention' ELSE 'due' END
                    FROM reports WHERE sweptAt IS NULL)
                GROUP BY reason ORDER BY reason
                """, [before.timeIntervalSince1970]
            ).map { row in
                KeptFiles(
                    reason: row["reason"], subjects: row["subjects"], files: Int(row["files"] as Double),
                    bytes: Int64(row["bytes"] as Double))
            }
        }
    }

    /// Studies swept before a time whose images still have rows of their own.
    package func prunable(before: Date, limit: Int) async throws(Failure) -> [Int64] {
        try await read { db in
            try db.rows(
                """
                SELECT id FROM studies WHERE sweptAt IS NOT NULL AND prunedAt IS NULL AND sweptAt < ?
                    AND finishedAt IS NOT NULL ORDER BY sweptAt LIMIT ?
                """, [before.timeIntervalSince1970, limit]
            ).map { $0["id"] }
        }
    }

    /// Drops the rows of a swept study's images. States, times, counts, bytes, attempts and events stay; a report that
    /// names the images of this study can be restored no more.
    package func prune(study: Int64, at: Date) async throws(Failure) {
        try await write { db in
            try db.keepDisclosures(ofStudy: study)
            try db.run(
                """
                DELETE FROM transfer_instances WHERE transferID IN
                    (SELECT id FROM transfers WHERE studyID = ? AND reportID IS NULL)
                """, [study])
            try db.run("DELETE FROM instances WHERE studyID = ?", [study])
            try db.run("DELETE FROM study_contexts WHERE studyID = ?", [study])
            try db.run("DELETE FROM instance_pseudonyms WHERE studyID = ?", [study])
            try db.run(
                """
                DELETE FROM commitment_transactions WHERE transferID IN
                    (SELECT id FROM transfers WHERE studyID = ? AND reportID IS NULL)
                """, [study])
            try db.run("UPDATE studies SET prunedAt = ? WHERE id = ?", [at.timeIntervalSince1970, study])
        }
    }
}

private enum Sweep {
    /// A transfer that still needs its files, though all of it was acknowledged.
    static let keeps = "commitment = 'keep' AND state NOT IN ('confirmed', 'cancelled')"
}

/// Files that stay, with their reason: a state of studies, `notCommitted`, `retention` (too young) or `due`.
package struct KeptFiles: Sendable, Hashable {
    package var reason: String
    /// Studies and reports.
    package var subjects: Int
    package var files: Int
    package var bytes: Int64
}
