// Many writes, one fsync.

import DICOMVocabulary
import Foundation
import GRDB
import Synchronization

/// Puts writes that wait at the same moment into one transaction (group commit): while one batch is flushed to disk,
/// the next gathers.
///
/// The blocking work never runs on Swift's cooperative pool: it runs on GRDB's writer queue, or on a thread that offers
/// to do it at the end of its turn.
package final class GroupedWriter: Sendable {
    /// Called on the thread that writes. When that thread may block, and will do the action when all that waits for it
    /// has written too, the answer is true; the action then commits for all of them, and nobody had to hand it over.
    package typealias Turn = @Sendable (_ action: @escaping @Sendable () -> Void) -> Bool

    package typealias Flush = @Sendable () throws -> Void

    /// A transaction of more is split, so that readers of its results do not wait too long.
    static let maximumBatch = 256
    /// Commits, or growth of the log in bytes, after which the log is moved into the database file.
    static let commitsPerCheckpoint = 512
    static let bytesPerCheckpoint: Int64 = 16 << 20

    private struct Item: Sendable {
        /// Runs inside the item's savepoint; keeps its result.
        let run: @Sendable (Database) throws -> Void
        /// Whether its result may be given before the flush. Asked for after `run`.
        let isEarly: @Sendable () -> Bool
        /// Called once, after the commit with nil, or with why nothing of it is durable.
        let finish: @Sendable ((any Error)?) -> Void
    }

    private struct State {
        var waiting: [Item] = []
        var busy = false
        var failure: Failure?
        var isEnded = false
        var trouble: Failure?
        var commits = 0
        var commitsAtCheckpoint = 0
        var logBytes: Int64 = 0
    }

    private let pool: DatabasePool
    private let walPath: String
    private let flush: Flush
    private let commitsPerCheckpoint: Int
    private let atEndOfTurn: Turn
    private let state = Mutex(State())

    /// `flush`: makes what was committed durable, or throws what SQLite does when it cannot. Called where it writes.
    init(
        pool: DatabasePool, walPath: String, commitsPerCheckpoint: Int, atEndOfTurn: @escaping Turn,
        flush: @escaping Flush
    ) {
        self.pool = pool
        self.walPath = walPath
        self.flush = flush
        self.commitsPerCheckpoint = commitsPerCheckpoint
        self.atEndOfTurn = atEndOfTurn
    }

    var failure: Failure? { state.withLock { $0.failure } }
    /// Why the last write failed that the file itself refused, until one is durable again.
    var trouble: Failure? { state.withLock { $0.trouble } }
    var isBusy: Bool { state.withLock { $0.busy } }
    var waitingCount: Int { state.withLock { $0.waiting.count } }
    /// Transactions since the start.
    var commitCount: Int { state.withLock { $0.commits } }

    /// Runs `body` in a shared transaction and returns its result when that is durable. `body` may be rolled back, so
    /// it changes nothing but the database.
    ///
    /// `early`: whether the result is returned when it is committed, which outlives the process, and not when the flush is done
    /// that follows at once and makes it outlive the machine.
    func write<T: Sendable>(
        early: @escaping @Sendable (T) -> Bool = { _ in false }, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(Failure) -> T {
        let result: Result<T, Failure> = await withCheckedContinuation { continuation in
            let box = Box<T>()
            enqueue(
                Item(
                    run: { db in
                        let value = try body(db)
                        box.value.withLock { $0 = value }
                    },
                    isEarly: { box.value.withLock { $0.map(early) } ?? false },
                    finish: { error in
                        if let error {
                            continuation.resume(returning: .failure(Failure(wrapping: error, "write the journal")))
                        } else if let value = box.value.withLock({ $0 }) {
                            continuation.resume(returning: .success(value))
                        } else {
                            let lost = Failure(.unexpected, .person, .instance, detail: "a write had no result")
                            continuation.resume(returning: .failure(lost))
                        }
                    }))
        }
        return try result.get()
    }

    private func enqueue(_ item: Item) {
        let start = state.withLock { state in
            state.waiting.append(item)
            guard !state.busy else { return false }
            state.busy = true
            return true
        }
        if start { schedule() }
    }

    private func schedule() {
        if atEndOfTurn({ [self] in pool.writeWithoutTransaction { db in commitNextBatch(db) } }) { return }
        pool.asyncWriteWithoutTransaction { [self] db in commitNextBatch(db) }
    }

    private func commitNextBatch(_ db: Database) {
        let batch = state.withLock { state in
            let batch = Array(state.waiting.prefix(Self.maximumBatch))
            state.waiting.removeFirst(batch.count)
            return batch
        }
        commit(batch, db)
        if failure == nil { checkpointIfDue(db) }
        let more = state.withLock { state in
            state.busy = !state.waiting.isEmpty
            return state.busy
        }
        if more { schedule() }
    }

    private func commit(_ batch: [Item], _ db: Database) {
        if let end = state.withLock({ $0.failure ?? ($0.isEnded ? Self.ended : nil) }) {
            for item in batch { item.finish(end) }
            return
        }
        var outcomes: [(any Error)?] = []
        var changesBefore = 0
        do {
            try db.inShortTransaction {
                // In here, because a closed database has no count to ask for.
                changesBefore = db.totalChangesCount
                // The one item of a transaction needs no savepoint.
                let isAlone = batch.count == 1
                for item in batch { outcomes.append(try isAlone ? attemptAlone(item, db) : attempt(item, db)) }
                if isAlone, outcomes[0] != nil { return .rollback }
                try FaultPoint.passOrThrow("journal.before-commit")
                return .commit
            }
        } catch {
            if Database.isDamage(error), batch.count > 1 {
                // Once SQLite has met a damaged page, the rest of the transaction fails with it, whatever it concerns:
                // each item for itself.
                for item in batch { commit([item], db) }
                return
            }
            noteFailedCommit(error)
            for item in batch { item.finish(error) }
            return
        }
        // Rows that were inserted, changed or deleted, by whatever statement or trigger; schema and pragmas are nobody's business
        // here. The count goes around.
        let wrote = db.totalChangesCount != changesBefore
        let answers = Array(zip(batch, outcomes))
        let isEarly = answers.map { item, outcome in outcome == nil && item.isEarly() }
        func finish(early: Bool, _ instead: (any Error)? = nil) {
            for ((item, outcome), now) in zip(answers, isEarly) where now == early { item.finish(instead ?? outcome) }
        }
        finish(early: true)
        FaultPoint.pass("journal.before-flush")
        do {
            if wrote { try flush() }
        } catch {
            noteFailedCommit(error)
            return finish(early: false, error)
        }
        FaultPoint.pass("journal.after-commit")
        let refusal = outcomes.lazy.compactMap { $0 }.first(where: Self.isRefusal).map { Self.trouble($0) }
        // A transaction that wrote nothing commits on a full disk too.
        let isTaken = wrote && outcomes.contains { $0 == nil }
        state.withLock { state in
            state.commits += 1
            if let refusal { state.trouble = refusal } else if isTaken { state.trouble = nil }
        }
        finish(early: false)
    }

    private func attemptAlone(_ item: Item, _ db: Database) throws -> (any Error)? {
        do {
            try item.run(db)
            return nil
        } catch {
            guard db.isInsideTransaction else { throw error }
            return error
        }
    }

    /// Why the item failed, and no other; throws when it takes the whole transaction with it.
    private func attempt(_ item: Item, _ db: Database) throws -> (any Error)? {
        try db.run("SAVEPOINT item")
        do {
            try item.run(db)
            try db.run("RELEASE SAVEPOINT item")
            return nil
        } catch {
            // SQLite ends the transaction by itself on a full disk and on some I/O errors.
            guard db.isInsideTransaction else { throw error }
            try db.run("ROLLBACK TO SAVEPOINT item")
            try db.run("RELEASE SAVEPOINT item")
            return error
        }
    }

    /// After an I/O error in a commit nothing says what the disk holds: refuse everything until a new start reads it.
    func noteFailedCommit(_ error: any Error) {
        if Self.isRefusal(error) { state.withLock { $0.trouble = Self.trouble(error) } }
        guard let code = (error as? DatabaseError)?.resultCode,
            code == .SQLITE_IOERR
        else { return }
        let failure = Failure(wrapping: error, "a commit failed and the journal stopped")
        let isFirst = state.withLock { state in
            defer { state.failure = state.failure ?? failure }
            return state.failure == nil
        }
        // Never closed again: whoever closes a database last moves its log into it, and what a flush failed to write is read from
        // memory today and from the disk tomorrow. The next start writes the log anew (`FileRenewal`).
        if isFirst { _ = Unmanaged.passRetained(pool) }
    }

    /// Whether the file takes nothing, whatever is to be written: it is locked, full, gone or not to be written to.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_BUSY, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_NOTADB: true
        default: false
        }
    }

    private static func trouble(_ error: any Error) -> Failure {
        Failure(wrapping: error, "the journal takes no writes")
    }

    /// For what comes between two checkpoints, and half as much for what a reader holds up. On the writer's queue.
    func makeRoomInLog(_ db: Database) throws {
        guard failure == nil else { return }
        // What an earlier life left would otherwise count as room. A full disk is told by the next commit.
        do { try checkpoint(db) } catch { noteFailedCommit(error) }
        try LogRoom.make(Self.bytesPerCheckpoint * 3 / 2, path: walPath)
        state.withLock { $0.logBytes = logSize() }
    }

    /// Moves the log into the database, and writes nothing more. Fails, and moves nothing, where a commit failed. On the writer's
    /// queue.
    func end(_ db: Database) throws {
        if let failure { throw failure }
        do { _ = try db.checkpoint(.truncate) } catch {
            noteFailedCommit(error)
            throw error
        }
        state.withLock { $0.isEnded = true }
    }

    private static let ended = Failure(
        .unexpected, .person, .instance, detail: "the journal is closed", hint: "The daemon is about to end.")

    private func logSize() -> Int64 {
        var status = stat()
        return stat(walPath, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Passive: moves what no reader still needs and waits for nobody. The next commit starts the log anew once all of it has
    /// moved; until then it grows, and is tried again after as much growth.
    private func checkpoint(_ db: Database) throws { try db.run("PRAGMA wal_checkpoint(PASSIVE)") }

    private func checkpointIfDue(_ db: Database) {
        let size = logSize()
        let due = state.withLock { state in
            guard
                state.commits - state.commitsAtCheckpoint >= commitsPerCheckpoint
                    || size - state.logBytes >= Self.bytesPerCheckpoint
            else { return false }
            state.commitsAtCheckpoint = state.commits
            return true
        }
        guard due else { return }
        do {
            FaultPoint.pass("journal.before-checkpoint")
            try checkpoint(db)
            FaultPoint.pass("journal.after-checkpoint")
            state.withLock { $0.logBytes = size }
        } catch {
            noteFailedCommit(error)
        }
    }
}

/// A `Mutex` that closures can share.
private final class Box<T: Sendable>: Sendable {
    let value = Mutex<T?>(nil)
}
