// Instances whose bytes are no longer in the spool, and their return.

package import DICOMVocabulary
import Foundation
import GRDB

extension Failure {
    /// Only its source can help: the same bytes once more.
    var saysThatTheFileIsLost: Bool { code == .missingFile || code == .damagedFile }
}

/// What the journal says of an instance's file.
package struct StoredCopy: Sendable, Hashable {
    package var spoolKey: String
    package var digest: String
    /// Its study is not finished.
    package var isAwaited: Bool
}

extension JournalDatabase {
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

    /// Whether a study was planned with this patient among those it was judged by, or is still to be. Where nobody could read the
    /// patient now, all that came before must have been read.
    private func isOrWillBeJudged(_ patient: String, in study: JournalRow) throws -> Bool {
        let known: [String] = study.json("patientKeys") ?? []
        if patient == PatientMark.unread ? !known.contains(patient) : known.contains(patient) { return true }
        guard (study["plannedAt"] as Double?) == nil else { return false }
        try run(
            "UPDATE studies SET patientKeys = ? WHERE id = ?",
            [try Column.json(known.contains(patient) ? known : known + [patient]), study["studyID"] as Int64])
        return true
    }

    /// The same bytes as those that were lost, while somebody still waits for them: the instance takes its old place, and
    /// what was held for its file goes on. Gives the study; nil when nothing like it was lost, and when the study was judged without
    /// this patient: a file that was lost before anybody read its identity.
    func takeBack(_ arrival: Arrival) throws -> Int64? {
        let lost = try row(
            """
            SELECT instances.id, studyID, studies.state, patientKeys, plannedAt FROM instances JOIN studies ON studies.id = studyID
            WHERE sopInstanceUID = ? AND instances.state = 'missing' AND digest = ? AND sweptAt IS NULL
                AND studies.state IN ('receiving', 'complete', 'planned', 'held') ORDER BY instances.id DESC LIMIT 1
            """, [arrival.sopInstance.string, arrival.digest])
        guard let lost, try isOrWillBeJudged(arrival.patientKey, in: lost) else { return nil }
        let instance = lost["id"] as Int64
        let study = lost["studyID"] as Int64
        let isHeld = lost["state"] as String == StudyState.held.rawValue
        try run(
            "UPDATE instances SET state = 'stored', spoolKey = ? WHERE id = ?", [arrival.spoolKey, instance])
        for passage in try passages(of: instance, study: study, in: .held) {
            let failure: Failure? = passage.json("failure")
            guard failure?.saysThatTheFileIsLost == true else { continue }
            let transfer = passage["transferID"] as Int64
            try run(
                "UPDATE transfer_instances SET state = 'waiting', failure = NULL WHERE id = ?",
                [passage["id"] as Int64])
            if !isHeld {
                try run(
                    "UPDATE transfers SET state = 'waiting', failure = NULL WHERE id = ? AND state = 'held'", [transfer]
                )
            }
            try refreshTransfer(transfer, at: arrival.receivedAt)
        }
        // Nothing of it was left when it was to be planned.
        try run(
            """
            UPDATE studies SET state = 'complete', \(Column.noHold) WHERE id = ? AND state = 'held' AND holdCode = ?
                AND NOT EXISTS (SELECT 1 FROM transfers WHERE studyID = studies.id)
            """, [study, Failure.Code.missingFile.rawValue])
        try EventRecord(
            at: arrival.receivedAt, kind: "cameAgain",
            detail: "\(arrival.sopInstance) from \(arrival.source), in place of a lost file", studyID: study
        ).insert(self)
        return study
    }
}
