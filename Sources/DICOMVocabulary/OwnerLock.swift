// One owner for what only one process may write: journal, vault, spool.

import Glibc
import Synchronization

/// An exclusive `flock(2)` on a file that stays. The kernel lets go of it when the process ends, however it ends. Any thread.
package final class OwnerLock: Sendable {
    /// nil once it was released.
    private let held: Mutex<CInt?>

    /// Fails at once, with `taken` and `hint`, when another process, or another object of this one, holds it.
    package init(_ path: String, taken: String, hint: String) throws(Failure) {
        // Close-on-exec, so that no worker inherits the lock and outlives the owner with it.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                .ioError, .person, .instance,
                detail: "the lock file cannot be opened: \(String(cString: strerror(errno)))",
                hint: "Check that its folder exists and belongs to the service's user.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            Glibc.close(descriptor)
            throw Failure(
                .ioError, .person, .instance,
                detail: reason == EWOULDBLOCK ? taken : "flock: \(String(cString: strerror(reason)))", hint: hint)
        }
        held = Mutex(descriptor)
    }

    deinit { release() }

    package func release() {
        let descriptor = held.withLock { held in
            defer { held = nil }
            return held
        }
        guard let descriptor else { return }
        // Closing alone would leave the lock to a process that is being started and has not come to its exec yet.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }
}
