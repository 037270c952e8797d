// Steps 3 to 6 at once: a study that is sent while it still arrives.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Plans a study that is still received. Its transfers grow with each further image, and are finished by `closePlan`
    /// when the study is complete. False if it is not received any more, is held, or was planned before. Fails with `.tryAgain`
    /// when an image came meanwhile whose patient was not `judged`.
    @discardableResult
    package func planEarly(
        study: Int64, transfers: [NewTransfer], decision: [UInt8], rule: String?, judged: Set<String>? = nil, at: Date
    ) async throws(Failure) -> Bool {
        try await write { db in
            guard let record = try StudyRecord.fetch(db, study), record.state == .receiving, record.hold == nil,
                record.plannedAt == nil
            else { return false }
            try record.requireJudged(judged)
            try db.run(
                "UPDATE studies SET plannedAt = ?, rule = ?, decision = ? WHERE id = ?",
                [at.timeIntervalSince1970, rule, Data(decision), study])
            for transfer in transfers {
                let made = try db.insert(transfer, of: record, at: at)
                try db.run("UPDATE transfers SET growing = 1 WHERE id = ?", [made.id])
            }
            let roads = transfers.map(\.destination).joined(separator: ", ")
            try EventRecord(
                at: at, kind: "planned",
                detail: "to \(roads) while it arrives" + (rule.map { ", by rule \($0)" } ?? ""), studyID: study
            ).insert(db)
            return true
        }
    }

    /// Transfers of a study that wait for its last image.
    package func growingTransfers(study: Int64) async throws(Failure) -> [TransferRecord] {
        try await read { db in
            try db.rows("SELECT * FROM transfers WHERE studyID = ? AND growing = 1 ORDER BY id", [study])
                .map(TransferRecord.init(row:))
        }
    }

    /// The study is complete: its growing transfers take in what is not in them yet, and may end.
    ///
    /// - Parameters:
    ///   - marks: `UID.pseudonymMark` of each image, by the destination that knows it so.
    ///   - judged: as for `plan`.
    package func closePlan(
        study: Int64, marks: [Int64], judged: Set<String>? = nil, at: Date
    ) async throws(Failure) {
        try await write { db in
            guard let record = try StudyRecord.fetch(db, study), record.state == .complete else {
                throw Failure(.unexpected, .tryAgain, .instance, detail: "S\(study) does not wait to be planned")
            }
            try record.requireJudged(judged)
            try db.run("UPDATE studies SET state = 'planned' WHERE id = ?", [study])
            for mark in marks { try db.run("INSERT OR IGNORE INTO instance_pseudonyms VALUES (?, ?)", [mark, study]) }
            for row in try db.rows("SELECT id, state FROM transfers WHERE studyID = ? AND growing = 1", [study]) {
                let id = row["id"] as Int64
                try db.run("UPDATE transfers SET growing = 0, bytes = ? WHERE id = ?", [record.bytes, id])
                guard try row.word("state", as: TransferState.self) != .cancelled else { continue }
                try db.addPassages(transfer: id, study: study)
                try db.refreshTransfer(id, at: at)
            }
            try db.refreshStudy(study, at: at)
        }
    }
}

extension Database {
    /// One more image for the transfers of a study that was planned early. At the sight of a second patient the study is held.
    /// An image whose patient nobody could read waits until it is complete.
    func grow(_ study: Int64, by arrival: Arrival) throws {
        guard arrival.patientKey != PatientMark.unread else { return }
        let patients = try value(
            """
            SELECT count(*) FROM studies, json_each(studies.patientKeys)
            WHERE studies.id = ? AND json_each.value <> ? AND NOT EXISTS
                (SELECT 1 FROM json_each(studies.released) AS one WHERE one.value = ?)
            """, [study, PatientMark.unread, Failure.Code.mixedPatients.rawValue], as: Int.self)
        guard (patients ?? 0) < 2 else {
            let notice = HoldNotice.mixedPatients("an image that came while it was sent names another patient")
            guard let record = try StudyRecord.fetch(self, study), record.hold?.code != notice.code else { return }
            return try hold(record, notice, actor: EventRecord.antipode, at: arrival.receivedAt)
        }
        try run(
            """
            INSERT INTO transfer_instances (transferID, instanceID, state)
            SELECT transfers.id, instances.id, 'waiting' FROM transfers, instances
            WHERE transfers.studyID = ? AND growing = 1 AND transfers.state <> 'cancelled' AND spoolKey = ?
            """, [study, arrival.spoolKey])
        try run("UPDATE transfers SET bytes = bytes + ? WHERE studyID = ? AND growing = 1", [arrival.bytes, study])
    }

    /// Every image of the study that the transfer has no passage for.
    func addPassages(transfer: Int64, study: Int64) throws {
        let missing = Failure(
            .missingFile, .person, .instance, detail: "the file is not in the spool",
            hint: "Send the study again from its source.")
        try run(
            """
            INSERT INTO transfer_instances (transferID, instanceID, state, failure)
            SELECT ?1, id, CASE state WHEN 'stored' THEN 'waiting' ELSE 'held' END,
                CASE state WHEN 'stored' THEN NULL ELSE ?2 END
            FROM instances WHERE studyID = ?3 AND state <> 'swept' AND NOT EXISTS
                (SELECT 1 FROM transfer_instances WHERE transferID = ?1 AND instanceID = instances.id)
            ORDER BY id
            """, [transfer, try Column.json(missing), study])
    }
}
