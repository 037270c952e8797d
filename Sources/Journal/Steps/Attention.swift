// What waits for a person, and why.

package import DICOMVocabulary
import Foundation
import GRDB

extension JournalDatabase {
    /// Why a person must look at these studies, apart from a hold of the study itself, which stands in its record: held
    /// instances first, then held transfers, then held reports, then reports that never came. The cost grows with what is held, not with the studies.
    ///
    /// Then transfers to a destination of `unserved`, which nobody sends.
    package func heldCauses(
        studies: [Int64], unserved: [String] = []
    ) async throws(Failure) -> [Int64: [HeldCause]] {
        guard !studies.isEmpty else { return [:] }
        return try await read { db in
            let wanted = try Column.json(studies)
            var causes: [HeldCause] = []
            let passages = try db.rows(
                """
                SELECT transfers.studyID, transfers.destination, transfers.instances, transfers.reportID,
                    passage.failure, count(*) AS held
                FROM transfers JOIN transfer_instances AS passage
                    ON passage.transferID = transfers.id AND passage.state = 'held'
                WHERE transfers.held > 0 AND transfers.studyID IN (SELECT value FROM json_each(?))
                GROUP BY transfers.id, json_extract(passage.failure, '$.code') ORDER BY transfers.id, passage.id
                """, [wanted])
            causes += passages.map { row in
                let subject = HeldCause.Subject.instances(
                    held: row["held"], of: row["instances"], destination: row["destination"], report: row["reportID"])
                return HeldCause(studyID: row["studyID"], subject: subject, notice: HoldNotice(failureOf: row))
            }
            // While a study is held its transfers are too, for no reason of their own.
            let transfers = try db.rows(
                """
                SELECT transfers.studyID, destination, failure FROM transfers JOIN studies ON studies.id = studyID
                WHERE transfers.state = 'held' AND held = 0 AND (studies.state <> 'held' OR reportID IS NOT NULL)
                    AND studyID IN (SELECT value FROM json_each(?)) ORDER BY transfers.id
                """, [wanted])
            causes += transfers.map { row in
                HeldCause(
                    studyID: row["studyID"], subject: .transfer(destination: row["destination"]),
                    notice: HoldNotice(failureOf: row))
            }
            let reports = try db.rows(
                """
                SELECT id, studyID, holdCode, holdDetail, holdHint FROM reports
                WHERE state = 'held' AND studyID IN (SELECT value FROM json_each(?)) ORDER BY id
                """, [wanted])
            causes += reports.compactMap { row in
                HoldNotice(row: row).map {
                    HeldCause(studyID: row["studyID"], subject: .report(row["id"]), notice: $0)
                }
            }
            let overdue = try db.rows(
                """
                SELECT transfers.studyID, destination, polls, lastFailure AS failure,
                    EXISTS (SELECT 1 FROM reports WHERE reports.transferID = transfers.id) AS someCame
                FROM polls JOIN transfers ON transfers.id = polls.transferID
                WHERE polls.state = 'givenUp' AND studyID IN (SELECT value FROM json_each(?)) ORDER BY transfers.id
                """, [wanted])
            causes += overdue.map { row in
                let failure = row.json("failure", as: Failure.self)
                let detail =
                    "\(row["destination"] as String) has given \((row["someCame"] as Bool) ? "not every" : "no") report"
                    + (failure.map { "; last: \($0.detail)" } ?? ", asked \(row["polls"] as Int64) times")
                return HeldCause(
                    studyID: row["studyID"], subject: .noReport(destination: row["destination"]),
                    notice: HoldNotice(code: Failure.Code.reportOverdue.rawValue, detail: detail))
            }
            if !unserved.isEmpty {
                let waiting = try db.rows(
                    """
                    SELECT studyID, destination, reportID, waiting + claimed AS open FROM transfers
                    WHERE state IN (\(Filter.waiting)) AND destination IN (SELECT value FROM json_each(?))
                        AND studyID IN (SELECT value FROM json_each(?)) ORDER BY id
                    """, [try Column.json(unserved), wanted])
                causes += waiting.map { row in
                    let destination = row["destination"] as String
                    let open = row["open"] as Int64
                    return HeldCause(
                        studyID: row["studyID"],
                        subject: .unserved(destination: destination, report: row["reportID"]),
                        notice: HoldNotice(
                            code: HoldNotice.unconfigured,
                            detail: "\(open == 1 ? "1 instance waits" : "\(open) instances wait") for \(destination), "
                                + "which is no longer configured")
                    )
                }
            }
            return Dictionary(grouping: causes, by: \.studyID)
        }
    }

    /// The instances of a study in the order of their arrival, once for each destination that they go to; with `held`
    /// only what waits for a person.
    package func ways(study: Int64, held: Bool, limit: Int) async throws(Failure) -> [InstanceWay] {
        try await read { db in
            let rows = try db.rows(
                """
                SELECT instances.*, passage.transferID, passage.state AS way, passage.failure, transfers.destination
                FROM instances LEFT JOIN transfers ON transfers.studyID = instances.studyID AND transfers.reportID IS NULL
                    LEFT JOIN transfer_instances AS passage
                        ON passage.transferID = transfers.id AND passage.instanceID = instances.id
                WHERE instances.studyID = ? AND (passage.state = 'held' OR NOT ?)
                ORDER BY instances.id, transfers.id LIMIT ?
                """, [study, held, limit])
            return try rows.map { row in
                InstanceWay(
                    instance: try InstanceRecord(row: row), transferID: row["transferID"],
                    destination: (row["way"] as String?) == nil ? nil : row["destination"],
                    state: (row["way"] as String?).flatMap(PassageState.init(rawValue:)), failure: row.json("failure"))
            }
        }
    }
}

extension HoldNotice {
    fileprivate init(failureOf row: JournalRow) {
        let failure = row.json("failure", as: Failure.self)
        self = failure.map { HoldNotice($0) } ?? HoldNotice(code: "held", detail: "")
    }
}
