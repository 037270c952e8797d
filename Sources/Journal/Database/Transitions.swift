// What follows from what: the states of a transfer, a study and a report are derived here and nowhere else.

import DICOMVocabulary
import Foundation
import GRDB

extension Database {
    /// Brings a transfer's state in line with its instances, then its study's or report's with the transfer.
    func refreshTransfer(_ id: Int64, at: Date) throws {
        guard let transfer = try TransferRecord.fetch(self, id) else { return }
        guard transfer.state != .confirmed, transfer.state != .cancelled else { return }
        let state = transfer.stateOfInstances
        guard state != transfer.state else { return }
        guard transfer.state != .acknowledged || state == .confirmed else { return }
        switch state {
        case .acknowledged, .confirmed, .cancelled:
            try run(
                """
                UPDATE transfers SET state = ?, finishedAt = ?, nextAttemptAt = NULL, failure = NULL, failures = 0
                WHERE id = ?
                """, [state.rawValue, at.timeIntervalSince1970, id])
            let detail =
                state == .cancelled
                ? "to \(transfer.destination)"
                : "\(Counted.instances(transfer.acknowledged)) by \(transfer.destination)"
            try note(transfer, state.rawValue, detail, at: at)
            if state == .acknowledged, transfer.commitment != .none { try openCommitment(transfer: id, at: at) }
            if state == .confirmed { try endCommitment(transfer: id) }
            if let report = transfer.reportID {
                try refreshReport(report, at: at)
            } else if let study = transfer.studyID {
                try refreshStudy(study, at: at)
            }
        case .held:
            try run("UPDATE transfers SET state = 'held', nextAttemptAt = NULL WHERE id = ?", [id])
            try note(
                transfer, "held",
                "\(transfer.held) of \(Counted.instances(transfer.instances)) to \(transfer.destination)",
                at: at)
        case .waiting, .active, .deferred:
            try run("UPDATE transfers SET state = ? WHERE id = ?", [state.rawValue, id])
        }
    }

    /// Planned → delivered when every transfer is finished, reports aside; cancelled when none was acknowledged. A held
    /// study whose last instance was on its way when it was held ends the same way.
    func refreshStudy(_ id: Int64, at: Date) throws {
        guard let study = try row("SELECT state, plannedAt FROM studies WHERE id = ?", [id]),
            (study["plannedAt"] as Double?) != nil
        else { return }
        let now = try study.word("state", as: StudyState.self)
        guard now == .planned || now == .held else { return }
        let transfers = try row(
            """
            SELECT count(*) AS all_, total(state IN ('acknowledged', 'confirmed')) AS acknowledged,
                total(state = 'cancelled') AS cancelled
            FROM transfers WHERE studyID = ? AND reportID IS NULL
            """, [id])
        guard let transfers else { return }
        let count = transfers["all_"] as Int
        let acknowledged = Int(transfers["acknowledged"] as Double)
        let cancelled = Int(transfers["cancelled"] as Double)
        guard acknowledged + cancelled == count, now == .planned || count > 0 else { return }
        let state: StudyState = cancelled > 0 && acknowledged == 0 ? .cancelled : .delivered
        try run(
            """
            UPDATE studies SET state = ?, finishedAt = ?, \(Column.noHold) WHERE id = ?
            """, [state.rawValue, at.timeIntervalSince1970, id])
        try EventRecord(
            at: at, kind: state.rawValue, detail: state == .cancelled ? "nothing of it was sent" : "", studyID: id
        ).insert(self)
    }

    /// Restored → delivered when every delivery is finished and at least one was acknowledged.
    func refreshReport(_ id: Int64, at: Date) throws {
        guard let report = try ReportRecord.fetch(self, id), report.state == .restored else { return }
        let open = try value(
            """
            SELECT count(*) FROM transfers WHERE reportID = ? AND state NOT IN ('acknowledged', 'confirmed', 'cancelled')
            """, [id], as: Int.self)
        let acknowledged = try value(
            "SELECT count(*) FROM transfers WHERE reportID = ? AND state IN ('acknowledged', 'confirmed')", [id],
            as: Int.self)
        guard open == 0, (acknowledged ?? 0) > 0 else { return }
        try run(
            "UPDATE reports SET state = 'delivered', deliveredAt = ? WHERE id = ?", [at.timeIntervalSince1970, id])
        try EventRecord(at: at, kind: "reportDelivered", studyID: report.studyID, reportID: id).insert(self)
    }

    func note(
        _ transfer: TransferRecord, _ kind: String, _ detail: String, actor: String = EventRecord.antipode, at: Date
    ) throws {
        try EventRecord(
            at: at, kind: kind, detail: detail, actor: actor, studyID: transfer.studyID, transferID: transfer.id,
            reportID: transfer.reportID
        ).insert(self)
    }
}

extension TransferRecord {
    /// The state that follows from the counts; a hold or a deferral of the whole transfer stays while anything waits.
    fileprivate var stateOfInstances: TransferState {
        guard waiting == 0, claimed == 0, !isGrowing else {
            if state == .held || state == .deferred { return state }
            return claimed > 0 ? .active : .waiting
        }
        if held > 0 { return .held }
        guard acknowledged > 0 else { return .cancelled }
        return commitment != .none && confirmed >= acknowledged ? .confirmed : .acknowledged
    }
}
