// The durable record of everything the gateway has promised.

package import DICOMVocabulary
import GRDB
import Glibc

/// The journal: which studies are here, where they go, what came of it.
///
/// ```swift
/// let journal = try JournalDatabase.open(path: "/var/lib/antipode/journal.sqlite")
/// switch try await journal.record(arrival) {
/// case .stored(let study): // durable: answer Success
/// case .duplicate, .conflict: // the first is kept
/// }
/// ```
///
/// Every call may be made from any task. A write returns when it is durable (`settleAndClaim` in the middle of a transfer, when it
/// is committed): writes that wait at the same moment share
/// one transaction and one fsync, each with a savepoint of its own, so that one that fails does not fail its
/// neighbours; a failed commit fails all of them. All times are passed in.
///
/// By task:
/// - receive: `record(_:)` `receivingStudies()` `complete(study:at:)`
/// - in the office's hands: `beginHandling(_:)` `endHandling(_:)` `endInterruptedHandling(crashed:maximumCrashes:at:)`
/// - plan: `completedStudies(except:limit:)` `plan(study:transfers:decision:rule:at:)`
/// - forward: `settleAndClaim(_:lane:destination:claim:at:)` `distinctContexts(destination:at:limit:)`
///   `outlook(destination:at:limit:)` `openMarks()` `giveBack(_:crashed:maximumCrashes:at:)`
///   `hold(transfer:failure:actor:at:)` `retry(transfer:actor:at:)`
/// - reports: `recordReport(_:)` `matchReport(_:_:at:)` `holdReport(_:notice:match:actor:at:)`
///   `releaseReport(_:actor:at:)` `retryReport(_:actor:at:)` `restoreReport(_:restored:deliveries:at:)`
/// - ask for reports: `schedulePoll(transfer:at:)` `duePolls(at:limit:)` `nextPoll()`
///   `recordPoll(transfer:next:state:failure:at:)` `deferPoll(transfer:until:)`
/// - act: `hold(study:notice:actor:at:)` `release(study:actor:at:)` `retry(study:actor:at:)` `cancel(study:actor:at:)`
///   `addTransfer(study:_:actor:at:)`
/// - look: `studies(_:)` `transfers(_:)` `reports(_:)` `history(study:)` `instances(study:)`
///   `passages(transfer:states:)` `originalUIDs(study:)` `sopInstances(study:)`
///   `named(by:)` `figures(destination:)` `counts()`
/// - keep house: `sweepable(before:limit:)` `markSwept(_:at:)` `eachStoredKey(_:)` `knows(spoolKey:)`
///   `markMissing(spoolKey:at:)` `record(event:keeping:)` `setting(_:)`
package final class JournalDatabase: Sendable {
    /// Through which everything is read: the owner's pool, or one read-only connection.
    let reader: any DatabaseReader
    /// Through which the owner writes; nil when opened read-only.
    let writer: GroupedWriter?
    let looseEvents = LooseEvents()
    private let pool: DatabasePool?
    private let lock: OwnerLock?

    private init(reader: any DatabaseReader, pool: DatabasePool?, writer: GroupedWriter?, lock: OwnerLock?) {
        self.reader = reader
        self.pool = pool
        self.writer = writer
        self.lock = lock
    }

    /// Opens the journal as its one owner, creates or migrates it, and makes sure that each commit is flushed to the disk.
    ///
    /// Fails with `.ioError` and `.person` when another process owns it (a lock on `<path>.lock`), when the file cannot
    /// be used, or when SQLite does not take `synchronous=FULL` for its migration. Blocks.
    ///
    /// A thread that may block can offer to commit what was written on it: see `GroupedWriter.Turn`.
    package static func open(
        path: String, atEndOfTurn: @escaping GroupedWriter.Turn = { _ in false }
    ) throws(Failure) -> JournalDatabase {
        try open(path: path, commitsPerCheckpoint: GroupedWriter.commitsPerCheckpoint, atEndOfTurn: atEndOfTurn)
    }

    static func open(
        path named: String, commitsPerCheckpoint: Int, atEndOfTurn: @escaping GroupedWriter.Turn = { _ in false },
        flushing: (@escaping GroupedWriter.Flush) -> GroupedWriter.Flush = { $0 }
    ) throws(Failure) -> JournalDatabase {
        try createPrivately(path: named)
        let path = file(of: named)
        let lock = try OwnerLock(journal: path)
        // What the fsync of an earlier process failed to write stands in this log as if it were on disk.
        try FileRenewal.renew(path: path + "-wal")
        return try Failure.ofSQLite("open the journal") {
            var configuration = Configuration()
            configuration.label = "journal"
            configuration.busyMode = .timeout(5)
            configuration.maximumReaderCount = 5
            // This connection alone checkpoints, when `GroupedWriter` says so: Debian's SQLite lacks the fix for the
            // race between two connections that commit and checkpoint (sqlite.org/wal.html, "WAL-reset bug").
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL when it opens a pool, after `prepareDatabase`.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                    throw Failure(
                        .ioError, .person, .instance, detail: "SQLite did not take synchronous=FULL",
                        hint: "The journal cannot promise durability with this SQLite library.")
                }
            }
            try refuseNewer(
                try pool.writeWithoutTransaction { db in try Schema.migrator.appliedIdentifiers(db) })
            try Schema.migrator.migrate(pool)
            // From here on `GroupedWriter` flushes after each commit; SQLite goes on to flush before and after a checkpoint.
            let flushLog = try LogFlush(path: path + "-wal")
            let flush: GroupedWriter.Flush = { try flushLog() }
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = NORMAL") }
            let writer = GroupedWriter(
                pool: pool, walPath: path + "-wal", commitsPerCheckpoint: commitsPerCheckpoint,
                atEndOfTurn: atEndOfTurn, flush: flushing(flush))
            return JournalDatabase(reader: pool, pool: pool, writer: writer, lock: lock)
        }
    }

    /// Writes the log's room before it is needed, so that a commit need not lengthen the file: see `LogRoom`. To be called
    /// by who will commit much. Fails with `.ioError` when the disk fails; where it is full it does nothing. Blocks.
    package func makeRoomInLog() throws(Failure) {
        try Failure.ofSQLite("make room in the journal's log") {
            // On the writer's queue, because its commits write to the same file.
            try pool?.writeWithoutTransaction { db in try writer?.makeRoomInLog(db) }
        }
    }

    /// Opens the journal to be read, with the owner alive or not. Every write fails with `.unexpected`. Blocks.
    package static func openReadOnly(path: String) throws(Failure) -> JournalDatabase {
        try Failure.ofSQLite("open the journal to read") {
            var configuration = Configuration()
            configuration.label = "journal.reader"
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try refuseNewer(try queue.read { db in try Schema.migrator.appliedIdentifiers(db) })
            guard try queue.read({ db in try Schema.migrator.hasCompletedMigrations(db) }) else {
                throw Failure(
                    .ioError, .person, .instance, detail: "the journal was written by an older version",
                    hint: "Start the daemon of this version once: it brings the journal up to date.")
            }
            return JournalDatabase(reader: queue, pool: nil, writer: nil, lock: nil)
        }
    }

    /// Why the journal takes no more writes, once a commit has failed in a way that only a new start can clear up: a
    /// failed fsync marks pages clean, so trying again would prove nothing. The process should end.
    package var failure: Failure? { writer?.failure }

    /// Why the journal's file took the last write not, and until one is durable again: somebody has it locked, or its
    /// disk is full. It may pass, and each write is tried anew.
    package var trouble: Failure? { writer?.trouble }

    /// Moves the log into the database file and closes. Later calls fail. A journal that has stopped stays as it is: its log
    /// may hold what the disk does not.
    package func close() throws(Failure) {
        try Failure.ofSQLite("close the journal") {
            if let pool { try pool.writeWithoutTransaction { db in try writer?.end(db) } }
            try reader.close()
        }
    }

    /// The file that a link leads to, beside which SQLite keeps the log; the path itself where there is none yet.
    package static func file(of path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    /// 0600 from its first moment; SQLite gives the files beside it the same mode.
    private static func createPrivately(path: String) throws(Failure) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                .ioError, .person, .instance,
                detail: "the journal cannot be opened: \(String(cString: strerror(errno)))",
                hint: "Check that the state directory exists and belongs to the service's user.")
        }
        Glibc.close(descriptor)
    }

    /// Reads on a connection of its own, seeing everything that was committed before.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(Failure) -> T {
        do {
            return try await reader.read(body)
        } catch {
            throw Failure(wrapping: error, "read the journal")
        }
    }

    func write<T: Sendable>(
        early: @escaping @Sendable (T) -> Bool = { _ in false }, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(Failure) -> T {
        guard let writer else {
            throw Failure(
                .unexpected, .person, .instance, detail: "the journal is open to be read only",
                hint: "Ask the running daemon.")
        }
        return try await writer.write(early: early, body)
    }
}
