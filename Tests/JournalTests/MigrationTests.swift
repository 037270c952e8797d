import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("A journal of an older version")
struct MigrationTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The dump of a journal as version 1 left it: two delivered studies, a restored report, a study that waits, one that
    /// is still received.
    private func old() throws {
        let dump = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/journal-1.sql")
        let queue = try DatabaseQueue(path: folder.journal)
        // Tables come in alphabetical order, before those that they refer to.
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON;")
            try db.execute(sql: try String(contentsOf: dump, encoding: .utf8))
        }
        try queue.close()
    }

    @Test("It is brought up to date, keeps what it holds, and goes on")
    func migrates() async throws {
        try old()
        let journal = try JournalDatabase.open(path: folder.journal)
        #expect(try await journal.damage().isEmpty)
        #expect(try await journal.wrongCounts().isEmpty)
        let states = try await journal.studies(StudyQuery()).map(\.state)
        #expect(states == [.receiving, .planned, .delivered, .delivered])
        let transfers = try await journal.transfers(TransferQuery())
        #expect(transfers.map(\.state) == [.waiting, .waiting, .acknowledged, .acknowledged])
        #expect(transfers.allSatisfy { $0.commitment == .none && $0.confirmed == 0 })
        #expect(try await journal.reports(ReportQuery()).map(\.state) == [.restored])
        #expect(try await journal.nextCommitment() == nil, "what was delivered before is not asked about")
        #expect(try await journal.sendEverything(to: "reader", at: 1) == 2)
        #expect(try await journal.sweepable(before: .distantFuture, limit: 9).count == 3)
        try journal.close()
        #expect(try JournalDatabase.migrations(of: folder.journal) == JournalDatabase.knownMigrations)
    }

    @Test("It is not read before it is brought up to date")
    func notRead() throws {
        try old()
        let failure = #expect(throws: Failure.self) { try JournalDatabase.openReadOnly(path: folder.journal) }
        #expect(failure?.detail.contains("older version") == true)
    }

    @Test("One of a newer version is refused in words, whoever opens it, and is not touched")
    func newer() async throws {
        var journal: JournalDatabase? = try JournalDatabase.open(path: folder.journal)
        try await journal?.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')")
        }
        try journal?.close()
        journal = nil
        let path = folder.journal
        for isReadOnly in [false, true] {
            let failure = #expect(throws: Failure.self) {
                _ =
                    isReadOnly
                    ? try JournalDatabase.openReadOnly(path: path) : try JournalDatabase.open(path: path)
            }
            #expect(failure?.hint.contains("A downgrade cannot be done") == true)
        }
        #expect(throws: Failure.self) { try JournalDatabase.migrations(of: path) }
    }
}
