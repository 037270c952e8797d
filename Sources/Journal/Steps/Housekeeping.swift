// What surrounds the rest: missing files, loose events, small settings.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
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
            for passage in try db.passages(of: instance, study: study, in: .waiting) {
                try db.run(
                    "UPDATE transfer_instances SET state = 'held', failure = ? WHERE id = ?",
                    [try Column.json(failure), passage["id"] as Int64])
                try db.refreshTransfer(passage["transferID"], at: at)
            }
            try EventRecord(at: at, kind: "missing", detail: failure.detail, studyID: study).insert(db)
            return true
        }
    }

    /// Hands over the key of the file of every image that should be in the spool, in no order; for the start. Its cost grows with
    /// what is here, not with history. Blocks.
    package func eachStoredKey(_ body: (String) -> Void) throws(Failure) {
        try Failure.ofSQLite("read the names of files") {
            try reader.read { db in
                // Sweeping takes all images of a study.
                let keys = try String.fetchCursor(
                    db,
                    sql: """
                        SELECT instances.spoolKey FROM studies INDEXED BY studies_here
                        CROSS JOIN instances ON instances.studyID = studies.id
                        WHERE studies.sweptAt IS NULL AND instances.state = 'stored'
                        """)
                while let key = try keys.next() { body(key) }
            }
        }
    }

    /// How many images should be in the spool, counted no further than `limit`. Blocks.
    package func countStored(upTo limit: Int) throws(Failure) -> Int {
        try Failure.ofSQLite("count the files") {
            try reader.read { db in
                try db.value(
                    """
                    SELECT count(*) FROM (SELECT 1 FROM studies INDEXED BY studies_here
                        CROSS JOIN instances ON instances.studyID = studies.id
                        WHERE studies.sweptAt IS NULL AND instances.state = 'stored' LIMIT ?)
                    """, [limit], as: Int.self) ?? 0
            }
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

    /// What an image's file is to hold: bytes and XXH3-128 in lower-case hex of its data set; also of one that counts as lost. Nil
    /// where no row of an image names the file. Blocks; for files that were not finished.
    package func content(ofSpoolKey key: String) throws(Failure) -> (bytes: Int64, digest: String)? {
        try Failure.ofSQLite("look for a file's row") {
            try reader.read { db in
                try db.row("SELECT bytes, digest FROM instances WHERE spoolKey = ? AND state <> 'swept'", [key])
                    .map { ($0["bytes"], $0["digest"]) }
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

    /// Nothing, in its turn among the writes: returns when the writer has come to it. After a write that failed it is a row,
    /// for only a row that is durable shows that the file takes writes again.
    package func turn() async throws(Failure) {
        let isTrial = trouble != nil
        try await write { db in
            guard isTrial else { return }
            try db.run(
                "INSERT INTO settings VALUES ('trialWrites', '1') ON CONFLICT DO UPDATE SET value = value + 1")
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
