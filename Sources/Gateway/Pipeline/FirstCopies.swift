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

    /// Seconds in which the new copy, whose worker flushes it meanwhile, is to be durable.
    private static let patience = 5.0

    /// Reads the copy of an instance that is still waited for. True when it is gone, not what was stored, or cannot be read; its row
    /// then says so, and the `other` copy takes its place as soon as it is recorded, which is durable by then. Fails while nobody can
    /// tell: the association that brought the first copy may still be about it, and may find that it is not durable.
    func giveUpIfLost(_ instance: UID, digest: String, for other: String) async throws(Failure) -> Bool {
        guard let key = try await journal.awaitedSpoolKey(of: instance) else { return false }
        switch await belief(in: key, digest) {
        case .good: return false
        case .lost, .unreadable:
            let deadline = ContinuousClock.now + .seconds(Self.patience)
            while !spool.isFinished(other), ContinuousClock.now < deadline {
                try? await Task.sleep(for: .milliseconds(5))
            }
            guard spool.isFinished(other) else {
                throw Failure(
                    .ioError, .tryAgain, .instance,
                    detail: "an object came again, and its new file was not on the disk in time",
                    hint: "Look at the spool's disk.")
            }
            return try await journal.markMissing(spoolKey: key, at: now())
        case .inUse:
            throw Failure(
                .ioError, .tryAgain, .instance,
                detail: "an object came again before its first copy was known to be on the disk",
                hint: "Let it be sent again; if that does not help, look at the spool's disk.")
        }
    }

    /// On a thread that may block, for it reads every byte.
    private func belief(in key: String, _ digest: String) async -> SpoolDirectory.Belief {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [spool] in
                continuation.resume(returning: spool.belief(in: key, digest: digest))
            }
        }
    }
}
