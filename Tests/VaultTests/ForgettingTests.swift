import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Vault

@Suite("Forgetting, and the record of who looked")
struct ForgettingTests {
    private let folder: TemporaryFolder
    private let vault: VaultDatabase
    private let now = Date(timeIntervalSince1970: 1_772_000_000)

    init() throws {
        folder = try TemporaryFolder()
        vault = try folder.open()
    }

    private func sealed(_ table: String) async throws -> [Data] {
        try await vault.read { try Data.fetchAll($0, sql: "SELECT sealed FROM \(table)") }
    }

    @Test("a study's map is erased, in the file's bytes too, and the patient's other study stays as it is")
    func study() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        let lost = try await sealed("identities")
        try await vault.remember(.of(accession: "AC9"), study: "1.2.4")
        let first = try await vault.tokens(study: "1.2.3", scope: "site")
        let second = try await vault.tokens(study: "1.2.4", scope: "site")
        func pair(_ uid: UID) -> UIDPair { UIDPair(original: uid, pseudonym: vault.pseudonym(uid)) }
        try await vault.remember(uids: [pair("1.2.3"), pair("1.9.1")], study: "1.2.3")
        // A frame of reference that both studies name.
        try await vault.remember(uids: [pair("1.9.1"), pair("1.9.2")], study: "1.2.4")
        let forgotten = try await vault.forget(studies: ["1.2.3"], instances: ["1.2.3.1"], at: now)
        #expect(forgotten.studies == 1 && forgotten.identities == 1 && forgotten.tokens == 2 && forgotten.uids == 1)
        #expect(try await vault.identities(study: "1.2.3").isEmpty)
        #expect(try await vault.isForgotten(study: "1.2.3"))
        #expect(try await vault.isForgotten(study: "1.2.4") == false)
        #expect(try await vault.meaning(of: #require(Token(first.accessionNumber))) == nil)
        #expect(try await vault.meaning(of: #require(Token(first.patientID))) != nil)
        #expect(try await vault.tokens(study: "1.2.4", scope: "site") == second)
        #expect(try await vault.studies(identifier: "191212121212") == ["1.2.4"])
        let asked: [UID] = ["1.2.3", "1.9.1", "1.9.2"]
        #expect(
            try await vault.pairs(pseudonyms: asked.map { vault.pseudonym($0) }).map(\.original) == ["1.9.1", "1.9.2"])
        let bytes = try folder.bytes()
        for value in lost { #expect(bytes.range(of: value) == nil) }
    }

    @Test("with the last study of a patient the patient's own tokens go")
    func patient() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        try await vault.remember(.of(patient: "121212+1212", accession: "AC9"), study: "1.2.4")
        let tokens = try await vault.tokens(study: "1.2.3", scope: "site")
        _ = try await vault.tokens(study: "1.2.4", scope: "elsewhere")
        let found = try await vault.patients(number: "19121212-1212")
        #expect(found.map { Set($0.studies) } == [["1.2.3", "1.2.4"]])
        let forgotten = try await vault.forget(studies: found[0].studies, at: now)
        #expect(forgotten.studies == 2 && forgotten.tokens == 8)
        #expect(try await vault.meaning(of: #require(Token(tokens.patientID))) == nil)
        #expect(try await vault.patients(number: "19121212-1212").isEmpty)
        #expect(try await vault.facts().tokens == 0)
        #expect(try await vault.forget(studies: ["1.2.3"], at: now) == Forgotten())
    }

    @Test("ten digits that two people share name both, and equal numbers of two issuers are two patients")
    func ambiguous() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        try await vault.remember(.of(patient: "20121212-1212"), study: "1.2.4")
        try await vault.remember(.of(issuer: "REGION"), study: "1.2.5")
        #expect(try await vault.patients(number: "121212-1212").count == 3)
        #expect(try await vault.patients(number: "191212121212").count == 2)
        #expect(try await vault.patients(number: "201212121212").count == 1)
        #expect(try await vault.patients(number: " ").isEmpty)
    }

    @Test("a study that its source sends again is known again, under the same tokens")
    func again() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        let tokens = try await vault.tokens(study: "1.2.3", scope: "site")
        _ = try await vault.forget(studies: ["1.2.3"], at: now)
        try await vault.remember(.of(), study: "1.2.3")
        #expect(try await vault.isForgotten(study: "1.2.3") == false)
        #expect(try await vault.tokens(study: "1.2.3", scope: "site") == tokens)
    }

    @Test("two spaces share no pseudonym, and each is the same for ever")
    func spaces() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        let here = try await vault.tokens(study: "1.2.3", scope: "site")
        let there = try await vault.tokens(study: "1.2.3", scope: "partner")
        #expect(Set([here.patientID, here.patientName, there.patientID, there.patientName]).count == 4)
        #expect(vault.pseudonym("1.2.3", scope: "partner") != vault.pseudonym("1.2.3"))
        #expect(vault.uidKey(scope: "partner") != vault.uidKey())
        let pair = UIDPair(original: "1.2.3", pseudonym: vault.pseudonym("1.2.3", scope: "partner"))
        await #expect(throws: Failure.self) { try await vault.remember(uids: [pair], study: "1.2.3") }
        try await vault.remember(uids: [pair], study: "1.2.3", scope: "partner")
        #expect(try await vault.pairs(pseudonyms: [pair.pseudonym]) == [pair])
        #expect(try await vault.forget(studies: ["1.2.3"], at: now).uids == 1)
    }

    // MARK: The record

    private func look(_ actor: String, _ subject: String) async throws {
        try await vault.record(
            VaultAccess(at: now, actor: actor, action: .show, subject: subject, found: 1, reason: "asked by phone"))
    }

    @Test("each look stands in the record, newest first, and is found by who looked and at what")
    func record() async throws {
        try await look("anna", "S1")
        try await look("bo", "S1")
        try await look("anna", "S2")
        let all = try await vault.accesses(limit: 10)
        #expect(all.map(\.id) == [3, 2, 1] && all.allSatisfy(\.isWhole) && all[0].reason == "asked by phone")
        #expect(try await vault.accesses(limit: 10, actor: "anna").map(\.subject) == ["S2", "S1"])
        #expect(try await vault.accesses(limit: 10, subject: "S1").map(\.actor) == ["bo", "anna"])
        #expect(try await vault.accesses(limit: 10, since: now.addingTimeInterval(1)).isEmpty)
        #expect(try await vault.isRecordWhole())
    }

    @Test("a row can be neither changed nor deleted by a statement")
    func appendOnly() async throws {
        try await look("anna", "S1")
        for sql in ["DELETE FROM accesses", "UPDATE accesses SET actor = 'nobody'"] {
            await #expect(throws: Failure.self) { try await vault.write { try $0.execute(sql: sql) } }
        }
        #expect(try await vault.accesses(limit: 10).map(\.actor) == ["anna"])
    }

    @Test(
        "whoever goes around that, with the file in hand, is found out",
        arguments: ["UPDATE accesses SET actor = 'nobody' WHERE id = 2", "DELETE FROM accesses WHERE id = 2"])
    func tampered(sql: String) async throws {
        for subject in ["S1", "S2", "S3"] { try await look("anna", subject) }
        try await vault.write { db in
            try db.execute(sql: "DROP TRIGGER accesses_stay")
            try db.execute(sql: "DROP TRIGGER accesses_are_final")
            try db.execute(sql: sql)
        }
        #expect(try await vault.isRecordWhole() == false)
        #expect(try await vault.accesses(limit: 10).contains { !$0.isWhole })
    }

    @Test("the record outlives a forgotten patient and a rotated key")
    func stays() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        try await look("anna", "S1")
        _ = try await vault.forget(studies: ["1.2.3"], at: now)
        let new = try VaultKey(file: folder.key).successor()
        try await vault.add(new, at: Date())
        try await vault.adopt(new, at: Date())
        #expect(try await vault.accesses(limit: 10).map(\.isWhole) == [true])
        #expect(try await vault.isRecordWhole())
    }
}
