// The rotation of the vault's key: two keys open the vault until the new one has been used.

package import DICOMVocabulary
package import Foundation
import GRDB
import Synchronization

/// What stands about the vault's keys and rows, without any value.
package struct VaultFacts: Sendable, Codable, Hashable {
    package struct Key: Sendable, Codable, Hashable {
        package var name: String
        package var addedAt: Date
        /// When it was rotated away.
        package var retiredAt: Date?
        /// The vault is open with it.
        package var isUsed: Bool
    }
    package var keys: [Key]
    package var studies: Int
    package var tokens: Int
    package var uids: Int
    package var forgottenStudies: Int
    /// Values that are sealed with the data key from before the last rotation; they are sealed anew in the background.
    package var rowsOfFormerKeys: Int
    package var accesses: Int
}

extension VaultDatabase {
    /// Lets a successor of the vault's key open the vault too, and seals with a new data key from now on; tokens and UIDs
    /// stay what they are. The present key stays good until `adopt`, or until the vault is opened with the new one, so that
    /// at no moment a crash leaves a vault that no key at hand opens. Fails for a key that is no successor.
    package func add(_ new: VaultKey, at: Date) async throws(Failure) {
        let keys = keys.withLock { $0 }
        guard new.rootBytes == keys.ring.root else {
            throw .vault("the new key was not made from this vault's key", hint: "Make it with vault rotate-key.")
        }
        let turned = keys.ring.turned()
        let now = at.timeIntervalSince1970
        let wasAdded = try await write { db in
            let known = try Row.fetchOne(db, sql: "SELECT retiredAt FROM keys WHERE name = ?", arguments: [new.name])
            if let known {
                guard (known["retiredAt"] as Double?) == nil else {
                    throw Failure.vault("that key was rotated away before", hint: "Make a new one.")
                }
                return false
            }
            try db.execute(
                sql: "UPDATE keys SET sealed = ? WHERE name = ?",
                arguments: [try turned.sealed(under: keys.key), keys.key.name])
            try db.execute(
                sql: "INSERT INTO keys (name, sealed, addedAt) VALUES (?, ?, ?)",
                arguments: [new.name, try turned.sealed(under: new), now])
            return true
        }
        if wasAdded { self.keys.withLock { $0 = Keys(keys.key, turned) } }
    }

    /// Goes over to a key that was added: from now on it is the only one.
    package func adopt(_ new: VaultKey, at: Date) async throws(Failure) {
        let ring = try await write { db in try db.openRing(new, now: at) }
        keys.withLock { $0 = Keys(new, ring) }
        try await emptyLog()
    }

    /// Whether the vault is open with the key of this name.
    package var keyName: String { keys.withLock { $0.key.name } }
    package var key: VaultKey { keys.withLock { $0.key } }

    /// Seals up to so many values anew that stand under a former data key, and forgets that key when none is left. Gives
    /// how many there were; each call is one transaction, and a crash between two loses nothing.
    package func sealAnew(limit: Int = 500) async throws(Failure) -> Int {
        let keys = keys.withLock { $0 }
        guard keys.ring.dataKeys.count > 1 else { return 0 }
        let (sealing, current) = (keys.sealing, keys.ring.current)
        let trimmed = keys.ring.trimmed()
        let count = try await write { db in
            var left = limit
            for table in SealedTable.all where left > 0 {
                left -= try db.sealAnew(table, current, limit: left, sealing)
            }
            if left == limit {
                // While a rotation is under way the other key's copy of the ring has the former data keys too.
                let open = try Int.fetchOne(db, sql: "SELECT count(*) FROM keys WHERE retiredAt IS NULL") ?? 0
                guard open == 1 else { return 0 }
                try db.execute(
                    sql: "UPDATE keys SET sealed = ? WHERE name = ?",
                    arguments: [try trimmed.sealed(under: keys.key), keys.key.name])
                return -1
            }
            return limit - left
        }
        if count < 0 {
            self.keys.withLock { $0 = Keys(keys.key, trimmed) }
            try await emptyLog()
        }
        return max(0, count)
    }

    package func facts() async throws(Failure) -> VaultFacts {
        let keys = keys.withLock { $0 }
        return try await read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
            let rows = try Row.fetchAll(db, sql: "SELECT name, addedAt, retiredAt FROM keys ORDER BY addedAt, name")
            let former = try SealedTable.all.map { try count("\($0.name) WHERE keyNumber < \(keys.ring.current)") }
            return VaultFacts(
                keys: rows.map {
                    VaultFacts.Key(
                        name: $0["name"], addedAt: Date(timeIntervalSince1970: $0["addedAt"]),
                        retiredAt: ($0["retiredAt"] as Double?).map { Date(timeIntervalSince1970: $0) },
                        isUsed: $0["name"] == keys.key.name)
                }, studies: try Int.fetchOne(db, sql: "SELECT count(DISTINCT studyMark) FROM identities") ?? 0,
                tokens: try count("tokens"), uids: try count("uids"), forgottenStudies: try count("forgotten"),
                rowsOfFormerKeys: former.reduce(0, +), accesses: try count("accesses"))
        }
    }
}

/// A table with a column `sealed`, and what its rows are authenticated by.
private struct SealedTable: Sendable {
    var name: String
    var id: String
    var place: @Sendable (Row) -> String

    static let all = [
        SealedTable(name: "identities", id: "id") {
            ($0["studyMark"] as Data).hex + ($0["contentMark"] as Data).hex
        }, SealedTable(name: "tokens", id: "token") { $0["token"] },
        SealedTable(name: "uids", id: "pseudonym") { $0["pseudonym"] },
    ]
}

extension Database {
    fileprivate func sealAnew(_ table: SealedTable, _ current: Int, limit: Int, _ sealing: Sealing) throws -> Int {
        let rows = try Row.fetchAll(
            self, sql: "SELECT * FROM \(table.name) WHERE keyNumber < ? LIMIT ?", arguments: [current, limit])
        for row in rows {
            let value = try sealing.reseal(
                row.sealedValue, table: table.name, row: table.place(row), column: "sealed")
            try execute(
                sql: "UPDATE \(table.name) SET sealed = ?, keyNumber = ? WHERE \(table.id) = ?",
                arguments: [value.bytes, value.key, row[table.id] as DatabaseValue])
        }
        return rows.count
    }

    /// The ring under this key; made for a vault that has none. The newest key that was added is then the only one.
    func openRing(_ key: VaultKey, now: Date) throws -> KeyRing {
        let rows = try Row.fetchAll(self, sql: "SELECT * FROM keys ORDER BY addedAt DESC")
        guard let newest = rows.first else { return try makeRing(key, now: now) }
        guard let row = rows.first(where: { $0["name"] == key.name }) else {
            throw Failure.vault(
                "the key does not fit this vault",
                hint: "Use the key file that the vault was made or last rotated with.")
        }
        guard let sealed = row["sealed"] as Data? else {
            let date = (row["retiredAt"] as Double?).map { Date(timeIntervalSince1970: $0).formatted(.iso8601) } ?? ""
            throw Failure.vault(
                "the key was rotated away at \(date)",
                hint: "Use the key file that replaced it (\(newest["name"] as String)).")
        }
        let ring = try KeyRing(sealed, under: key)
        if newest["name"] == key.name {
            try execute(
                sql: "UPDATE keys SET sealed = NULL, retiredAt = ? WHERE name <> ? AND retiredAt IS NULL",
                arguments: [now.timeIntervalSince1970, key.name])
        }
        return ring
    }

    private func makeRing(_ key: VaultKey, now: Date) throws -> KeyRing {
        // A vault from before the ring says in another way which key is its own.
        if let check = try Data.fetchOne(self, sql: "SELECT value FROM meta WHERE key = 'check'") {
            guard check == key.formerCheckValue else {
                throw Failure.vault(
                    "the key does not fit this vault", hint: "Use the key file that the vault was made with.")
            }
            try execute(sql: "DELETE FROM meta WHERE key = 'check'")
        }
        let ring = KeyRing(root: key.root)
        try execute(
            sql: "INSERT INTO keys (name, sealed, addedAt) VALUES (?, ?, ?)",
            arguments: [key.name, try ring.sealed(under: key), now.timeIntervalSince1970])
        return ring
    }

    /// Tokens from before the second migration get the mark by which they are forgotten.
    func markSubjects(_ sealing: Sealing) throws {
        let rows = try Row.fetchAll(self, sql: "SELECT * FROM tokens WHERE subjectMark IS NULL")
        for row in rows {
            let token = row["token"] as String
            let meaning: TokenMeaning = try sealing.open(
                row.sealedValue, table: "tokens", row: token, column: "sealed")
            try execute(
                sql: "UPDATE tokens SET subjectMark = ? WHERE token = ?",
                arguments: [meaning.subjectMark(sealing), token])
        }
    }
}

extension Row {
    var sealedValue: SealedValue { SealedValue(bytes: self["sealed"], key: self["keyNumber"]) }
}
