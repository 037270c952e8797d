import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Vault

@Suite("A vault of an older version")
struct MigrationTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What the journal of the same day says (Fixtures/journal-1.sql): three planned studies of one patient and the
    /// pseudonyms under which they went, and one that was still received.
    private static let planned: [(study: UID, pseudonym: UID)] = [
        (
            "2.25.295240722033718333896789289105191773251", "2.25.316052951236316609725631962843211149270"
        ),
        (
            "2.25.276234945952177031061649484739501313235", "2.25.32918686350526544442297815738232673416"
        ),
        (
            "2.25.248198774746993822513128260757691435532", "2.25.242162025921196577974537162447700463588"
        ),
    ]
    private static let received: UID = "2.25.299296570125345274509605566109391123585"
    private static let series: Set<UID> = [
        "2.25.81160644651897612345975593660821682470", "2.25.222422618180815627995718308260128619760",
        "2.25.141150400248092604752561584084885277077",
    ]
    private static let patient = "8be5c528d745b123fcf98306b814f567"

    private func fixture(_ name: String) throws -> String {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: fixtures.appending(path: "Fixtures/\(name)"), encoding: .utf8)
    }

    /// The vault as version 1 left it, and the tokens and pseudonyms that readers have seen.
    private func old() throws -> (tokens: [String], pseudonyms: [UID]) {
        let queue = try DatabaseQueue(path: folder.vault)
        let seen = try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON;")
            try db.execute(sql: try fixture("vault-1.sql"))
            return (
                try String.fetchAll(db, sql: "SELECT token FROM tokens ORDER BY token"),
                try String.fetchAll(db, sql: "SELECT pseudonym FROM uids").map { UID($0) }
            )
        }
        try queue.close()
        return seen
    }

    private func open() throws -> VaultDatabase {
        let hex = Array(try fixture("vault-1.key.hex"))
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(hex[$0..<$0 + 2]), radix: 16) }
        return try VaultDatabase.open(path: folder.vault, key: VaultKey(content: bytes))
    }

    @Test("It is brought up to date; identities, tokens and UIDs are what they were, and none is drawn anew")
    func migrates() async throws {
        let seen = try old()
        let vault = try open()
        for study in Self.planned.map(\.study) + [Self.received] {
            let known = try await vault.identities(study: study)
            #expect(known.count == 1)
            let identity = try #require(known.first)
            #expect(identity.text(.studyInstanceUID) == study.string)
            #expect(vault.patientKey(identity) == Self.patient, "the mark that stands in the journal")
        }
        var drawn: Set<String> = []
        for (study, pseudonym) in Self.planned {
            #expect(vault.pseudonym(study) == pseudonym)
            let tokens = try await vault.tokens(study: study, scope: PseudonymSpace.shared)
            drawn.formUnion([tokens.patientID, tokens.patientName, tokens.accessionNumber, tokens.studyID])
        }
        #expect(drawn == Set(seen.tokens) && drawn.count == 8)
        for text in seen.tokens {
            let token = try #require(Token(text))
            let meaning = try #require(try await vault.meaning(of: token))
            #expect(meaning.scope == PseudonymSpace.shared)
            if let study = meaning.study { #expect(Self.planned.map(\.study).contains(study)) }
        }
        let pairs = try await vault.pairs(pseudonyms: seen.pseudonyms)
        #expect(
            pairs.count == seen.pseudonyms.count && pairs.allSatisfy { vault.pseudonym($0.original) == $0.pseudonym })
        #expect(Self.series.union(Self.planned.map(\.study)).isSubset(of: pairs.map(\.original)))
    }

    @Test("It goes on: what is new in the program works on what is old in the vault")
    func goesOn() async throws {
        _ = try old()
        var vault = try open()
        try await vault.remember(.of(study: "1.2.3"), study: "1.2.3")
        try await vault.record(
            VaultAccess(at: Date(), actor: "eva", action: .restore, subject: "R1", found: 1, reason: "of S1"))
        #expect(try await vault.isRecordWhole())
        _ = try await vault.forget(studies: [Self.received], at: Date())
        try vault.close()
        // And a second time it is only opened.
        vault = try open()
        #expect(try await vault.identities(study: Self.received).isEmpty)
        #expect(try await vault.isForgotten(study: Self.received))
        #expect(try await vault.identities(study: "1.2.3").count == 1)
        #expect(try await vault.identities(study: Self.planned[0].study).count == 1)
    }

    /// What stands in the file, table by table, read beside the vault.
    private func rows() throws -> [String] {
        let queue = try DatabaseQueue(path: folder.vault)
        defer { try? queue.close() }
        return try queue.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").flatMap {
                try Row.fetchAll(db, sql: "SELECT * FROM \($0)").map(\.debugDescription)
            }
        }
    }

    @Test("One of a newer version is refused in words, and keeps what it holds")
    func newer() async throws {
        _ = try old()
        let vault = try open()
        try await vault.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')")
        }
        try vault.close()
        let before = try rows()
        let failure = #expect(throws: Failure.self) { try open() }
        #expect(failure?.code == .vaultUnavailable && failure?.disposition == .person)
        #expect(failure?.hint.contains("A downgrade cannot be done") == true, "\(failure?.detail ?? "")")
        #expect(try rows() == before && before.count > 20)
    }

    @Test("Another key does not open it, and it stays as it was")
    func wrongKey() throws {
        _ = try old()
        let other = try VaultKey(content: [UInt8](repeating: 7, count: 32))
        let failure = #expect(throws: Failure.self) { try VaultDatabase.open(path: folder.vault, key: other) }
        #expect(failure?.code == .vaultUnavailable)
        _ = try open()
    }
}
