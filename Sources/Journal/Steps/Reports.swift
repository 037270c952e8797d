// Steps 7 to 9: a report comes, is matched, restored and delivered.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Makes a received report's row durable. A reader's SOP Instance UID is kept once, as an instance's is.
    package func recordReport(_ report: NewReport) async throws(Failure) -> ReportOutcome {
        try await write { db in try db.insert(report) }
    }

    /// Says what a report is about: received or held → matched.
    @discardableResult
    package func matchReport(_ id: Int64, _ match: ReportMatch, at: Date) async throws(Failure) -> ActionResult {
        try await change(id, from: [.received, .held, .matched]) { db, report in
            try db.run(
                """
                UPDATE reports SET state = 'matched', transferID = ?, studyID = ?, completion = ?, verification = ?,
                    preliminary = ?, predecessors = ?, \(Column.noHold)
                WHERE id = ?
                """,
                [
                    match.transferID, match.studyID, match.completion, match.verification, match.preliminary,
                    try Column.json(match.predecessors), id,
                ])
            // It came another way, or late.
            try db.run(
                "UPDATE polls SET state = 'done' WHERE transferID = ? AND state = 'givenUp'", [match.transferID])
            try EventRecord(
                at: at, kind: "reportMatched", detail: "to T\(match.transferID)", studyID: match.studyID,
                transferID: match.transferID, reportID: id
            ).insert(db)
        }
    }

    /// A person must look. `match` keeps what was found out before the hold, if anything was.
    @discardableResult
    package func holdReport(
        _ id: Int64, notice: HoldNotice, match: ReportMatch? = nil, actor: String = EventRecord.antipode, at: Date
    ) async throws(Failure) -> ActionResult {
        try await change(id, from: [.received, .matched, .held]) { db, report in
            try db.run(
                """
                UPDATE reports SET state = 'held', holdCode = ?, holdDetail = ?, holdHint = ?, heldBy = ?,
                    transferID = COALESCE(?, transferID), studyID = COALESCE(?, studyID) WHERE id = ?
                """, [notice.code, notice.detail, notice.hint, actor, match?.transferID, match?.studyID, id])
            if let match {
                try db.run(
                    """
                    UPDATE reports SET completion = ?, verification = ?, preliminary = ?, predecessors = ?
                    WHERE id = ?
                    """,
                    [match.completion, match.verification, match.preliminary, try Column.json(match.predecessors), id])
            }
            try EventRecord(
                at: at, kind: "reportHeld", detail: "\(notice.code): \(notice.detail)", actor: actor,
                studyID: match?.studyID ?? report.studyID, transferID: match?.transferID ?? report.transferID,
                reportID: id
            ).insert(db)
        }
    }

    /// Held → received, to be looked at anew, with the hold's code among `released` so that its check is not asked
    /// again. Held deliveries of the report go on too.
    @discardableResult
    package func releaseReport(_ id: Int64, actor: String, at: Date) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let report = try ReportRecord.fetch(db, id) else { return .notFound }
            return try db.letGo(report, released: true, actor: actor, at: at)
                ? .done : .notAllowed(state: report.state.rawValue)
        }
    }

    /// As `releaseReport`, but every check is asked again; deferred deliveries are tried at once.
    @discardableResult
    package func retryReport(_ id: Int64, actor: String, at: Date) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let report = try ReportRecord.fetch(db, id) else { return .notFound }
            return try db.letGo(report, released: false, actor: actor, at: at)
                ? .done : .notAllowed(state: report.state.rawValue)
        }
    }

    /// The identity is back, and these are the roads to the hospital: matched → restored with one transfer each, in one
    /// transaction. Fails with `.tryAgain` when the report is not matched (any more).
    @discardableResult
    package func restoreReport(
        _ id: Int64, restored: RestoredReport, deliveries: [NewTransfer], notes: [String] = [], at: Date
    ) async throws(Failure) -> [TransferRecord] {
        try await write { db in
            guard let report = try ReportRecord.fetch(db, id), report.state == .matched, let study = report.studyID,
                let of = try StudyRecord.fetch(db, study)
            else {
                throw Failure(.unexpected, .tryAgain, .instance, detail: "R\(id) does not wait to be restored")
            }
            try db.run(
                """
                UPDATE reports SET state = 'restored', restoredAt = ?, restoredSpoolKey = ?, restoredDigest = ?,
                    restoredBytes = ?, restoredTransferSyntax = ?, restoredSOPInstanceUID = ? WHERE id = ?
                """,
                [
                    at.timeIntervalSince1970, restored.spoolKey, restored.digest, restored.bytes,
                    restored.transferSyntax.uid.string, restored.sopInstance?.string, id,
                ])
            let roads = deliveries.map(\.destination).joined(separator: ", ")
            try EventRecord(at: at, kind: "reportRestored", detail: "for \(roads)", studyID: study, reportID: id)
                .insert(db)
            for note in notes {
                try EventRecord(at: at, kind: EventRecord.reportNote, detail: note, studyID: study, reportID: id)
                    .insert(db)
            }
            // One that was restored anew goes only where the one before did not arrive, and is not on its way.
            let served = try db.rows(
                "SELECT destination FROM transfers WHERE reportID = ? AND (state <> 'cancelled' OR acknowledged > 0)",
                [id]
            ).map { $0["destination"] as String }
            let made = try deliveries.filter { !served.contains($0.destination) }.map { delivery in
                let transfer = try db.insert(
                    delivery, study: study, report: id, rank: delivery.rank ?? of.rank,
                    priority: delivery.priority ?? of.priority, bytes: restored.bytes, at: at)
                try db.run(
                    "INSERT INTO transfer_instances (transferID, reportID, state) VALUES (?, ?, 'waiting')",
                    [transfer, id])
                guard let record = try TransferRecord.fetch(db, transfer) else {
                    throw Failure(.unexpected, .person, .instance, detail: "a transfer's row was not found again")
                }
                return record
            }
            try db.refreshReport(id, at: at)
            return made
        }
    }

    private func change(
        _ id: Int64, from states: Set<ReportState>, _ body: @escaping @Sendable (Database, ReportRecord) throws -> Void
    ) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let report = try ReportRecord.fetch(db, id) else { return .notFound }
            guard states.contains(report.state) else { return .notAllowed(state: report.state.rawValue) }
            try body(db, report)
            return .done
        }
    }
}

extension Database {
    fileprivate func insert(_ report: NewReport) throws -> ReportOutcome {
        let known = try rows(
            """
            SELECT id, digest, studyID, transferID, state, holdCode FROM reports
            WHERE reader = ? AND sopInstanceUID = ? ORDER BY id
            """, [report.reader, report.sopInstance.string])
        if let same = known.first(where: { $0["digest"] == report.digest }) {
            return try takeBack(report, same) ?? .duplicate(reportID: same["id"])
        }
        try run(
            """
            INSERT INTO reports (reader, sopInstanceUID, sopClassUID, transferSyntax, bytes, digest, spoolKey, state,
                receivedAt) VALUES (?, ?, ?, ?, ?, ?, ?, 'received', ?)
            """,
            [
                report.reader, report.sopInstance.string, report.sopClass.string, report.transferSyntax.uid.string,
                report.bytes, report.digest, report.spoolKey, report.receivedAt.timeIntervalSince1970,
            ])
        let id = lastInsertedRowID
        try EventRecord(at: report.receivedAt, kind: "reportReceived", detail: "from \(report.reader)", reportID: id)
            .insert(self)
        if let first = known.first { try holdConflict(id, with: first, report) }
        guard let record = try ReportRecord.fetch(self, id) else {
            throw Failure(.unexpected, .person, .instance, detail: "a report's row was not found again")
        }
        return known.first.map { .conflict(record, of: $0["id"]) } ?? .stored(record)
    }

    /// A report that is held because its file is lost, and the same bytes: nil where it is not.
    private func takeBack(_ report: NewReport, _ known: JournalRow) throws -> ReportOutcome? {
        guard try known.word("state", as: ReportState.self) == .held, let code = known["holdCode"] as String?,
            Failure.Code.mendedByItsBytes.contains(code)
        else { return nil }
        let id = known["id"] as Int64
        try run(
            "UPDATE reports SET state = 'received', spoolKey = ?, \(Column.noHold) WHERE id = ?", [report.spoolKey, id])
        try EventRecord(
            at: report.receivedAt, kind: "reportReceived", detail: "from \(report.reader), in place of a lost file",
            studyID: known["studyID"], transferID: known["transferID"], reportID: id
        ).insert(self)
        guard let record = try ReportRecord.fetch(self, id) else { return nil }
        return .stored(record)
    }

    /// One SOP Instance UID stands for one content (PS3.5 9.1). Which of the two is meant only the reader can say.
    private func holdConflict(_ id: Int64, with first: JournalRow, _ report: NewReport) throws {
        let other = "R\(first["id"] as Int64)"
        let notice = HoldNotice(
            code: Failure.Code.reportConflict.rawValue,
            detail: "it has the SOP Instance UID of \(other) and other content",
            hint: "Compare it with \(other) and ask \(report.reader) which counts; "
                + "release delivers it beside the other under a UID of its own.")
        try run(
            """
            UPDATE reports SET state = 'held', holdCode = ?, holdDetail = ?, holdHint = ?, heldBy = ?, studyID = ?,
                transferID = ? WHERE id = ?
            """,
            [
                notice.code, notice.detail, notice.hint, EventRecord.antipode, first["studyID"] as Int64?,
                first["transferID"] as Int64?, id,
            ])
        for (about, other) in [(id, other), (first["id"] as Int64, "R\(id)")] {
            try EventRecord(
                at: report.receivedAt, kind: "conflict",
                detail: "\(other) came under the same SOP Instance UID with other content", studyID: first["studyID"],
                reportID: about
            ).insert(self)
        }
    }

    /// A restored report whose file is lost, and which still has to be delivered: restored → received, to be restored anew from what
    /// its reader sent. False while a lane has a delivery of it, and where nothing is left to deliver.
    func restoreAnew(_ report: ReportRecord, actor: String, at: Date) throws -> Bool {
        guard report.state == .restored else { return false }
        // What has arrived, and only waits for a commitment or for a person to go without one, stays.
        let open = try rows(
            """
            SELECT id, claimed FROM transfers WHERE reportID = ? AND state IN ('waiting', 'active', 'deferred', 'held')
                AND acknowledged = 0 AND NOT EXISTS (SELECT 1 FROM transfer_instances
                    WHERE transferID = transfers.id AND state = 'held' AND json_extract(failure, '$.code') = ?)
            """, [report.id, Failure.Code.notCommitted.rawValue])
        guard !open.isEmpty, open.allSatisfy({ $0["claimed"] as Int == 0 }) else { return false }
        for transfer in open { try cancel(transfer: transfer["id"], at: at) }
        // What says how it was restored stands until it is written over: rows of its deliveries are read with it.
        try run("UPDATE reports SET state = 'received' WHERE id = ?", [report.id])
        try EventRecord(
            at: at, kind: "retried", detail: "its restored file is lost, and it is restored anew", actor: actor,
            studyID: report.studyID, transferID: report.transferID, reportID: report.id
        ).insert(self)
        return true
    }

    private func hasLostItsRestoredFile(_ report: ReportRecord) throws -> Bool {
        try rows("SELECT failure FROM transfer_instances WHERE reportID = ? AND state = 'held'", [report.id])
            .contains { row in
                let failure: Failure? = row.json("failure")
                return failure.map { Failure.Code.mendedByItsBytes.contains($0.code.rawValue) } ?? false
            }
    }

    /// Lets a held report, or held (for a retry also deferred) deliveries of it, go on. False if there was nothing.
    func letGo(_ report: ReportRecord, released: Bool, actor: String, at: Date) throws -> Bool {
        var something = false
        if try hasLostItsRestoredFile(report), try restoreAnew(report, actor: actor, at: at) { return true }
        if report.state == .held {
            let codes = report.released + (released ? [report.hold?.code].compactMap { $0 } : [])
            try run(
                """
                UPDATE reports SET state = 'received', released = ?, \(Column.noHold) WHERE id = ?
                """, [try Column.json(codes), report.id])
            something = true
        }
        for row in try rows("SELECT id FROM transfers WHERE reportID = ?", [report.id]) {
            something = try resume(transfer: row["id"], deferredToo: !released, at: at) || something
        }
        guard something else { return false }
        try EventRecord(
            at: at, kind: released ? "released" : "retried", actor: actor, studyID: report.studyID,
            transferID: report.transferID, reportID: report.id
        ).insert(self)
        return true
    }
}
