// What a person decides about a report that is held.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Held → received, to be restored as the answer to this transfer. The caller has compared the keys; `against` says
    /// why it is bound though they are too few, and stands in the history.
    @discardableResult
    package func bindReport(
        _ id: Int64, to transfer: Int64, against: String?, actor: String, at: Date
    ) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let report = try ReportRecord.fetch(db, id), let road = try TransferRecord.fetch(db, transfer) else {
                return .notFound
            }
            guard report.state == .held else { return .notAllowed(state: report.state.rawValue) }
            // What was released of its keys is asked anew; that it stands beside another one is no matter of keys.
            let released = report.released.filter { $0 == Failure.Code.reportConflict.rawValue }
            try db.run(
                """
                UPDATE reports SET state = 'received', boundTransferID = ?, boundAgainst = ?, transferID = ?, studyID = ?,
                    released = ?, \(Column.noHold) WHERE id = ?
                """, [transfer, against, transfer, road.studyID, try Column.json(released), id])
            let why = against.map { ", against its keys: \($0)" } ?? ", two keys agree"
            try EventRecord(
                at: at, kind: "reportBound", detail: "\(report.key) to \(road.key)\(why)", actor: actor,
                studyID: road.studyID, transferID: transfer, reportID: id
            ).insert(db)
            return .done
        }
    }

    /// Held → discarded: it is never delivered, and not fetched again. Its file goes with the others' in time.
    @discardableResult
    package func discardReport(
        _ id: Int64, reason: String, actor: String, at: Date
    ) async throws(Failure) -> ActionResult {
        try await write { db in
            guard let report = try ReportRecord.fetch(db, id) else { return .notFound }
            guard report.state == .held else { return .notAllowed(state: report.state.rawValue) }
            try db.run(
                "UPDATE reports SET state = 'discarded', discardedAt = ?, \(Column.noHold) WHERE id = ?",
                [at.timeIntervalSince1970, id])
            try EventRecord(
                at: at, kind: "reportDiscarded", detail: "\(report.key): \(reason)", actor: actor,
                studyID: report.studyID, transferID: report.transferID, reportID: id
            ).insert(db)
            return .done
        }
    }

    /// The deliveries of a report, and what happened to it, in order.
    package func history(report id: Int64) async throws(Failure) -> ReportHistory? {
        try await read { db in
            guard let report = try ReportRecord.fetch(db, id) else { return nil }
            let deliveries = try db.rows("SELECT * FROM transfers WHERE reportID = ? ORDER BY id", [id])
            let events = try db.rows("SELECT * FROM events WHERE reportID = ? ORDER BY id DESC LIMIT 1000", [id])
            return ReportHistory(
                report: report, deliveries: try deliveries.map(TransferRecord.init(row:)),
                events: events.reversed().map(EventRecord.init(row:)))
        }
    }
}
