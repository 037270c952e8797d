// The vault as a file: copied and judged without its key, because all of it is sealed.

package import DICOMVocabulary
import Foundation
import GRDB

extension VaultDatabase {
    package static var knownMigrations: [String] { VaultSchema.migrator.migrations }

    /// A consistent copy of what is committed at this moment, beside the owner (SQLite's backup, on a connection that only
    /// reads). One file without a log, 0600 and durable. Blocks.
    package static func copy(_ source: String, to path: String) throws(Failure) {
        try Failure.ofVault("copy the vault") {
            let queue = try DatabaseQueue(path: source, configuration: looking)
            try DurableFile.makePrivate(path: path)
            let target = try DatabaseQueue(path: path)
            try queue.backup(to: target)
            try target.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
            try target.close()
            try DurableFile.synchronise(path: path)
        }
    }

    /// The migrations that made a vault. Fails for what is no vault, and for one that a newer program has written. Blocks.
    package static func migrations(of path: String) throws(Failure) -> [String] {
        try Failure.ofVault("read the vault's schema") {
            try DatabaseQueue(path: path, configuration: looking).read { db in
                guard try db.tableExists("grdb_migrations") else { throw Failure.vault("it is no vault of Antipode") }
                let applied = try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY rowid")
                try refuseNewer(applied)
                return applied
            }
        }
    }

    static func refuseNewer(_ applied: some Sequence<String>) throws(Failure) {
        let known = Set(knownMigrations)
        guard let stranger = applied.first(where: { !known.contains($0) }) else { return }
        throw .vault(
            "the vault was written by a newer Antipode (\"\(stranger)\" is not known here)",
            hint: "A downgrade cannot be done: install the newer version again,"
                + " or restore a backup that was made before the upgrade.")
    }

    /// Whether nobody owns the vault now; the answer is held until `body` returns. Fails when somebody does.
    package static func withoutOwner<T>(of path: String, _ body: () throws -> T) throws -> T {
        let lock = try OwnerLock(vault: path, making: false)
        return try withExtendedLifetime(lock) { try body() }
    }

    /// Every page and index of the file, in SQLite's words; none when all is well. Blocks.
    package static func damage(of path: String) throws(Failure) -> [String] {
        try Failure.ofVault("check the vault") {
            let words = try DatabaseQueue(path: path, configuration: looking).read { db in
                try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
            }
            return words == ["ok"] ? [] : words
        }
    }

    private static var looking: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return configuration
    }
}
