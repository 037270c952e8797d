// What modalities ask (PS3.4 Annex J as SCP): answered with what destinations have said, and with nothing else.

package import DICOMVocabulary
package import Foundation
import GRDB

/// What came of a request.
package enum CommitmentRequestOutcome: Sendable, Hashable {
    case accepted(CommitmentRequestRecord)
    /// The transaction is open for other objects.
    case transactionInUse
}

extension JournalDatabase {
    /// Makes a request durable. The same one again, as after an answer that was lost on its way, is taken as it was.
    package func record(
        request new: NewCommitmentRequest, at: Date
    ) async throws(Failure) -> CommitmentRequestOutcome {
        try await write { db in
            let known = try db.row(
                "SELECT * FROM commitment_requests WHERE source = ? AND transactionUID = ?",
                [new.source, new.request.transaction.string])
            if let known { return try db.meetAgain(CommitmentRequestRecord(row: known), new, at: at) }
            try db.run(
                """
                INSERT INTO commitment_requests (source, transactionUID, callingAE, calledAE, address, destinations,
                    state, receivedAt, nextAt, instances) VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?, ?)
                """,
                [
                    new.source, new.request.transaction.string, new.callingAE, new.calledAE, new.address,
                    try Column.json(new.destinations), at.timeIntervalSince1970, at.timeIntervalSince1970,
                    Set(new.request.references.map(\.sopInstance)).count,
                ])
            return .accepted(try db.ask(db.lastInsertedRowID, new))
        }
    }

    /// Requests to be looked at now: open ones that may be decided, and decided ones that wait to be delivered.
    package func dueCommitmentRequests(at: Date, limit: Int) async throws(Failure) -> [CommitmentRequestRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT * FROM commitment_requests WHERE state IN ('open', 'decided') AND nextAt <= ?
                ORDER BY nextAt LIMIT ?
                """, [at.timeIntervalSince1970, limit]
            ).map(CommitmentRequestRecord.init(row:))
        }
    }

    package func nextCommitmentRequest() async throws(Failure) -> Date? {
        try await read { db in
            try db.value(
                "SELECT min(nextAt) FROM commitment_requests WHERE state IN ('open', 'decided')", as: Double.self
            ).map { Date(timeIntervalSince1970: $0) }
        }
    }

    package func commitmentRequest(_ id: Int64) async throws(Failure) -> CommitmentRequestRecord? {
        try await read { db in
            try db.row("SELECT * FROM commitment_requests WHERE id = ?", [id]).map(CommitmentRequestRecord.init(row:))
        }
    }

    package func commitmentRequest(source: String, transaction: UID) async throws(Failure) -> CommitmentRequestRecord? {
        try await read { db in
            try db.row(
                "SELECT * FROM commitment_requests WHERE source = ? AND transactionUID = ?",
                [source, transaction.string]
            ).map(CommitmentRequestRecord.init(row:))
        }
    }

    /// Looks anew at what is not decided of an open request. `last`: what no destination has spoken of is refused now, and
    /// not waited for. Gives the request as it is then; `next` is when an open one is looked at again, `deliver` when a
    /// decided one is.
    package func decideCommitmentRequest(
        _ id: Int64, last: Bool, next: Date, deliver: Date, at: Date
    ) async throws(Failure) -> CommitmentRequestRecord? {
        try await write { db in
            guard let row = try db.row("SELECT * FROM commitment_requests WHERE id = ?", [id]) else { return nil }
            let record = try CommitmentRequestRecord(row: row)
            guard record.state == .open else { return record }
            return try db.decide(record, last: last, next: next, deliver: deliver, at: at)
        }
    }

    /// The answer to a decided request. Committed is only what every one of its destinations has committed to.
    package func answer(toCommitmentRequest id: Int64) async throws(Failure) -> CommitmentReport? {
        try await read { db in
            guard
                let row = try db.row(
                    "SELECT * FROM commitment_requests WHERE id = ? AND state IN ('decided', 'answered')", [id])
            else { return nil }
            var report = CommitmentReport(transaction: row.uid("transactionUID"), committed: [], refused: [])
            for one in try db.rows(
                "SELECT * FROM commitment_request_instances WHERE requestID = ? ORDER BY sopInstanceUID", [id])
            {
                let reference = SOPReference(
                    sopClass: one.uid("sopClassUID"), sopInstance: one.uid("sopInstanceUID"))
                // What is not decided is not committed.
                let reason = (one["reason"] as UInt16?) ?? StorageCommitment.Reason.processingFailure
                if reason == 0 {
                    report.committed.append(reference)
                } else {
                    report.refused.append(.init(reference: reference, reason: reason))
                }
            }
            return report
        }
    }

    /// The modality has taken the answer.
    package func answered(commitmentRequest id: Int64, at: Date) async throws(Failure) {
        try await write { db in
            try db.run(
                """
                UPDATE commitment_requests SET state = 'answered', answeredAt = ?, attempts = attempts + 1, failure = NULL
                WHERE id = ? AND state = 'decided'
                """, [at.timeIntervalSince1970, id])
            guard db.changesCount > 0 else { return }
            try db.note(commitmentRequest: id, "commitmentAnswered", at: at)
        }
    }

    /// The modality could not be told: again at `next`, or never when nil.
    package func notAnswered(
        commitmentRequest id: Int64, failure: Failure, next: Date?, at: Date
    ) async throws(Failure) {
        try await write { db in
            try db.run(
                """
                UPDATE commitment_requests SET attempts = attempts + 1, failure = ?, nextAt = COALESCE(?, nextAt),
                    state = ? WHERE id = ? AND state = 'decided'
                """,
                [
                    try Column.json(failure), Column.seconds(next),
                    (next == nil ? CommitmentRequestRecord.State.givenUp : .decided).rawValue, id,
                ])
            guard next == nil, db.changesCount > 0 else { return }
            try db.note(commitmentRequest: id, "commitmentNotAnswered", at: at)
        }
    }

    /// Forgets the objects, not the sums, of requests that ended before a time.
    package func forgetCommitmentRequests(before: Date) async throws(Failure) {
        try await write { db in
            try db.run(
                """
                DELETE FROM commitment_request_instances WHERE requestID IN (SELECT id FROM commitment_requests
                    WHERE state IN ('answered', 'givenUp') AND COALESCE(answeredAt, decidedAt) < ?)
                """, [before.timeIntervalSince1970])
        }
    }
}

extension Database {
    fileprivate func meetAgain(
        _ known: CommitmentRequestRecord, _ new: NewCommitmentRequest, at: Date
    ) throws -> CommitmentRequestOutcome {
        let asked = try rows(
            "SELECT sopInstanceUID FROM commitment_request_instances WHERE requestID = ?", [known.id]
        ).map { $0.uid("sopInstanceUID") }
        if known.state == .open || known.state == .decided {
            guard Set(asked) == Set(new.request.references.map(\.sopInstance)) else { return .transactionInUse }
            return .accepted(known)
        }
        // An answered transaction is over (PS3.4 J.3.3.1.2): this is a new question under an old number.
        try run("DELETE FROM commitment_request_instances WHERE requestID = ?", [known.id])
        try run(
            """
            UPDATE commitment_requests SET state = 'open', receivedAt = ?, nextAt = ?, decidedAt = NULL,
                answeredAt = NULL, attempts = 0, failure = NULL, committed = 0, instances = ?, destinations = ?,
                callingAE = ?, calledAE = ?, address = ? WHERE id = ?
            """,
            [
                at.timeIntervalSince1970, at.timeIntervalSince1970,
                Set(new.request.references.map(\.sopInstance)).count, try Column.json(new.destinations),
                new.callingAE, new.calledAE, new.address, known.id,
            ])
        return .accepted(try ask(known.id, new))
    }

    fileprivate func ask(_ id: Int64, _ new: NewCommitmentRequest) throws -> CommitmentRequestRecord {
        for one in new.request.references {
            try run(
                "INSERT OR IGNORE INTO commitment_request_instances VALUES (?, ?, ?, NULL)",
                [id, one.sopInstance.string, one.sopClass.string])
        }
        guard let row = try row("SELECT * FROM commitment_requests WHERE id = ?", [id]) else {
            throw Failure(.unexpected, .person, .instance, detail: "a commitment request's row was not found again")
        }
        return try CommitmentRequestRecord(row: row)
    }

    fileprivate func decide(
        _ request: CommitmentRequestRecord, last: Bool, next: Date, deliver: Date, at: Date
    ) throws -> CommitmentRequestRecord {
        var open = 0
        let asked = try rows(
            "SELECT * FROM commitment_request_instances WHERE requestID = ? AND reason IS NULL", [request.id])
        for one in asked {
            let reference = SOPReference(sopClass: one.uid("sopClassUID"), sopInstance: one.uid("sopInstanceUID"))
            var reason = try reason(for: reference, by: request.destinations)
            if reason == nil, last { reason = StorageCommitment.Reason.processingFailure }
            guard let reason else {
                open += 1
                continue
            }
            try run(
                "UPDATE commitment_request_instances SET reason = ? WHERE requestID = ? AND sopInstanceUID = ?",
                [reason, request.id, reference.sopInstance.string])
        }
        try run(
            """
            UPDATE commitment_requests SET nextAt = ?, state = ?, decidedAt = ?, committed =
                (SELECT total(reason = 0) FROM commitment_request_instances WHERE requestID = commitment_requests.id)
            WHERE id = ?
            """,
            open > 0
                ? [next.timeIntervalSince1970, CommitmentRequestRecord.State.open.rawValue, nil, request.id]
                : [
                    deliver.timeIntervalSince1970, CommitmentRequestRecord.State.decided.rawValue,
                    at.timeIntervalSince1970, request.id,
                ])
        guard let row = try row("SELECT * FROM commitment_requests WHERE id = ?", [request.id]) else { return request }
        return try CommitmentRequestRecord(row: row)
    }

    /// 0 when every destination has committed to the object, a Failure Reason when that will not come, nil while it may.
    /// A gateway is no archive: there is no other way to a 0 than `confirmedAt`, which only a destination's own report
    /// sets.
    private func reason(for reference: SOPReference, by destinations: [String]) throws -> UInt16? {
        guard let instance = try newestRow(of: reference.sopInstance), !destinations.isEmpty else {
            return StorageCommitment.Reason.noSuchObjectInstance
        }
        guard instance.uid("sopClassUID") == reference.sopClass else {
            return StorageCommitment.Reason.classInstanceConflict
        }
        // Content that we refused exists at the modality alone.
        guard (instance["conflicts"] as Int) == 0 else { return StorageCommitment.Reason.processingFailure }
        var waits = false
        for destination in destinations {
            switch try word(of: destination, about: instance["id"], study: instance["studyID"]) {
            case 0?: continue
            case let reason?: return reason
            case nil: waits = true
            }
        }
        return waits ? nil : 0
    }

    /// One destination's part of `reason(for:by:)`.
    private func word(of destination: String, about instance: Int64, study: Int64) throws -> UInt16? {
        let passage = try row(
            """
            SELECT passage.state, passage.confirmedAt, transfers.commitment, transfers.state AS transfer
            FROM transfer_instances AS passage JOIN transfers ON transfers.id = transferID
            WHERE instanceID = ? AND transfers.reportID IS NULL AND transfers.destination = ?
            ORDER BY passage.confirmedAt IS NULL, passage.id DESC LIMIT 1
            """, [instance, destination])
        guard let passage else {
            let record = try row("SELECT state, plannedAt FROM studies WHERE id = ?", [study])
            let isPlanned = record.map { ($0["plannedAt"] as Double?) != nil } ?? true
            let isOver = record.map { $0["state"] == StudyState.cancelled.rawValue } ?? true
            // The rules, or a person, have sent it elsewhere.
            return isPlanned || isOver ? StorageCommitment.Reason.processingFailure : nil
        }
        if (passage["confirmedAt"] as Double?) != nil { return 0 }
        if passage["state"] == PassageState.cancelled.rawValue { return StorageCommitment.Reason.processingFailure }
        // Nobody asks that destination (any more).
        if passage["commitment"] == CommitmentWish.none.rawValue {
            return StorageCommitment.Reason.processingFailure
        }
        return nil
    }

    private func newestRow(of sopInstance: UID) throws -> JournalRow? {
        try row(
            """
            SELECT * FROM instances WHERE sopInstanceUID = ?1 AND state = 'stored'
            UNION ALL SELECT * FROM instances WHERE sopInstanceUID = ?1 AND state <> 'stored' ORDER BY id DESC LIMIT 1
            """, [sopInstance.string])
    }

    fileprivate func note(commitmentRequest id: Int64, _ kind: String, at: Date) throws {
        guard let row = try row("SELECT * FROM commitment_requests WHERE id = ?", [id]) else { return }
        let record = try CommitmentRequestRecord(row: row)
        let outcome = "\(record.committed) of \(record.instances) committed"
        try EventRecord(at: at, kind: kind, detail: "\(record.key) of \(record.source): \(outcome)").insert(self)
    }
}

extension CommitmentRequestRecord {
    init(row: JournalRow) throws {
        self.init(
            id: row["id"], source: row["source"], transaction: row.uid("transactionUID"), callingAE: row["callingAE"],
            calledAE: row["calledAE"], address: row["address"], destinations: row.json("destinations") ?? [],
            state: try row.word("state"), receivedAt: row.time("receivedAt"), decidedAt: row.date("decidedAt"),
            answeredAt: row.date("answeredAt"), nextAt: row.time("nextAt"), attempts: row["attempts"],
            failure: row.json("failure"), instances: row["instances"], committed: row["committed"])
    }
}
