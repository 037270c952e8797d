// Instances whose bytes are no longer in the spool, and their return.

package import DICOMVocabulary
package import Foundation
import GRDB

extension Failure {
    /// Only its source can help: the same bytes once more.
    var saysThatTheFileIsLost: Bool { Code.ofLostFiles.contains(code.rawValue) }
}

extension Failure.Code {
    /// As holds have them.
    static let ofLostFiles = Set([Failure.Code.missingFile, .damagedFile].map(\.rawValue))
    /// Of holds that the same bytes may end, sent once more or made anew: the disk gives them no more.
    static let mendedByItsBytes = ofLostFiles.union([Failure.Code.unreadable.rawValue])
}

/// What the journal says of an instance's file.
package struct StoredCopy: Sendable, Hashable {
    package var spoolKey: String
    package var digest: String
    /// Its study is not finished.
    package var isAwaited: Bool
}

extension JournalDatabase {
    /// A file that was missed is where its row says, with these bytes and durable. Its instance takes its place again; false when its
    /// row does not speak of them, is not missed any more, or is of a study that may leave before its patient is read.
    package func found(spoolKey: String, digest: String, at: Date) async throws(Failure) -> Bool {
        try await write { db in
            let lost = try db.row(
                """
                SELECT instances.id, studyID, studies.state, sopInstanceUID FROM instances
                JOIN studies ON studies.id = studyID
                WHERE spoolKey = ? AND digest = ? AND instances.state = 'missing' AND sweptAt IS NULL
                    AND NOT EXISTS (SELECT 1 FROM instances AS other
                        WHERE other.sopInstanceUID = instances.sopInstanceUID AND other.state = 'stored')
                    AND (NOT EXISTS (SELECT 1 FROM json_each(patientKeys) WHERE value = ?) OR plannedAt IS NULL
                        AND NOT EXISTS (SELECT 1 FROM transfer_instances WHERE instanceID = instances.id))
                """, [spoolKey, digest, PatientMark.unread])
            guard let lost else { return false }
            try db.putBack(lost, spoolKey: spoolKey, at: at)
            try EventRecord(
                at: at, kind: "cameAgain", detail: "the file of \(lost.uid("sopInstanceUID")) is in the spool again",
                studyID: lost["studyID"]
            ).insert(db)
            return true
        }
    }

    /// The copy of an instance that is here; nil when none is.
    package func storedCopy(of sopInstance: UID) async throws(Failure) -> StoredCopy? {
        try await read { db in
            let row = try db.row(
                """
                SELECT spoolKey, digest, finishedAt IS NULL AS isAwaited FROM instances JOIN studies ON studies.id = studyID
                WHERE sopInstanceUID = ? AND instances.state = 'stored'
                """, [sopInstance.string])
            return row.map { StoredCopy(spoolKey: $0["spoolKey"], digest: $0["digest"], isAwaited: $0["isAwaited"]) }
        }
    }
}

extension Database {
    /// Whether the instance is in another file now than in the one that a settlement speaks of.
    func hasAnotherFile(_ settlement: Settlement) throws -> Bool {
        guard let key = settlement.spoolKey else { return false }
        return try row(
            """
            SELECT 1 FROM transfer_instances AS passage JOIN instances ON instances.id = instanceID
            WHERE passage.id = ? AND instances.state = 'stored' AND instances.spoolKey <> ?
            """, [settlement.id, key]) != nil
    }

    /// The instance may arrive anew.
    func lose(passage: Int64, _ failure: Failure, at: Date) throws {
        let row = try row(
            """
            SELECT instances.id, studyID, sopInstanceUID FROM instances
            JOIN transfer_instances AS passage ON instanceID = instances.id
            WHERE passage.id = ? AND instances.state = 'stored'
            """, [passage])
        guard let row else { return }
        try run("UPDATE instances SET state = 'missing' WHERE id = ?", [row["id"] as Int64])
        try EventRecord(
            at: at, kind: "missing", detail: "\(row.uid("sopInstanceUID")): \(failure.detail)", studyID: row["studyID"]
        ).insert(self)
    }

    /// What is under way, or waits, of one instance of a study.
    func passages(of instance: Int64, study: Int64, in state: PassageState) throws -> [JournalRow] {
        try rows(
            """
            SELECT id, transferID, failure FROM transfer_instances WHERE instanceID = ? AND state = ?
                AND transferID IN (SELECT id FROM transfers WHERE studyID = ?)
            """, [instance, state.rawValue, study])
    }

    /// Whether a study was planned with this patient among those it was judged by, or is still to be before this instance is sent.
    /// Where nobody could read the patient now, all that came before must have been read.
    private func isOrWillBeJudged(_ patient: String, with lost: JournalRow, at: Date) throws -> Bool {
        let known: [String] = lost.json("patientKeys") ?? []
        if patient == PatientMark.unread ? !known.contains(patient) : known.contains(patient) { return true }
        let isPlanned = (lost["plannedAt"] as Double?) != nil
        let isOpen = try [StudyState.receiving, .complete].contains(lost.word("state", as: StudyState.self))
        let mayLeave =
            try row(
                "SELECT 1 FROM transfer_instances WHERE instanceID = ? LIMIT 1", [lost["id"] as Int64]) != nil
        guard !mayLeave, !isPlanned || isOpen else { return false }
        try run(
            "UPDATE studies SET patientKeys = ? WHERE id = ?",
            [try Column.json(known.contains(patient) ? known : known + [patient]), lost["studyID"] as Int64])
        try noteNewPatients(of: lost["studyID"], Set([patient]).subtracting(known), at: at)
        return true
    }

    /// The same bytes as those that were lost, while somebody still waits for them: the instance takes its old place, and
    /// what was held for its file goes on. Gives the study; nil when nothing like it was lost, when somebody went on without it, and when
    /// the study was judged without this patient: a file that was lost before anybody read its identity.
    func takeBack(_ arrival: Arrival) throws -> Int64? {
        let lost = try row(
            """
            SELECT instances.id, studyID, studies.state, patientKeys, plannedAt FROM instances JOIN studies ON studies.id = studyID
            WHERE sopInstanceUID = ? AND instances.state = 'missing' AND digest = ? AND sweptAt IS NULL
                AND studies.state IN ('receiving', 'complete', 'planned', 'held')
                AND NOT EXISTS (SELECT 1 FROM transfer_instances AS passage JOIN transfers ON transfers.id = transferID
                    WHERE instanceID = instances.id AND passage.state = 'cancelled' AND transfers.state <> 'cancelled')
            ORDER BY instances.id DESC LIMIT 1
            """, [arrival.sopInstance.string, arrival.digest])
        guard let lost, try isOrWillBeJudged(arrival.patientKey, with: lost, at: arrival.receivedAt) else { return nil }
        try putBack(lost, spoolKey: arrival.spoolKey, at: arrival.receivedAt)
        try EventRecord(
            at: arrival.receivedAt, kind: "cameAgain",
            detail: "\(arrival.sopInstance) from \(arrival.source), in place of a lost file",
            studyID: lost["studyID"]
        ).insert(self)
        return lost["studyID"]
    }

    /// - Parameter lost: `id` of the instance, `studyID`, and the study's `state`.
    fileprivate func putBack(_ lost: JournalRow, spoolKey: String, at: Date) throws {
        let instance = lost["id"] as Int64
        let study = lost["studyID"] as Int64
        let isHeld = lost["state"] as String == StudyState.held.rawValue
        try run("UPDATE instances SET state = 'stored', spoolKey = ? WHERE id = ?", [spoolKey, instance])
        for passage in try passages(of: instance, study: study, in: .held) {
            let failure: Failure? = passage.json("failure")
            guard let failure, Failure.Code.mendedByItsBytes.contains(failure.code.rawValue) else { continue }
            let transfer = passage["transferID"] as Int64
            try run(
                "UPDATE transfer_instances SET state = 'waiting', failure = NULL WHERE id = ?",
                [passage["id"] as Int64])
            try run("UPDATE transfers SET failures = 0, unreadRounds = 0 WHERE id = ?", [transfer])
            if !isHeld {
                // One that grows is held for the whole study's sake alone.
                try run(
                    """
                    UPDATE transfers SET state = 'waiting', failure = NULL
                    WHERE id = ? AND state = 'held' AND growing = 0
                    """, [transfer])
            }
            try refreshTransfer(transfer, at: at)
        }
        // Nothing of it was left when it was to be planned.
        try run(
            """
            UPDATE studies SET state = 'complete', \(Column.noHold) WHERE id = ? AND state = 'held' AND holdCode = ?
                AND plannedAt IS NULL
            """, [study, Failure.Code.missingFile.rawValue])
    }
}
