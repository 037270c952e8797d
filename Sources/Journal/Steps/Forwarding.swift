// Step 6 and 9: lanes take instances and bring them back.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Writes down how one instance ended and takes the next for the same lane, in one transaction. The claim is an
    /// open mark (`claimedBy`, `claimedAt`) that outlives a kill.
    ///
    /// Taken is the first waiting instance of the most urgent, then oldest, transfer of the destination that is not
    /// held, that has no rank above `upToRank` and whose `nextAttemptAt` has come; nil when there is none or `claim` is false. Within a transfer those that
    /// were tried least come first, so that one that fails again and again does not stand before the others. A
    /// settlement by a lane that does not hold the claim any more changes nothing, unless it brings the acknowledgement
    /// of one that waits again.
    ///
    /// Where a lane goes on with the transfer it returns when both are committed, and they are flushed at once: a kill takes back
    /// neither, and a power cut in between lets the acknowledged instance be sent again.
    package func settleAndClaim(
        _ settlement: Settlement?, lane: LaneKey, destination: String, claim: Bool, upToRank: Int = .max, at: Date
    ) async throws(Failure) -> ClaimedInstance? {
        do throws(Failure) {
            let (next, _) = try await write(early: { (_, isStillActive) in isStillActive }) { db in
                let settled = try settlement.flatMap { try db.settle($0, lane: lane, at: at) }
                let same = settled?.goesOn(settlement?.outcome) == true ? settled?.transferID : nil
                let next =
                    claim
                    ? try db.claimNext(lane: lane, destination: destination, upToRank, goingOnWith: same, at: at) : nil
                // How it ends for all but a study's last images: no state can have changed.
                let isStillActive = same != nil && next?.transferID == same
                if let settled, !isStillActive { try db.refreshTransfer(settled.transferID, at: at) }
                return (next, isStillActive)
            }
            return next
        } catch {
            guard error.code == .journalDamaged, claim else { throw error }
        }
        // One after the other, because a damaged page takes its whole transaction with it.
        if let settlement {
            _ = try await settleAndClaim(settlement, lane: lane, destination: destination, claim: false, at: at)
        }
        return try await claimBesideDamage(lane: lane, destination: destination, upToRank, at: at)
    }

    /// Holds each transfer whose rows cannot be read: it would stand before every other of its destination.
    private func claimBesideDamage(
        lane: LaneKey, destination: String, _ upToRank: Int, at: Date
    ) async throws(Failure) -> ClaimedInstance? {
        while let transfer = try await read({ db in
            try db.value(Claim.next, [destination, at.timeIntervalSince1970, upToRank], as: Int64.self)
        }) {
            do throws(Failure) {
                return try await write { db in
                    try db.claimNext(lane: lane, destination: destination, upToRank, at: at)
                }
            } catch {
                guard error.code == .journalDamaged else { throw error }
                try await write { db in try db.holdDamaged(transfer: transfer, at: at) }
            }
        }
        return nil
    }

    /// What a lane should propose: the SOP classes and transfer syntaxes of what it could take, most urgent first, at
    /// most `limit` (PS3.8 9.3.2.2 allows 128 contexts).
    package func distinctContexts(
        destination: String, at: Date, limit: Int = 120
    ) async throws(Failure) -> [WaitingContext] {
        try await read { db in
            try db.contexts(
                ofAll: db.rows(
                    "SELECT id, studyID, reportID \(Claim.claimable) \(Claim.order) LIMIT 500",
                    [destination, at.timeIntervalSince1970]), limit: limit)
        }
    }

    /// What lately went there: SOP classes and transfer syntaxes of the last 200 transfers, the newest first.
    package func usualContexts(destination: String, limit: Int = 120) async throws(Failure) -> [WaitingContext] {
        try await read { db in
            try db.contexts(
                ofAll: db.rows(
                    "SELECT id, studyID, reportID FROM transfers WHERE destination = ? ORDER BY id DESC LIMIT 200",
                    [destination]), limit: limit)
        }
    }

    /// Claims that nobody settled. At start these are what a killed daemon left.
    package func openMarks() async throws(Failure) -> [OpenMark] {
        try await read { db in
            try db.rows(
                """
                SELECT passage.id, transferID, destination, claimedBy, claimedAt, marks
                FROM transfer_instances AS passage JOIN transfers ON transfers.id = transferID
                WHERE passage.state = 'claimed' ORDER BY passage.id
                """
            ).map { row in
                OpenMark(
                    id: row["id"], transferID: row["transferID"], destination: row["destination"],
                    claimedBy: row["claimedBy"] ?? "",
                    claimedAt: row.date("claimedAt") ?? Date(timeIntervalSince1970: 0),
                    marks: row["marks"])
            }
        }
    }

    /// Lets the open marks of the life before go: the instances wait again. `crashed`: that life ended without having
    /// been asked to, which counts against each of them, and at `maximumCrashes` sets it aside.
    package func giveBack(
        _ marks: [OpenMark], crashed: Bool, maximumCrashes: Int, at: Date
    ) async throws(Failure) {
        let outcome: Settlement.Outcome =
            crashed ? .crashed(maximum: maximumCrashes) : .giveBack(nil, mark: false, maximumMarks: .max)
        for (transfer, marks) in Dictionary(grouping: marks, by: \.transferID) {
            do throws(Failure) {
                try await write { db in
                    for open in marks {
                        try db.settle(Settlement(id: open.id, outcome: outcome), claimedBy: open.claimedBy, at: at)
                    }
                    let ended = Failure(
                        .cancelled, .tryAgain, .instance, detail: "the daemon ended while it sent")
                    try db.run(
                        "UPDATE attempts SET endedAt = ?, failure = ? WHERE transferID = ? AND endedAt IS NULL",
                        [at.timeIntervalSince1970, try Column.json(ended), transfer])
                    try db.refreshTransfer(transfer, at: at)
                }
            } catch {
                guard error.code == .journalDamaged else { throw error }
                try await write { db in try db.holdDamaged(transfer: transfer, at: at) }
            }
        }
    }
}

/// The parts of SQL that must agree with the index `transfers_claimable`.
enum Claim {
    static let open = "waiting > 0 AND state IN ('waiting', 'active', 'deferred')"
    /// Of those with which the daemon has ended more than once, only one is under way at a time, so that the one it is
    /// does not take the others along. Over an index that is empty on almost every day.
    static let isAlone = "NOT EXISTS (SELECT 1 FROM transfer_instances WHERE state = 'claimed' AND crashes > 1)"
    static let claimable = """
        FROM transfers WHERE destination = ? AND \(open) AND (nextAttemptAt IS NULL OR nextAttemptAt <= ?)
            AND (\(isAlone) OR EXISTS (SELECT 1 FROM transfer_instances AS one
                WHERE one.transferID = transfers.id AND one.state = 'waiting' AND one.crashes <= 1))
        """
    static let order = "ORDER BY rank, createdAt, id"
    static let next = "SELECT id \(claimable) AND rank <= ? \(order) LIMIT 1"
    static let due = """
        SELECT nextAttemptAt FROM transfers INDEXED BY transfers_due
        WHERE destination = ? AND nextAttemptAt IS NOT NULL AND \(open) ORDER BY nextAttemptAt LIMIT 1
        """
    static let instance = """
        SELECT passage.id, passage.transferID, passage.marks, passage.attempts, transfers.studyID, transfers.reportID,
            transfers.destination, transfers.profile, transfers.failures, transfers.rank, transfers.space, transfers.growing,
            instances.spoolKey, instances.sopClassUID, instances.sopInstanceUID, instances.seriesUID,
            instances.transferSyntax, instances.bytes, instances.digest, instances.pixelsReleased, studies.studyUID,
            reports.restoredSpoolKey, reports.sopClassUID AS reportClass, reports.restoredTransferSyntax,
            reports.restoredBytes, reports.restoredDigest, COALESCE(reports.restoredSOPInstanceUID, reports.sopInstanceUID) AS reportInstance
        FROM transfer_instances AS passage
        JOIN transfers ON transfers.id = passage.transferID
        LEFT JOIN studies ON studies.id = transfers.studyID
        LEFT JOIN instances ON instances.id = passage.instanceID
        LEFT JOIN reports ON reports.id = passage.reportID
        WHERE passage.transferID = ? AND passage.state = 'waiting' AND (passage.crashes <= 1 OR \(isAlone))
        ORDER BY passage.attempts, passage.id LIMIT 1
        """
}

extension Database {
    /// Each context once, in the order of the transfers, `limit` at most.
    fileprivate func contexts(ofAll transfers: [JournalRow], limit: Int) throws -> [WaitingContext] {
        var seen: Set<WaitingContext> = []
        var contexts: [WaitingContext] = []
        for transfer in transfers where contexts.count < limit {
            for row in try self.contexts(of: transfer) {
                let context = WaitingContext(
                    sopClass: row.uid("sopClassUID"), transferSyntax: TransferSyntax(row.uid("transferSyntax")))
                if contexts.count < limit, seen.insert(context).inserted { contexts.append(context) }
            }
        }
        return contexts
    }

    private func contexts(of transfer: JournalRow) throws -> [JournalRow] {
        if let report = transfer["reportID"] as Int64? {
            return try rows(
                "SELECT sopClassUID, restoredTransferSyntax AS transferSyntax FROM reports WHERE id = ?", [report])
        }
        return try rows(
            "SELECT sopClassUID, transferSyntax FROM study_contexts WHERE studyID = ?", [transfer["studyID"] as Int64?])
    }

    /// `goingOnWith`: a transfer that is active, and that this lane has tried already.
    fileprivate func claimNext(
        lane: LaneKey, destination: String, _ upToRank: Int, goingOnWith same: Int64? = nil, at: Date
    ) throws -> ClaimedInstance? {
        let now = at.timeIntervalSince1970
        guard let transfer: Int64 = try value(Claim.next, [destination, now, upToRank]),
            let row = try row(Claim.instance, [transfer])
        else { return nil }
        let claimed = try ClaimedInstance(row: row)
        try run(
            """
            UPDATE transfer_instances SET state = 'claimed', claimedBy = ?, claimedAt = ?, attempts = attempts + 1
            WHERE id = ?
            """, [lane.description, now, claimed.id])
        if transfer == same { return claimed }
        try run(
            """
            UPDATE transfers SET state = 'active', startedAt = COALESCE(startedAt, ?), nextAttemptAt = NULL
            WHERE id = ? AND state <> 'active'
            """, [now, transfer])
        try run(
            """
            INSERT INTO attempts (transferID, destination, lane, session, startedAt) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """, [transfer, destination, lane.lane, lane.session, now])
        if changesCount > 0 { try run("UPDATE transfers SET attempts = attempts + 1 WHERE id = ?", [transfer]) }
        return claimed
    }
}

extension ClaimedInstance {
    fileprivate init(row: JournalRow) throws {
        let report = row["reportID"] as Int64?
        let key: String? = report == nil ? row["spoolKey"] : row["restoredSpoolKey"]
        guard let key else {
            throw Failure(.missingFile, .person, .instance, detail: "a report is to be delivered before it is restored")
        }
        self.init(
            id: row["id"], transferID: row["transferID"], studyID: row["studyID"], reportID: report,
            destination: row["destination"], profile: row["profile"], spoolKey: key,
            sopClass: row.uid(report == nil ? "sopClassUID" : "reportClass"),
            sopInstance: row.uid(report == nil ? "sopInstanceUID" : "reportInstance"),
            studyUID: row.optionalUID("studyUID"), series: report == nil ? row.optionalUID("seriesUID") : nil,
            transferSyntax: TransferSyntax(row.uid(report == nil ? "transferSyntax" : "restoredTransferSyntax")),
            bytes: report == nil ? row["bytes"] : row["restoredBytes"],
            digest: row[report == nil ? "digest" : "restoredDigest"] ?? "",
            marks: row["marks"], tries: (row["attempts"] as Int) + 1, failures: row["failures"], rank: row["rank"],
            pixelsReleased: row["pixelsReleased"] ?? false)
        space = row["space"]
        isGrowing = row["growing"]
    }
}
