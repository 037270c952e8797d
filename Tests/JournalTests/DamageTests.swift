import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

@Suite struct DamageTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Overwrites one page of a closed journal.
    private func spoil(page: Int64, size: Int64) throws {
        let file = try #require(FileHandle(forWritingAtPath: folder.journal))
        try file.seek(toOffset: UInt64((page - 1) * size))
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size)))
        try file.close()
    }

    private func journalOfTwo(instances: Int) async throws -> (page: Int64, size: Int64, struck: Int64, other: Int64) {
        let journal = try JournalDatabase.open(path: folder.journal)
        let (_, first) = try await journal.plannedStudy(1, instances: instances)
        let (_, second) = try await journal.plannedStudy(2, instances: instances)
        let found = try await journal.read { db in
            let size: Int64 = try db.value("PRAGMA page_size") ?? 0
            // The root of a table of several pages points to its leaves; the first leaf holds the oldest rows.
            let pages = try db.rows(
                "SELECT pageno FROM dbstat WHERE name = 'transfer_instances' AND pagetype = 'leaf' ORDER BY path")
            return (page: pages.first.map { $0["pageno"] as Int64 } ?? 0, size: size)
        }
        try journal.close()
        return (found.page, found.size, first[0].id, second[0].id)
    }

    @Test("A page that cannot be read holds the transfer whose rows it bears, and the next one is claimed")
    func contained() async throws {
        let (page, size, struck, other) = try await journalOfTwo(instances: 400)
        try spoil(page: page, size: size)
        let journal = try JournalDatabase.open(path: folder.journal)
        #expect(try await !journal.damage().isEmpty)
        let claimed = try #require(try await journal.claim())
        #expect(claimed.transferID == other)
        let held = try #require(try await journal.transfer(struck))
        #expect(held.state == .held && held.failure?.code == .journalDamaged)
        // Nothing else of the same lane stumbles over it again.
        try await journal.settle(claimed, .acknowledged(status: 0))
        #expect(try await journal.claim(at: 200)?.transferID == other)
    }

    @Test("A sound journal has no damage")
    func sound() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        _ = try await journal.plannedStudy(1, instances: 3)
        #expect(try await journal.damage().isEmpty)
    }

    @Test("A file that is no journal is refused in words")
    func noJournal() throws {
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: folder.journal))
        let failure = #expect(throws: Failure.self) { _ = try JournalDatabase.open(path: self.folder.journal) }
        #expect(failure?.code == .journalDamaged && failure?.disposition == .person)
    }

    @Test("The writer comes to a turn of its own")
    func turn() async throws {
        let journal = try JournalDatabase.open(path: folder.journal)
        try await journal.turn()
        #expect(try await journal.spoolBytes() == 0)
        _ = try await journal.plannedStudy(1, instances: 3)
        #expect(try await journal.spoolBytes() == 3000)
    }
}
