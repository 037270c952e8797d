// The one map of UIDs.

import Crypto
package import DICOMVocabulary
import Foundation
import GRDB

extension VaultDatabase {
    /// The key of the map in one space of pseudonyms (32 bytes), for workers that de-identify.
    package func uidKey(scope: String = PseudonymSpace.shared) -> [UInt8] {
        sealing.uidKey(scope).withUnsafeBytes { Array($0) }
    }

    /// HMAC-SHA256 over the UID, as a UID under 2.25: the same at every destination of a space. Asked of originals only;
    /// UIDs of the standard are nobody's and stay as they are, which is the caller's to know.
    package func pseudonym(_ uid: UID, scope: String = PseudonymSpace.shared) -> UID {
        sealing.pseudonym(uid, scope: scope)
    }

    /// Keeps pairs whose original the journal cannot tell, and which study named them. A pair that is not of this vault's
    /// map is refused, and with it all of them: whoever made it must not lead reports astray.
    package func remember(
        uids: [UIDPair], study: UID? = nil, scope: String = PseudonymSpace.shared
    ) async throws(Failure) {
        guard !uids.isEmpty else { return }
        let sealing = self.sealing
        guard uids.allSatisfy({ sealing.pseudonym($0.original, scope: scope) == $0.pseudonym }) else {
            throw Failure(.unexpected, .person, .instance, detail: "a pair of UIDs does not belong to this vault's map")
        }
        let mark = study.map { sealing.mark("study", $0.string) }
        try await write { db in
            for pair in uids {
                let row = pair.pseudonym.string
                let known = try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM uids WHERE pseudonym = ?)", arguments: [row])
                if known != true {
                    let sealed = try sealing.seal(pair.original, table: "uids", row: row, column: "sealed")
                    try db.execute(
                        sql: "INSERT INTO uids (pseudonym, sealed, keyNumber) VALUES (?, ?, ?)",
                        arguments: [row, sealed.bytes, sealed.key])
                }
                if let mark {
                    try db.execute(sql: "INSERT OR IGNORE INTO uid_studies VALUES (?, ?)", arguments: [mark, row])
                }
            }
        }
    }

    /// Which of the pseudonyms were remembered for a study of this patient, and which for studies of others alone.
    package func standing(
        of pseudonyms: [UID], patientKey: String
    ) async throws(Failure) -> (own: Set<UID>, others: Set<UID>) {
        let patient = sealing.mark("patientKey", patientKey)
        return try await read { db in
            // From the patient's few studies to the UID: one that a scanner puts into each study has many.
            let isOwn = try db.makeStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM identities CROSS JOIN uid_studies
                        ON uid_studies.studyMark = identities.studyMark AND uid_studies.pseudonym = ?
                        WHERE identities.patientMark = ?)
                    """)
            let isKnown = try db.makeStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM uid_studies WHERE pseudonym = ?)")
            var own: Set<UID> = []
            var others: Set<UID> = []
            for pseudonym in Set(pseudonyms) {
                let uid = pseudonym.string
                if try Bool.fetchOne(isOwn, arguments: [uid, patient]) == true {
                    own.insert(pseudonym)
                } else if try Bool.fetchOne(isKnown, arguments: [uid]) == true {
                    others.insert(pseudonym)
                }
            }
            return (own, others)
        }
    }

    /// Those of the pseudonyms that were remembered.
    package func pairs(pseudonyms: [UID]) async throws(Failure) -> [UIDPair] {
        let sealing = self.sealing
        return try await read { db in
            let statement = try db.makeStatement(sql: "SELECT sealed, keyNumber FROM uids WHERE pseudonym = ?")
            return try pseudonyms.compactMap { pseudonym in
                guard let row = try Row.fetchOne(statement, arguments: [pseudonym.string]) else { return nil }
                let original: UID = try sealing.open(
                    row.sealedValue, table: "uids", row: pseudonym.string, column: "sealed")
                return UIDPair(original: original, pseudonym: pseudonym)
            }
        }
    }
}
