// Step 5: from a complete study to transfers.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Studies that wait to be planned, most urgent first, then oldest.
    package func completedStudies(except waiting: [Int64] = [], limit: Int) async throws(Failure) -> [StudyRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT \(StudyRecord.columns) FROM studies INDEXED BY studies_complete
                WHERE state = 'complete' AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY rank, id LIMIT ?
                """, [try Column.json(waiting), limit]
            ).map(StudyRecord.init(row:))
        }
    }

    /// Writes down where a complete study goes and why, in one transaction. Without transfers the study is delivered
    /// at once: the rules wanted it to go nowhere.
    ///
    /// Fails with `.tryAgain` when the study is not complete (any more) or has images of patients that were not `judged`, and
    /// with `.missingFile` when it has no instance to send.
    ///
    /// - Parameter judged: the patients' marks that the decision rests on; nil for any.
    @discardableResult
    package func plan(
        study: Int64, transfers: [NewTransfer], decision: [UInt8], rule: String?, judged: Set<String>? = nil, at: Date
    ) async throws(Failure) -> [TransferRecord] {
        try await write { db in
            guard let record = try StudyRecord.fetch(db, study), record.state == .complete else {
                throw Failure(.unexpected, .tryAgain, .instance, detail: "S\(study) does not wait to be planned")
            }
            try record.requireJudged(judged)
            try db.run(
                "UPDATE studies SET state = 'planned', plannedAt = ?, rule = ?, decision = ? WHERE id = ?",
                [at.timeIntervalSince1970, rule, Data(decision), study])
            // Where a person has sent it meanwhile it does not go a second time.
            let sent = try db.rows(
                """
                SELECT destination FROM transfers WHERE studyID = ? AND reportID IS NULL AND state <> 'cancelled'
                """, [study]
            ).map { $0["destination"] as String }
            let made = try transfers.filter { !sent.contains($0.destination) }
                .map { try db.insert($0, of: record, at: at) }
            let nowhere = sent.isEmpty ? "nowhere" : "nowhere else"
            let roads = made.isEmpty ? nowhere : made.map(\.destination).joined(separator: ", ")
            try EventRecord(
                at: at, kind: "planned", detail: rule.map { "to \(roads) by rule \($0)" } ?? "to \(roads)",
                studyID: study
            ).insert(db)
            try db.refreshStudy(study, at: at)
            return made
        }
    }

    /// Another transfer of a study whose instances are complete and still here, whatever the rules said. A study that
    /// is held for another reason than its rules stays so, and the transfer with it. `judged` as for `plan`.
    package func addTransfer(
        study: Int64, _ transfer: NewTransfer, judged: Set<String>? = nil, actor: String, at: Date
    ) async throws(Failure) -> (result: ActionResult, transfer: TransferRecord?) {
        try await write { db in
            guard let record = try StudyRecord.fetch(db, study) else { return (.notFound, nil) }
            try record.requireJudged(judged)
            guard record.state != .receiving else { return (.notAllowed(state: record.state.rawValue), nil) }
            guard record.sweptAt == nil else { return (.notAllowed(state: "swept"), nil) }
            // A person who names a destination answers what the rules left open, and nothing else: what has still to be planned is
            // planned all the same, and the rules' other destinations with it.
            let answered = record.state == .held && record.hold?.code == HoldNotice.rule
            let isGrowing = try db.row("SELECT 1 FROM transfers WHERE studyID = ? AND growing = 1", [study]) != nil
            let state: StudyState =
                switch record.state {
                case .held where !answered: .held
                case .complete: .complete
                default: isGrowing ? .complete : .planned
                }
            if answered { try db.run("UPDATE studies SET \(Column.noHold) WHERE id = ?", [study]) }
            try db.run("UPDATE studies SET state = ?, finishedAt = NULL WHERE id = ?", [state.rawValue, study])
            if state == .planned {
                try db.run(
                    "UPDATE studies SET plannedAt = COALESCE(plannedAt, ?) WHERE id = ?",
                    [at.timeIntervalSince1970, study])
            }
            var made = try db.insert(transfer, of: record, at: at)
            if state == .held {
                try db.run("UPDATE transfers SET state = 'held' WHERE id = ?", [made.id])
                made.state = .held
            }
            try EventRecord(
                at: at, kind: "planned", detail: "to \(transfer.destination)", actor: actor, studyID: study,
                transferID: made.id
            ).insert(db)
            return (.done, made)
        }
    }
}

extension Database {
    /// With a passage for each image of the study.
    func insert(_ new: NewTransfer, of study: StudyRecord, at: Date) throws -> TransferRecord {
        let id = try insert(
            new, study: study.id, report: nil, rank: new.rank ?? study.rank, priority: new.priority ?? study.priority,
            bytes: study.bytes, at: at)
        try addPassages(transfer: id, study: study.id)
        for mark in new.instanceMarks {
            try run("INSERT OR IGNORE INTO instance_pseudonyms VALUES (?, ?)", [mark, study.id])
        }
        guard let record = try TransferRecord.fetch(self, id), record.waiting > 0 else {
            throw Failure(
                .missingFile, .person, .instance, detail: "S\(study.id) has no instance to send",
                hint: "Send the study again from its source.")
        }
        return record
    }

    /// The row of a transfer, without its instances.
    func insert(
        _ new: NewTransfer, study: Int64?, report: Int64?, rank: Int, priority: String, bytes: Int64, at: Date
    ) throws -> Int64 {
        try run(
            """
            INSERT INTO transfers (studyID, reportID, destination, profile, rule, state, rank, priority, createdAt,
                bytes, pseudonymousStudyUID, commitment, space) VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                study, report, new.destination, new.profile, new.rule, rank, priority, at.timeIntervalSince1970, bytes,
                new.pseudonymousStudyUID?.string, new.commitment.rawValue, new.space,
            ])
        return lastInsertedRowID
    }
}
