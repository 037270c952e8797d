// After step 6: an acknowledged transfer is confirmed when its destination has committed to it (PS3.4 Annex J).

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Transfers whose destination is to be asked now, the longest due first.
    package func dueCommitments(at: Date, limit: Int) async throws(Failure) -> [CommitmentRecord] {
        try await read { db in
            try db.rows(
                "\(Self.commitments) WHERE commitments.state = 'open' AND nextAt <= ? ORDER BY nextAt LIMIT ?",
                [at.timeIntervalSince1970, limit]
            ).map(CommitmentRecord.init(row:))
        }
    }

    package func nextCommitment() async throws(Failure) -> Date? {
        try await read { db in
            try db.value("SELECT min(nextAt) FROM commitments WHERE state = 'open'", as: Double.self)
                .map { Date(timeIntervalSince1970: $0) }
        }
    }

    package func commitment(transfer: Int64) async throws(Failure) -> CommitmentRecord? {
        try await read { db in
            try db.row("\(Self.commitments) WHERE transferID = ?", [transfer]).map(CommitmentRecord.init(row:))
        }
    }

    /// The transfer that a transaction asked about, as long as that is not settled.
    package func transfer(ofTransaction uid: UID) async throws(Failure) -> TransferRecord? {
        try await read { db in
            try db.row(
                """
                SELECT transfers.* FROM transfers JOIN commitment_transactions ON transferID = transfers.id
                WHERE transactionUID = ?
                """, [uid.string]
            ).map(TransferRecord.init(row:))
        }
    }

    /// Acknowledged and not confirmed, as the hospital knows them; restored reports as they were delivered.
    package func unconfirmed(transfer: Int64) async throws(Failure) -> [UnconfirmedPassage] {
        try await read { db in
            try db.rows(
                """
                SELECT passage.id, COALESCE(instances.sopClassUID, reports.sopClassUID) AS sopClass,
                    COALESCE(instances.sopInstanceUID, reports.restoredSOPInstanceUID, reports.sopInstanceUID) AS uid
                FROM transfer_instances AS passage LEFT JOIN instances ON instances.id = passage.instanceID
                LEFT JOIN reports ON reports.id = passage.reportID
                WHERE passage.transferID = ? AND passage.state = 'acknowledged' AND confirmedAt IS NULL
                ORDER BY passage.id
                """, [transfer]
            ).map { row in
                UnconfirmedPassage(
                    id: row["id"],
                    reference: SOPReference(sopClass: row.uid("sopClass"), sopInstance: row.uid("uid")))
            }
        }
    }

    /// An N-ACTION is about to be sent. Durable first, so that an answer that comes faster than we look finds it.
    /// False when nobody waits for one any more.
    package func beginCommitment(
        transfer: Int64, transaction: UID, next: Date, at: Date
    ) async throws(Failure) -> Bool {
        try await write { db in
            try db.run(
                "UPDATE commitments SET asked = asked + 1, nextAt = ? WHERE transferID = ? AND state = 'open'",
                [next.timeIntervalSince1970, transfer])
            guard db.changesCount > 0 else { return false }
            try db.run(
                "INSERT INTO commitment_transactions VALUES (?, ?, ?)",
                [transaction.string, transfer, at.timeIntervalSince1970])
            return true
        }
    }

    /// The question could not be put, or nobody answered it: asked again at `next`.
    package func deferCommitment(transfer: Int64, failure: Failure?, next: Date) async throws(Failure) {
        try await write { db in
            try db.run(
                """
                UPDATE commitments SET failures = failures + 1, failure = COALESCE(?, failure), nextAt = ?
                WHERE transferID = ? AND state = 'open'
                """, [try Column.json(failure), next.timeIntervalSince1970, transfer])
        }
    }

    /// Nobody answered in all the time that the site gives: the transfer waits for a person, and so do its files. A retry
    /// asks anew, a release does without.
    package func giveUpCommitment(transfer: Int64, failure: Failure, at: Date) async throws(Failure) {
        try await write { db in
            guard let record = try TransferRecord.fetch(db, transfer), record.state == .acknowledged else { return }
            try db.run(
                "UPDATE commitments SET state = 'givenUp', failure = ? WHERE transferID = ? AND state = 'open'",
                [try Column.json(failure), transfer])
            guard db.changesCount > 0 else { return }
            try db.reopen(record, at: at)
            try db.run(
                "UPDATE transfers SET state = 'held', failure = ? WHERE id = ?", [try Column.json(failure), transfer])
            try db.note(record, "commitmentGivenUp", failure.detail, at: at)
        }
    }

    /// The site asks this destination no more: the transfer stays acknowledged.
    package func waiveCommitment(transfer: Int64, at: Date) async throws(Failure) {
        try await write { db in try db.waiveCommitment(transfer: transfer) }
    }

    /// What a destination has said of passages of one transfer, in one transaction. Confirmed ones are so for good. The
    /// transfer is confirmed with its last one; objects that the destination has not got after all wait again, and the
    /// transfer and its study with them. `next` is when those are asked about again that it could not speak of.
    @discardableResult
    package func recordCommitment(
        transfer: Int64, _ verdicts: [(passage: Int64, verdict: CommitmentVerdict)], next: Date, at: Date
    ) async throws(Failure) -> TransferState? {
        let verdicts = verdicts.map { Verdict(passage: $0.passage, verdict: $0.verdict) }
        return try await write { db in
            guard let record = try TransferRecord.fetch(db, transfer) else { return nil }
            try db.settle(record, verdicts, next: next, at: at)
            return try TransferRecord.fetch(db, transfer)?.state
        }
    }

    private static let commitments = """
        SELECT commitments.*, destination, profile FROM commitments JOIN transfers ON transfers.id = transferID
        """
}

private struct Verdict: Sendable {
    var passage: Int64
    var verdict: CommitmentVerdict
}

extension Database {
    /// Opens the question for a transfer that has just been acknowledged.
    func openCommitment(transfer: Int64, at: Date) throws {
        try run(
            """
            INSERT INTO commitments (transferID, state, firstAt, nextAt) VALUES (?, 'open', ?, ?)
            ON CONFLICT DO UPDATE SET state = 'open', firstAt = excluded.firstAt, nextAt = excluded.nextAt,
                failures = 0, failure = NULL
            """, [transfer, at.timeIntervalSince1970, at.timeIntervalSince1970])
    }

    /// Everything of the transfer is confirmed.
    func endCommitment(transfer: Int64) throws {
        try run("UPDATE commitments SET state = 'confirmed', failure = NULL WHERE transferID = ?", [transfer])
        try run("DELETE FROM commitment_transactions WHERE transferID = ?", [transfer])
        // Modalities may wait for just this.
        try run("UPDATE commitment_requests SET nextAt = min(nextAt, 0) WHERE state = 'open'")
    }

    func waiveCommitment(transfer: Int64) throws {
        try run("UPDATE transfers SET commitment = 'none' WHERE id = ? AND state <> 'confirmed'", [transfer])
        try run("UPDATE commitments SET state = 'waived' WHERE transferID = ? AND state <> 'confirmed'", [transfer])
        try run("DELETE FROM commitment_transactions WHERE transferID = ?", [transfer])
    }

    fileprivate func settle(_ transfer: TransferRecord, _ verdicts: [Verdict], next: Date, at: Date) throws {
        let now = at.timeIntervalSince1970
        var refusals: [Failure] = []
        var reopened = false
        for one in verdicts {
            guard
                try row(
                    """
                    SELECT 1 FROM transfer_instances WHERE id = ? AND transferID = ? AND state = 'acknowledged'
                        AND confirmedAt IS NULL
                    """, [one.passage, transfer.id]) != nil
            else { continue }
            switch one.verdict {
            case .confirmed:
                try run("UPDATE transfer_instances SET confirmedAt = ? WHERE id = ?", [now, one.passage])
            case .askAgain(let failure):
                refusals.append(failure)
            case .sendAgain(let failure, let maximum):
                refusals.append(failure)
                reopened = true
                try sendAgain(one.passage, failure, maximum: maximum)
            case .held(let failure):
                refusals.append(failure)
                reopened = true
                try hold(one.passage, failure)
            }
        }
        if let first = refusals.first {
            try run(
                """
                UPDATE commitments SET failures = failures + 1, failure = ?, nextAt = ?
                WHERE transferID = ? AND state = 'open'
                """, [try Column.json(first), next.timeIntervalSince1970, transfer.id])
            let detail = "\(refusals.count) of \(verdicts.count) by \(transfer.destination): \(first.detail)"
            try note(transfer, "notCommitted", detail, at: at)
            // A report's delivery and a study wait with it, as before its first acknowledgement.
            if reopened {
                try reopen(transfer, at: at)
                try run("UPDATE commitments SET state = 'paused' WHERE transferID = ?", [transfer.id])
                try run("UPDATE transfers SET failure = ? WHERE id = ?", [try Column.json(first), transfer.id])
            }
        } else {
            try run(
                "UPDATE commitments SET failures = 0 WHERE transferID = ? AND state = 'open'", [transfer.id])
        }
        guard let after = try TransferRecord.fetch(self, transfer.id) else { return }
        // One that waits for a person goes on waiting until the last object is confirmed.
        guard reopened || after.confirmed >= after.acknowledged else { return }
        try refreshTransfer(transfer.id, at: at)
    }

    private func sendAgain(_ passage: Int64, _ failure: Failure, maximum: Int) throws {
        let found = try row(
            """
            SELECT uncommitted, COALESCE(instances.state = 'stored', reports.sweptAt IS NULL) AS here
            FROM transfer_instances AS passage LEFT JOIN instances ON instances.id = passage.instanceID
            LEFT JOIN reports ON reports.id = passage.reportID WHERE passage.id = ?
            """, [passage])
        guard let found, found["here"] == true else {
            return try hold(
                passage,
                Failure(
                    .notCommitted, .person, .instance, status: failure.status,
                    detail: failure.detail + "; its file is here no more",
                    hint: "Send the study again from its source, or release it."))
        }
        guard (found["uncommitted"] as Int) < maximum else { return try hold(passage, failure) }
        try run(
            """
            UPDATE transfer_instances SET state = 'waiting', uncommitted = uncommitted + 1, acknowledgedAt = NULL,
                failure = ? WHERE id = ?
            """, [try Column.json(failure), passage])
    }

    private func hold(_ passage: Int64, _ failure: Failure) throws {
        try run(
            "UPDATE transfer_instances SET state = 'held', uncommitted = uncommitted + 1, failure = ? WHERE id = ?",
            [try Column.json(failure), passage])
    }

    /// Takes an acknowledged transfer, and the study or report that was delivered by it, back to being under way.
    fileprivate func reopen(_ transfer: TransferRecord, at: Date) throws {
        try run("UPDATE transfers SET state = 'waiting', finishedAt = NULL WHERE id = ?", [transfer.id])
        if let report = transfer.reportID {
            try run(
                "UPDATE reports SET state = 'restored', deliveredAt = NULL WHERE id = ? AND state = 'delivered'",
                [report])
        } else if let study = transfer.studyID {
            try run(
                "UPDATE studies SET state = 'planned', finishedAt = NULL WHERE id = ? AND state = 'delivered'", [study])
        }
    }
}

extension CommitmentRecord {
    /// Of `commitments` joined with `transfers`.
    init(row: JournalRow) throws {
        self.init(
            transferID: row["transferID"], destination: row["destination"], profile: row["profile"],
            state: try row.word("state"), firstAt: row.time("firstAt"), nextAt: row.time("nextAt"),
            asked: row["asked"], failures: row["failures"], failure: row.json("failure"))
    }
}
