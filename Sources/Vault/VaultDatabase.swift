// Who is behind which pseudonym.

package import DICOMVocabulary
import Foundation
import GRDB

/// The one place that knows both sides: identities as received, and the tokens and UIDs that stand for them.
///
/// ```swift
/// let key = try VaultKey(file: "/etc/antipode/vault.key")
/// let vault = try VaultDatabase.open(path: "/var/lib/antipode/vault.sqlite", key: key)
/// try await vault.remember(identity, study: uid)      // when a study arrives
/// let tokens = try await vault.tokens(study: uid, scope: "sydney")   // before it leaves
/// let meaning = try await vault.meaning(of: token)    // when its report returns
/// ```
///
/// Its file holds no readable value: identities, original UIDs and the meaning of tokens are sealed with AES-GCM, and
/// what is searched for is a keyed mark. Tokens and pseudonymous UIDs, which readers see, stand as they are. Every call
/// may be made from any task; a write returns when it is durable.
package final class VaultDatabase: Sendable {
    let pool: DatabasePool
    let sealing: Sealing
    private let lock: OwnerLock

    private init(pool: DatabasePool, sealing: Sealing, lock: OwnerLock) {
        self.pool = pool
        self.sealing = sealing
        self.lock = lock
    }

    /// Opens the vault as its one owner and creates or migrates it. Fails with `.vaultUnavailable` when another process
    /// owns it, when it cannot be used, or when the key is not the one it was made with. Blocks.
    package static func open(path: String, key: VaultKey) throws(Failure) -> VaultDatabase {
        let lock = try OwnerLock(database: path)
        return try Failure.ofVault("open the vault") {
            var configuration = Configuration()
            configuration.label = "vault"
            configuration.busyMode = .timeout(5)
            configuration.maximumReaderCount = 4
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL when it opens a pool; a token that leaves must outlive a power loss. The writer is
                // also the only connection that checkpoints, by SQLite's default after 1000 pages.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                    throw Failure.vault("SQLite did not take synchronous=FULL")
                }
            }
            try VaultSchema.migrator.migrate(pool)
            let sealing = Sealing(key)
            try pool.write { db in
                let check = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'check'")
                if let check, check != sealing.checkValue {
                    throw Failure.vault(
                        "the key does not fit this vault", hint: "Use the key file that the vault was made with.")
                }
                if check == nil {
                    try db.execute(sql: "INSERT INTO meta VALUES ('check', ?)", arguments: [sealing.checkValue])
                }
            }
            return VaultDatabase(pool: pool, sealing: sealing, lock: lock)
        }
    }

    /// Moves the log into the database file and closes. Later calls fail.
    package func close() throws(Failure) {
        try Failure.ofVault("close the vault") {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            try pool.close()
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(Failure) -> T {
        do {
            return try await pool.read(body)
        } catch {
            throw Failure(wrapping: error, "read the vault")
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(Failure) -> T {
        do {
            return try await pool.write(body)
        } catch {
            throw Failure(wrapping: error, "write the vault")
        }
    }
}
