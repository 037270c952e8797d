// One file on its way to being durable.

package import DICOMVocabulary
import Glibc

/// Writes a file that has its place already, with the mark of an unfinished one until `commit`. Belongs to one thread; every
/// call blocks. One that is let go without a commit is abandoned; after one, its second name goes with it.
package final class SpoolWriter {
    /// The sticky bit, which means nothing to the kernel on a file, and which no copy of a file has by accident.
    static let unfinished: mode_t = 0o1600
    static let finished: mode_t = 0o600

    package let key: String
    /// For writers that bring their own `write(2)`; it stays the writer's to close.
    package private(set) var fileDescriptor: CInt
    /// After a `commit` that did not fail.
    package private(set) var isDurable = false
    private let spool: SpoolDirectory

    /// The same file by a second name, so that what nobody finishes is found without looking through all shelves.
    private var temporary: String { spool.temporaryPath(of: key) }

    /// The name is not durable yet.
    init(in spool: SpoolDirectory, key: String) throws(Failure) {
        self.spool = spool
        self.key = key
        fileDescriptor = open(
            spool.temporaryPath(of: key), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, Self.unfinished)
        guard fileDescriptor >= 0 else { throw .spool("make a file", errno) }
        // Held as long as the descriptor, and so until the end of this process: `sweepAbandoned` looks for it.
        guard flock(fileDescriptor, LOCK_EX | LOCK_NB) == 0, spool.calls.link(temporary, spool.path(of: key)) == 0
        else {
            let reason = errno
            abandon()
            throw .spool("name a file", reason)
        }
    }

    deinit {
        if isDurable { letGo() } else { abandon() }
    }

    /// All of the bytes. After a failure the file is of no use.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        try refuseIfFinished()
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let written = spool.calls.write(fileDescriptor, start, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .spool("write", written < 0 ? errno : EIO) }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Makes the file durable under its key: its name is so since before its first byte, and one fsync does the rest.
    ///
    /// A failed fsync is never tried again: the kernel may have marked the pages clean, so that a second one would
    /// succeed without having written anything. The file is then moved to `orphans/` and its bytes are not believed.
    package func commit() throws(Failure) {
        try refuseIfFinished()
        FaultPoint.pass("spool.before-fsync")
        guard spool.calls.synchronise(fileDescriptor) == 0 else {
            let reason = errno
            setAside()
            throw .spool("fsync", reason)
        }
        FaultPoint.pass("spool.after-fsync")
        guard hasItsNames else {
            setAside()
            throw Failure(
                .ioError, .tryAgain, .instance, detail: "a file in the spool was removed while it was written",
                hint: "Nothing but antipode may change the spool's folders.")
        }
        // Only now, so that nothing without the mark holds bytes that no fsync confirmed, and nothing is set aside any more that
        // has lost it: others believe it then. Neither this nor the end of the second name is flushed: after a loss of power both may be
        // as before, and the row says what the file is.
        guard fchmod(fileDescriptor, Self.finished) == 0 else {
            let reason = errno
            setAside()
            throw .spool("finish a file", reason)
        }
        isDurable = true
    }

    /// After a commit: the second name and the descriptor go. Whoever waits for the file is told first.
    package func letGo() {
        guard isDurable, fileDescriptor >= 0 else { return }
        unlink(temporary)
        close()
    }

    /// Removes the file. After a commit it does nothing.
    package func abandon() {
        guard fileDescriptor >= 0, !isDurable else { return }
        unlink(spool.path(of: key))
        unlink(temporary)
        close()
    }

    /// Its bytes are durable; that they still have both names is a question of its own: a sweeper, or a hand, may have been
    /// there before the lock was.
    private var hasItsNames: Bool {
        var status = stat()
        return fstat(fileDescriptor, &status) == 0 && status.st_nlink == 2
    }

    private func refuseIfFinished() throws(Failure) {
        guard fileDescriptor >= 0, !isDurable else {
            throw Failure(.unexpected, .tryAgain, .instance, detail: "the file was finished before")
        }
    }

    private func setAside() {
        // Best effort: if this fails too the file is an orphan, and recovery finds it.
        if rename(spool.path(of: key), spool.unsyncedPath(of: key)) == 0 || errno == ENOENT { unlink(temporary) }
        close()
    }

    private func close() {
        guard fileDescriptor >= 0 else { return }
        Glibc.close(fileDescriptor)
        fileDescriptor = -1
    }
}
