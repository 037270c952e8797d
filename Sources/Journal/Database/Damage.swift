// A page of the journal that cannot be read: what it concerns is held, and the rest goes on.

package import DICOMVocabulary
import Foundation
import GRDB

extension Database {
    static func isDamage(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB
    }

    /// Takes a transfer whose rows cannot be read out of its destination's way. Fails when even that page is damaged.
    func holdDamaged(transfer: Int64, at: Date) throws {
        let failure = Failure(
            .journalDamaged, .person, .instance, detail: "the journal cannot read the rows of T\(transfer)",
            hint: "Other studies go on. Keep a copy of the state folder; then restore the journal from a backup.")
        try run(
            "UPDATE transfers SET state = 'held', nextAttemptAt = NULL, failure = ? WHERE id = ?",
            [try Column.json(failure), transfer])
        let row = try row("SELECT studyID, reportID FROM transfers WHERE id = ?", [transfer])
        try EventRecord(
            at: at, kind: "held", detail: "\(failure.code.rawValue): \(failure.detail)", studyID: row?["studyID"],
            transferID: transfer, reportID: row?["reportID"]
        ).insert(self)
    }
}

extension JournalDatabase {
    /// SQLite's own check of every page and index, in its words, at most ten lines; none when all is well. Reads the
    /// whole file beside everything else that happens.
    package func damage() async throws(Failure) -> [String] {
        do {
            return try await reader.read { db in
                let words = try String.fetchAll(db, sql: "PRAGMA quick_check(10)")
                return words == ["ok"] ? [] : words
            }
        } catch {
            guard Database.isDamage(error) else { throw Failure(wrapping: error, "check the journal") }
            return ["\((error as? DatabaseError)?.message ?? "the file is damaged")"]
        }
    }
}
