// Steps 3 and 4: rows for what arrives, and studies that become complete.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Makes an instance's row durable. Only after this may its sender be answered.
    ///
    /// The same SOP Instance UID is kept once: with the same bytes it is a duplicate, with others a conflict, which
    /// gets an event. An instance of a study whose newest row is no longer received opens a follow-up row.
    package func record(_ arrival: Arrival) async throws(Failure) -> ArrivalOutcome {
        try await write { db in try db.insert(arrival) }
    }

    /// Studies that still take instances, oldest first.
    package func receivingStudies() async throws(Failure) -> [StudyRecord] {
        try await read { db in
            try db.rows("SELECT \(StudyRecord.columns) FROM studies WHERE state = 'receiving' ORDER BY id")
                .map(StudyRecord.init(row:))
        }
    }

    /// No more instances are taken: receiving → complete, or held if somebody asked for that meanwhile. False if the
    /// study was not received any more.
    @discardableResult
    package func complete(study: Int64, at: Date) async throws(Failure) -> Bool {
        try await write { db in
            guard let row = try db.row("SELECT state, holdCode, instanceCount FROM studies WHERE id = ?", [study]),
                try row.word("state", as: StudyState.self) == .receiving
            else { return false }
            let state: StudyState = (row["holdCode"] as String?) == nil ? .complete : .held
            try db.run(
                "UPDATE studies SET state = ?, completedAt = ? WHERE id = ?",
                [state.rawValue, at.timeIntervalSince1970, study])
            let count = row["instanceCount"] as Int
            try EventRecord(at: at, kind: "completed", detail: "\(count) instances", studyID: study).insert(db)
            return true
        }
    }
}

extension Database {
    /// Patients seen in one study are counted up to here; more than one is already a mix-up.
    private static let maximumPatientKeys = 16

    fileprivate func insert(_ arrival: Arrival) throws -> ArrivalOutcome {
        let known = try row(
            "SELECT studyID, digest FROM instances WHERE sopInstanceUID = ? AND state = 'stored'",
            [arrival.sopInstance.string])
        if let known { return try meetAgain(arrival, study: known["studyID"], digest: known["digest"]) }

        let study = try studyReceiving(arrival)
        try run(
            """
            INSERT INTO instances (studyID, sopInstanceUID, sopClassUID, seriesUID, transferSyntax, bytes, digest,
                spoolKey, receivedAt, header, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'stored')
            """,
            [
                study.id, arrival.sopInstance.string, arrival.sopClass.string, arrival.series.string,
                arrival.transferSyntax.uid.string, arrival.bytes, arrival.digest, arrival.spoolKey,
                arrival.receivedAt.timeIntervalSince1970, Data(arrival.header),
            ])
        try run(
            "INSERT OR IGNORE INTO study_contexts VALUES (?, ?, ?)",
            [study.id, arrival.sopClass.string, arrival.transferSyntax.uid.string])
        return .stored(study: try add(arrival, to: study))
    }

    private func meetAgain(_ arrival: Arrival, study: Int64, digest: String) throws -> ArrivalOutcome {
        if digest == arrival.digest {
            try run(
                """
                UPDATE studies SET duplicates = duplicates + 1, lastInstanceAt =
                    CASE state WHEN 'receiving' THEN max(lastInstanceAt, ?) ELSE lastInstanceAt END WHERE id = ?
                """,
                [arrival.receivedAt.timeIntervalSince1970, study])
            return .duplicate(studyID: study)
        }
        try EventRecord(
            at: arrival.receivedAt, kind: "conflict",
            detail: "\(arrival.sopInstance) came again from \(arrival.source) with other content; the first is kept",
            studyID: study
        ).insert(self)
        return .conflict(studyID: study)
    }

    /// The row of the study that takes this instance, made if need be.
    private func studyReceiving(_ arrival: Arrival) throws -> StudyRecord {
        let newest = try row(
            "SELECT id, state, sequence, followUpOf FROM studies WHERE studyUID = ? ORDER BY id DESC LIMIT 1",
            [arrival.study.string])
        if let newest, try newest.word("state", as: StudyState.self) == .receiving {
            if let study = try StudyRecord.fetch(self, newest["id"]) { return study }
        }
        let first = newest.map { ($0["followUpOf"] as Int64?) ?? $0["id"] }
        let sequence = newest.map { ($0["sequence"] as Int) + 1 } ?? 1
        let at = arrival.receivedAt.timeIntervalSince1970
        try run(
            """
            INSERT INTO studies (studyUID, sequence, followUpOf, source, calledAE, state, rank, priority,
                firstInstanceAt, lastInstanceAt) VALUES (?, ?, ?, ?, ?, 'receiving', ?, ?, ?, ?)
            """,
            [
                arrival.study.string, sequence, first, arrival.source, arrival.calledAE, arrival.rank,
                arrival.priority, at, at,
            ])
        let id = lastInsertedRowID
        let detail = first.map { "from \(arrival.source), follows S\($0)" } ?? "from \(arrival.source)"
        try EventRecord(at: arrival.receivedAt, kind: "received", detail: detail, studyID: id).insert(self)
        guard let study = try StudyRecord.fetch(self, id) else {
            throw Failure(.unexpected, .person, .instance, detail: "a study's row was not found again")
        }
        return study
    }

    private func add(_ arrival: Arrival, to study: StudyRecord) throws -> StudyRecord {
        let before = study
        var study = study
        study.instanceCount += 1
        study.bytes += arrival.bytes
        study.lastInstanceAt = max(study.lastInstanceAt, arrival.receivedAt)
        if arrival.rank < study.rank {
            study.rank = arrival.rank
            study.priority = arrival.priority
        }
        study.modalities = study.modalities.including(arrival.modality)
        study.bodyParts = study.bodyParts.including(arrival.bodyPart)
        if study.patientKeys.count < Self.maximumPatientKeys {
            study.patientKeys = study.patientKeys.including(arrival.patientKey)
        }
        try run(
            "UPDATE studies SET instanceCount = ?, bytes = ?, lastInstanceAt = ?, rank = ?, priority = ? WHERE id = ?",
            [
                study.instanceCount, study.bytes, study.lastInstanceAt.timeIntervalSince1970, study.rank,
                study.priority, study.id,
            ])
        let words = [study.modalities, study.bodyParts, study.patientKeys]
        // Most images add no word that their study did not have.
        if words != [before.modalities, before.bodyParts, before.patientKeys] {
            try run(
                "UPDATE studies SET modalities = ?, bodyParts = ?, patientKeys = ? WHERE id = ?",
                [try Column.json(words[0]), try Column.json(words[1]), try Column.json(words[2]), study.id])
        }
        return study
    }
}

extension [String] {
    /// Each word once, in the order of first sight; no empty ones.
    fileprivate func including(_ word: String) -> [String] { word.isEmpty || contains(word) ? self : self + [word] }
}
