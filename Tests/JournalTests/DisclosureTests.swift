import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("What left the house")
struct DisclosureTests {
    let journal: JournalDatabase
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private func terms(country: String = "AU", agreement: String = "DPA 1") -> DisclosureTerms {
        DisclosureTerms(
            destination: "sydney", role: "reader", host: "192.0.2.1", aeTitle: "SYDNEY", country: country,
            agreement: agreement, identity: "pseudonymous", ground: "", options: ["113100", "113105"],
            profileVersion: "PS3.15 2026d, Antipode 0", space: "site")
    }

    private func all(_ change: (inout DisclosureQuery) -> Void = { _ in }) async throws -> [DisclosureRecord] {
        var query = DisclosureQuery()
        change(&query)
        return try await journal.disclosures(query)
    }

    @Test("terms are written once, before anything left, and what leaves is counted")
    func counted() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 4)
        let transfer = try #require(transfers.first)
        #expect(try await all().isEmpty)
        for second in [1, 2] {
            try await journal.recordDisclosure(transfer: transfer.id, terms: terms(), at: time(Double(second)))
        }
        var record = try #require(try await all().first)
        #expect(record.firstAt == time(1) && record.terms == [terms()] && !record.left && record.studyID == study)
        try await journal.sendEverything(at: 100)
        record = try #require(try await all().first)
        #expect(record.left && record.acknowledged == transfer.instances)
        #expect(record.result.classes.values.reduce(0, +) == transfer.instances)
        #expect(record.result.unconfirmed == 0 && record.result.heldByGuard == 0)
    }

    @Test("terms that change under way are both kept, in their order")
    func changed() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 4)
        let transfer = try #require(transfers.first)
        try await journal.recordDisclosure(transfer: transfer.id, terms: terms(), at: time(1))
        try await journal.recordDisclosure(transfer: transfer.id, terms: terms(agreement: "DPA 2"), at: time(2))
        #expect(try await all().map { $0.terms.map(\.agreement) } == [["DPA 1", "DPA 2"]])
    }

    @Test("it is found by destination, country, agreement, exam and day")
    func filters() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 4)
        let transfer = try #require(transfers.first)
        try await journal.recordDisclosure(transfer: transfer.id, terms: terms(), at: time(100))
        for change: @Sendable (inout DisclosureQuery) -> Void in [
            { $0.destination = "sydney" }, { $0.country = "AU" }, { $0.agreement = "DPA 1" }, { $0.studies = [study] },
            { $0.since = time(100) }, { $0.until = time(101) },
        ] { #expect(try await all(change).count == 1) }
        for change: @Sendable (inout DisclosureQuery) -> Void in [
            { $0.destination = "oslo" }, { $0.country = "NO" }, { $0.agreement = "DPA" }, { $0.studies = [study + 1] },
            { $0.studies = [] }, { $0.since = time(101) }, { $0.until = time(100) },
        ] { #expect(try await all(change).isEmpty) }
    }

    @Test("what was held, and what may have left without an answer, is told apart")
    func outcomes() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 4)
        let transfer = try #require(transfers.first)
        try await journal.recordDisclosure(transfer: transfer.id, terms: terms(), at: time(1))
        let passages = try await journal.write { db in
            try Int64.fetchAll(
                db, sql: "SELECT id FROM transfer_instances WHERE transferID = ? ORDER BY id", arguments: [transfer.id])
        }
        let codes: [Failure.Code] = [.identityFound, .pixelsMayIdentify, .connectionLost, .unwalkable]
        for (passage, code) in zip(passages, codes) {
            let failure = Failure(code, .person, .instance, detail: "x")
            let text = try String(decoding: JSONEncoder().encode(failure), as: UTF8.self)
            try await journal.write { db in
                try db.execute(
                    sql: "UPDATE transfer_instances SET state = ?, failure = ? WHERE id = ?",
                    arguments: [code == .connectionLost ? "waiting" : "held", text, passage])
            }
        }
        let result = try #require(try await all().first).result
        let expected = Array(codes.prefix(passages.count))
        #expect(result.heldByGuard == expected.count { $0 == .identityFound })
        #expect(result.heldUnseen == expected.count { $0 == .pixelsMayIdentify })
        #expect(result.unconfirmed == expected.count { $0 == .connectionLost })
        #expect(result.heldOtherwise == expected.count { $0 == .unwalkable })
        #expect(passages.count >= 2)
    }

    @Test("who said of held pixels that they name nobody is named, and a release of something else says nothing")
    func released() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 1)
        try await journal.hold(
            study: study, notice: HoldNotice(code: HoldNotice.operator, detail: "look"), actor: "bo", at: time(50))
        try await journal.release(study: study, actor: "bo", at: time(60))
        let pixels = Failure(.pixelsMayIdentify, .person, .instance, detail: "ultrasound")
        try await journal.settle(try #require(try await journal.claim()), .held(pixels))
        try await journal.recordDisclosure(transfer: transfers[0].id, terms: terms(), at: time(200))
        var record = try #require(try await all().first)
        #expect(!record.pixelsReleased && record.releasedBy == nil)
        try await journal.release(study: study, actor: "eva", at: time(300))
        try await journal.hold(
            study: study, notice: HoldNotice(code: HoldNotice.operator, detail: "look"), actor: "bo", at: time(310))
        try await journal.release(study: study, actor: "bo", at: time(320))
        record = try #require(try await all().first)
        #expect(record.pixelsReleased && record.releasedBy == "eva" && record.releasedAt == time(300))
    }

    @Test("the counts outlive the rows of the instances, and nothing of it can be changed or deleted")
    func stays() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 4)
        let transfer = try #require(transfers.first)
        try await journal.recordDisclosure(transfer: transfer.id, terms: terms(), at: time(1))
        try await journal.sendEverything(at: 100)
        let before = try #require(try await all().first)
        _ = try await journal.markSwept(.study(study), at: time(200))
        try await journal.prune(study: study, at: time(300))
        let after = try #require(try await all().first)
        #expect(after.result == before.result && after.acknowledged == before.acknowledged)
        for sql in ["DELETE FROM disclosures", "UPDATE disclosures SET at = 0", "DELETE FROM disclosure_results"] {
            await #expect(throws: Failure.self) { try await journal.write { try $0.execute(sql: sql) } }
        }
    }
}
