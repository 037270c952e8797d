// Many writes, one fsync.

import DICOMVocabulary
import Foundation
import GRDB
import Synchronization

/// Puts writes that wait at the same moment into one transaction (group commit): while one batch is flushed to disk,
/// the next gathers.
///
/// The blocking work runs on GRDB's writer queue, never on Swift's cooperative pool.
final class GroupedWriter: Sendable {
    /// A transaction of more is split, so that readers of its results do not wait too long.
    static let maximumBatch = 256
    /// Commits, or growth of the log in bytes, after which the log is moved into the database file.
    static let commitsPerCheckpoint = 512
    static let bytesPerCheckpoint: Int64 = 16 << 20

    private struct Item: Sendable {
        /// Runs inside the item's savepoint; keeps its result.
        let run: @Sendable (Database) throws -> Void
        /// Called once, after the commit with nil, or with why nothing of it is durable.
        let finish: @Sendable ((any Error)?) -> Void
    }

    private struct State {
        var waiting: [Item] = []
        var busy = false
        var failure: Failure?
        var commits = 0
        var commitsAtCheckpoint = 0
        var logBytes: Int64 = 0
    }

    private let pool: DatabasePool
    private let walPath: String
    private let commitsPerCheckpoint: Int
    private let state = Mutex(State())

    init(pool: DatabasePool, walPath: String, commitsPerCheckpoint: Int) {
        self.pool = pool
        self.walPath = walPath
        self.commitsPerCheckpoint = commitsPerCheckpoint
    }

    var failure: Failure? { state.withLock { $0.failure } }
    var isBusy: Bool { state.withLock { $0.busy } }
    var waitingCount: Int { state.withLock { $0.waiting.count } }
    /// Transactions since the start.
    var commitCount: Int { state.withLock { $0.commits } }

    /// Runs `body` in a shared transaction and returns its result when that is durable. `body` may be rolled back, so
    /// it changes nothing but the database.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(Failure) -> T {
        let result: Result<T, Failure> = await withCheckedContinuation { continuation in
            let box = Box<T>()
            enqueue(
                Item(
                    run: { db in
                        let value = try body(db)
                        box.value.withLock { $0 = value }
                    },
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
        if start { commitNextBatch() }
    }

    private func commitNextBatch() {
        pool.asyncWriteWithoutTransaction { [self] db in
            let (batch, failure) = state.withLock { state in
                let batch = Array(state.waiting.prefix(Self.maximumBatch))
                state.waiting.removeFirst(batch.count)
                return (batch, state.failure)
            }
            if let failure {
                for item in batch { item.finish(failure) }
            } else {
                commit(batch, db)
                checkpointIfDue(db)
            }
            let more = state.withLock { state in
                state.busy = !state.waiting.isEmpty
                return state.busy
            }
            if more { commitNextBatch() }
        }
    }

    private func commit(_ batch: [Item], _ db: Database) {
        var outcomes: [(any Error)?] = []
        do {
            try db.inTransaction(.immediate) {
                for item in batch { outcomes.append(try attempt(item, db)) }
                return .commit
            }
        } catch {
            noteFailedCommit(error)
            for item in batch { item.finish(error) }
            return
        }
        state.withLock { $0.commits += 1 }
        for (item, outcome) in zip(batch, outcomes) { item.finish(outcome) }
    }

    /// Why the item failed alone; throws when it takes the whole transaction with it.
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
        guard let code = (error as? DatabaseError)?.resultCode,
            [.SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB].contains(code)
        else { return }
        let failure = Failure(wrapping: error, "a commit failed and the journal stopped")
        state.withLock { $0.failure = $0.failure ?? failure }
    }

    private func checkpointIfDue(_ db: Database) {
        var status = stat()
        let size = stat(walPath, &status) == 0 ? Int64(status.st_size) : 0
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
            // Passive: moves what no reader still needs and waits for nobody. The next commit starts the log anew once
            // all of it has moved; until then it grows, and is tried again after as much growth.
            try db.run("PRAGMA wal_checkpoint(PASSIVE)")
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
