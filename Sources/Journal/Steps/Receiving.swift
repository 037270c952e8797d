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
            try EventRecord(at: at, kind: "completed", detail: Counted.instances(count), studyID: study).insert(db)
            return true
        }
    }
}

extension Database {
    fileprivate func insert(_ arrival: Arrival) throws -> ArrivalOutcome {
        // All but the first image of a study find its row open, and are not here yet: two statements see to that.
        if let study = try insertIntoOpenStudy(arrival, alsoIfLost: false) {
            try count(arrival, in: study)
            return .stored(studyID: study)
        }
        let known = try row(
            "SELECT studyID, digest FROM instances WHERE sopInstanceUID = ? AND state = 'stored'",
            [arrival.sopInstance.string])
        if let known { return try meetAgain(arrival, study: known["studyID"], digest: known["digest"]) }
        if let study = try takeBack(arrival) { return .stored(studyID: study) }
        if try !hasOpenRow(arrival.study) { try openStudy(arrival) }
        guard let study = try insertIntoOpenStudy(arrival, alsoIfLost: true) else {
            throw Failure(.unexpected, .tryAgain, .instance, detail: "a study that was opened just now is not open")
        }
        try count(arrival, in: study)
        return .stored(studyID: study)
    }

    private func hasOpenRow(_ study: UID) throws -> Bool {
        try value(
            "SELECT state FROM studies WHERE studyUID = ? ORDER BY id DESC LIMIT 1", [study.string], as: String.self)
            == StudyState.receiving.rawValue
    }

    /// nil when no row of the study is open, when the instance is here, or when it was here and its file was lost.
    private func insertIntoOpenStudy(_ arrival: Arrival, alsoIfLost: Bool) throws -> Int64? {
        try value(
            """
            INSERT INTO instances (studyID, sopInstanceUID, sopClassUID, seriesUID, transferSyntax, bytes, digest,
                spoolKey, receivedAt, header, state)
            SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, x'', 'stored' FROM studies
                WHERE id = (SELECT max(id) FROM studies WHERE studyUID = ?) AND state = 'receiving' AND (?
                    OR NOT EXISTS (SELECT 1 FROM instances WHERE sopInstanceUID = ? AND state = 'missing'))
            ON CONFLICT (sopInstanceUID) WHERE state = 'stored' DO NOTHING
            RETURNING studyID
            """,
            [
                arrival.sopInstance.string, arrival.sopClass.string, arrival.series.string,
                arrival.transferSyntax.uid.string, arrival.bytes, arrival.digest, arrival.spoolKey,
                arrival.receivedAt.timeIntervalSince1970, arrival.study.string,
                alsoIfLost, arrival.sopInstance.string,
            ])
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
        try run(
            "UPDATE instances SET conflicts = conflicts + 1 WHERE sopInstanceUID = ? AND state = 'stored'",
            [arrival.sopInstance.string])
        try EventRecord(
            at: arrival.receivedAt, kind: EventRecord.conflict,
            detail: "\(arrival.sopInstance) came again from \(arrival.source) with other content; the first is kept",
            studyID: study
        ).insert(self)
        return .conflict(studyID: study)
    }

    /// The study's row as far as an arrival may change more of it than numbers. Read by position: this runs once per
    /// received image.
    private struct OpenStudy {
        let id: Int64
        let rank: Int
        /// JSON, as they stand.
        let modalities: String
        let bodyParts: String
        let patientKeys: String
    }

    /// A row that takes this instance and those that follow.
    private func openStudy(_ arrival: Arrival) throws {
        let newest = try row(
            "SELECT id, followUpOf, sequence FROM studies WHERE studyUID = ? ORDER BY id DESC LIMIT 1",
            [arrival.study.string])
        let first = newest.map { ($0[1] as Int64?) ?? $0[0] }
        let sequence = newest.map { ($0[2] as Int) + 1 } ?? 1
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
        let detail = first.map { "from \(arrival.source), follows S\($0)" } ?? "from \(arrival.source)"
        try EventRecord(at: arrival.receivedAt, kind: "received", detail: detail, studyID: lastInsertedRowID)
            .insert(self)
    }

    private func count(_ arrival: Arrival, in study: Int64) throws {
        try run(
            "INSERT OR IGNORE INTO study_contexts VALUES (?, ?, ?)",
            [study, arrival.sopClass.string, arrival.transferSyntax.uid.string])
        let row = try row(
            """
            UPDATE studies SET instanceCount = instanceCount + 1, bytes = bytes + ?,
                lastInstanceAt = max(lastInstanceAt, ?) WHERE id = ?
            RETURNING id, rank, modalities, bodyParts, patientKeys, plannedAt IS NOT NULL
            """, [arrival.bytes, arrival.receivedAt.timeIntervalSince1970, study])
        guard let row else { return }
        let study = OpenStudy(id: row[0], rank: row[1], modalities: row[2], bodyParts: row[3], patientKeys: row[4])
        if arrival.rank < study.rank {
            try run(
                "UPDATE studies SET rank = ?, priority = ? WHERE id = ?", [arrival.rank, arrival.priority, study.id])
        }
        // Most images add no word that their study did not have.
        _ = try add(arrival.modality, to: study.modalities, "modalities", of: study)
        _ = try add(arrival.bodyPart, to: study.bodyParts, "bodyParts", of: study)
        let isNew = try add(
            arrival.patientKey, to: study.patientKeys, "patientKeys", of: study, atMost: PatientMark.maximumOfStudy)
        if isNew { try noteNewPatients(of: study.id, [arrival.patientKey], at: arrival.receivedAt) }
        if row[5] as Bool { try grow(study.id, by: arrival) }
    }

    /// Whether it was not there.
    private func add(
        _ word: String, to json: String, _ column: String, of study: OpenStudy, atMost: Int = .max
    ) throws -> Bool {
        // A word that JSON writes differently is not found so, and is compared below.
        guard !word.isEmpty, !Self.holds(json, "\"\(word)\"") else { return false }
        let words = (try? JSONDecoder().decode([String].self, from: Data(json.utf8))) ?? []
        guard !words.contains(word) else { return false }
        guard words.count < atMost else { return true }
        try run("UPDATE studies SET \(column) = ? WHERE id = ?", [try Column.json(words + [word]), study.id])
        return true
    }

    /// As `contains` of Foundation, which costs more than the statement that it spares.
    private static func holds(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        return text.indices.contains { text[$0...].starts(with: part) }
    }
}
