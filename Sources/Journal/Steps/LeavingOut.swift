// A person decides that what is held of a study stays behind.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Held instances are cancelled, at each destination, and the rest of the study counts as all of it; a study of which
    /// nothing is left so ends `cancelled`. What arrived and waits for a storage commitment only is left alone: it is not
    /// to be called unsent.
    @discardableResult
    package func leaveOutHeld(study: Int64, actor: String, at: Date) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let record = try StudyRecord.fetch(db, study) else { return .notFound }
            let rows = try db.rows(
                "SELECT * FROM transfers WHERE studyID = ? AND reportID IS NULL AND held > 0 ORDER BY id", [study])
            var something = false
            for transfer in try rows.map(TransferRecord.init(row:)) {
                something = try db.leaveOutHeld(of: transfer, actor: actor, at: at) || something
            }
            guard something else { return .notAllowed(state: record.state.rawValue) }
            try db.refreshStudy(study, at: at)
            return .done
        }
    }
}

extension Database {
    private static let leftOut = """
        transferID = ? AND state = 'held' AND COALESCE(json_extract(failure, '$.code'), '') <> 'notCommitted'
        """

    fileprivate func leaveOutHeld(of transfer: TransferRecord, actor: String, at: Date) throws -> Bool {
        let codes = try rows(
            """
            SELECT json_extract(failure, '$.code') AS code, count(*) AS count FROM transfer_instances
            WHERE \(Self.leftOut) GROUP BY code ORDER BY code
            """, [transfer.id])
        let count = codes.reduce(0) { $0 + ($1["count"] as Int) }
        guard count > 0 else { return false }
        try run("UPDATE transfer_instances SET state = 'cancelled' WHERE \(Self.leftOut)", [transfer.id])
        let reasons = codes.compactMap { $0["code"] as String? }.joined(separator: ", ")
        let detail = "\(count) of \(Counted.instances(transfer.instances)) to \(transfer.destination): \(reasons)"
        try note(transfer, "leftOut", detail, actor: actor, at: at)
        try refreshTransfer(transfer.id, at: at)
        let failure = Failure(
            .cancelled, .person, .instance,
            detail: "\(Counted.instances(count)) left out by \(actor), and nothing was sent: \(reasons)")
        try run(
            "UPDATE transfers SET failure = ? WHERE id = ? AND state = 'cancelled'",
            [try Column.json(failure), transfer.id])
        return true
    }
}

/// Numbers with their noun.
enum Counted {
    static func instances(_ count: Int) -> String { count == 1 ? "1 instance" : "\(count) instances" }
}
