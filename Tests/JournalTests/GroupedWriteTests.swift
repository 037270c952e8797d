import DICOMVocabulary
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Journal

@Suite("Writes that share a commit", .timeLimit(.minutes(3)))
struct GroupedWriteTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    /// Keeps the writer busy until every one of `bodies` waits, so that they meet in one transaction.
    private func together(
        _ bodies: [@Sendable (JournalDatabase) async -> Result<Int, Failure>]
    ) async -> [Result<Int, Failure>] {
        let gate = DispatchSemaphore(value: 0)
        let journal = self.journal
        return await withTaskGroup(of: (Int, Result<Int, Failure>).self) { group in
            group.addTask {
                _ = try? await journal.write { _ in gate.wait() }
                return (-1, .success(0))
            }
            // Busy from when the gate is asked for; in its transaction from when nothing waits any more.
            while !(journal.writer?.isBusy ?? true) || (journal.writer?.waitingCount ?? 0) > 0 { await Task.yield() }
            for (index, body) in bodies.enumerated() { group.addTask { (index, await body(journal)) } }
            while (journal.writer?.waitingCount ?? 0) < bodies.count { await Task.yield() }
            gate.signal()
            var results: [(Int, Result<Int, Failure>)] = []
            for await result in group where result.0 >= 0 { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func insert(
        _ key: String, then error: Failure? = nil
    ) -> @Sendable (JournalDatabase) async -> Result<Int, Failure> {
        { journal in
            do throws(Failure) {
                return .success(
                    try await journal.write { db in
                        try db.execute(sql: "INSERT INTO settings VALUES (?, 'x')", arguments: [key])
                        if let error { throw error }
                        return try Int.fetchOne(db, sql: "SELECT count(*) FROM settings") ?? 0
                    })
            } catch {
                return .failure(error)
            }
        }
    }

    @Test("They see each other's work and each gets its own result")
    func results() async throws {
        let commits = journal.writer?.commitCount ?? 0
        let results = await together((0..<20).map { Self.insert("k\($0)") })
        #expect(Set(results.map { try? $0.get() }) == Set((1...20).map { Optional($0) }))
        // One for the gate, one for all twenty.
        #expect((journal.writer?.commitCount ?? 0) - commits == 2)
    }

    @Test("One that fails does not fail its neighbours and leaves nothing behind")
    func neighbour() async throws {
        let results = await together([
            Self.insert("a"), Self.insert("b", then: .never), Self.insert("c"), Self.insert("a"),
        ])
        let succeeded = results.map { (try? $0.get()) != nil }
        // Of the two that want "a", whichever came second violates the key.
        #expect(succeeded[1] == false && succeeded[2] == true && succeeded[0] != succeeded[3])
        #expect(results[1] == .failure(.never))
        #expect(try await journal.setting("b") == nil)
        #expect(try await journal.setting("c") == "x")
    }

    @Test("One that fails alone leaves nothing behind, and the next one is written")
    func alone() async throws {
        let failed = await Self.insert("b", then: .never)(journal)
        #expect(failed == .failure(.never))
        #expect(try await journal.setting("b") == nil)
        let written = await Self.insert("c")(journal)
        #expect(try written.get() == 1)
        #expect(journal.failure == nil)
    }

    @Test("A thread that offers to commit at the end of its turn does it once for all that wait")
    func endOfTurn() async throws {
        let folder = try TemporaryFolder()
        let offered = Offers()
        let journal = try JournalDatabase.open(path: folder.journal) { offered.take($0) }
        let commits = journal.writer?.commitCount ?? 0
        let tasks = (0..<10).map { number in Task { await Self.insert("k\(number)")(journal) } }
        while (journal.writer?.waitingCount ?? 0) < 10 { await Task.yield() }
        let actions = offered.actions
        #expect(actions.count == 1 && journal.writer?.commitCount == commits)
        for action in actions { action() }
        for task in tasks { _ = try await task.value.get() }
        #expect((journal.writer?.commitCount ?? 0) - commits == 1)
    }

    @Test("A commit that fails fails all of them, and nothing of them is kept")
    func failedCommit() async throws {
        // A deferred foreign key is checked by COMMIT and nowhere before.
        let orphan: @Sendable (JournalDatabase) async -> Result<Int, Failure> = { journal in
            do throws(Failure) {
                try await journal.write { db in
                    try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
                    try db.execute(
                        sql: "INSERT INTO events (at, studyID, kind, detail, actor) VALUES (0, 4711, 'k', '', 'a')")
                }
                return .success(0)
            } catch {
                return .failure(error)
            }
        }
        let results = await together([Self.insert("a"), orphan, Self.insert("b")])
        #expect(results.allSatisfy { (try? $0.get()) == nil })
        #expect(try await journal.setting("a") == nil)
        // Nothing is wrong with the disk: the journal goes on.
        #expect(journal.failure == nil)
        try await journal.setSetting("a", to: "y")
        #expect(try await journal.setting("a") == "y")
    }

    @Test("After an I/O error in a commit nothing more is promised until a new start")
    func stopped() async throws {
        try await journal.setSetting("a", to: "x")
        journal.writer?.noteFailedCommit(DatabaseError(resultCode: .SQLITE_IOERR))
        #expect(journal.failure?.code == .ioError && journal.failure?.disposition == .person)
        let failure = await #expect(throws: Failure.self) { try await journal.setSetting("a", to: "y") }
        #expect(failure == journal.failure)
        #expect(try await journal.setting("a") == "x")
    }

    /// A journal whose flushes wait for the gate once `isSlow`, and then fail if `fails`.
    private func slow(
        _ gate: DispatchSemaphore, _ isSlow: Flag, fails: Bool = false
    ) throws -> (TemporaryFolder, JournalDatabase) {
        let folder = try TemporaryFolder()
        let journal = try JournalDatabase.open(
            path: folder.journal, commitsPerCheckpoint: 1,
            flushing: { flush in
                {
                    guard isSlow.isSet else { return try flush() }
                    gate.wait()
                    if fails { throw DatabaseError(resultCode: .SQLITE_IOERR_FSYNC) }
                    try flush()
                }
            })
        return (folder, journal)
    }

    private static func insert(_ key: String, returning value: Int, in journal: JournalDatabase) -> Task<Int, any Error>
    {
        Task {
            try await journal.write(early: { $0 == 1 }) { db in
                try db.execute(sql: "INSERT INTO settings VALUES (?, 'x')", arguments: [key])
                return value
            }
        }
    }

    @Test(
        "Of one commit who may have it early is answered before the flush, and the others after it",
        arguments: [false, true])
    func early(fails: Bool) async throws {
        let (gate, body, isSlow) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), Flag())
        let (folder, journal) = try slow(gate, isSlow, fails: fails)
        let blocker = Task { try await journal.write { _ in body.wait() } }
        while !(journal.writer?.isBusy ?? true) || (journal.writer?.waitingCount ?? 0) > 0 { await Task.yield() }
        let isAnswered = Flag()
        let (now, later) = (Self.insert("a", returning: 1, in: journal), Self.insert("b", returning: 2, in: journal))
        let watch = Task {
            defer { isAnswered.set() }
            return try await later.value
        }
        while (journal.writer?.waitingCount ?? 0) < 2 { await Task.yield() }
        let commits = journal.writer?.commitCount ?? 0
        isSlow.set()
        body.signal()
        #expect(try await now.value == 1)
        _ = try await blocker.value
        // Committed, both, and read by whoever asks.
        #expect(try await journal.setting("b") == "x")
        #expect(!isAnswered.isSet)
        gate.signal()
        guard fails else {
            #expect(try await watch.value == 2)
            #expect((journal.writer?.commitCount ?? 0) - commits == 2)
            return withExtendedLifetime(folder) {}
        }
        let failure = await #expect(throws: Failure.self) { _ = try await watch.value }
        #expect(failure?.detail.contains("1034") == true)
        #expect(journal.failure?.code == .ioError && journal.failure?.disposition == .person)
        await #expect(throws: Failure.self) { try await journal.setSetting("c", to: "y") }
        #expect(throws: Failure.self) { try journal.close() }
    }

    @Test("After a failed flush nothing of the log is moved into the database, at its close neither")
    func noCheckpointAfterAFailedFlush() async throws {
        let (gate, isSlow) = (DispatchSemaphore(value: 0), Flag())
        let (folder, journal) = try slow(gate, isSlow, fails: true)
        func file(_ suffix: String) throws -> Data {
            try Data(contentsOf: URL(fileURLWithPath: folder.journal + suffix))
        }
        try await journal.setSetting("a", to: "x")
        // A checkpoint follows the answer, and comes before the next transaction.
        try await journal.write { _ in }
        let before = try file("")
        isSlow.set()
        gate.signal()
        await #expect(throws: Failure.self) { try await journal.setSetting("b", to: "x") }
        #expect(throws: Failure.self) { try journal.close() }
        #expect(try file("") == before)
        #expect(try !file("-wal").isEmpty)
    }

    @Test("What changes nothing is not flushed")
    func nothingToFlush() async throws {
        let isSlow = Flag()
        let (folder, journal) = try slow(DispatchSemaphore(value: 0), isSlow)
        isSlow.set()
        defer { withExtendedLifetime(folder) {} }
        #expect(try await journal.write { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM settings") } == 0)
        await #expect(throws: Failure.self) { try await journal.write { _ in throw Failure.never } }
    }

    @Test("Many arrivals at once are all stored, once each, and counted")
    func manyArrivals() async throws {
        let journal = self.journal
        let outcomes = try await withThrowingTaskGroup(of: ArrivalOutcome.self) { group in
            for number in 0..<600 {
                group.addTask { try await journal.record(.ct(number % 300, study: number % 3)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let stored = outcomes.filter { if case .stored = $0 { true } else { false } }
        #expect(stored.count == 300)
        #expect(try await journal.receivingStudies().map(\.instanceCount).reduce(0, +) == 300)
        #expect((journal.writer?.commitCount ?? 0) < 600)
    }

    @Test("A task that was cancelled still learns what became of its write")
    func cancelled() async throws {
        let journal = self.journal
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await journal.record(.ct(1))
        }
        guard case .stored = try await task.value else {
            Issue.record("the arrival was not stored")
            return
        }
    }

    @Test("A file that takes no writes is told until one is durable again, and a turn finds out")
    func trouble() async throws {
        let journal = self.journal
        #expect(journal.trouble == nil)
        try await journal.write { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)")
        }
        let large = String(repeating: "x", count: 1 << 20)
        await #expect(throws: Failure.self) { try await journal.setSetting("large", to: large) }
        let trouble: Failure = try #require(journal.trouble)
        #expect(trouble.code == .ioError && trouble.hint.contains("Free space"))
        // What fails for a reason of its own says nothing of the file, and neither does a commit without a change.
        await #expect(throws: Failure.self) {
            try await journal.write { db in try db.execute(sql: "INSERT INTO no_such_table VALUES (1)") }
        }
        try await journal.write { _ in }
        #expect(journal.trouble == trouble && journal.failure == nil)
        try await journal.write { db in _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = 1000000") }
        #expect(journal.trouble == trouble)
        try await journal.turn()
        #expect(journal.trouble == nil)
    }
}

private final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

/// A thread's end of its turn, which comes when the test says so.
private final class Offers: Sendable {
    private let taken = Mutex([@Sendable () -> Void]())

    var actions: [@Sendable () -> Void] { taken.withLock { $0 } }

    func take(_ action: @escaping @Sendable () -> Void) -> Bool {
        taken.withLock { $0.append(action) }
        return true
    }
}
