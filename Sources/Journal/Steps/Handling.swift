// What the office itself has in hand: found open at a start, it is what the daemon may have ended of.

package import DICOMVocabulary
package import Foundation
import GRDB

/// A study that is planned, or a report that is matched and restored.
package struct Handled: Sendable, Hashable {
    package enum Subject: String, Sendable { case study, report }
    package var subject: Subject
    package var id: Int64

    package init(_ subject: Subject, _ id: Int64) {
        self.subject = subject
        self.id = id
    }
}

extension JournalDatabase {
    /// Marks it as under way. The mark outlives a kill; what was counted before stays.
    package func beginHandling(_ one: Handled) async throws(Failure) {
        try await write { db in
            try db.run(
                "INSERT INTO handling (subject, id, isOpen) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET isOpen = 1",
                [one.subject.rawValue, one.id])
        }
    }

    /// It came to an end, good or bad, that the daemon has seen: nothing is counted against it any more.
    package func endHandling(_ one: Handled) async throws(Failure) {
        try await write { db in try db.forget(one) }
    }

    /// Closes what the life before left open. `crashed`: that life ended without having been asked to, which counts
    /// against each; at `maximumCrashes` the study or report is held, unless it had already gone on. Gives how
    /// many were open.
    package func endInterruptedHandling(
        crashed: Bool, maximumCrashes: Int, at: Date
    ) async throws(Failure) -> Int {
        let (open, poison) = try await write { db in
            try db.run("UPDATE handling SET isOpen = 0, crashes = crashes + ? WHERE isOpen = 1", [crashed ? 1 : 0])
            let open = db.changesCount
            let rows = try db.rows(
                "SELECT subject, id, crashes FROM handling WHERE crashes >= ?", [maximumCrashes])
            return (
                open,
                rows.compactMap { row in
                    Handled.Subject(rawValue: row["subject"]).map { (Handled($0, row["id"]), row["crashes"] as Int) }
                }
            )
        }
        for (one, crashes) in poison {
            let notice = HoldNotice(
                .underWay(
                    atCrashes: crashes, hint: one.subject == .study ? "release tries again." : "retry tries again."))
            switch one.subject {
            case .study:
                if try await study(one.id)?.state == .complete {
                    try await hold(study: one.id, notice: notice, actor: EventRecord.antipode, at: at)
                }
            case .report:
                if let state = try await report(one.id)?.state, state == .received || state == .matched {
                    try await holdReport(one.id, notice: notice, actor: EventRecord.antipode, at: at)
                }
            }
            try await endHandling(one)
        }
        return open
    }
}

extension Database {
    fileprivate func forget(_ one: Handled) throws {
        try run("DELETE FROM handling WHERE subject = ? AND id = ?", [one.subject.rawValue, one.id])
    }
}
