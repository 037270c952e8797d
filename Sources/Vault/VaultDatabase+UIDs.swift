// The one map of UIDs.

package import DICOMVocabulary
import Foundation
import GRDB

extension VaultDatabase {
    /// The key of the map (32 bytes), for workers that de-identify.
    package var uidKey: [UInt8] { sealing.uidKey }

    /// The same at every destination: HMAC-SHA256 over the UID, as a UID under 2.25. Asked of originals only; UIDs of
    /// the standard are nobody's and stay as they are, which is the caller's to know.
    package func pseudonym(_ uid: UID) -> UID { sealing.pseudonym(uid) }

    /// Keeps pairs whose original the journal cannot tell. A pair that is not of this vault's map is refused, and with
    /// it all of them: whoever made it must not lead reports astray.
    package func remember(uids: [UIDPair]) async throws(Failure) {
        guard !uids.isEmpty else { return }
        let sealing = self.sealing
        guard uids.allSatisfy({ sealing.pseudonym($0.original) == $0.pseudonym }) else {
            throw Failure(.unexpected, .person, .instance, detail: "a pair of UIDs does not belong to this vault's map")
        }
        try await write { db in
            for pair in uids {
                let row = pair.pseudonym.string
                try db.execute(
                    sql: "INSERT OR IGNORE INTO uids VALUES (?, ?)",
                    arguments: [row, try sealing.seal(pair.original, table: "uids", row: row, column: "sealed")])
            }
        }
    }

    /// Those of the pseudonyms that were remembered.
    package func pairs(pseudonyms: [UID]) async throws(Failure) -> [UIDPair] {
        let sealing = self.sealing
        return try await read { db in
            let statement = try db.makeStatement(sql: "SELECT sealed FROM uids WHERE pseudonym = ?")
            return try pseudonyms.compactMap { pseudonym in
                guard let sealed = try Data.fetchOne(statement, arguments: [pseudonym.string]) else { return nil }
                let original: UID = try sealing.open(sealed, table: "uids", row: pseudonym.string, column: "sealed")
                return UIDPair(original: original, pseudonym: pseudonym)
            }
        }
    }
}
