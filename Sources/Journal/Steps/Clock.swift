// What waits for a time, after the clock that it was set by turned out to be wrong.

package import DICOMVocabulary
package import Foundation
import GRDB

/// Columns in which the journal keeps a time that something waits for, or since when it has been tried; a new one belongs
/// here. A test reads the schema for others.
enum ClockColumns {
    /// The settings bound how long.
    static let attempts = [Column("transfers", "nextAttemptAt", "state = 'deferred'")]
    static let questions = [
        Column("polls", "nextPollAt", "state = 'open'"),
        Column("commitments", "nextAt", "state = 'open'"),
        Column("commitment_requests", "nextAt", "state IN ('open', 'decided')"),
    ]
    /// From which time is counted until somebody gives up.
    static let since = [
        Column("polls", "firstAt", "state = 'open'"),
        Column("commitments", "firstAt", "state = 'open'"),
        Column("commitment_requests", "receivedAt", "state IN ('open', 'decided')"),
        Column("commitment_requests", "decidedAt", "state IN ('open', 'decided')"),
    ]
    /// From which time is counted until files are swept.
    static let finished = [
        Column("studies", "finishedAt", "finishedAt IS NOT NULL AND sweptAt IS NULL"),
        Column("reports", "deliveredAt", "deliveredAt IS NOT NULL AND sweptAt IS NULL"),
    ]

    struct Column {
        let table: String
        let name: String
        let condition: String

        init(_ table: String, _ name: String, _ condition: String) {
            (self.table, self.name, self.condition) = (table, name, condition)
        }
    }
}

extension JournalDatabase {
    /// When something was last written into a timeline; nil in a new journal.
    package func newestEvent() async throws(Failure) -> Date? {
        try await read { db in
            try db.value("SELECT at FROM events ORDER BY id DESC LIMIT 1", as: Double.self)
                .map { Date(timeIntervalSince1970: $0) }
        }
    }

    /// Attempts and questions that wait for later than these times are due at `at`, and nothing has been tried or finished
    /// in the future: a clock that ran ahead wrote it, and all would wait for as long as it was wrong.
    package func bringForward(attemptsAfter: Date, questionsAfter: Date, at: Date) async throws(Failure) {
        try await write { db in
            try db.bringForward(ClockColumns.attempts, after: attemptsAfter, at: at)
            try db.bringForward(ClockColumns.questions, after: questionsAfter, at: at)
            try db.bringForward(ClockColumns.since + ClockColumns.finished, after: at, at: at)
        }
    }

    /// The clock jumped ahead by so many seconds, or nobody was here for as long: that time does not count towards giving
    /// up a question.
    package func prolongQuestions(by seconds: Double, at: Date) async throws(Failure) {
        try await write { db in
            for column in ClockColumns.since {
                // What was begun since the jump, by the new clock, stays as it is.
                try db.run(
                    """
                    UPDATE \(column.table) SET \(column.name) = \(column.name) + ?
                    WHERE \(column.condition) AND \(column.name) <= ?
                    """, [seconds, at.timeIntervalSince1970 - seconds + Self.sinceTheJump])
            }
        }
    }

    /// Seconds within which a jump is noticed.
    private static let sinceTheJump = 15.0
}

extension Database {
    fileprivate func bringForward(_ columns: [ClockColumns.Column], after limit: Date, at: Date) throws {
        for column in columns {
            try run(
                "UPDATE \(column.table) SET \(column.name) = ? WHERE \(column.condition) AND \(column.name) > ?",
                [at.timeIntervalSince1970, limit.timeIntervalSince1970])
        }
    }
}
