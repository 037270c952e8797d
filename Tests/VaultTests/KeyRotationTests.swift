import DICOMVocabulary
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Vault

@Suite("The rotation of the vault's key")
struct KeyRotationTests {
    private let folder: TemporaryFolder
    private let first: VaultKey
    private let start = Date(timeIntervalSince1970: 1_772_000_000)

    init() throws {
        folder = try TemporaryFolder()
        try VaultDatabase.createKey(at: folder.key)
        first = try VaultKey(file: folder.key)
    }

    private func open(_ key: VaultKey, after seconds: Double = 0) throws -> VaultDatabase {
        try VaultDatabase.open(path: folder.vault, key: key, now: start.addingTimeInterval(seconds))
    }

    private func refusal(_ key: VaultKey) -> String? {
        do throws(Failure) {
            _ = try VaultDatabase.open(path: folder.vault, key: key, now: start)
            return nil
        } catch {
            #expect(error.code == .vaultUnavailable && error.disposition == .person && !error.hint.isEmpty)
            return error.detail
        }
    }

    @Test("tokens, UIDs, marks and identities are the same through two rotations")
    func same() async throws {
        var key = first
        var vault = try open(key)
        try await vault.remember(.of(), study: "1.2.3")
        let tokens = try await vault.tokens(study: "1.2.3", scope: "site")
        let pair = UIDPair(original: "1.2.7", pseudonym: vault.pseudonym("1.2.7"))
        try await vault.remember(uids: [pair], study: "1.2.3")
        let patient = vault.patientKey(.of())
        for turn in 1...2 {
            let new = try key.successor()
            try await vault.add(new, at: start.addingTimeInterval(Double(turn)))
            try vault.close()
            vault = try open(new, after: 10)
            key = new
            #expect(try await vault.tokens(study: "1.2.3", scope: "site") == tokens)
            #expect(vault.pseudonym("1.2.7") == pair.pseudonym && vault.patientKey(.of()) == patient)
            #expect(try await vault.identities(study: "1.2.3") == [.of()])
            #expect(try await vault.pairs(pseudonyms: [pair.pseudonym]) == [pair])
            #expect(try await vault.studies(identifier: "191212121212") == ["1.2.3"])
            #expect(try await vault.meaning(of: #require(Token(tokens.patientID)))?.patientKey == patient)
        }
    }

    @Test("a second node that has only the rotated key makes the same pseudonyms")
    func secondNode() async throws {
        let vault = try open(first)
        try await vault.remember(.of(), study: "1.2.3")
        let tokens = try await vault.tokens(study: "1.2.3", scope: "site")
        let new = try first.successor()
        try await vault.add(new, at: start)
        let path = folder.path + "/rotated.key"
        try new.write(to: path)
        let other = try TemporaryFolder()
        let there = try VaultDatabase.open(path: other.vault, key: VaultKey(file: path))
        try await there.remember(.of(), study: "1.2.3")
        #expect(try await there.tokens(study: "1.2.3", scope: "site") == tokens)
        #expect(there.pseudonym("1.2.7") == vault.pseudonym("1.2.7"))
    }

    @Test("until the new key is used both open the vault; then the old one is named as rotated away")
    func twoKeys() async throws {
        let vault = try open(first)
        try await vault.remember(.of(), study: "1.2.3")
        let new = try first.successor()
        try await vault.add(new, at: start.addingTimeInterval(1))
        // Asked again after a crash: nothing more happens.
        try await vault.add(new, at: start.addingTimeInterval(2))
        try await vault.remember(.of(patient: "B"), study: "1.2.4")
        try vault.close()
        // The file of the key was not replaced: the old one is good, again and again.
        for _ in 1...2 {
            let old = try open(first, after: 5)
            #expect(try await old.identities(study: "1.2.4").count == 1)
            #expect(try await old.facts().keys.allSatisfy { $0.retiredAt == nil })
            try old.close()
        }
        let turned = try open(new, after: 6)
        #expect(try await turned.identities(study: "1.2.3") == [.of()])
        #expect(try await turned.facts().keys.count { $0.retiredAt != nil } == 1)
        try turned.close()
        #expect(refusal(first)?.contains("was rotated away at 2026-") == true)
        #expect(refusal(try VaultKey.random()) == "the key does not fit this vault")
        #expect(refusal(try first.successor()) == "the key does not fit this vault")
    }

    @Test("a running vault goes over to the new key without a new start")
    func adopted() async throws {
        let vault = try open(first)
        let new = try first.successor()
        try await vault.add(new, at: start.addingTimeInterval(1))
        try await vault.adopt(new, at: start.addingTimeInterval(2))
        #expect(vault.keyName == new.name)
        try await vault.remember(.of(), study: "1.2.3")
        try vault.close()
        #expect(refusal(first)?.contains("rotated away") == true)
        _ = try open(new)
    }

    @Test("a key that was not made from this vault's is not taken")
    func stranger() async throws {
        let vault = try open(first)
        await #expect(throws: Failure.self) { try await vault.add(VaultKey.random(), at: start) }
        #expect(try await vault.facts().keys.count == 1)
    }

    @Test("values from before are sealed anew in small steps, each of them whole, and their data key is dropped")
    func sealedAnew() async throws {
        var vault = try open(first)
        for number in 0..<30 {
            try await vault.remember(.of(patient: "P\(number)"), study: UID("1.2.\(number)"))
            _ = try await vault.tokens(study: UID("1.2.\(number)"), scope: "site")
        }
        let before = try await vault.read { try Data.fetchAll($0, sql: "SELECT sealed FROM identities ORDER BY id") }
        let new = try first.successor()
        try await vault.add(new, at: start.addingTimeInterval(1))
        #expect(try await vault.facts().rowsOfFormerKeys == 150)
        #expect(try await vault.sealAnew(limit: 40) == 40)
        try vault.close()
        vault = try open(new, after: 2)
        #expect(try await vault.facts().rowsOfFormerKeys == 110)
        var steps = 0
        while try await vault.sealAnew(limit: 40) > 0 { steps += 1 }
        #expect(steps == 3)
        #expect(try await vault.facts().rowsOfFormerKeys == 0)
        #expect(vault.keys.withLock { $0.ring.dataKeys.count } == 1)
        for number in 0..<30 { #expect(try await vault.identities(study: UID("1.2.\(number)")).count == 1) }
        try vault.close()
        // Nothing of the former seals is left in the file, in free pages neither.
        let bytes = try folder.bytes()
        for sealed in before { #expect(bytes.range(of: sealed) == nil) }
        #expect(try await open(new).identities(study: "1.2.7").count == 1)
    }

    @Test("a vault from before the ring opens with its key, keeps its tokens, and refuses another key")
    func former() async throws {
        // As the first version wrote it: no ring, one check value, data sealed with a subkey of the file's key.
        let vault = try open(first)
        try await vault.remember(.of(), study: "1.2.3")
        let tokens = try await vault.tokens(study: "1.2.3", scope: "site")
        let check = first.formerCheckValue
        try await vault.write { db in
            try db.execute(sql: "DELETE FROM keys")
            try db.execute(sql: "UPDATE tokens SET subjectMark = NULL")
            try db.execute(sql: "INSERT INTO meta VALUES ('check', ?)", arguments: [check])
        }
        try vault.close()
        #expect(refusal(try VaultKey.random()) == "the key does not fit this vault")
        let again = try open(first)
        #expect(try await again.identities(study: "1.2.3") == [.of()])
        #expect(try await again.tokens(study: "1.2.3", scope: "site") == tokens)
        #expect(try await again.forget(studies: ["1.2.3"], at: start).tokens == 4)
    }

    @Test("a rotated key's file that was damaged is told at once")
    func damaged() throws {
        var content = try first.successor().fileContent
        #expect(content.count == 92)
        content[50] ^= 1
        #expect(throws: Failure.self) { try VaultKey(content: content) }
    }

    @Test("only the holder of a key can prove it")
    func proof() throws {
        let other = try VaultKey.random()
        let proof = first.proof(of: [1, 2, 3])
        #expect(first.verifies(proof, of: [1, 2, 3]))
        #expect(!first.verifies(proof, of: [1, 2, 4]) && !other.verifies(proof, of: [1, 2, 3]))
        #expect(first.name != other.name && first.name.count == 16)
    }
}
