// What the journal says of files and of itself, to be compared with what is so.

package import DICOMVocabulary
package import Foundation
import GRDB

/// A file that should be in the spool.
package struct JournalFile: Sendable, Hashable {
    package enum Kind: String, Sendable, Codable { case image, report, restored }
    package var key: String
    /// Of the data set.
    package var bytes: Int64
    package var digest: String
    package var kind: Kind
    /// Of the study's row, or of the report's.
    package var id: Int64

    /// `S12` or `R3`.
    package var subject: String { (kind == .image ? "S" : "R") + String(id) }
}

/// What the journal knows of a spool key.
package enum SpoolKeyState: Sendable, Hashable {
    case unknown
    case here
    /// Not needed any more: its study (or report) was swept.
    case swept
    /// Its bytes were lost, and it may have come again under another key.
    case lost
}

extension JournalDatabase {
    /// Hands over every file that should be there, images first. Reads page by page, so that nobody waits. Blocks.
    package func eachFile(_ body: (JournalFile) throws -> Void) throws {
        var last: Int64 = 0
        while true {
            let page = try reader.read { db in
                try db.rows(
                    """
                    SELECT id, spoolKey, bytes, digest, studyID FROM instances WHERE id > ? AND state = 'stored'
                    ORDER BY id LIMIT 5000
                    """, [last]
                ).map { row in
                    (
                        id: row["id"] as Int64,
                        file: JournalFile(
                            key: row["spoolKey"], bytes: row["bytes"], digest: row["digest"], kind: .image,
                            id: row["studyID"])
                    )
                }
            }
            guard let end = page.last else { break }
            for image in page { try body(image.file) }
            last = end.id
        }
        last = 0
        while true {
            let page = try reader.read { db in
                try db.rows("SELECT * FROM reports WHERE id > ? AND sweptAt IS NULL ORDER BY id LIMIT 5000", [last])
                    .map(ReportRecord.init(row:))
            }
            guard let end = page.last else { return }
            for report in page {
                try body(
                    JournalFile(
                        key: report.spoolKey, bytes: report.bytes, digest: report.digest, kind: .report,
                        id: report.id))
                guard let restored = report.restored else { continue }
                try body(
                    JournalFile(
                        key: restored.spoolKey, bytes: restored.bytes, digest: restored.digest, kind: .restored,
                        id: report.id))
            }
            last = end.id
        }
    }

    /// Blocks.
    package func state(ofSpoolKey key: String) throws(Failure) -> SpoolKeyState {
        try Failure.ofSQLite("look for a file's row") {
            try reader.read { db in
                if let state = try db.value("SELECT state FROM instances WHERE spoolKey = ?", [key], as: String.self) {
                    switch InstanceState(rawValue: state) {
                    case .stored?: return .here
                    case .swept?: return .swept
                    case .missing?, nil: return .lost
                    }
                }
                let report = try db.row(
                    "SELECT sweptAt FROM reports WHERE spoolKey = ?1 OR restoredSpoolKey = ?1", [key])
                guard let report else { return .unknown }
                return (report["sweptAt"] as Double?) == nil ? .here : .swept
            }
        }
    }

    /// Sums that do not agree with what they are sums of, in words; the first hundred.
    package func wrongCounts() async throws(Failure) -> [(key: String, detail: String)] {
        try await read { db in
            try db.rows(Counts.wrong).map { ($0["key"], $0["detail"]) }
        }
    }

    /// Counts anew.
    package func recount() async throws(Failure) {
        try await write { db in
            try db.run(Counts.transfers)
            try db.run("DELETE FROM open_counts")
            try db.run(Schema.countOpen)
            for table in ["studies", "transfers", "reports"] {
                try db.run("DELETE FROM state_counts WHERE subject = ?", [table])
                try db.run(
                    "INSERT INTO state_counts SELECT '\(table)', state, count(*) FROM \(table) GROUP BY state")
            }
        }
    }

    /// A report's restored file is gone or damaged: one that is not delivered yet is restored anew.
    package func restoreAnew(report id: Int64, at: Date) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let report = try ReportRecord.fetch(db, id) else { return .notFound }
            return try db.restoreAnew(report, actor: EventRecord.antipode, at: at)
                ? .done : .notAllowed(state: report.state.rawValue)
        }
    }

    /// A report's file is gone or damaged: one that still needs it waits for a person.
    package func markMissing(report id: Int64, detail: String, at: Date) async throws(Failure) -> ActionResult {
        let failure = Failure(
            .missingFile, .person, .instance, detail: detail, hint: "Ask the reader to send the report again.")
        return try await holdReport(id, notice: HoldNotice(failure), at: at)
    }
}

private enum Counts {
    /// Of transfers whose instances still have rows of their own.
    private static let counted = """
        (studyID IS NULL OR NOT EXISTS (SELECT 1 FROM studies WHERE id = studyID AND prunedAt IS NOT NULL)
            OR reportID IS NOT NULL)
        """
    static let transfers = """
        UPDATE transfers SET (instances, waiting, claimed, acknowledged, held, cancelled, confirmed) = (
            SELECT count(*), COALESCE(sum(state = 'waiting'), 0), COALESCE(sum(state = 'claimed'), 0),
                COALESCE(sum(state = 'acknowledged'), 0), COALESCE(sum(state = 'held'), 0),
                COALESCE(sum(state = 'cancelled'), 0), COALESCE(sum(confirmedAt IS NOT NULL), 0)
            FROM transfer_instances WHERE transferID = transfers.id) WHERE \(counted)
        """
    private static let kept = """
        SELECT destination, state, transfers, instances, withHeld FROM open_counts
        WHERE transfers <> 0 OR instances <> 0 OR withHeld <> 0
        """
    private static let open = """
        SELECT destination, state, count(*), sum(waiting + claimed), sum(held > 0) FROM transfers
        WHERE state IN (\(Schema.open)) GROUP BY destination, state
        """
    static let wrong = """
        SELECT 'T' || id AS key, 'its counts are not those of its instances' AS detail FROM transfers
        WHERE \(counted) AND (instances, waiting, claimed, acknowledged, held, cancelled, confirmed) <> (
            SELECT count(*), COALESCE(sum(state = 'waiting'), 0), COALESCE(sum(state = 'claimed'), 0),
                COALESCE(sum(state = 'acknowledged'), 0), COALESCE(sum(state = 'held'), 0),
                COALESCE(sum(state = 'cancelled'), 0), COALESCE(sum(confirmedAt IS NOT NULL), 0)
            FROM transfer_instances WHERE transferID = transfers.id)
        UNION ALL SELECT subject, 'the count of state ' || state || ' is wrong' FROM state_counts WHERE count <>
            CASE subject WHEN 'studies' THEN (SELECT count(*) FROM studies WHERE state = state_counts.state)
                WHEN 'transfers' THEN (SELECT count(*) FROM transfers WHERE state = state_counts.state)
                ELSE (SELECT count(*) FROM reports WHERE state = state_counts.state) END
        UNION ALL SELECT 'transfers', 'what is ' || state || ' for ' || destination || ' is counted wrong' FROM (
            SELECT destination, state FROM (SELECT * FROM (\(kept)) EXCEPT SELECT * FROM (\(open)))
            UNION SELECT destination, state FROM (SELECT * FROM (\(open)) EXCEPT SELECT * FROM (\(kept))))
        LIMIT 100
        """
}
