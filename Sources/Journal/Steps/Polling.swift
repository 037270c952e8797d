// Step 7: when a reader is asked for the report of a transfer.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Opens the question for a transfer's report; once opened it stays as it is.
    package func schedulePoll(transfer: Int64, at: Date) async throws(Failure) {
        try await write { db in
            try db.run(
                "INSERT OR IGNORE INTO polls (transferID, nextPollAt, firstAt, state) VALUES (?, ?, ?, 'open')",
                [transfer, at.timeIntervalSince1970, at.timeIntervalSince1970])
        }
    }

    /// Transfers of these destinations that have nothing more to send and were acknowledged at least in part, or whose study
    /// still arrives, and for whose report nobody asks yet. Reads the whole history: for the start of the daemon, when nobody remembers which were
    /// acknowledged last.
    package func transfersWithoutPoll(destinations: [String]) async throws(Failure) -> [Int64] {
        guard !destinations.isEmpty else { return [] }
        let marks = Array(repeating: "?", count: destinations.count).joined(separator: ",")
        return try await read { db in
            try db.rows(
                """
                SELECT id FROM transfers WHERE reportID IS NULL
                    AND (growing = 1 OR state IN ('acknowledged', 'confirmed', 'held', 'cancelled')
                        AND waiting = 0 AND claimed = 0 AND acknowledged > 0)
                    AND pseudonymousStudyUID IS NOT NULL AND destination IN (\(marks))
                    AND NOT EXISTS (SELECT 1 FROM polls WHERE polls.transferID = transfers.id)
                """, StatementArguments(destinations)
            ).map { $0["id"] }
        }
    }

    /// Questions to ask now, the longest due first.
    package func duePolls(at: Date, limit: Int) async throws(Failure) -> [PollRecord] {
        try await read { db in
            try db.rows(
                "\(Self.pollSelection) WHERE polls.state = 'open' AND nextPollAt <= ? ORDER BY nextPollAt LIMIT ?",
                [at.timeIntervalSince1970, limit]
            ).map(PollRecord.init(row:))
        }
    }

    /// When the next question is due.
    package func nextPoll() async throws(Failure) -> Date? {
        try await read { db in
            try db.value("SELECT min(nextPollAt) FROM polls WHERE state = 'open'", as: Double.self)
                .map { Date(timeIntervalSince1970: $0) }
        }
    }

    package func poll(transfer: Int64) async throws(Failure) -> PollRecord? {
        try await read { db in
            try db.row("\(Self.pollSelection) WHERE polls.transferID = ?", [transfer]).map(PollRecord.init(row:))
        }
    }

    /// One question was asked (`failure` nil: answered). `next` is kept when nil. Giving up is an event, and
    /// the study waits for a person from then on.
    package func recordPoll(
        transfer: Int64, next: Date?, state: PollState, failure: Failure?, at: Date
    ) async throws(Failure) {
        try await write { db in
            try db.run(
                """
                UPDATE polls SET polls = polls + 1, nextPollAt = COALESCE(?, nextPollAt), state = ?, lastFailure = ?
                WHERE transferID = ?
                """, [Column.seconds(next), state.rawValue, try Column.json(failure), transfer])
            if state == .givenUp, let record = try TransferRecord.fetch(db, transfer) {
                try db.note(record, "reportGivenUp", "\(record.destination) is not asked any more", at: at)
            }
        }
    }

    /// The question was not put, for no reason of its own.
    package func deferPoll(transfer: Int64, until: Date) async throws(Failure) {
        try await write { db in
            try db.run(
                "UPDATE polls SET nextPollAt = max(nextPollAt, ?) WHERE transferID = ? AND state = 'open'",
                [until.timeIntervalSince1970, transfer])
        }
    }

    private static let pollSelection = """
        SELECT polls.transferID, nextPollAt, polls, firstAt, lastFailure, polls.state AS pollState, studyID,
            destination, pseudonymousStudyUID FROM polls JOIN transfers ON transfers.id = polls.transferID
        """
}
