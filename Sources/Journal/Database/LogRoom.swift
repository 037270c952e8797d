// Room in the write-ahead log, written before it is needed.

import DICOMVocabulary
import Glibc

/// A log that grows has another length after each commit, and a flush then writes the file's inode as well (on a
/// journalling file system a transaction of its own) before what was committed is durable. A flush of bytes that were
/// there already writes nothing else, and takes half the time (docs/performance.md, Receiving). SQLite begins its log
/// anew in the same file after a checkpoint and shortens it only when it is closed: once for each start is enough.
///
/// Zeros behind the last frame are no frame, for its salts and checksums do not match: a reader ends there
/// (sqlite.org/fileformat2.html, "The Write-Ahead Log").
enum LogRoom {
    private static let block = 1 << 20

    /// Makes the file at least `length` bytes long with zeros that are on the disk. Leaves it as it is, without an error,
    /// where it is that long, where there is none, and where its disk has not sixteen times as much left. Fails with
    /// `.ioError` when the disk fails. Blocks; nobody may write to the file meanwhile.
    static func make(_ length: Int64, path: String) throws(Failure) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw failure("open", errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("look at", errno) }
        let before = Int64(status.st_size)
        guard before < length, room(descriptor) / 16 >= length else { return }
        guard let reason = extend(descriptor, from: before, to: length) else { return }
        guard [ENOSPC, EDQUOT].contains(reason) else { throw failure("lengthen", reason) }
        // Somebody else took it. What was here is as it was, and the log grows as it would have.
        guard ftruncate(descriptor, off_t(before)) == 0 else { throw failure("shorten", errno) }
    }

    /// The error of the system, if one stood in the way.
    private static func extend(_ descriptor: CInt, from start: Int64, to end: Int64) -> CInt? {
        let zeros = [UInt8](repeating: 0, count: block)
        var offset = start
        while offset < end {
            let count = pwrite(descriptor, zeros, min(block, Int(end - offset)), off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            offset += Int64(count)
        }
        return fsync(descriptor) == 0 ? nil : errno
    }

    private static func room(_ descriptor: CInt) -> Int64 {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else { return 0 }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }

    private static func failure(_ what: String, _ reason: CInt) -> Failure {
        Failure(
            .ioError, .person, .instance, detail: "\(what) the journal's log: \(String(cString: strerror(reason)))",
            hint: "Look at the disk of the state folder.")
    }
}
