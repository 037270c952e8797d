// From rows to records.

import DICOMVocabulary
import Foundation
import GRDB

extension HoldNotice {
    /// From the three hold columns.
    init?(row: JournalRow) {
        guard let code = row["holdCode"] as String? else { return nil }
        self.init(code: code, detail: row["holdDetail"] ?? "", hint: row["holdHint"] ?? "")
    }
}

extension StudyRecord {
    /// All columns of `studies`, and two of its transfers.
    static let columns = """
        studies.*,
        (SELECT json_group_array(DISTINCT destination) FROM transfers
            WHERE transfers.studyID = studies.id AND reportID IS NULL) AS destinations,
        (SELECT total(held) FROM transfers WHERE transfers.studyID = studies.id AND reportID IS NULL) AS heldInstances
        """

    init(row: JournalRow) throws {
        self.init(
            id: row["id"], studyUID: row.uid("studyUID"), sequence: row["sequence"], followUpOf: row["followUpOf"],
            source: row["source"], calledAE: row["calledAE"], state: try row.word("state"), hold: HoldNotice(row: row),
            heldBy: row["heldBy"], released: row.json("released") ?? [], rank: row["rank"], priority: row["priority"],
            firstInstanceAt: row.time("firstInstanceAt"), lastInstanceAt: row.time("lastInstanceAt"),
            completedAt: row.date("completedAt"), plannedAt: row.date("plannedAt"), finishedAt: row.date("finishedAt"),
            sweptAt: row.date("sweptAt"), instanceCount: row["instanceCount"], bytes: row["bytes"],
            duplicates: row["duplicates"], modalities: row.json("modalities") ?? [],
            bodyParts: row.json("bodyParts") ?? [], patientKeys: row.json("patientKeys") ?? [], rule: row["rule"],
            decision: row.bytes("decision"), pixelsReleased: row["pixelsReleased"],
            destinations: row.json("destinations") ?? [], heldInstances: Int(row["heldInstances"] as Double? ?? 0))
    }

    static func fetch(_ db: Database, _ id: Int64) throws -> StudyRecord? {
        try db.row("SELECT \(columns) FROM studies WHERE id = ?", [id]).map(StudyRecord.init(row:))
    }
}

extension InstanceRecord {
    init(row: JournalRow) throws {
        self.init(
            id: row["id"], studyID: row["studyID"], sopInstance: row.uid("sopInstanceUID"),
            sopClass: row.uid("sopClassUID"), series: row.uid("seriesUID"),
            transferSyntax: TransferSyntax(row.uid("transferSyntax")), bytes: row["bytes"], digest: row["digest"],
            spoolKey: row["spoolKey"], receivedAt: row.time("receivedAt"),
            state: try row.word("state"))
        pixelsReleased = row["pixelsReleased"]
    }
}

extension TransferRecord {
    init(row: JournalRow) throws {
        self.init(
            id: row["id"], studyID: row["studyID"], reportID: row["reportID"], destination: row["destination"],
            profile: row["profile"], rule: row["rule"], state: try row.word("state"), rank: row["rank"],
            priority: row["priority"], createdAt: row.time("createdAt"), startedAt: row.date("startedAt"),
            finishedAt: row.date("finishedAt"), nextAttemptAt: row.date("nextAttemptAt"), attempts: row["attempts"],
            failures: row["failures"], failure: row.json("failure"),
            pseudonymousStudyUID: row.optionalUID("pseudonymousStudyUID"), instances: row["instances"],
            waiting: row["waiting"], claimed: row["claimed"], acknowledged: row["acknowledged"], held: row["held"],
            cancelled: row["cancelled"], bytes: row["bytes"], bytesSent: row["bytesSent"],
            commitment: try row.word("commitment"), confirmed: row["confirmed"])
        space = row["space"]
        isGrowing = row["growing"]
    }

    static func fetch(_ db: Database, _ id: Int64) throws -> TransferRecord? {
        try db.row("SELECT * FROM transfers WHERE id = ?", [id]).map(TransferRecord.init(row:))
    }
}

extension PassageRecord {
    init(row: JournalRow) throws {
        self.init(
            id: row["id"], transferID: row["transferID"], instanceID: row["instanceID"], reportID: row["reportID"],
            state: try row.word("state"), marks: row["marks"], tries: row["attempts"], lastStatus: row["lastStatus"],
            failure: row.json("failure"), acknowledgedAt: row.date("acknowledgedAt"))
    }
}

extension AttemptRecord {
    init(row: JournalRow) {
        self.init(
            id: row["id"], transferID: row["transferID"], destination: row["destination"], lane: row["lane"],
            session: row["session"], startedAt: row.time("startedAt"), endedAt: row.date("endedAt"),
            acknowledged: row["acknowledged"], bytes: row["bytes"], seconds: row["seconds"],
            failure: row.json("failure"))
    }
}

extension ReportRecord {
    init(row: JournalRow) throws {
        self.init(
            id: row["id"], reader: row["reader"], transferID: row["transferID"], studyID: row["studyID"],
            sopInstance: row.uid("sopInstanceUID"), sopClass: row.uid("sopClassUID"),
            transferSyntax: TransferSyntax(row.uid("transferSyntax")), bytes: row["bytes"], digest: row["digest"],
            spoolKey: row["spoolKey"], restored: RestoredReport(row: row), state: try row.word("state"),
            hold: HoldNotice(row: row), heldBy: row["heldBy"], released: row.json("released") ?? [],
            receivedAt: row.time("receivedAt"), restoredAt: row.date("restoredAt"),
            deliveredAt: row.date("deliveredAt"), sweptAt: row.date("sweptAt"), completion: row["completion"],
            verification: row["verification"], preliminary: row["preliminary"],
            predecessors: row.json("predecessors") ?? [])
        bound = (row["boundTransferID"] as Int64?).map { ReportBinding(transferID: $0, against: row["boundAgainst"]) }
        discardedAt = row.date("discardedAt")
    }

    static func fetch(_ db: Database, _ id: Int64) throws -> ReportRecord? {
        try db.row("SELECT * FROM reports WHERE id = ?", [id]).map(ReportRecord.init(row:))
    }
}

extension RestoredReport {
    init?(row: JournalRow) {
        guard let key = row["restoredSpoolKey"] as String? else { return nil }
        self.init(
            spoolKey: key, bytes: row["restoredBytes"], digest: row["restoredDigest"],
            transferSyntax: TransferSyntax(row.uid("restoredTransferSyntax")),
            sopInstance: row.optionalUID("restoredSOPInstanceUID"))
    }
}

extension PollRecord {
    /// Of `polls` joined with `transfers`.
    init(row: JournalRow) throws {
        self.init(
            transferID: row["transferID"], studyID: row["studyID"], destination: row["destination"],
            pseudonymousStudyUID: row.optionalUID("pseudonymousStudyUID"), nextPollAt: row.time("nextPollAt"),
            polls: row["polls"], firstAt: row.time("firstAt"), lastFailure: row.json("lastFailure"),
            state: try row.word("pollState"))
    }
}

extension EventRecord {
    init(row: JournalRow) {
        self.init(
            at: row.time("at"), kind: row["kind"], detail: row["detail"], actor: row["actor"],
            studyID: row["studyID"], transferID: row["transferID"], reportID: row["reportID"])
    }

    func insert(_ db: Database) throws {
        try db.run(
            "INSERT INTO events (at, studyID, transferID, reportID, kind, detail, actor) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [at.timeIntervalSince1970, studyID, transferID, reportID, kind, detail, actor])
    }
}
