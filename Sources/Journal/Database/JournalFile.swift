// The journal as a file: copied, put back, and judged by its schema.

package import DICOMVocabulary
import Foundation
import GRDB
import Glibc

extension JournalDatabase {
    /// Names of migrations that this program knows, in their order.
    package static var knownMigrations: [String] { Schema.migrator.migrations }

    /// A consistent copy of what is committed at this moment, beside everything else that happens (SQLite's backup, from a
    /// reader: the one writer is not disturbed). The copy is one file without a log, 0600 and durable. Blocks.
    package func copy(to path: String) throws(Failure) {
        try Failure.ofSQLite("copy the journal") {
            try DurableFile.makePrivate(path: path)
            let target = try DatabaseQueue(path: path)
            try reader.backup(to: target)
            try target.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
            try target.close()
            try DurableFile.synchronise(path: path)
        }
    }

    /// The migrations that made a journal. Fails for what is no journal, and with `.person` for one that a newer program
    /// has written. Blocks.
    package static func migrations(of path: String) throws(Failure) -> [String] {
        try Failure.ofSQLite("read the journal's schema") {
            let queue = try DatabaseQueue(path: path, configuration: Self.looking)
            return try queue.read { db in
                guard try db.tableExists("grdb_migrations") else {
                    throw Failure(.ioError, .person, .instance, detail: "it is no journal of Antipode")
                }
                let applied = try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY rowid")
                try refuseNewer(applied)
                return applied
            }
        }
    }

    /// A journal that a newer program has changed cannot be read by this one, and there is no way back.
    static func refuseNewer(_ applied: some Sequence<String>) throws(Failure) {
        let known = Set(knownMigrations)
        guard let stranger = applied.first(where: { !known.contains($0) }) else { return }
        throw Failure(
            .ioError, .person, .instance,
            detail: "the journal was written by a newer Antipode (\"\(stranger)\" is not known here)",
            hint: "A downgrade cannot be done: install the newer version again,"
                + " or restore a backup that was made before the upgrade.")
    }

    /// What its owner holds: one file, by whatever link the journal is named.
    package static func lock(of path: String) -> String { file(of: path) + ".lock" }

    /// Whether nobody owns the journal now; the answer is held until `body` returns. Fails when somebody does.
    package static func withoutOwner<T>(of path: String, _ body: () throws -> T) throws -> T {
        let lock = try OwnerLock(journal: path)
        return try withExtendedLifetime(lock) { try body() }
    }

    /// Every page and index of a file that nobody has open, in SQLite's words; none when all is well. Blocks.
    package static func damage(of path: String) throws(Failure) -> [String] {
        try Failure.ofSQLite("check the journal") {
            let words = try DatabaseQueue(path: path, configuration: Self.looking).read { db in
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

extension OwnerLock {
    convenience init(journal path: String) throws(Failure) {
        try self.init(
            JournalDatabase.lock(of: path), taken: "another process owns the journal",
            hint: "Only one daemon may run on one state directory.")
    }
}
