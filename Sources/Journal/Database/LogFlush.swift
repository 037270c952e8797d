// The flush that makes a commit durable.

import GRDB
import Glibc

/// Flushes the write-ahead log, as SQLite itself does before the end of a commit under `synchronous=FULL`, so that something can
/// be done between the two. What is committed can be read a moment before it is durable: nothing that cannot be undone rests on what
/// was read, but on a write after it. The log is one file for as long as a connection is open, and whoever flushes it
/// flushes what everybody wrote. From any thread.
final class LogFlush: Sendable {
    private let descriptor: CInt

    /// The log has to be there.
    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open", .SQLITE_CANTOPEN) }
    }

    deinit { close(descriptor) }

    /// Fails as a commit of SQLite does whose flush failed (unixSync), after which nothing says what the disk holds.
    func callAsFunction() throws {
        while fdatasync(descriptor) != 0 {
            guard errno == EINTR else { throw Self.failure("flush", .SQLITE_IOERR_FSYNC) }
        }
    }

    private static func failure(_ what: String, _ code: ResultCode) -> DatabaseError {
        DatabaseError(resultCode: code, message: "\(what) the journal's log: errno \(errno)")
    }
}
