// One file on its way to being durable.

package import DICOMVocabulary
import Glibc

/// Writes a file under a temporary name; `commit` gives it its own. Belongs to one thread; every call blocks. One that
/// is let go without a commit is abandoned.
package final class SpoolWriter {
    package let key: String
    /// For writers that bring their own `write(2)`; it stays the writer's to close.
    package private(set) var fileDescriptor: CInt
    private let spool: SpoolDirectory

    private var temporary: String { "\(spool.incoming)/\(key).part" }

    init(in spool: SpoolDirectory, key: String) throws(Failure) {
        self.spool = spool
        self.key = key
        fileDescriptor = open("\(spool.incoming)/\(key).part", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard fileDescriptor >= 0 else { throw .spool("make a file", errno) }
        // Held as long as the descriptor, and so until the end of this process: `sweepAbandoned` looks for it.
        flock(fileDescriptor, LOCK_EX | LOCK_NB)
    }

    deinit { abandon() }

    /// All of the bytes. After a failure the file is of no use.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let written = spool.calls.write(fileDescriptor, start, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .spool("write", written < 0 ? errno : EIO) }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Makes the file durable under its key: fsync, rename, fsync of the folder, in this order.
    ///
    /// A failed fsync is never tried again: the kernel may have marked the pages clean, so that a second one would
    /// succeed without having written anything. The file is then moved to `orphans/` and its bytes are not believed.
    package func commit() throws(Failure) {
        guard fileDescriptor >= 0 else {
            throw Failure(.unexpected, .tryAgain, .instance, detail: "the file was finished before")
        }
        let path = spool.path(of: key)
        FaultPoint.pass("spool.before-fsync")
        guard spool.calls.synchronise(fileDescriptor) == 0 else {
            let reason = errno
            setAside(temporary)
            throw .spool("fsync", reason)
        }
        FaultPoint.pass("spool.after-fsync")
        guard spool.calls.rename(temporary, path) == 0 else {
            let reason = errno
            abandon()
            throw .spool("rename", reason)
        }
        close()
        FaultPoint.pass("spool.after-rename")
        do {
            try spool.synchronise(folder: "\(spool.objects)/\(key.prefix(2))")
        } catch {
            setAside(path)
            throw error
        }
        FaultPoint.pass("spool.after-folder-fsync")
    }

    /// Removes the file. After a commit it does nothing.
    package func abandon() {
        guard fileDescriptor >= 0 else { return }
        unlink(temporary)
        close()
    }

    private func setAside(_ path: String) {
        // Best effort: if this fails too the file is an orphan, and recovery finds it.
        _ = Glibc.rename(path, "\(spool.orphans)/\(key).unsynced")
        close()
    }

    private func close() {
        guard fileDescriptor >= 0 else { return }
        Glibc.close(fileDescriptor)
        fileDescriptor = -1
    }
}
