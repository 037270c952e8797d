// The end of one instance's way, in its own row, its transfer's, its attempt's and its destination's.

import DICOMVocabulary
import Foundation
import GRDB

extension Database {
    /// The transfer that changed, or nil if the settlement came too late to change anything.
    func settle(_ settlement: Settlement, lane: LaneKey, at: Date) throws -> Int64? {
        guard let transfer = try settle(settlement, claimedBy: lane.description, at: at) else { return nil }
        let acknowledged = if case .acknowledged = settlement.outcome { 1 } else { 0 }
        try run(
            """
            UPDATE attempts SET endedAt = ?, acknowledged = acknowledged + ?, bytes = bytes + ?, seconds = seconds + ?,
                failure = COALESCE(?, failure) WHERE transferID = ? AND session = ? AND lane = ?
            """,
            [
                at.timeIntervalSince1970, acknowledged, settlement.bytes, settlement.seconds,
                try Column.json(settlement.outcome.failure), transfer, lane.session, lane.lane,
            ])
        return transfer
    }

    @discardableResult
    func settle(_ settlement: Settlement, claimedBy claimant: String, at: Date) throws -> Int64? {
        let found = try row(
            "SELECT transferID, state, claimedBy, marks FROM transfer_instances WHERE id = ?", [settlement.id])
        guard let found, let transfer = try TransferRecord.fetch(self, found["transferID"]) else { return nil }
        let state = try found.word("state", as: PassageState.self)
        if state != .claimed || found["claimedBy"] != claimant {
            // Given back meanwhile. That it arrived stays true.
            guard case .acknowledged = settlement.outcome, state == .waiting else { return nil }
        }
        switch settlement.outcome {
        case .acknowledged(let status):
            try acknowledge(settlement, status: status, of: transfer, at: at)
        case .deferred(let failure, let until):
            try putBack(settlement.id, of: transfer, failure: failure, marks: 0)
            try run(
                """
                UPDATE transfers SET state = 'deferred', nextAttemptAt = ?, failures = failures + 1, failure = ?
                WHERE id = ? AND state IN ('waiting', 'active', 'deferred')
                """, [until.timeIntervalSince1970, try Column.json(failure), transfer.id])
            try noteFailure(failure, destination: transfer.destination, at: at)
        case .giveBack(let failure, let mark, let maximum):
            let marks = (found["marks"] as Int) + 1
            if mark, marks >= maximum {
                let setAside = Failure(
                    .setAside, .person, .instance,
                    detail: "\(marks) workers ended while they sent it"
                        + (failure.map { ": \($0.code.rawValue), \($0.detail)" } ?? ""),
                    hint: "Look at the instance; retry sends it once more.")
                try setAsideInstance(settlement.id, of: transfer, failure: setAside, marks: 1, at: at)
            } else {
                try putBack(settlement.id, of: transfer, failure: failure, marks: mark ? 1 : 0)
            }
            if let failure { try noteFailure(failure, destination: transfer.destination, at: at) }
        case .held(let failure):
            try setAsideInstance(settlement.id, of: transfer, failure: failure, marks: 0, at: at)
            try noteFailure(failure, destination: transfer.destination, at: at)
        }
        return transfer.id
    }

    private func acknowledge(_ settlement: Settlement, status: UInt16, of transfer: TransferRecord, at: Date) throws {
        let now = at.timeIntervalSince1970
        try run(
            """
            UPDATE transfer_instances SET state = 'acknowledged', lastStatus = ?, acknowledgedAt = ?, failure = NULL,
                claimedBy = NULL, claimedAt = NULL WHERE id = ?
            """, [status, now, settlement.id])
        try run(
            """
            UPDATE transfers SET bytesSent = bytesSent + ?, failures = 0,
                failure = CASE WHEN held > 0 OR state = 'held' THEN failure END WHERE id = ?
            """, [settlement.bytes, transfer.id])
        try run(
            """
            INSERT INTO destinations (destination, lastAcknowledgedAt, acknowledgedInstances, acknowledgedBytes)
            VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET lastAcknowledgedAt = excluded.lastAcknowledgedAt,
                acknowledgedInstances = acknowledgedInstances + 1,
                acknowledgedBytes = acknowledgedBytes + excluded.acknowledgedBytes
            """, [transfer.destination, now, settlement.bytes])
    }

    /// Waiting again; cancelled, if the transfer was cancelled while a lane held it.
    private func putBack(_ id: Int64, of transfer: TransferRecord, failure: Failure?, marks: Int) throws {
        let state: PassageState = transfer.state == .cancelled ? .cancelled : .waiting
        try run(
            """
            UPDATE transfer_instances SET state = ?, marks = marks + ?, claimedBy = NULL, claimedAt = NULL,
                failure = COALESCE(?, failure), lastStatus = COALESCE(?, lastStatus) WHERE id = ?
            """, [state.rawValue, marks, try Column.json(failure), failure?.status, id])
    }

    private func setAsideInstance(
        _ id: Int64, of transfer: TransferRecord, failure: Failure, marks: Int, at: Date
    ) throws {
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
        try run(
            """
            INSERT INTO destinations (destination, lastFailure, lastFailureAt) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET lastFailure = excluded.lastFailure, lastFailureAt = excluded.lastFailureAt
            """, [destination, try Column.json(failure), at.timeIntervalSince1970])
    }
}

extension Settlement.Outcome {
    fileprivate var failure: Failure? {
        switch self {
        case .acknowledged: nil
        case .deferred(let failure, _), .held(let failure): failure
        case .giveBack(let failure, _, _): failure
        }
    }
}
