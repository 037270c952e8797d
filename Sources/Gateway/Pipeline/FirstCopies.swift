// An object that comes again, and the copy that is here already.

import DICOMVocabulary
import Dispatch
import Foundation
import Journal
import Spool

/// A duplicate is answered Success and dropped because a copy is here. Between its arrival and its sending nobody looks at
/// that copy, and its disk may have lost it meanwhile: then the duplicate is the one that counts. Safe from any task.
struct FirstCopies: Sendable {
    let journal: JournalDatabase
    let spool: SpoolDirectory
    let now: @Sendable () -> Date

    /// Flushes and reads the copy of an instance that is still waited for. True when it is gone or not what was stored; its row then
    /// says so, and the same bytes take its place as soon as they are recorded.
    func giveUpIfLost(_ instance: UID, digest: String) async throws(Failure) -> Bool {
        guard let key = try await journal.awaitedSpoolKey(of: instance) else { return false }
        guard await !isGood(key, digest) else { return false }
        return try await journal.markMissing(spoolKey: key, at: now())
    }

    /// On a thread that may block, for it reads every byte. Flushed too: the association that brought the first may still be about
    /// it, and whoever brought the second is answered now.
    private func isGood(_ key: String, _ digest: String) async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [spool] in
                let isDurable = (try? spool.confirm(key)) != nil
                let content = try? spool.content(of: spool.path(of: key))
                continuation.resume(returning: isDurable && content?.digest == digest)
            }
        }
    }
}
