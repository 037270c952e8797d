// What pages and the command line ask.

package import DICOMVocabulary
import Foundation
import GRDB

extension JournalDatabase {
    package func studies(_ query: StudyQuery) async throws(Failure) -> [StudyRecord] {
        try await read { db in try db.studies(query).map(StudyRecord.init(row:)) }
    }

    package func study(_ id: Int64) async throws(Failure) -> StudyRecord? {
        try await read { db in try StudyRecord.fetch(db, id) }
    }

    package func transfers(_ query: TransferQuery) async throws(Failure) -> [TransferRecord] {
        try await read { db in try db.transfers(query).map(TransferRecord.init(row:)) }
    }

    package func transfer(_ id: Int64) async throws(Failure) -> TransferRecord? {
        try await read { db in try TransferRecord.fetch(db, id) }
    }

    /// Transfers by the study as readers know it; the same at every destination.
    package func transfers(pseudonymousStudyUID: UID) async throws(Failure) -> [TransferRecord] {
        var query = TransferQuery()
        query.pseudonymousStudyUID = pseudonymousStudyUID
        return try await transfers(query)
    }

    package func reports(_ query: ReportQuery) async throws(Failure) -> [ReportRecord] {
        try await read { db in try db.reports(query).map(ReportRecord.init(row:)) }
    }

    package func report(_ id: Int64) async throws(Failure) -> ReportRecord? {
        try await read { db in try ReportRecord.fetch(db, id) }
    }

    /// Reports that wait to be inspected (received) or restored (matched), oldest first.
    package func openReports(except waiting: [Int64] = [], limit: Int) async throws(Failure) -> [ReportRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT * FROM reports WHERE state IN ('received', 'matched')
                    AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?
                """, [try Column.json(waiting), limit]
            ).map(ReportRecord.init(row:))
        }
    }

    /// Those of these studies that wait to be planned, and of these reports to be inspected or restored.
    package func stillWaiting(
        studies: [Int64], reports: [Int64]
    ) async throws(Failure) -> (studies: [Int64], reports: [Int64]) {
        try await read { db in
            let studies = try db.rows(
                "SELECT id FROM studies WHERE state = 'complete' AND id IN (SELECT value FROM json_each(?)) ORDER BY id",
                [try Column.json(studies)])
            let reports = try db.rows(
                """
                SELECT id FROM reports
                WHERE state IN ('received', 'matched') AND id IN (SELECT value FROM json_each(?)) ORDER BY id
                """, [try Column.json(reports)])
            return (studies.map { $0["id"] }, reports.map { $0["id"] })
        }
    }

    /// One study with its transfers (deliveries of reports among them), reports, attempts, timeline and follow-ups.
    /// The newest 500 attempts and 1000 events, in the order in which they happened.
    package func history(study id: Int64) async throws(Failure) -> StudyHistory? {
        try await read { db in
            guard let study = try StudyRecord.fetch(db, id) else { return nil }
            let attempts = try db.rows(
                """
                SELECT attempts.* FROM attempts JOIN transfers ON transfers.id = transferID WHERE studyID = ?
                ORDER BY attempts.id DESC LIMIT 500
                """, [id])
            let events = try db.rows("SELECT * FROM events WHERE studyID = ? ORDER BY id DESC LIMIT 1000", [id])
            return StudyHistory(
                study: study,
                transfers: try db.rows("SELECT * FROM transfers WHERE studyID = ? ORDER BY id", [id])
                    .map(TransferRecord.init(row:)),
                reports: try db.rows("SELECT * FROM reports WHERE studyID = ? ORDER BY id", [id])
                    .map(ReportRecord.init(row:)),
                attempts: attempts.reversed().map(AttemptRecord.init(row:)),
                events: events.reversed().map(EventRecord.init(row:)),
                followUps: try db.rows(
                    "SELECT \(StudyRecord.columns) FROM studies WHERE followUpOf = ? ORDER BY id", [id]
                ).map(StudyRecord.init(row:)))
        }
    }

    package func events(_ query: EventQuery) async throws(Failure) -> [EventRecord] {
        try await read { db in
            // Each part has its index; one condition over both would walk through all of history.
            let parts: [Filter] =
                query.loose
                ? [Filter(query, "\(Filter.loose)"), Filter(query, "kind = 'conflict'")] : [Filter(query, "1")]
            var rows: [JournalRow] = []
            for part in parts {
                let statement = try db.makeStatement(
                    sql: "SELECT * FROM events \(part.sql) ORDER BY id DESC LIMIT ?")
                rows += try JournalRow.fetch(statement, StatementArguments(part.values + [query.limit]))
            }
            let newest = rows.sorted { ($0["id"] as Int64) > ($1["id"] as Int64) }.prefix(query.limit)
            return newest.map(EventRecord.init(row:))
        }
    }

    package func instances(study: Int64) async throws(Failure) -> [InstanceRecord] {
        try await read { db in
            try db.rows("SELECT * FROM instances WHERE studyID = ? ORDER BY id", [study])
                .map(InstanceRecord.init(row:))
        }
    }

    package func instance(_ id: Int64) async throws(Failure) -> InstanceRecord? {
        try await read { db in
            try db.row("SELECT * FROM instances WHERE id = ?", [id]).map(InstanceRecord.init(row:))
        }
    }

    /// How the instances of a transfer stand; with `states` only those.
    package func passages(transfer: Int64, states: [PassageState] = []) async throws(Failure) -> [PassageRecord] {
        try await read { db in
            try db.rows("SELECT * FROM transfer_instances WHERE transferID = ? ORDER BY id", [transfer])
                .map(PassageRecord.init(row:)).filter { states.isEmpty || states.contains($0.state) }
        }
    }

    /// Every series and instance UID of a study over all its rows: what a report may refer to.
    package func originalUIDs(study: UID) async throws(Failure) -> OriginalUIDs {
        try await read { db in
            let rows = try db.rows(
                """
                SELECT seriesUID, sopInstanceUID FROM instances WHERE studyID IN
                    (SELECT id FROM studies WHERE studyUID = ?) ORDER BY id
                """, [study.string])
            return OriginalUIDs(
                study: study, series: unique(rows.map { $0.uid("seriesUID") }),
                instances: unique(rows.map { $0.uid("sopInstanceUID") }))
        }
    }

    /// As `originalUIDs`, of the instances only those of some classes: asked for again and again, and mostly none.
    package func originalUIDs(study: UID, of classes: [UID]) async throws(Failure) -> OriginalUIDs {
        try await read { db in
            let parts = "FROM instances WHERE studyID IN (SELECT id FROM studies WHERE studyUID = ?)"
            let series = try db.rows("SELECT DISTINCT seriesUID \(parts)", [study.string])
            let instances = try db.rows(
                "SELECT DISTINCT sopInstanceUID \(parts) AND sopClassUID IN (SELECT value FROM json_each(?))",
                [study.string, try Column.json(classes.map(\.string))])
            return OriginalUIDs(
                study: study, series: series.map { $0.uid("seriesUID") },
                instances: instances.map { $0.uid("sopInstanceUID") })
        }
    }

    package func sopInstances(study: Int64) async throws(Failure) -> [UID] {
        try await read { db in
            try db.rows("SELECT sopInstanceUID FROM instances WHERE studyID = ?", [study]).map {
                $0.uid("sopInstanceUID")
            }
        }
    }

    /// The studies behind pseudonyms that a report names: those of studies, and those of images planned to go out that
    /// still have rows of their own. Others are not in the answer.
    package func named(by pseudonyms: [UID]) async throws(Failure) -> [UID: [NamedStudy]] {
        try await read { db in
            var found: [UID: [NamedStudy]] = [:]
            for pseudonym in pseudonyms {
                guard let mark = pseudonym.pseudonymMark else { continue }
                let rows = try db.rows(
                    """
                    SELECT studyUID, patientKeys FROM studies WHERE id IN (
                        SELECT studyID FROM instance_pseudonyms WHERE mark = ?
                        UNION SELECT studyID FROM transfers WHERE pseudonymousStudyUID = ? AND reportID IS NULL)
                    """, [mark, pseudonym.string])
                guard !rows.isEmpty else { continue }
                found[pseudonym] = rows.map {
                    NamedStudy(study: $0.uid("studyUID"), patientKeys: $0.json("patientKeys") ?? [])
                }
            }
            return found
        }
    }

    /// The studies of those of the images that are known, swept ones too, by the hospital's UIDs. No index has swept rows: this
    /// reads the table once, and is for what is rare.
    package func studies(ofInstances uids: [UID]) async throws(Failure) -> Set<UID> {
        guard !uids.isEmpty else { return [] }
        return try await read { db in
            let rows = try db.rows(
                """
                SELECT studyUID FROM studies WHERE id IN (
                    SELECT studyID FROM instances WHERE sopInstanceUID IN (SELECT value FROM json_each(?)))
                """, [try Column.json(uids.map(\.string))])
            return Set(rows.map { $0.uid("studyUID") })
        }
    }

    /// Studies that wait for a destination of `unserved` need a person too.
    package func counts(unserved: [String] = []) async throws(Failure) -> JournalCounts {
        let person = Filter.needsPerson(unserved: unserved)
        return try await read { db in
            var counts = JournalCounts(studies: [:], transfers: [:], reports: [:], needsPerson: 0)
            for row in try db.rows("SELECT subject, state, count FROM state_counts WHERE count > 0") {
                switch row["subject"] as String {
                case "studies": counts.studies[try row.word("state")] = row["count"]
                case "transfers": counts.transfers[try row.word("state")] = row["count"]
                default: counts.reports[try row.word("state")] = row["count"]
                }
            }
            counts.needsPerson =
                try db.value(
                    "SELECT count(*) FROM studies WHERE \(person.sql)", StatementArguments(person.values)) ?? 0
            // Reports that are about no study of ours.
            counts.needsPerson +=
                try db.value("SELECT count(*) FROM reports WHERE state = 'held' AND studyID IS NULL") ?? 0
            return counts
        }
    }

}

private func unique(_ uids: [UID]) -> [UID] {
    var seen: Set<UID> = []
    return uids.filter { seen.insert($0).inserted }
}
