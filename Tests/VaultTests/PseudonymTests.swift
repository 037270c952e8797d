import Crypto
import DICOMVocabulary
import Foundation
import Testing

@testable import Vault

@Suite("Identities and what stands for them")
struct PseudonymTests {
    let folder: TemporaryFolder
    let vault: VaultDatabase

    init() throws {
        folder = try TemporaryFolder()
        vault = try folder.open()
    }

    @Test("The first identity of a study is the one that a report gets back; different ones are kept behind it")
    func firstWins() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        try await vault.remember(.of(name: "Other^Name"), study: "1.2.3")
        try await vault.remember(.of(), study: "1.2.3")
        try await vault.remember(.of(), study: "1.2.4")
        #expect(try await vault.identities(study: "1.2.3") == [.of(), .of(name: "Other^Name")])
        #expect(try await vault.identities(study: "9.9").isEmpty)
    }

    @Test("A source that never says the same twice does not fill the vault")
    func bound() async throws {
        for number in 0..<70 { try await vault.remember(.of(name: "N\(number)"), study: "1.2.3") }
        #expect(try await vault.identities(study: "1.2.3").count == 64)
    }

    @Test("A patient is one in any written form, and another under another issuer")
    func patientKeys() {
        let key = vault.patientKey(.of())
        #expect(vault.patientKey(.of(patient: "191212121212")) == key)
        #expect(vault.patientKey(.of(patient: "121212+1212", study: "1.2.9")) == key)
        #expect(vault.patientKey(.of(patient: "121212-1212")) != key)
        #expect(vault.patientKey(.of(issuer: "REGION")) != key)
        #expect(vault.patientKey(.of(issuer: " region ")) == vault.patientKey(.of(issuer: "REGION")))
        #expect(key.count == 32 && !key.contains("1212"))
    }

    @Test(
        "Two patients without a number, or with one that is everybody's, are never one, and two instances of one study are",
        arguments: ["", "0", "00000000-0000", "999999", "XXX", "Unknown", "OKÄND", "n/a", "-"])
    func unknownPatients(number: String) async throws {
        let key = vault.patientKey(.of(patient: number, study: "1.2.3"))
        #expect(vault.patientKey(.of(patient: "  \(number)", study: "1.2.3")) == key)
        #expect(vault.patientKey(.of(patient: number, study: "1.2.4")) != key)
        for study in ["1.2.3", "1.2.4"] {
            try await vault.remember(.of(patient: number, study: study), study: UID(study))
        }
        let tokens = try await vault.tokens(study: "1.2.3", scope: "sydney")
        #expect(try await vault.tokens(study: "1.2.4", scope: "sydney").patientID != tokens.patientID)
    }

    @Test("Short and odd numbers are numbers", arguments: ["1", "11", "A", "0001", "TEST1", "patient 7"])
    func oddNumbers(number: String) {
        #expect(
            vault.patientKey(.of(patient: number, study: "1.2.3"))
                == vault.patientKey(.of(patient: number, study: "1.2.4")))
    }

    @Test("Tokens are the patient's over all studies, the study's for the order, and another's at another destination")
    func tokens() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        try await vault.remember(.of(patient: "121212+1212", accession: "AC9"), study: "1.2.4")
        let first = try await vault.tokens(study: "1.2.3", scope: "sydney")
        let second = try await vault.tokens(study: "1.2.4", scope: "sydney")
        let elsewhere = try await vault.tokens(study: "1.2.3", scope: "partner")
        #expect(first.patientID == second.patientID && first.patientName == second.patientName)
        #expect(first.accessionNumber != second.accessionNumber && first.studyID != second.studyID)
        let all = [first, elsewhere].flatMap { [$0.patientID, $0.patientName, $0.accessionNumber, $0.studyID] }
        #expect(Set(all).count == 8)
        #expect(all.allSatisfy { Token($0) != nil })
    }

    @Test("Tokens are the same after a new start, and in a vault that was rebuilt from the same key")
    func stable() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        let before = try await vault.tokens(study: "1.2.3", scope: "sydney")
        #expect(try await vault.tokens(study: "1.2.3", scope: "sydney") == before)
        let other = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: folder.key, toPath: other.key)
        let rebuilt = try other.open()
        try await rebuilt.remember(.of(), study: "1.2.3")
        #expect(try await rebuilt.tokens(study: "1.2.3", scope: "sydney") == before)
        let copy = try TemporaryFolder()
        for name in ["vault.sqlite", "vault.sqlite-wal", "vault.key"] {
            try FileManager.default.copyItem(atPath: folder.path + "/" + name, toPath: copy.path + "/" + name)
        }
        let reopened = try copy.open()
        #expect(try await reopened.tokens(study: "1.2.3", scope: "sydney") == before)
        #expect(try await reopened.identities(study: "1.2.3") == [.of()])
    }

    @Test("Many lanes that ask at once get the same tokens")
    func together() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        let vault = self.vault
        let all = try await withThrowingTaskGroup(of: StudyTokens.self) { group in
            for _ in 0..<20 { group.addTask { try await vault.tokens(study: "1.2.3", scope: "sydney") } }
            return try await group.reduce(into: Set<StudyTokens>()) { $0.insert($1) }
        }
        #expect(all.count == 1)
    }

    @Test("Without an identity there are no tokens")
    func noIdentity() async {
        let failure = await #expect(throws: Failure.self) { try await vault.tokens(study: "1.2.3", scope: "sydney") }
        #expect(failure?.code == .identifiersMissing)
    }

    @Test("A token leads back to its kind, its destination, its patient and its study")
    func meaning() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        let tokens = try await vault.tokens(study: "1.2.3", scope: "sydney")
        let patient = vault.patientKey(.of())
        let accession = try #require(Token(tokens.accessionNumber))
        #expect(
            try await vault.meaning(of: accession)
                == TokenMeaning(kind: .accessionNumber, scope: "sydney", patientKey: patient, study: "1.2.3"))
        let person = try #require(Token(tokens.patientID))
        #expect(
            try await vault.meaning(of: person)
                == TokenMeaning(kind: .patientID, scope: "sydney", patientKey: patient, study: nil))
        #expect(try await vault.meaning(of: Token(material: [UInt8](repeating: 3, count: 16))) == nil)
    }

    @Test("When two tokens meet, the second is drawn again and found again")
    func collision() async throws {
        let taken = Token(material: [UInt8](repeating: 1, count: 16))
        let free = Token(material: [UInt8](repeating: 2, count: 16))
        let source: @Sendable (Int) -> Token = { $0 == 0 ? taken : free }
        let one = TokenMeaning(kind: .patientID, scope: "s", patientKey: "a", study: nil)
        let two = TokenMeaning(kind: .patientID, scope: "s", patientKey: "b", study: nil)
        #expect(try await vault.draw(one, mark: Data([1]), from: source) == taken)
        #expect(try await vault.draw(two, mark: Data([2]), from: source) == free)
        #expect(try await vault.draw(two, mark: Data([2]), from: source) == free)
        #expect(try await vault.meaning(of: free) == two)
    }

    @Test("A study is found by accession number and by patient ID in any written form")
    func search() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        try await vault.remember(.of(patient: "XY 7", accession: "AC9"), study: "1.2.4")
        for text in ["19121212-1212", "191212121212", "121212+1212", "121212-1212", "AC123", " ac123 "] {
            #expect(try await vault.studies(identifier: text) == ["1.2.3"], "\(text)")
        }
        #expect(try await vault.studies(identifier: "xy 7") == ["1.2.4"])
        for text in ["", "  ", "19121212", "AC", "%"] { #expect(try await vault.studies(identifier: text).isEmpty) }
    }

    @Test("A study that was received in many ways is found once, newest study first")
    func searchOrder() async throws {
        try await vault.remember(.of(), study: "1.2.3")
        try await vault.remember(.of(name: "Other"), study: "1.2.3")
        try await vault.remember(.of(accession: "AC9"), study: "1.2.4")
        #expect(try await vault.studies(identifier: "191212121212") == ["1.2.4", "1.2.3"])
    }

    @Test("The map of UIDs is HMAC-SHA256 with the vault's own key, and a valid UID under 2.25")
    func pseudonyms() throws {
        let pseudonym = vault.pseudonym("1.2.3")
        #expect(pseudonym.isValid && pseudonym.string.hasPrefix("2.25."))
        #expect(vault.pseudonym("1.2.3") == pseudonym && vault.pseudonym("1.2.4") != pseudonym)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("1.2.3".utf8), using: SymmetricKey(data: vault.uidKey()))
        #expect(UID(pseudonymousMaterial: code) == pseudonym)
        #expect(vault.uidKey().count == 32)
    }

    @Test("Remembered pairs lead back; what was never remembered does not")
    func pairs() async throws {
        let pairs = (1...5).map { UIDPair(original: UID("1.2.\($0)"), pseudonym: vault.pseudonym(UID("1.2.\($0)"))) }
        try await vault.remember(uids: pairs)
        try await vault.remember(uids: pairs)
        let asked = pairs.map(\.pseudonym) + [vault.pseudonym("1.2.99"), "1.2.1"]
        #expect(try await vault.pairs(pseudonyms: asked) == pairs)
    }

    @Test("A pair that is not of this vault's map is refused with all that came with it")
    func foreignPair() async throws {
        let good = UIDPair(original: "1.2.1", pseudonym: vault.pseudonym("1.2.1"))
        let bad = UIDPair(original: "1.2.2", pseudonym: vault.pseudonym("1.2.3"))
        await #expect(throws: Failure.self) { try await vault.remember(uids: [good, bad]) }
        #expect(try await vault.pairs(pseudonyms: [good.pseudonym, bad.pseudonym]).isEmpty)
    }
}
