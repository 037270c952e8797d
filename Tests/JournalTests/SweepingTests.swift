import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("A history of many years")
struct SweepingTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    @Test("Pruning drops the rows of images and keeps states, times, counts, bytes, attempts and who acted")
    func prune() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 5)
        try await journal.sendEverything(at: 100)
        try await journal.markSwept(.study(study), actor: "eva", at: time(200))
        #expect(try await journal.prunable(before: time(200), limit: 9).isEmpty)
        #expect(try await journal.prunable(before: time(201), limit: 9) == [study])
        let before = try #require(try await journal.history(study: study))
        try await journal.prune(study: study, at: time(300))
        #expect(try await journal.instances(study: study).isEmpty)
        #expect(try await journal.passages(transfer: transfers[0].id).isEmpty)
        let after = try #require(try await journal.history(study: study))
        #expect(after == before)
        #expect(after.study.instanceCount == 5 && after.transfers[0].acknowledged == 5)
        #expect(after.events.contains { $0.kind == "swept" && $0.actor == "eva" })
        #expect(try await journal.prunable(before: time(9999), limit: 9).isEmpty)
        #expect(try await journal.wrongCounts().isEmpty, "sums without rows are no fault")
    }

    @Test("A pruned study of a thousand images costs no more than one of a few")
    func small() async throws {
        func bytes() async throws -> Int {
            try await journal.write { db in
                try (Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0)
                    - (Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0)
            } * 4096
        }
        let empty = try await bytes()
        for study in 1...5 {
            _ = try await journal.plannedStudy(study, instances: study == 1 ? 1000 : 5, at: Double(study))
            try await journal.sendEverything(at: 100)
        }
        let full = try await bytes()
        for candidate in try await journal.sweepable(before: time(9999), limit: 9) {
            try await journal.markSwept(candidate.subject, at: time(9999))
        }
        for study in try await journal.prunable(before: time(99_999), limit: 9) {
            try await journal.prune(study: study, at: time(99_999))
        }
        let small = try await bytes()
        #expect((small - empty) * 3 < full - empty, "\(empty), \(full) → \(small)")
    }

    @Test("What is held, waits or is under way is named with its reason and never swept")
    func kept() async throws {
        let (held, _) = try await journal.plannedStudy(1)
        try await journal.hold(
            study: held, notice: HoldNotice(code: "operator", detail: ""), actor: "a", at: time(1))
        _ = try await journal.plannedStudy(2)
        _ = try await journal.record(.ct(1, study: 3))
        let (done, _) = try await journal.plannedStudy(4, to: ["other"])
        try await journal.sendEverything(to: "other", at: 100)
        let candidates = try await journal.sweepable(before: .distantFuture, limit: 99)
        #expect(candidates.map(\.subject) == [.study(done)])
        #expect(candidates.map(\.bytes) == [2000])
        let kept = try await journal.keptFiles(before: time(100))
        #expect(kept.map(\.reason) == ["held", "planned", "receiving", "retention"])
        #expect(kept.map(\.files) == [2, 2, 1, 2])
    }

    @Test("Every file that should be there is listed, and what the journal knows of a key is told")
    func files() async throws {
        let (study, _) = try await journal.plannedStudy(instances: 3)
        var listed: [JournalFile] = []
        try journal.eachFile { listed.append($0) }
        let keys = try await journal.instances(study: study).map(\.spoolKey)
        #expect(listed.map(\.key) == keys && listed.allSatisfy { $0.kind == .image && $0.subject == "S\(study)" })
        #expect(try journal.state(ofSpoolKey: keys[0]) == .here)
        #expect(try journal.state(ofSpoolKey: "nothing") == .unknown)
        try await journal.markMissing(spoolKey: keys[1], at: time(50))
        #expect(try journal.state(ofSpoolKey: keys[1]) == .lost)
        try await journal.sendEverything()
        try await journal.release(study: study, actor: "a", at: time(1))
    }

    @Test("Wrong sums are found and counted anew")
    func recount() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 3)
        try await journal.write { db in try db.execute(sql: "UPDATE transfers SET waiting = 99") }
        #expect(try await journal.wrongCounts().map(\.key) == [transfers[0].key])
        try await journal.recount()
        #expect(try await journal.wrongCounts().isEmpty)
        #expect(try await journal.transfer(transfers[0].id)?.waiting == 3)
        #expect(try await journal.counts().transfers == [.waiting: 1])
    }

    @Test("A copy made while the owner writes is whole and can be opened")
    func copy() async throws {
        _ = try await journal.plannedStudy(instances: 20)
        let copy = folder.path + "/copy.sqlite"
        try journal.copy(to: copy)
        _ = try await journal.record(.ct(1, study: 9))
        #expect(try JournalDatabase.damage(of: copy).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: copy + "-wal"))
        let reader = try JournalDatabase.openReadOnly(path: copy)
        #expect(try await reader.studies(StudyQuery()).count == 1)
        #expect(throws: Failure.self) { try journal.copy(to: copy) }
    }
}
