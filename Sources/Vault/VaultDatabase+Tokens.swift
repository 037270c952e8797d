// Tokens: what stands in the place of patient and order at one destination.

package import DICOMVocabulary
import Foundation
import GRDB

/// What a token stands for. The raw values stand in key derivations and in sealed rows: they never change.
package enum TokenKind: String, Sendable, Codable, CaseIterable {
    case patientID, patientName, accessionNumber, studyID

    /// The same for all studies of the patient, or of one study only.
    var isOfPatient: Bool { self == .patientID || self == .patientName }
}

/// Where a token leads back to.
package struct TokenMeaning: Sendable, Codable, Hashable {
    package var kind: TokenKind
    /// The space of pseudonyms it belongs to.
    package var scope: String
    package var patientKey: String
    /// nil for a token of the patient.
    package var study: UID?

    package init(kind: TokenKind, scope: String, patientKey: String, study: UID?) {
        self.kind = kind
        self.scope = scope
        self.patientKey = patientKey
        self.study = study
    }
}

extension VaultDatabase {
    /// The tokens of one study in one space of pseudonyms, drawn on first use and the same ever after. Those of the patient
    /// are the same for all of the patient's studies there, and different in any other space.
    ///
    /// Fails with `.identifiersMissing` when the study's identity was never remembered.
    package func tokens(study: UID, scope: String) async throws(Failure) -> StudyTokens {
        guard let identity = try await identities(study: study).first else {
            throw Failure(
                .identifiersMissing, .person, .instance, detail: "the vault holds no identity of this study",
                hint: "Send the study again from its source.")
        }
        let patient = patientKey(identity, study: study)
        var drawn: [TokenKind: Token] = [:]
        for kind in TokenKind.allCases {
            let meaning = TokenMeaning(
                kind: kind, scope: scope, patientKey: patient, study: kind.isOfPatient ? nil : study)
            drawn[kind] = try await token(meaning)
        }
        return StudyTokens(
            patientID: drawn[.patientID]?.string ?? "", patientName: drawn[.patientName]?.string ?? "",
            accessionNumber: drawn[.accessionNumber]?.string ?? "", studyID: drawn[.studyID]?.string ?? "")
    }

    /// nil for a token that this vault never gave out.
    package func meaning(of token: Token) async throws(Failure) -> TokenMeaning? {
        let sealing = self.sealing
        return try await read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT sealed, keyNumber FROM tokens WHERE token = ?", arguments: [token.string])
            return try row.map {
                try sealing.open($0.sealedValue, table: "tokens", row: token.string, column: "sealed")
            }
        }
    }

    private func token(_ meaning: TokenMeaning) async throws(Failure) -> Token {
        let subject = meaning.subject
        let mark = sealing.mark("token", meaning.kind.rawValue, meaning.scope, subject)
        let known = try await read { db in
            try String.fetchOne(db, sql: "SELECT token FROM tokens WHERE mark = ?", arguments: [mark])
        }
        if let known, let token = Token(known) { return token }
        let sealing = self.sealing
        return try await draw(meaning, mark: mark) { draw in
            Token(material: sealing.material(meaning.kind, scope: meaning.scope, subject: subject, draw: draw))
        }
    }

    /// Draws until a token is free: ten characters out of 23 are 4·10¹³, so that two of ten million tokens meet about
    /// once. The draw that won is in the row, and so is found again.
    func draw(
        _ meaning: TokenMeaning, mark: Data, from source: @escaping @Sendable (Int) -> Token
    ) async throws(Failure) -> Token {
        let sealing = self.sealing
        return try await write { db in
            if let known = try String.fetchOne(db, sql: "SELECT token FROM tokens WHERE mark = ?", arguments: [mark]),
                let token = Token(known)
            {
                return token
            }
            for draw in 0..<100 {
                let token = source(draw)
                let taken = try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM tokens WHERE token = ?)", arguments: [token.string])
                guard taken == false else { continue }
                let sealed = try sealing.seal(meaning, table: "tokens", row: token.string, column: "sealed")
                try db.execute(
                    sql: "INSERT INTO tokens (token, mark, sealed, keyNumber, subjectMark) VALUES (?, ?, ?, ?, ?)",
                    arguments: [token.string, mark, sealed.bytes, sealed.key, meaning.subjectMark(sealing)])
                try db.execute(sql: "INSERT OR IGNORE INTO spaces VALUES (?)", arguments: [meaning.scope])
                return token
            }
            throw Failure.vault("no free token was found")
        }
    }
}

extension TokenMeaning {
    var subject: String { study?.string ?? patientKey }

    /// By which it is found when its study, or the last study of its patient, is forgotten.
    func subjectMark(_ sealing: Sealing) -> Data {
        study.map { sealing.mark("study", $0.string) } ?? sealing.mark("patientKey", patientKey)
    }
}
