// The end of one instance's way, in its own row, its transfer's, its attempt's and its destination's.

import DICOMVocabulary
import Foundation
import GRDB

/// What a settlement has to know of its instance and of the transfer that it belongs to. This is read once for each image that
/// leaves; the whole record only where something went wrong.
struct SettledPassage {
    let transferID: Int64
    let destination: String
    /// Before the settlement.
    let transferState: TransferState
    fileprivate let state: PassageState
    fileprivate let claimant: String?
    fileprivate let marks: Int
    fileprivate let crashes: Int
    /// The lane's attempt at the transfer stands in the journal.
    fileprivate var hasAttempt = false

    fileprivate static let selection = """
        SELECT transferID, destination, transfers.state AS transferState, passage.state AS state, claimedBy, marks, crashes
        FROM transfer_instances AS passage JOIN transfers ON transfers.id = transferID WHERE passage.id = ?
        """

    /// Whether the transfer stands as a claim of its next instance by the same lane would leave it: it was active, this instance
    /// arrived, and the lane has its attempt.
    func goesOn(_ outcome: Settlement.Outcome?) -> Bool {
        guard case .acknowledged = outcome else { return false }
        return transferState == .active && hasAttempt
    }

    fileprivate init(row: JournalRow) throws {
        transferID = row["transferID"]
        destination = row["destination"]
        transferState = try row.word("transferState")
        state = try row.word("state")
        claimant = row["claimedBy"]
        marks = row["marks"]
        crashes = row["crashes"]
    }
}

extension Database {
    /// What changed, or nil if the settlement came too late to change anything.
    func settle(_ settlement: Settlement, lane: LaneKey, at: Date) throws -> SettledPassage? {
        guard var passage = try settle(settlement, claimedBy: lane.description, at: at) else { return nil }
        let acknowledged = if case .acknowledged = settlement.outcome { 1 } else { 0 }
        try run(
            """
            UPDATE attempts SET endedAt = ?, acknowledged = acknowledged + ?, bytes = bytes + ?, seconds = seconds + ?,
                failure = COALESCE(?, failure) WHERE transferID = ? AND session = ? AND lane = ?
            """,
            [
                at.timeIntervalSince1970, acknowledged, settlement.bytes, settlement.seconds,
                try Column.json(settlement.outcome.failure), passage.transferID, lane.session, lane.lane,
            ])
        passage.hasAttempt = changesCount > 0
        if case .giveBack(nil, _, _) = settlement.outcome { try forgetAttempt(passage.transferID, lane) }
        return passage
    }

    /// A lane that took an instance and gave it back at once, for it belongs on another association, tried nothing.
    private func forgetAttempt(_ transfer: Int64, _ lane: LaneKey) throws {
        try run(
            """
            DELETE FROM attempts WHERE transferID = ? AND session = ? AND lane = ? AND acknowledged = 0 AND failure IS NULL
            """, [transfer, lane.session, lane.lane])
        guard changesCount > 0 else { return }
        try run("UPDATE transfers SET attempts = attempts - 1 WHERE id = ?", [transfer])
    }

    @discardableResult
    func settle(_ settlement: Settlement, claimedBy claimant: String, at: Date) throws -> SettledPassage? {
        let found = try row(SettledPassage.selection, [settlement.id]).map(SettledPassage.init(row:))
        guard let passage = found else { return nil }
        if passage.state != .claimed || passage.claimant != claimant {
            // Given back meanwhile. That it arrived stays true.
            guard case .acknowledged = settlement.outcome, passage.state == .waiting else { return nil }
        }
        switch settlement.outcome {
        case .acknowledged(let status):
            try acknowledge(settlement, status: status, of: passage, at: at)
        case .deferred(let failure, let until, let round):
            try put(settlement.id, of: passage, off: failure, until: until, round: round, at: at)
        case .giveBack(let failure, let mark, let maximum):
            let marks = passage.marks + 1
            if mark, marks >= maximum {
                let setAside = Failure(
                    .setAside, .person, .instance,
                    detail: "\(marks) workers ended, or had no memory left, while they sent it"
                        + (failure.map { ": \($0.code.rawValue), \($0.detail)" } ?? ""),
                    hint: "Look at the instance; retry sends it once more.")
                try setAsideInstance(settlement.id, of: passage, failure: setAside, marks: 1, at: at)
            } else {
                try putBack(settlement.id, of: passage, failure: failure, marks: mark ? 1 : 0)
            }
            if let failure { try noteFailure(failure, destination: passage.destination, at: at) }
        case .crashed(let maximum):
            try run("UPDATE transfer_instances SET crashes = crashes + 1 WHERE id = ?", [settlement.id])
            let crashes = passage.crashes + 1
            guard crashes >= maximum else {
                try putBack(settlement.id, of: passage, failure: nil, marks: 0)
                break
            }
            let setAside = Failure.underWay(atCrashes: crashes, hint: "retry sends it again.")
            try setAsideInstance(settlement.id, of: passage, failure: setAside, marks: 0, at: at)
        case .held(let failure):
            let isLost = failure.saysThatTheFileIsLost
            if try isLost && hasAnotherFile(settlement) {
                // What came again has taken the place of the file that was lost: it is sent instead.
                try putBack(settlement.id, of: passage, failure: nil, marks: 0)
                break
            }
            if isLost { try lose(passage: settlement.id, failure, at: at) }
            try setAsideInstance(settlement.id, of: passage, failure: failure, marks: 0, at: at)
            try noteFailure(failure, destination: passage.destination, at: at)
        }
        return passage
    }

    private func acknowledge(_ settlement: Settlement, status: UInt16, of passage: SettledPassage, at: Date) throws {
        let now = at.timeIntervalSince1970
        try run(
            """
            UPDATE transfer_instances SET state = 'acknowledged', lastStatus = ?, acknowledgedAt = ?, failure = NULL,
                crashes = 0, claimedBy = NULL, claimedAt = NULL WHERE id = ?
            """, [status, now, settlement.id])
        try run(
            """
            UPDATE transfers SET bytesSent = bytesSent + ?, failures = 0, unreadRounds = 0,
                failure = CASE WHEN held > 0 OR state IN ('held', 'cancelled') THEN failure END WHERE id = ?
            """, [settlement.bytes, passage.transferID])
        try run(
            """
            INSERT INTO destinations (destination, lastAcknowledgedAt, acknowledgedInstances, acknowledgedBytes)
            VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET lastAcknowledgedAt = excluded.lastAcknowledgedAt,
                acknowledgedInstances = acknowledgedInstances + 1,
                acknowledgedBytes = acknowledgedBytes + excluded.acknowledgedBytes
            """, [passage.destination, now, settlement.bytes])
    }

    /// The transfer waits until then, and the instance with it. In the round after too many in which a file of it could not be read, and
    /// none arrived, the instance waits for a person.
    private func put(
        _ id: Int64, of passage: SettledPassage, off failure: Failure, until: Date, round: Int?, at: Date
    ) throws {
        let row = try row("SELECT failures, unreadRounds, failure FROM transfers WHERE id = ?", [passage.transferID])
        guard let row else { return }
        let failures: Int = row["failures"]
        // Of lanes that took up work in one round the first that fails counts, however long the others take.
        let counts = round == nil || round == failures
        // Trouble of another kind that came faster in this round does not hide it.
        let last: Failure? = row.json("failure")
        let isUnread = failure.isOfReading && (counts || last?.isOfReading == false)
        if isUnread, let hopeless = failure.hopeless(after: row["unreadRounds"]) {
            try setAsideInstance(id, of: passage, failure: hopeless, marks: 0, at: at)
            return try run(
                "UPDATE transfers SET failures = failures + 1, unreadRounds = 0 WHERE id = ?", [passage.transferID])
        }
        try putBack(id, of: passage, failure: failure, marks: 0)
        try run(
            """
            UPDATE transfers SET state = 'deferred', failures = failures + ?1, unreadRounds = unreadRounds + ?2,
                nextAttemptAt = CASE WHEN ?1 THEN ?3 ELSE max(COALESCE(nextAttemptAt, ?3), ?3) END, failure = ?4
            WHERE id = ?5 AND state IN ('waiting', 'active', 'deferred')
            """,
            [
                counts ? 1 : 0, isUnread ? 1 : 0, until.timeIntervalSince1970, try Column.json(failure),
                passage.transferID,
            ])
        try noteFailure(failure, destination: passage.destination, at: at)
    }

    /// Waiting again; cancelled, if the transfer was cancelled while a lane held it.
    private func putBack(_ id: Int64, of passage: SettledPassage, failure: Failure?, marks: Int) throws {
        let state: PassageState = passage.transferState == .cancelled ? .cancelled : .waiting
        try run(
            """
            UPDATE transfer_instances SET state = ?, marks = marks + ?, claimedBy = NULL, claimedAt = NULL,
                failure = COALESCE(?, failure), lastStatus = COALESCE(?, lastStatus) WHERE id = ?
            """, [state.rawValue, marks, try Column.json(failure), failure?.status, id])
    }

    private func setAsideInstance(
        _ id: Int64, of passage: SettledPassage, failure: Failure, marks: Int, at: Date
    ) throws {
        guard let transfer = try TransferRecord.fetch(self, passage.transferID) else { return }
        let state: PassageState = transfer.state == .cancelled ? .cancelled : .held
        try run(
            """
            UPDATE transfer_instances SET state = ?, marks = marks + ?, claimedBy = NULL, claimedAt = NULL, failure = ?,
                lastStatus = COALESCE(?, lastStatus) WHERE id = ?
            """, [state.rawValue, marks, try Column.json(failure), failure.status, id])
        guard state == .held else { return }
        try run("UPDATE transfers SET failure = ? WHERE id = ?", [try Column.json(failure), transfer.id])
        // One line for the first of a transfer, not a thousand for a thousand secondary captures.
        let first = transfer.held == 0
        guard failure.code == .setAside || first else { return }
        try note(
            transfer, failure.code == .setAside ? "setAside" : "held",
            "an instance to \(transfer.destination): \(failure.code.rawValue), \(failure.detail)", at: at)
    }

    private func noteFailure(_ failure: Failure, destination: String, at: Date) throws {
        guard failure.code.isOfPeer else { return }
        try run(
            """
            INSERT INTO destinations (destination, lastFailure, lastFailureAt) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET lastFailure = excluded.lastFailure, lastFailureAt = excluded.lastFailureAt
            """, [destination, try Column.json(failure), at.timeIntervalSince1970])
    }
}

extension Failure {
    /// Why what was under way at so many ends that nobody had asked for is set aside.
    static func underWay(atCrashes count: Int, hint: String) -> Failure {
        Failure(
            .setAside, .person, .instance,
            detail: "the daemon ended \(count) times without being asked to (a crash, a hang, a kill or a power cut) "
                + "while this was under way",
            hint: "Look at the log before those ends. If they had another cause, \(hint)")
    }
}

extension Settlement.Outcome {
    fileprivate var failure: Failure? {
        switch self {
        case .acknowledged: nil
        case .deferred(let failure, _, _), .held(let failure): failure
        case .giveBack(let failure, _, _): failure
        case .crashed: nil
        }
    }
}
