import DICOMVocabulary
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Journal

@Suite("The journal's file")
struct OpeningTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "A commit is a flush, which the writer does itself: SQLite flushes and checkpoints for checkpoints alone, in WAL mode"
    )
    func durability() async throws {
        let flushes = Mutex(0)
        let journal = try JournalDatabase.open(
            path: folder.journal, commitsPerCheckpoint: 512,
            flushing: { flush in
                {
                    try flush()
                    flushes.withLock { $0 += 1 }
                }
            })
        let pragmas = try await journal.write { db in
            [
                try String.fetchOne(db, sql: "PRAGMA journal_mode"), try String.fetchOne(db, sql: "PRAGMA synchronous"),
                try String.fetchOne(db, sql: "PRAGMA wal_autocheckpoint"),
            ]
        }
        #expect(pragmas == ["wal", "1", "0"])
        #expect(flushes.withLock { $0 } == 0)
        for number in 1...3 {
            _ = try await journal.record(.ct(number))
            #expect(flushes.withLock { $0 } == number)
        }
    }

    @Test("Through a link the log is the one beside the file, where SQLite keeps it")
    func link() async throws {
        let other = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(atPath: folder.journal, withDestinationPath: other.journal)
        let journal = try JournalDatabase.open(path: folder.journal)
        try journal.makeRoomInLog()
        _ = try await journal.record(.ct(1))
        #expect(FileManager.default.fileExists(atPath: other.journal + "-wal"))
        #expect(!FileManager.default.fileExists(atPath: folder.journal + "-wal"))
        // One owner, by whatever name.
        for path in [folder.journal, other.journal] {
            #expect(throws: Failure.self) { try JournalDatabase.withoutOwner(of: path) {} }
        }
    }

    @Test("Only the owner can read the files")
    func modes() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        _ = try await journal.record(.ct(1))
        for suffix in ["", "-wal", "-shm", ".lock"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.journal + suffix)
            #expect((attributes[.posixPermissions] as? Int) == 0o600, "\(suffix)")
        }
    }

    @Test("A second owner is refused while the first lives, and welcome afterwards")
    func secondOwner() throws {
        var journal: JournalDatabase? = try JournalDatabase.open(path: folder.journal)
        let failure = #expect(throws: Failure.self) { try JournalDatabase.open(path: folder.journal) }
        #expect(failure?.disposition == .person)
        #expect(failure?.detail == "another process owns the journal")
        try journal?.close()
        journal = nil
        _ = try JournalDatabase.open(path: folder.journal)
    }

    @Test("What was answered is there after a kill")
    func kill() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        for number in 1...20 { _ = try await journal.record(.ct(number)) }
        let after = try folder.afterKill()
        let reopened = try JournalDatabase.open(path: after)
        let studies = try await reopened.receivingStudies()
        #expect(studies.map(\.instanceCount) == [20])
        #expect(try await reopened.instances(study: 1).count == 20)
    }

    @Test("Room in the log is written before it is needed: commits do not lengthen it, and what is in it stays")
    func roomInLog() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        for number in 1...5 { _ = try await journal.record(.ct(number)) }
        try journal.makeRoomInLog()
        let length = try folder.logLength()
        #expect(length == 24 << 20)
        for number in 6...20 { _ = try await journal.record(.ct(number)) }
        try journal.makeRoomInLog()
        #expect(try folder.logLength() == length)

        let reopened = try JournalDatabase.open(path: try folder.afterKill())
        #expect(try await reopened.instances(study: 1).count == 20)
        try reopened.makeRoomInLog()
        _ = try await reopened.record(.ct(21))
        #expect(try await reopened.instances(study: 1).count == 21)
        #expect(try await reopened.damage().isEmpty)
    }

    @Test("A log that is zeros from end to end is an empty one")
    func emptyLog() async throws {
        var journal: JournalDatabase? = try JournalDatabase.open(path: folder.journal)
        _ = try await journal?.record(.ct(1))
        try journal?.close()
        journal = nil
        try Data(count: 24 << 20).write(to: URL(fileURLWithPath: folder.journal + "-wal"))
        let reopened = try JournalDatabase.open(path: folder.journal)
        _ = try await reopened.record(.ct(2))
        let third = try JournalDatabase.open(path: try folder.afterKill())
        #expect(try await third.instances(study: 1).count == 2)
    }

    @Test("No room is made where the disk has not sixteen times as much left, and none where there is no log")
    func noRoomInLog() throws {
        try LogRoom.make(4096, path: folder.journal + "-wal")
        #expect(!FileManager.default.fileExists(atPath: folder.journal + "-wal"))
        try Data([1]).write(to: URL(fileURLWithPath: folder.journal + "-wal"))
        try LogRoom.make(.max, path: folder.journal + "-wal")
        #expect(try folder.logLength() == 1)
    }

    @Test("It can be read beside its owner, and every write is refused there")
    func readBesideOwner() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        let reader = try JournalDatabase.openReadOnly(path: folder.journal)
        _ = try await journal.record(.ct(1))
        #expect(try await reader.receivingStudies().count == 1)
        await #expect(throws: Failure.self) { try await reader.record(.ct(2)) }
        _ = try await journal.record(.ct(2))
        #expect(try await reader.receivingStudies().map(\.instanceCount) == [2])
    }

    @Test("It can be read when the daemon has ended in order")
    func readAfterEnd() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        _ = try await journal.record(.ct(1))
        try journal.close()
        #expect(!FileManager.default.fileExists(atPath: folder.journal + "-wal"))
        let reader = try JournalDatabase.openReadOnly(path: folder.journal)
        #expect(try await reader.receivingStudies().count == 1)
    }

    @Test("It can be read when the daemon was killed, and leaves the log to the next owner")
    func readAfterKill() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        _ = try await journal.record(.ct(1))
        let after = try folder.afterKill()
        let reader = try JournalDatabase.openReadOnly(path: after)
        #expect(try await reader.receivingStudies().count == 1)
        try reader.close()
        #expect(FileManager.default.fileExists(atPath: after + "-wal"))
        let owner = try JournalDatabase.open(path: after)
        #expect(try await owner.receivingStudies().count == 1)
    }

    @Test("What is no journal is not read as one")
    func noJournal() throws {
        #expect(throws: Failure.self) { try JournalDatabase.openReadOnly(path: folder.journal) }
        try Data("not a database at all, and long enough to be told apart".utf8)
            .write(to: URL(fileURLWithPath: folder.journal))
        #expect(throws: Failure.self) { try JournalDatabase.open(path: folder.journal) }
    }

    @Test("A journal of a newer version is refused")
    func newer() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        try await journal.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')")
        }
        try journal.close()
        #expect(throws: Failure.self) { try JournalDatabase.openReadOnly(path: folder.journal) }
    }

    @Test("The log is moved into the database file and does not grow without end")
    func checkpoints() async throws {
        let journal = try JournalDatabase.open(path: folder.journal, commitsPerCheckpoint: 20)
        let opened = try logBytes()
        for number in 0..<100 { try await journal.setSetting("key", to: "\(number)") }
        // A page or more per commit: a log that never began anew would hold a hundred.
        #expect(try logBytes() < opened + 60 * 4120)
        #expect(try await journal.setting("key") == "99")
    }

    private func logBytes() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: folder.journal + "-wal")[.size] as? Int ?? 0
    }
}
