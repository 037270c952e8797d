// From a query to a WHERE clause; every value is a bound argument.

import DICOMVocabulary
import Foundation
import GRDB

struct Filter {
    private var conditions: [String] = []
    private(set) var values: [(any DatabaseValueConvertible)?] = []

    var sql: String { conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ") }

    /// A study whose own state, an instance, a transfer or a report of which waits for somebody, or whose report did not
    /// come in time.
    static let needsPerson = """
        studies.id IN (
            SELECT id FROM studies WHERE state = 'held'
            UNION SELECT studyID FROM transfers WHERE held > 0 AND studyID IS NOT NULL
            UNION SELECT studyID FROM transfers WHERE state = 'held' AND studyID IS NOT NULL
            UNION SELECT studyID FROM reports WHERE state = 'held' AND studyID IS NOT NULL
            UNION SELECT studyID FROM polls JOIN transfers ON transfers.id = polls.transferID
                WHERE polls.state = 'givenUp' AND studyID IS NOT NULL)
        """

    /// Transfers that somebody has to send.
    static let waiting = "'waiting', 'active', 'deferred'"

    /// As `needsPerson`, and studies that wait for one of these destinations, as a condition with its values.
    static func needsPerson(unserved: [String]) -> (sql: String, values: [String]) {
        guard !unserved.isEmpty else { return (needsPerson, []) }
        let marks = unserved.map { _ in "?" }.joined(separator: ", ")
        return (
            """
            (\(needsPerson) OR studies.id IN (
                SELECT studyID FROM transfers WHERE state IN (\(waiting)) AND destination IN (\(marks))))
            """, unserved
        )
    }

    init(_ query: StudyQuery) {
        let person = Self.needsPerson(unserved: query.unserved)
        oneOf("studies.id", query.ids)
        if query.states.contains(.held) {
            // Whoever asks for what is held looks for what waits for a person, and mostly it is an instance or a report.
            let words = query.states.map(\.rawValue)
            conditions.append("(studies.state IN (\(words.map { _ in "?" }.joined(separator: ", "))) OR \(person.sql))")
            values += words.map { $0 }
            values += person.values.map { $0 }
        } else {
            oneOf("studies.state", query.states.map(\.rawValue))
        }
        equal("studies.source", query.source)
        if let destination = query.destination {
            add(
                "EXISTS (SELECT 1 FROM transfers WHERE studyID = studies.id AND reportID IS NULL AND destination = ?)",
                destination)
        }
        if let modality = query.modality, let word = try? Column.json(modality) {
            // As it stands in the JSON array, quotes included.
            add("instr(studies.modalities, ?) > 0", word)
        }
        if let prefix = query.uidPrefix {
            // UIDs are digits and dots, so that `~` sorts after all of them, and the index is used.
            add("studies.studyUID >= ?", prefix)
            add("studies.studyUID < ?", prefix + "~")
        }
        if let uids = query.uids {
            if uids.isEmpty { conditions.append("0") }
            oneOf("studies.studyUID", uids.map(\.string))
        }
        if let since = query.since { add("studies.firstInstanceAt >= ?", since.timeIntervalSince1970) }
        if let until = query.until { add("studies.firstInstanceAt < ?", until.timeIntervalSince1970) }
        if query.needsPerson {
            conditions.append(person.sql)
            values += person.values.map { $0 }
        }
    }

    init(_ query: TransferQuery) {
        oneOf("id", query.ids)
        oneOf("state", query.states.map(\.rawValue))
        equal("destination", query.destination)
        equal("studyID", query.studyID)
        equal("reportID", query.reportID)
        equal("pseudonymousStudyUID", query.pseudonymousStudyUID?.string)
    }

    init(_ query: ReportQuery) {
        oneOf("id", query.ids)
        oneOf("state", query.states.map(\.rawValue))
        equal("reader", query.reader)
        oneOf("sopInstanceUID", query.sopInstances.map(\.string))
        equal("studyID", query.studyID)
        equal("transferID", query.transferID)
    }

    /// What belongs to no study, transfer or report.
    static let loose = "studyID IS NULL AND transferID IS NULL AND reportID IS NULL"

    /// `which`: a condition without values, as an index has it.
    init(_ query: EventQuery, _ which: String) {
        conditions.append(which)
        oneOf("kind", query.kinds)
        if let since = query.since { add("at >= ?", since.timeIntervalSince1970) }
    }

    /// A condition whose values, if it has any, the caller adds after those of the filter.
    mutating func add(_ condition: String) { conditions.append(condition) }

    private mutating func add(_ condition: String, _ value: any DatabaseValueConvertible) {
        conditions.append(condition)
        values.append(value)
    }

    private mutating func equal(_ column: String, _ value: (any DatabaseValueConvertible)?) {
        if let value { add("\(column) = ?", value) }
    }

    private mutating func oneOf(_ column: String, _ list: [some DatabaseValueConvertible]) {
        guard !list.isEmpty else { return }
        conditions.append("\(column) IN (\(list.map { _ in "?" }.joined(separator: ", ")))")
        values += list.map { $0 }
    }
}
