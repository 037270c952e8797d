// What a person, or a check, does to a study or a transfer.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Stops a study before its next instance leaves. One that is still received goes on being received, and is held
    /// as soon as it is complete. What a lane holds at this moment is settled as it ends. Where it is open whose its images are, that
    /// stays the reason, whatever else holds it.
    ///
    /// - Parameter decision: of the rules, when that is why; nil leaves what is on record.
    @discardableResult
    package func hold(
        study: Int64, notice: HoldNotice, decision: [UInt8]? = nil, actor: String, at: Date
    ) async throws(Failure) -> ActionResult {
        try await act(study, on: [.receiving, .complete, .planned, .held]) { db, record in
            try db.hold(record, notice, decision: decision, actor: actor, at: at)
            return true
        }
    }

    /// Lets a held study, its held instances and its held reports go on: to `planned`, or to `complete` when it was
    /// held before planning. A report that did not come in time is waited for no more. The code of the hold is then
    /// among `released`; pixels count as looked at when they were why the study, or an instance of it, was held.
    @discardableResult
    package func release(study: Int64, actor: String, at: Date) async throws(Failure) -> ActionResult {
        try await act(study, on: Set(StudyState.allCases)) { db, record in
            try db.letGo(record, released: true, actor: actor, at: at)
        }
    }

    /// Tries again what is held or deferred, and opens given-up questions anew. Every check is asked again.
    @discardableResult
    package func retry(study: Int64, actor: String, at: Date) async throws(Failure) -> ActionResult {
        try await act(study, on: Set(StudyState.allCases)) { db, record in
            try db.letGo(record, released: false, actor: actor, at: at)
        }
    }

    /// Nothing more of it is sent. What arrived stays arrived, and reports still come back.
    @discardableResult
    package func cancel(study: Int64, actor: String, at: Date) async throws(Failure) -> ActionResult {
        try await act(study, on: [.receiving, .complete, .planned, .held]) { db, record in
            let now = at.timeIntervalSince1970
            let why = Failure(.cancelled, .person, .instance, detail: "cancelled by \(actor)")
            let transfers = try db.rows(
                """
                SELECT id FROM transfers WHERE studyID = ? AND reportID IS NULL
                    AND state IN ('waiting', 'active', 'deferred', 'held')
                """, [study])
            for row in transfers {
                let transfer = row["id"] as Int64
                try db.cancel(transfer: transfer, why, at: at)
                try db.run("UPDATE polls SET state = 'done' WHERE transferID = ? AND state = 'open'", [transfer])
            }
            _ = try db.endOverdue(study: study)
            try db.run(
                """
                UPDATE studies SET state = 'cancelled', finishedAt = ?, completedAt = COALESCE(completedAt, ?),
                    \(Column.noHold) WHERE id = ?
                """, [now, now, study])
            try EventRecord(at: at, kind: "cancelled", actor: actor, studyID: study).insert(db)
            return true
        }
    }

    /// Stops one transfer as a whole, for a reason that concerns all of its instances.
    @discardableResult
    package func hold(
        transfer: Int64, failure: Failure, actor: String = EventRecord.antipode, at: Date
    ) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let record = try TransferRecord.fetch(db, transfer) else { return .notFound }
            guard [.waiting, .active, .deferred, .held].contains(record.state) else {
                return .notAllowed(state: record.state.rawValue)
            }
            try db.run(
                "UPDATE transfers SET state = 'held', nextAttemptAt = NULL, failure = ? WHERE id = ?",
                [try Column.json(failure), transfer])
            try db.note(record, "held", "\(failure.code.rawValue): \(failure.detail)", actor: actor, at: at)
            return .done
        }
    }

    /// Tries one held or deferred transfer again, unless its study is held.
    @discardableResult
    package func retry(transfer: Int64, actor: String, at: Date) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let record = try TransferRecord.fetch(db, transfer) else { return .notFound }
            if record.reportID == nil, let id = record.studyID,
                try db.value("SELECT state FROM studies WHERE id = ?", [id], as: String.self) == "held"
            {
                return .notAllowed(state: "held")
            }
            guard try db.resume(transfer: transfer, deferredToo: true, at: at) else {
                return .notAllowed(state: record.state.rawValue)
            }
            try db.note(record, "retried", "to \(record.destination)", actor: actor, at: at)
            return .done
        }
    }

    /// `body` says whether there was anything to do.
    private func act(
        _ study: Int64, on states: Set<StudyState>, _ body: @escaping @Sendable (Database, StudyRecord) throws -> Bool
    ) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let record = try StudyRecord.fetch(db, study) else { return .notFound }
            guard states.contains(record.state), try body(db, record) else {
                return .notAllowed(state: record.state.rawValue)
            }
            return .done
        }
    }
}

extension Database {
    /// Nothing more of it leaves; what a lane holds at this moment is settled as it ends. Without a reason, what its row says stays.
    func cancel(transfer: Int64, _ why: Failure? = nil, at: Date) throws {
        try run(
            "UPDATE transfer_instances SET state = 'cancelled' WHERE transferID = ? AND state IN ('waiting', 'held')",
            [transfer])
        try run(
            """
            UPDATE transfers SET state = 'cancelled', nextAttemptAt = NULL, finishedAt = ?, failure = COALESCE(?, failure),
                growing = 0 WHERE id = ?
            """, [at.timeIntervalSince1970, try Column.json(why), transfer])
    }

    /// As `JournalDatabase.hold` of a study that may be held.
    func hold(
        _ study: StudyRecord, _ notice: HoldNotice, decision: [UInt8]? = nil, actor: String, at: Date
    ) throws {
        let state: StudyState = study.state == .receiving ? .receiving : .held
        try run(
            "UPDATE studies SET state = ?, decision = COALESCE(?, decision) WHERE id = ?",
            [state.rawValue, decision.map { Data($0) }, study.id])
        // Who lets go what else holds it has not said whose its images are; and who says it should see that a person holds it too.
        let doubt = Failure.Code.mixedPatients.rawValue
        var (shown, by) = (notice, actor)
        if let hold = study.hold, hold.code == doubt, notice.code != doubt {
            (shown, by) = (hold, study.heldBy ?? actor)
            shown.detail += "; besides, \(actor) holds it: \(notice.detail)"
        } else if let hold = study.hold, hold.code == HoldNotice.operator, notice.code == doubt {
            shown.detail += "; besides, \(study.heldBy ?? "a person") holds it: \(hold.detail)"
        }
        try run(
            "UPDATE studies SET holdCode = ?, holdDetail = ?, holdHint = ?, heldBy = ? WHERE id = ?",
            [shown.code, shown.detail, shown.hint, by, study.id])
        try run(
            """
            UPDATE transfers SET state = 'held', nextAttemptAt = NULL
            WHERE studyID = ? AND reportID IS NULL AND state IN ('waiting', 'active', 'deferred')
            """, [study.id])
        try EventRecord(
            at: at, kind: "held", detail: "\(notice.code): \(notice.detail)", actor: actor, studyID: study.id
        ).insert(self)
    }

    fileprivate func letGo(_ study: StudyRecord, released: Bool, actor: String, at: Date) throws -> Bool {
        var something = false
        if study.hold != nil || study.state == .held {
            // One that was sent while it arrived, and held then, has still to be planned to its end.
            let growing = try row("SELECT 1 FROM transfers WHERE studyID = ? AND growing = 1", [study.id])
            // Planning asks again whose the images are; what may leave before it does waits for a person's release.
            let isInDoubt = study.hold?.code == Failure.Code.mixedPatients.rawValue
            if isInDoubt, !released {
                let mayLeave = try row(
                    "SELECT 1 FROM transfers WHERE studyID = ? AND reportID IS NULL AND state <> 'cancelled' LIMIT 1",
                    [study.id])
                guard mayLeave == nil else { return false }
            }
            let state: StudyState =
                study.state == .receiving
                ? .receiving : study.plannedAt == nil || growing != nil ? .complete : .planned
            let codes = study.released + (released ? [study.hold?.code].compactMap { $0 } : [])
            try run(
                """
                UPDATE studies SET state = ?, released = ?, \(Column.noHold) WHERE id = ?
                """, [state.rawValue, try Column.json(codes), study.id])
            something = true
        }
        let pixelsJudged = try released && judgePixels(of: study)
        for row in try rows("SELECT id FROM transfers WHERE studyID = ? AND reportID IS NULL", [study.id]) {
            something = try resume(transfer: row["id"], deferredToo: !released, at: at) || something
        }
        for row in try rows("SELECT * FROM reports WHERE studyID = ?", [study.id]) {
            let report = try ReportRecord(row: row)
            // Whoever releases the study has not read a report that may be somebody else's, or cannot be read: those are released
            // by their own numbers.
            guard !released || report.state != .held || report.hold?.code == Failure.Code.reportIncomplete.rawValue
            else { continue }
            something = try letGo(report, released: released, actor: actor, at: at) || something
        }
        if released {
            something = try endOverdue(study: study.id) || something
        } else {
            try run(
                """
                UPDATE polls SET state = 'open', nextPollAt = ?, firstAt = ? WHERE state = 'givenUp'
                    AND transferID IN (SELECT id FROM transfers WHERE studyID = ?)
                """, [at.timeIntervalSince1970, at.timeIntervalSince1970, study.id])
            something = something || changesCount > 0
        }
        guard something else { return false }
        try EventRecord(
            at: at, kind: released ? "released" : "retried", detail: pixelsJudged ? EventRecord.pixelsJudged : "",
            actor: actor, studyID: study.id
        ).insert(self)
        try refreshStudy(study.id, at: at)
        return true
    }

    /// Nobody waits any more for the reports that were given up. False where there are none.
    fileprivate func endOverdue(study: Int64) throws -> Bool {
        try run(
            """
            UPDATE polls SET state = 'done' WHERE state = 'givenUp'
                AND transferID IN (SELECT id FROM transfers WHERE studyID = ?)
            """, [study])
        return changesCount > 0
    }

    /// Only a person who saw that the pixels were why has judged them, and only those that were held for it: what is held later
    /// is looked at anew. False where none were.
    private func judgePixels(of study: StudyRecord) throws -> Bool {
        try run(
            """
            UPDATE instances SET pixelsReleased = 1 WHERE id IN (
                SELECT passage.instanceID FROM transfer_instances AS passage
                JOIN transfers ON transfers.id = passage.transferID
                WHERE transfers.studyID = ? AND passage.state = 'held' AND json_extract(passage.failure, '$.code') = ?)
            """, [study.id, Failure.Code.pixelsMayIdentify.rawValue])
        guard changesCount > 0 else { return false }
        try run("UPDATE studies SET pixelsReleased = 1 WHERE id = ?", [study.id])
        return true
    }

    /// Puts held instances back to waiting, their marks forgotten, and takes the transfer out of held (and deferred).
    /// False if it was in neither.
    func resume(transfer id: Int64, deferredToo: Bool, at: Date) throws -> Bool {
        let waived = deferredToo ? false : try doWithoutCommitment(id)
        guard let transfer = try TransferRecord.fetch(self, id) else { return false }
        let stopped = transfer.state == .held || (transfer.state == .deferred && deferredToo)
        guard stopped || transfer.held > 0 else { return waived }
        try run(
            "UPDATE transfer_instances SET state = 'waiting', marks = 0, crashes = 0 WHERE transferID = ? AND state = 'held'",
            [id])
        if stopped {
            try run(
                """
                UPDATE transfers SET state = CASE WHEN claimed > 0 THEN 'active' ELSE 'waiting' END,
                    nextAttemptAt = NULL, failure = NULL, failures = 0, unreadRounds = 0 WHERE id = ?
                """, [id])
        }
        try refreshTransfer(id, at: at)
        return true
    }

    /// A person who releases what a destination has not committed to lets its acknowledgement be enough.
    private func doWithoutCommitment(_ transfer: Int64) throws -> Bool {
        let code = Failure.Code.notCommitted.rawValue
        try run(
            """
            UPDATE transfer_instances SET state = 'acknowledged', failure = NULL
            WHERE transferID = ? AND state = 'held' AND json_extract(failure, '$.code') = ?
            """, [transfer, code])
        let someWere = changesCount > 0
        let wasGivenUp = try row("SELECT 1 FROM commitments WHERE transferID = ? AND state = 'givenUp'", [transfer])
        guard someWere || wasGivenUp != nil else { return false }
        try waiveCommitment(transfer: transfer)
        return true
    }
}
