import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Vault

@Suite("The vault's key and file")
struct VaultFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("A key is made once, readable by its owner alone, and never written over")
    func createKey() throws {
        try VaultDatabase.createKey(at: folder.key)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.key)
        #expect(attributes[.posixPermissions] as? Int == 0o400 && attributes[.size] as? Int == 32)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.key))
        #expect(throws: Failure.self) { try VaultDatabase.createKey(at: folder.key) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.key)) == before)
    }

    @Test("A key file that others can read, or of another length, is refused", arguments: [31, 33, 0])
    func badKey(length: Int) throws {
        try Data(repeating: 1, count: length).write(to: URL(fileURLWithPath: folder.key))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.key)
        #expect(throws: Failure.self) { try VaultKey(file: folder.key) }
        try Data(repeating: 1, count: 32).write(to: URL(fileURLWithPath: folder.key))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.key)
        #expect(throws: Failure.self) { try VaultKey(file: folder.key) }
        #expect(throws: Failure.self) { try VaultKey(file: folder.path + "/none") }
    }

    @Test("A key shows itself in no description")
    func noDescription() throws {
        let key = try VaultKey(content: [UInt8](repeating: 0x5A, count: 32))
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "VaultKey" && !dumped.contains("90") && !String(reflecting: key).contains("90"))
    }

    @Test("Another key is told at the door")
    func wrongKey() throws {
        try folder.open().close()
        let other = try VaultKey(content: [UInt8](repeating: 7, count: 32))
        let failure = #expect(throws: Failure.self) { try VaultDatabase.open(path: folder.vault, key: other) }
        #expect(failure?.code == .vaultUnavailable && failure?.disposition == .person)
        #expect(failure?.detail == "the key does not fit this vault")
        _ = try folder.open()
    }

    @Test("A second owner is refused while the first lives")
    func secondOwner() throws {
        let vault = try folder.open()
        let failure = #expect(throws: Failure.self) { try folder.open() }
        #expect(failure?.detail == "another process owns the vault")
        withExtendedLifetime(vault) {}
    }

    @Test("The file is the owner's alone and a commit is an fsync")
    func durability() async throws {
        let vault = try folder.open()
        try await vault.remember(.of(), study: "1.2.3")
        for suffix in ["", "-wal", "-shm", ".lock"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.vault + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        #expect(try await vault.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
    }

    @Test("No value can be read in the file, in any of the forms in which it was given")
    func sealed() async throws {
        let vault = try folder.open()
        try await vault.remember(.of(), study: "1.2.752.99.1")
        _ = try await vault.tokens(study: "1.2.752.99.1", scope: "sydney")
        try await vault.remember(uids: [UIDPair(original: "1.2.752.99.7", pseudonym: vault.pseudonym("1.2.752.99.7"))])
        let words = ["Tolvan", "19121212", "121212", "AC123", "1.2.752.99"]
        var bytes = try folder.bytes()
        #expect(bytes.count > 4096)
        for word in words { #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)") }
        // Byte values as JSON would write them, too.
        #expect(bytes.range(of: Data("84,111,108,118".utf8)) == nil)
        try vault.close()
        bytes = try folder.bytes()
        for word in words { #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)") }
    }

    @Test("An identity comes back with its sequences, and one that an earlier version sealed comes back without")
    func sequences() async throws {
        struct Earlier: Codable {
            var study: UID
            var identity: String
        }
        let vault = try folder.open()
        let known = StudyIdentity.of()
        let identity = StudyIdentity(
            characterSet: known.characterSet, attributes: known.attributes,
            sequences: [
                RawSequence(tag: Tag(0x0010, 0x1002), encoding: .implicitLittleEndian, items: [0xFE, 0xFF, 0, 0xE0])
            ], omitted: [Tag(0x0008, 0x1110)])
        try await vault.remember(identity, study: "1.2.3")
        #expect(try await vault.identities(study: "1.2.3") == [identity])
        let sealing = vault.sealing
        try await vault.write { db in
            let row = try #require(try Row.fetchOne(db, sql: "SELECT studyMark, contentMark FROM identities"))
            let key = (row["studyMark"] as Data).hex + (row["contentMark"] as Data).hex
            let earlier = Earlier(study: "1.2.3", identity: "49534f5f495220313030,00100020LO31393132,00100010PNc56b")
            let sealed = try sealing.seal(earlier, table: "identities", row: key, column: "sealed")
            try db.execute(
                sql: "UPDATE identities SET sealed = ?, keyNumber = ?", arguments: [sealed.bytes, sealed.key])
        }
        let read = try #require(try await vault.identities(study: "1.2.3").first)
        #expect(read.characterSet == "ISO_IR 100" && read[.patientID] == Array("1912".utf8))
        #expect(read[.patientName] == [0xC5, 0x6B] && read.sequences.isEmpty && read.omitted.isEmpty)
    }

    @Test("A value that was moved to another row does not open, and its failure holds no value")
    func movedValue() async throws {
        let vault = try folder.open()
        try await vault.remember(.of(), study: "1.2.3")
        try await vault.remember(.of(patient: "other"), study: "1.2.4")
        try await vault.write { db in
            try db.execute(
                sql: "UPDATE identities SET sealed = (SELECT sealed FROM identities WHERE id = 2) WHERE id = 1")
        }
        let failure = await #expect(throws: Failure.self) { try await vault.identities(study: "1.2.3") }
        #expect(failure?.code == .vaultUnavailable)
        #expect(failure.map { !"\($0)".contains("Tolvan") && !"\($0)".contains("other") } == true)
    }
}
