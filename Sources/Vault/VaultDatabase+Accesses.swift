// Who looked into the vault: a record that only grows.

package import DICOMVocabulary
package import Foundation
import GRDB

/// One look. `subject` is a key of the journal such as S12, `found` a count; neither says who the patient is.
package struct VaultAccess: Sendable, Codable, Hashable {
    package enum Action: String, Sendable, Codable, CaseIterable {
        /// A number was searched for.
        case search
        /// An identity was shown to a person.
        case show
        /// An exam left under pseudonyms: its identity was read to put them in its place, and for the guard to look for it.
        case send
        /// The identity went back into a report.
        case restore
        /// A restored report was read.
        case readReport
        /// Disclosures were tied to a patient.
        case disclosures
        case forget, rotateKey
    }
    package var id: Int64
    package var at: Date
    package var actor: String
    package var action: Action
    package var subject: String
    package var found: Int
    package var reason: String
    /// Whether this row, and so all before it, is as it was written.
    package var isWhole: Bool

    package init(
        id: Int64 = 0, at: Date, actor: String, action: Action, subject: String = "", found: Int = 0,
        reason: String = "", isWhole: Bool = true
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.found = found
        self.reason = reason
        self.isWhole = isWhole
    }
}

extension VaultDatabase {
    /// Writes a look down, durable before it returns: call it before what was found is shown to anybody.
    package func record(_ access: VaultAccess) async throws(Failure) {
        let sealing = self.sealing
        try await write { db in
            let last = try Data.fetchOne(db, sql: "SELECT chain FROM accesses ORDER BY id DESC LIMIT 1") ?? Data()
            let id = (try Int64.fetchOne(db, sql: "SELECT max(id) FROM accesses") ?? 0) + 1
            var access = access
            access.id = id
            // The database keeps microseconds at best; the chain is over what can be read again.
            access.at = Date(timeIntervalSince1970: (access.at.timeIntervalSince1970 * 1000).rounded() / 1000)
            try db.execute(
                sql: "INSERT INTO accesses VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    id, access.at.timeIntervalSince1970, access.actor, access.action.rawValue, access.subject,
                    access.found, access.reason, access.chain(after: last, sealing),
                ])
        }
    }

    /// The newest looks, newest first, each checked against the chain.
    package func accesses(
        limit: Int, actor: String? = nil, subject: String? = nil, since: Date? = nil
    ) async throws(Failure) -> [VaultAccess] {
        let sealing = self.sealing
        return try await read { db in
            var conditions = ["1"]
            var values: [(any DatabaseValueConvertible)?] = []
            if let actor {
                conditions.append("actor = ?")
                values.append(actor)
            }
            if let subject {
                conditions.append("subject = ?")
                values.append(subject)
            }
            if let since {
                conditions.append("at >= ?")
                values.append(since.timeIntervalSince1970)
            }
            values.append(limit)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT *, (SELECT chain FROM accesses AS earlier WHERE earlier.id = accesses.id - 1) AS former
                    FROM accesses WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?
                    """, arguments: StatementArguments(values))
            return rows.compactMap { row in
                guard var access = VaultAccess(row: row) else { return nil }
                access.isWhole = access.chain(after: row["former"] ?? Data(), sealing) == row["chain"] as Data
                return access
            }
        }
    }

    /// Whether no row of the record was changed, taken out or put in between, from the first to the last.
    package func isRecordWhole() async throws(Failure) -> Bool {
        let sealing = self.sealing
        return try await read { db in
            var last = Data()
            var next: Int64 = 1
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM accesses ORDER BY id")
            while let row = try rows.next() {
                guard let access = VaultAccess(row: row), access.id == next,
                    access.chain(after: last, sealing) == row["chain"] as Data
                else { return false }
                last = row["chain"]
                next += 1
            }
            return true
        }
    }
}

extension VaultAccess {
    fileprivate init?(row: Row) {
        guard let action = Action(rawValue: row["action"]) else { return nil }
        self.init(
            id: row["id"], at: Date(timeIntervalSince1970: row["at"]), actor: row["actor"], action: action,
            subject: row["subject"], found: row["found"], reason: row["reason"])
    }

    fileprivate func chain(after last: Data, _ sealing: Sealing) -> Data {
        sealing.mark(
            "access", last.hex, String(id), String(Int64((at.timeIntervalSince1970 * 1000).rounded())), actor,
            action.rawValue, subject, String(found), reason)
    }
}
