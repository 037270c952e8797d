// What a start does before it says that it is ready.

import DICOMVocabulary
import Foundation
import Journal
import Logging
import Spool

/// After a kill the journal alone tells what to do. Blocks on the spool's folders; runs before anything else.
struct Recovery: Sendable {
    let journal: JournalDatabase
    let spool: SpoolDirectory
    let logger: Logger
    let now: @Sendable () -> Date

    func run() async throws {
        try spool.prepare()
        let parts = try spool.sweepIncoming()
        // Claims that nobody settled: their instances were under way when the daemon ended. They are not marked: what
        // is hard to handle kills a worker, whose death the daemon sees and marks itself.
        let marks = try await journal.openMarks()
        try await journal.giveBack(marks, failure: nil, mark: false, maximumMarks: .max, at: now())
        let orphans = try spool.setAsideOrphans { key in
            // Better an orphan kept than a file of the journal set aside.
            (try? journal.knows(spoolKey: key)) ?? true
        }
        let missing = try await markMissing()
        logger.notice(
            "Recovered",
            metadata: [
                "given_back": "\(marks.count)", "partial_files": "\(parts)", "orphans": "\(orphans)",
                "missing_files": "\(missing)",
            ])
    }

    /// Rows whose files are gone: reported and held.
    private func markMissing() async throws -> Int {
        var missing = 0
        var last: Int64 = 0
        while true {
            let page = try await journal.spoolKeys(after: last)
            guard let end = page.last else { return missing }
            for (_, key) in page where !spool.exists(key) {
                missing += 1
                try await journal.markMissing(spoolKey: key, at: now())
            }
            last = end.row
        }
    }
}
