// Step 10: files removed when nothing needs them; the history stays.

import Foundation
import Journal
import Spool

/// Sweeps what was delivered or cancelled longer than the retention ago, a few studies and reports per turn.
struct Sweeping: Sendable {
    let journal: JournalDatabase
    let spool: SpoolDirectory
    let retention: Double
    let now: @Sendable () -> Date

    func turn() async throws {
        let before = now().addingTimeInterval(-retention)
        for candidate in try await journal.sweepable(before: before, limit: 20) {
            // The row first: a crash in between leaves a file without a row, which a start sets aside.
            guard try await journal.markSwept(candidate.subject, at: now()) else { continue }
            for key in candidate.spoolKeys { try? spool.remove(key) }
        }
    }
}
