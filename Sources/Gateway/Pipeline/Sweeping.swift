// Step 10: files removed when nothing needs them; the history stays, and stays small.

import DICOMVocabulary
import Foundation
import Journal
import Spool

/// Sweeps what was delivered or cancelled longer than the retention ago and, where the site asks for it, committed to. What
/// is held or under way is never swept, however old.
struct Sweeping: Sendable {
    private static let perTurn = 20
    /// More than this is not listed; a sweep takes them all the same.
    private static let maximumListed = 10_000

    let journal: JournalDatabase
    let spool: SpoolDirectory
    let retention: Double
    /// Seconds that the rows of single images stay after their files.
    var imageHistory = 180.0 * 86_400
    let now: @Sendable () -> Date

    private var before: Date { now().addingTimeInterval(-retention) }

    /// A few studies and reports. True when there may be more at once.
    @discardableResult
    func turn() async throws -> Bool {
        let due = try await journal.sweepable(before: before, limit: Self.perTurn)
        var swept = 0
        for candidate in due where try await sweep(candidate, actor: EventRecord.antipode) { swept += 1 }
        let old = try await journal.prunable(before: now().addingTimeInterval(-imageHistory), limit: Self.perTurn)
        for study in old { try await journal.prune(study: study, at: now()) }
        return swept == Self.perTurn || old.count == Self.perTurn
    }

    /// What a sweep would take now, and why it leaves the rest.
    func plan() async throws(Failure) -> SweepView {
        let candidates = try await journal.sweepable(before: before, limit: Self.maximumListed)
        return try await view(of: candidates, dryRun: true)
    }

    /// Everything that is due, now.
    func all(actor: String) async throws(Failure) -> SweepView {
        var swept: [SweepCandidate] = []
        while case let due = try await journal.sweepable(before: before, limit: Self.perTurn), !due.isEmpty {
            var done = 0
            for candidate in due where try await sweep(candidate, actor: actor) {
                done += 1
                swept.append(candidate)
            }
            guard done > 0 else { break }
        }
        return try await view(of: swept, dryRun: false)
    }

    private func sweep(_ candidate: SweepCandidate, actor: String) async throws(Failure) -> Bool {
        // The row first: a crash in between leaves a file without a row, which a start sets aside.
        guard try await journal.markSwept(candidate.subject, actor: actor, at: now()) else { return false }
        FaultPoint.pass("sweep.after-row-before-unlink")
        for key in candidate.spoolKeys {
            try? spool.remove(key)
            FaultPoint.pass("sweep.between-files")
        }
        return true
    }

    private func view(of candidates: [SweepCandidate], dryRun: Bool) async throws(Failure) -> SweepView {
        let subjects = candidates.map { one in
            let key =
                switch one.subject {
                case .study(let id): "S\(id)"
                case .report(let id): "R\(id)"
                }
            return SweepView.Subject(key: key, files: one.spoolKeys.count, bytes: one.bytes, since: one.since)
        }
        let kept = try await journal.keptFiles(before: before).filter { $0.reason != "due" }.map {
            SweepView.Kept(reason: $0.reason, subjects: $0.subjects, files: $0.files, bytes: $0.bytes)
        }
        return SweepView(dryRun: dryRun, before: before, subjects: subjects, kept: kept)
    }
}
