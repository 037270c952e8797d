// Lists that show the newest of many: nothing is sorted that is not shown.

import DICOMVocabulary
import Foundation
import GRDB

/// A list as the rows of several smaller ones, each of which an index has in the order of the list. SQLite would sort a million
/// rows to show fifty where a state is one of two, or where the index that it likes has another order.
struct NewestFirst {
    private let table: String
    private let columns: String
    /// Of the whole list; the indexes of all parts have it.
    private let order: String
    private let count: Int
    private let offset: Int
    private var parts: [String] = []
    private var values: [(any DatabaseValueConvertible)?] = []

    init(_ table: String, columns: String = "*", order: String? = nil, limit: Int, offset: Int) {
        self.table = table
        self.columns = columns
        self.order = order ?? "\(table).id DESC"
        count = limit
        self.offset = offset
    }

    /// Rows that meet the filter, and the condition, which an index answers.
    mutating func add(_ filter: Filter, _ condition: String? = nil, _ value: (any DatabaseValueConvertible)? = nil) {
        add(from: table, id: "\(table).id", filter, condition, value)
    }

    /// As `add`, with another table that leads to the rows; `id` is what it calls them.
    mutating func add(
        from source: String, id: String, _ filter: Filter, _ condition: String?,
        _ value: (any DatabaseValueConvertible)?, order: String? = nil
    ) {
        var filter = filter
        if let condition { filter.add(condition) }
        parts.append(
            "SELECT id FROM (SELECT \(id) AS id FROM \(source) \(filter.sql) ORDER BY \(order ?? self.order) LIMIT ?)")
        values += filter.values.map { $0 }
        if condition?.contains("?") == true { values.append(value) }
        values.append(count + offset)
    }

    func rows(_ db: Database) throws -> [JournalRow] {
        guard !parts.isEmpty else { return [] }
        let statement = try db.makeStatement(
            sql: """
                SELECT \(columns) FROM \(table) WHERE \(table).id IN (\(parts.joined(separator: " UNION ")))
                ORDER BY \(order) LIMIT ? OFFSET ?
                """)
        return try JournalRow.fetch(statement, StatementArguments(values + [count, offset]))
    }
}

extension Database {
    func studies(_ query: StudyQuery) throws -> [JournalRow] {
        let hasTime = query.since != nil || query.until != nil
        var list = NewestFirst(
            "studies", columns: StudyRecord.columns,
            order: hasTime ? "studies.firstInstanceAt DESC, studies.id DESC" : nil, limit: query.limit,
            offset: query.offset)
        // There are never many of these.
        let few: Set<StudyState> = [.receiving, .complete, .held]
        let areFew = !query.states.isEmpty && few.isSuperset(of: query.states)
        let isNamed =
            !query.ids.isEmpty || query.uids != nil || query.uidPrefix != nil || query.needsPerson
        if isNamed {
            list.add(Filter(query))
        } else if areFew || (!hasTime && !query.states.isEmpty && query.modality == nil && query.destination == nil) {
            addStates(query, to: &list)
        } else if hasTime {
            list.add(from: "studies INDEXED BY studies_first", id: "studies.id", Filter(query), nil, nil)
        } else if let modality = query.modality {
            var rest = query
            rest.modality = nil
            let words = try modalities(with: modality)
            // More than a clinic has; then all of it is read.
            guard words.count <= 100 else { return try plain(query, list) }
            for word in words { list.add(Filter(rest), "studies.modalities = ?", word) }
        } else if let destination = query.destination {
            var rest = query
            rest.destination = nil
            list.add(
                from: "transfers AS way CROSS JOIN studies ON studies.id = way.studyID", id: "way.studyID",
                Filter(rest), "way.reportID IS NULL AND way.destination = ?", destination, order: "way.studyID DESC")
        } else {
            list.add(Filter(query))
        }
        return try list.rows(self)
    }

    private func plain(_ query: StudyQuery, _ list: NewestFirst) throws -> [JournalRow] {
        var list = list
        list.add(Filter(query))
        return try list.rows(self)
    }

    private func addStates(_ query: StudyQuery, to list: inout NewestFirst) {
        var rest = query
        rest.states = []
        for state in query.states { list.add(Filter(rest), "studies.state = ?", state.rawValue) }
        guard query.states.contains(.held) else { return }
        // Whoever asks for what is held looks for what waits for a person, and mostly it is an instance or a report.
        rest.needsPerson = true
        list.add(Filter(rest))
    }

    /// What stands in the column, of all rows whose words have this one among them: each is looked up behind the one before.
    private func modalities(with modality: String) throws -> [String] {
        try rows(
            """
            WITH RECURSIVE one(words) AS (
                SELECT min(modalities) FROM studies
                UNION ALL SELECT (SELECT min(modalities) FROM studies WHERE modalities > one.words) FROM one
                    WHERE one.words IS NOT NULL)
            SELECT words FROM one WHERE words IS NOT NULL AND instr(words, ?) > 0
            """, [try Column.json(modality)]
        ).map { $0["words"] }
    }

    func transfers(_ query: TransferQuery) throws -> [JournalRow] {
        var list = NewestFirst("transfers", limit: query.limit, offset: query.offset)
        let isNamed =
            !query.ids.isEmpty || query.studyID != nil || query.reportID != nil || query.pseudonymousStudyUID != nil
        if isNamed || query.states.isEmpty {
            list.add(Filter(query))
        } else {
            var rest = query
            rest.states = []
            for state in query.states { list.add(Filter(rest), "transfers.state = ?", state.rawValue) }
        }
        return try list.rows(self)
    }

    func reports(_ query: ReportQuery) throws -> [JournalRow] {
        var list = NewestFirst("reports", limit: query.limit, offset: query.offset)
        let isNamed =
            !query.ids.isEmpty || !query.sopInstances.isEmpty || query.studyID != nil || query.transferID != nil
        if isNamed || query.states.isEmpty {
            list.add(Filter(query))
        } else {
            var rest = query
            rest.states = []
            for state in query.states { list.add(Filter(rest), "reports.state = ?", state.rawValue) }
        }
        return try list.rows(self)
    }
}
