// Who is behind which pseudonym.

package import DICOMVocabulary
package import Foundation
import GRDB
import Synchronization

/// The one place that knows both sides: identities as received, and the tokens and UIDs that stand for them.
///
/// ```swift
/// let key = try VaultKey(file: "/etc/antipode/vault.key")
/// let vault = try VaultDatabase.open(path: "/var/lib/antipode/vault.sqlite", key: key)
/// try await vault.remember(identity, study: uid)      // when a study arrives
/// let tokens = try await vault.tokens(study: uid, scope: "site")   // before it leaves
/// let meaning = try await vault.meaning(of: token)    // when its report returns
/// ```
///
/// Its file holds no readable value: identities, original UIDs and the meaning of tokens are sealed with AES-GCM, and
/// what is searched for is a keyed mark. Tokens and pseudonymous UIDs, which readers see, stand as they are. Every call
/// may be made from any task; a write returns when it is durable.
package final class VaultDatabase: Sendable {
    struct Keys: Sendable {
        /// The file's, under which the ring stands in the database.
        var key: VaultKey
        var ring: KeyRing
        var sealing: Sealing

        init(_ key: VaultKey, _ ring: KeyRing) {
            self.key = key
            self.ring = ring
            sealing = Sealing(ring)
        }
    }

    let pool: DatabasePool
    let keys: Mutex<Keys>
    private let lock: OwnerLock
    private let doubt = Mutex(false)
    private let unreadable = Mutex<(times: Int, detail: String)>((0, ""))

    /// Whether a write failed on the disk. After a failed fsync nobody can tell what is durable (the kernel marks the pages
    /// clean), so the vault has to be opened anew.
    package var isDoubtful: Bool { doubt.withLock { $0 } }

    /// How often a page of it could not be read, and what SQLite said the last time: whatever needs that page waits.
    package var unreadablePages: (times: Int, detail: String) { unreadable.withLock { $0 } }

    var sealing: Sealing { keys.withLock { $0.sealing } }

    private init(pool: DatabasePool, keys: Keys, lock: OwnerLock) {
        self.pool = pool
        self.keys = Mutex(keys)
        self.lock = lock
    }

    /// Opens the vault as its one owner and creates or migrates it. Fails with `.vaultUnavailable` when another process
    /// owns it, when it cannot be used, or when the key is none of its own; one that was rotated away is named as such.
    /// The newest key ends a rotation: the one before it opens the vault no more. Blocks.
    package static func open(
        path: String, key: VaultKey, now: Date = Date()
    ) throws(Failure) -> VaultDatabase {
        let lock = try OwnerLock(vault: path)
        return try Failure.ofVault("open the vault") {
            var configuration = Configuration()
            configuration.label = "vault"
            configuration.busyMode = .timeout(5)
            configuration.maximumReaderCount = 4
            // What is deleted or sealed anew leaves nothing behind in the file.
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA secure_delete = ON") }
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL when it opens a pool; a token that leaves must outlive a power loss. The writer is
                // also the only connection that checkpoints, by SQLite's default after 1000 pages.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                    throw Failure.vault("SQLite did not take synchronous=FULL")
                }
            }
            try refuseNewer(
                try pool.writeWithoutTransaction { db in try VaultSchema.migrator.appliedIdentifiers(db) })
            try VaultSchema.migrator.migrate(pool)
            let ring = try pool.write { db in try db.openRing(key, now: now) }
            let keys = Keys(key, ring)
            try pool.write { db in try db.markSubjects(keys.sealing) }
            return VaultDatabase(pool: pool, keys: keys, lock: lock)
        }
    }

    /// Moves the log into the database file and closes. Later calls fail.
    package func close() throws(Failure) {
        try Failure.ofVault("close the vault") {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            try pool.close()
        }
        lock.release()
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(Failure) -> T {
        do {
            return try await pool.read(body)
        } catch {
            throw self.failure(error, "read the vault", ofOnePage: [.SQLITE_CORRUPT, .SQLITE_IOERR])
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(Failure) -> T {
        do {
            FaultPoint.pass("vault.before-write")
            let value = try await pool.write(body)
            FaultPoint.pass("vault.after-write")
            return value
        } catch {
            if let error = error as? DatabaseError, error.resultCode == .SQLITE_IOERR { doubt.withLock { $0 = true } }
            // After an error of the disk the vault is opened anew.
            throw self.failure(error, "write the vault", ofOnePage: [.SQLITE_CORRUPT])
        }
    }

    /// One page may be damaged, and not the vault: the study on it waits, and not all that come after it.
    private func failure(_ error: any Error, _ what: String, ofOnePage codes: [ResultCode]) -> Failure {
        let failure = Failure(wrapping: error, what)
        guard let error = error as? DatabaseError, codes.contains(error.resultCode) else { return failure }
        unreadable.withLock { $0 = ($0.times + 1, failure.detail) }
        return Failure(
            failure.code, .tryAgain, .instance, detail: failure.detail,
            hint: "Look at the vault's disk; antipode verify says more, and a backup has the vault.")
    }

    /// Empties the log, in which deleted values would stand until it is written over. Waits for readers a short while.
    func emptyLog() async throws(Failure) {
        for _ in 0..<20 {
            do {
                try await pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
                return
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                try? await Task.sleep(for: .milliseconds(100))
            } catch {
                throw Failure(wrapping: error, "empty the vault's log")
            }
        }
        throw Failure(
            .vaultUnavailable, .tryAgain, .destination, detail: "the vault's log could not be emptied: it is being read"
        )
    }
}
