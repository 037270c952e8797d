import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("Writes that share a commit")
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
            while !(journal.writer?.isBusy ?? true) { await Task.yield() }
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
}
