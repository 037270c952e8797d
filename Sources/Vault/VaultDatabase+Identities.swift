// Identities, and the ways to find them.

package import DICOMVocabulary
import Foundation
import GRDB
import Synchronization

extension VaultDatabase {
    private static let additions = Atomic<UInt64>(0)

    /// Rises after an identity was added, in whatever vault this process has open: what was read at the same number is still all
    /// of it.
    package static var identitiesAdded: UInt64 { additions.load(ordering: .acquiring) }

    /// More different identities than this in one study are an error of the source, or an attack; the rest is not kept.
    private static let maximumPerStudy = 64

    /// Keeps what a study said about its patient. The first is the one that reports get back; later different ones are
    /// kept too, for the guard. Saying the same again costs a read.
    package func remember(_ identity: StudyIdentity, study: UID) async throws(Failure) {
        let sealing = self.sealing
        let row = try Failure.ofVault("seal an identity") { try IdentityRow(identity, study: study, sealing) }
        let known = try await read { db in
            let values = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS count, max(contentMark = ?) AS known FROM identities WHERE studyMark = ?
                    """, arguments: [row.contentMark, row.studyMark])
            return (values?["known"] as Int? ?? 0) == 1 || (values?["count"] ?? 0) >= Self.maximumPerStudy
        }
        guard !known else { return }
        let marks = identifierMarks(of: identity)
        let sealed = try Failure.ofVault("seal an identity") {
            try sealing.seal(
                Remembered(study: study, identity: identity), table: "identities", row: row.key, column: "sealed")
        }
        let patient = sealing.mark("patientKey", patientKey(identity, study: study))
        try await write { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO identities (studyMark, contentMark, patientMark, sealed, keyNumber)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [row.studyMark, row.contentMark, patient, sealed.bytes, sealed.key])
            // The hospital sent it again: from here on it is known again.
            try db.execute(sql: "DELETE FROM forgotten WHERE studyMark = ?", arguments: [row.studyMark])
            for mark in marks {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO identifiers VALUES (?, ?)", arguments: [mark, row.studyMark])
            }
        }
        Self.additions.add(1, ordering: .releasing)
    }

    /// What is known of a study's patient; the first is the one that a report gets back.
    package func identities(study: UID) async throws(Failure) -> [StudyIdentity] {
        let mark = sealing.mark("study", study.string)
        let sealing = self.sealing
        return try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM identities WHERE studyMark = ? ORDER BY id", arguments: [mark]
            ).map { try Remembered(row: $0, sealing).identity }
        }
    }

    /// A keyed mark of the patient, for the journal: the same for the same issuer and number in any written form.
    /// Without a number, or with one that is typed for everybody (`hasPatientNumber`), it is made of the study's UID, so that
    /// two unknown patients are never one.
    package func patientKey(_ identity: StudyIdentity) -> String {
        patientKey(identity, study: UID(identity.text(.studyInstanceUID)))
    }

    /// In the place of `patientKey` for an image that names somebody else than its study did before, under the same number or
    /// none: another mark in the study, as for another number.
    package func doubtKey(_ identity: StudyIdentity) -> String {
        let values = [.patientName, .patientBirthDate].map { identity.text($0) }
        return sealing.mark("patient in doubt", patientKey(identity), values.joined(separator: "\\")).prefix(16).hex
    }

    func patientKey(_ identity: StudyIdentity, study: UID) -> String {
        let mark =
            identity.hasPatientNumber
            ? sealing.mark(
                "patient", PatientIdentifier.plain(identity.text(.issuerOfPatientID)), normalisedPatientID(identity))
            : sealing.mark("patient of study", study.string)
        return mark.prefix(16).hex
    }

    /// Studies by accession number or patient ID in any written form, newest first, at most 500. The text is compared
    /// by its mark; it is neither kept nor logged.
    package func studies(identifier: String) async throws(Failure) -> [UID] {
        guard !PatientIdentifier.plain(identifier).isEmpty else { return [] }
        let sealing = self.sealing
        var marks = PatientIdentifier.candidates(identifier).map { sealing.mark("patient ID", $0) }
        marks.append(sealing.mark("patient ID", PatientIdentifier.plain(identifier)))
        marks.append(sealing.mark("accession number", PatientIdentifier.plain(identifier)))
        let wanted = marks
        return try await read { db in
            let places = wanted.map { _ in "?" }.joined(separator: ", ")
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM identities WHERE id IN (SELECT min(id) FROM identities WHERE studyMark IN
                        (SELECT studyMark FROM identifiers WHERE mark IN (\(places))) GROUP BY studyMark)
                    ORDER BY id DESC LIMIT 500
                    """, arguments: StatementArguments(wanted))
            return try rows.map { try Remembered(row: $0, sealing).study }
        }
    }

    private func normalisedPatientID(_ identity: StudyIdentity) -> String {
        PatientIdentifier.normalise(
            identity.text(.patientID), birthDate: identity.text(.patientBirthDate), studyDate: identity.text(.studyDate)
        )
    }

    private func identifierMarks(of identity: StudyIdentity) -> [Data] {
        var marks: [Data] = []
        let number = normalisedPatientID(identity)
        if !number.isEmpty { marks.append(sealing.mark("patient ID", number)) }
        let accession = PatientIdentifier.plain(identity.text(.accessionNumber))
        if !accession.isEmpty { marks.append(sealing.mark("accession number", accession)) }
        return marks
    }
}

/// What is sealed in a row of `identities`.
struct Remembered: Codable {
    var study: UID
    var identity: StudyIdentity

    init(study: UID, identity: StudyIdentity) {
        self.study = study
        self.identity = identity
    }

    init(row: Row, _ sealing: Sealing) throws {
        let key = (row["studyMark"] as Data).hex + (row["contentMark"] as Data).hex
        self = try sealing.open(row.sealedValue, table: "identities", row: key, column: "sealed")
    }
}

private struct IdentityRow: Sendable {
    let studyMark: Data
    /// Tells equal identities of one study from different ones without opening them.
    let contentMark: Data
    var key: String { studyMark.hex + contentMark.hex }

    init(_ identity: StudyIdentity, study: UID, _ sealing: Sealing) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        studyMark = sealing.mark("study", study.string)
        contentMark = sealing.mark("identity", String(decoding: try encoder.encode(identity), as: UTF8.self))
    }
}
