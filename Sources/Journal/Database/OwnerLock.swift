// One owner per journal.

import DICOMVocabulary
import Glibc

/// An exclusive `flock(2)` on a file beside the database. The kernel lets go of it when the process ends, however it
/// ends; the file stays.
final class OwnerLock: Sendable {
    private let descriptor: CInt

    /// Fails at once when another process, or another object of this one, holds it.
    init(path: String) throws(Failure) {
        // Close-on-exec, so that no worker inherits the lock and outlives the owner with it.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                .ioError, .person, .instance,
                detail: "the lock file cannot be opened: \(String(cString: strerror(errno)))",
                hint: "Check that the state directory exists and belongs to the service's user.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            Glibc.close(descriptor)
            throw Failure(
                .ioError, .person, .instance,
                detail: reason == EWOULDBLOCK
                    ? "another process owns the journal" : "flock: \(String(cString: strerror(reason)))",
                hint: "Only one daemon may run on one state directory.")
        }
    }

    deinit { Glibc.close(descriptor) }
}
