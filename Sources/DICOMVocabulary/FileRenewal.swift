// What an fsync may have failed for, written once more.

internal import Glibc

package enum FileRenewal {
    private static let block = 1 << 20

    /// Writes every byte of a file over itself and makes it durable; a file that is not there is well.
    ///
    /// After a failed fsync the kernel marks the pages clean: they stand in memory and not on the disk, and a second
    /// fsync has nothing to write and succeeds (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX
    /// ATC 2020). A database's log is read back from those pages at the next start. Written anew they are dirty, and
    /// this fsync tells the truth. A crash in between changes nothing: the bytes are the same. Blocks; nobody else may
    /// have the file open. Fails with `.ioError`.
    package static func renew(path: String) throws(Failure) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw failure("open", errno)
        }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 4096)
        defer { buffer.deallocate() }
        var offset = 0
        while case let count = try read(descriptor, buffer, at: offset), count > 0 {
            try write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: offset)
            offset += count
        }
        guard offset == 0 || fsync(descriptor) == 0 else { throw failure("fsync", errno) }
    }

    private static func read(
        _ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(Failure) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw failure("read", errno) }
        }
    }

    private static func write(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", count < 0 ? errno : EIO) }
            done += count
        }
    }

    private static func failure(_ what: String, _ reason: CInt) -> Failure {
        Failure(
            .ioError, .person, .instance, detail: "\(what) a database's log: \(String(cString: strerror(reason)))",
            hint: "Look at the disk of the state folder.")
    }
}
