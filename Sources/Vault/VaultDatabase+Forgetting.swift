// A patient's map is erased.

package import DICOMVocabulary
package import Foundation
import GRDB

/// What was erased, in numbers.
package struct Forgotten: Sendable, Codable, Hashable {
    package var studies = 0
    package var identities = 0
    package var tokens = 0
    package var uids = 0

    package init() {}
}

/// The studies of one patient, found by a number that somebody typed.
package struct FoundPatient: Sendable, Hashable {
    package var studies: [UID]
}

extension VaultDatabase {
    /// Erases what leads from the pseudonyms of these studies to their patient: identities, search marks, tokens (the
    /// patient's own with the last of the patient's studies) and UIDs that no other study named. Deleted values are
    /// overwritten in the file and in its log. A report that comes later is refused (`isForgotten`).
    ///
    /// `instances`: UIDs of these studies that the vault can compute, but not list.
    package func forget(studies: [UID], instances: [UID] = [], at: Date) async throws(Failure) -> Forgotten {
        let sealing = self.sealing
        let marks = Set(studies).map { sealing.mark("study", $0.string) }
        let forgotten = try await write { db in
            var all = Forgotten()
            for mark in marks { try db.forget(mark, at: at, &all) }
            let spaces = try String.fetchAll(db, sql: "SELECT DISTINCT name FROM spaces")
            for uid in Set(instances + studies) {
                for space in spaces {
                    try db.execute(
                        sql: """
                            DELETE FROM uids WHERE pseudonym = ?
                                AND NOT EXISTS (SELECT 1 FROM uid_studies WHERE uid_studies.pseudonym = uids.pseudonym)
                            """, arguments: [sealing.pseudonym(uid, scope: space).string])
                    all.uids += db.changesCount
                }
            }
            return all
        }
        try await emptyLog()
        return forgotten
    }

    /// Whether a study was known and was erased.
    package func isForgotten(study: UID) async throws(Failure) -> Bool {
        let mark = sealing.mark("study", study.string)
        return try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM forgotten WHERE studyMark = ?)", arguments: [mark]) ?? false
        }
    }

    /// The patients whose number this is, in any written form, each with all studies: more than one where ten digits leave
    /// the century open, or where two issuers gave the same number.
    package func patients(number: String) async throws(Failure) -> [FoundPatient] {
        guard !PatientIdentifier.plain(number).isEmpty else { return [] }
        let sealing = self.sealing
        let wanted = PatientIdentifier.candidates(number).map { sealing.mark("patient ID", $0) }
        return try await read { db in
            let places = wanted.map { _ in "?" }.joined(separator: ", ")
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM identities WHERE patientMark IN (SELECT patientMark FROM identities WHERE studyMark IN
                        (SELECT studyMark FROM identifiers WHERE mark IN (\(places)))) ORDER BY id
                    """, arguments: StatementArguments(wanted))
            var found: [Data: [UID]] = [:]
            for row in rows {
                let study = try Remembered(row: row, sealing).study
                let patient = row["patientMark"] as Data
                if found[patient]?.contains(study) != true { found[patient, default: []].append(study) }
            }
            return found.values.map { FoundPatient(studies: $0) }.sorted { $0.studies.count > $1.studies.count }
        }
    }
}

extension Database {
    fileprivate func forget(_ study: Data, at: Date, _ all: inout Forgotten) throws {
        let patients = try Data.fetchAll(
            self, sql: "SELECT DISTINCT patientMark FROM identities WHERE studyMark = ?", arguments: [study])
        guard !patients.isEmpty else { return }
        all.studies += 1
        try execute(sql: "DELETE FROM identities WHERE studyMark = ?", arguments: [study])
        all.identities += changesCount
        try execute(sql: "DELETE FROM identifiers WHERE studyMark = ?", arguments: [study])
        try execute(sql: "DELETE FROM tokens WHERE subjectMark = ?", arguments: [study])
        all.tokens += changesCount
        for patient in patients {
            try execute(
                sql: """
                    DELETE FROM tokens WHERE subjectMark = ?
                        AND NOT EXISTS (SELECT 1 FROM identities WHERE patientMark = tokens.subjectMark)
                    """, arguments: [patient])
            all.tokens += changesCount
        }
        let uids = try String.fetchAll(
            self, sql: "SELECT pseudonym FROM uid_studies WHERE studyMark = ?", arguments: [study])
        try execute(sql: "DELETE FROM uid_studies WHERE studyMark = ?", arguments: [study])
        for uid in uids {
            try execute(
                sql: """
                    DELETE FROM uids WHERE pseudonym = ?
                        AND NOT EXISTS (SELECT 1 FROM uid_studies WHERE uid_studies.pseudonym = uids.pseudonym)
                    """, arguments: [uid])
            all.uids += changesCount
        }
        try execute(
            sql: "INSERT OR REPLACE INTO forgotten VALUES (?, ?)", arguments: [study, at.timeIntervalSince1970])
    }
}
