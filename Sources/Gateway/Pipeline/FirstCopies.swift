// An object that comes again, and the copy that is here already.

import DICOMVocabulary
import Dispatch
import Foundation
import Journal
import Spool

/// A duplicate is answered Success and dropped because a copy is here, and of two contents the first is kept. Between its arrival and
/// its sending nobody looks at that copy: its disk may have lost it meanwhile, or its worker may have died before all of it was
/// written. Then what came now is what counts. Safe from any task.
struct FirstCopies: Sendable {
    let journal: JournalDatabase
    let spool: SpoolDirectory
    let now: @Sendable () -> Date

    /// Seconds in which the new copy, whose worker flushes it meanwhile, is to be durable.
    private static let patience = 5.0

    /// Reads the copy of an instance that is here: where the same bytes came again while somebody still waits for them, and in any
    /// case where nobody has seen its flush end. True when it is gone or not what was stored, or when the same bytes cannot be read;
    /// its row then says so, and the journal is to be asked again: the `other` copy, which is durable by then, may take its place.
    /// True also where somebody else has just said so, for then no copy is here. Fails while nobody can tell: the association that
    /// brought the first copy may still be about it, and may find that it is not durable.
    ///
    /// - Parameter digest: of what came now.
    func giveUpIfLost(_ instance: UID, digest: String, for other: String) async throws(Failure) -> Bool {
        guard let first = try await journal.storedCopy(of: instance) else { return true }
        let isSame = first.digest == digest
        let isDoubtful = !spool.isFinished(first.spoolKey)
        // Of a finished study's file its row may speak a moment longer than it is there, for it is swept.
        guard isDoubtful || first.isAwaited && (isSame || !spool.exists(first.spoolKey)) else { return false }
        switch await belief(in: first.spoolKey, first.digest) {
        case .good: return false
        case .lost: break
        case .unreadable where isSame: break
        case .unreadable where !first.isAwaited: return false
        case .unreadable:
            throw Failure(
                .ioError, .tryAgain, .instance,
                detail: "an object came again with other content, and file \(first.spoolKey) cannot be read now",
                hint: "Look at the spool's disk. If the file stays unreadable, delete it: then it is given up."
            )
        case .inUse:
            throw Failure(
                .ioError, .tryAgain, .instance,
                detail: "an object came again before its first copy was known to be on the disk",
                hint: "Let it be sent again; if that does not help, look at the spool's disk.")
        }
        try await awaitDurable(other)
        _ = try await journal.markMissing(spoolKey: first.spoolKey, at: now())
        return true
    }

    /// Its worker flushes it meanwhile, or has found that it cannot: then it is gone.
    private func awaitDurable(_ other: String) async throws(Failure) {
        let deadline = ContinuousClock.now + .seconds(Self.patience)
        while !spool.isDurable(other) {
            guard spool.exists(other), ContinuousClock.now < deadline else {
                throw Failure(
                    .ioError, .tryAgain, .instance,
                    detail: "an object came again, and its new file was not on the disk in time",
                    hint: "Look at the spool's disk.")
            }
            try? await Task.sleep(for: .milliseconds(5))
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
