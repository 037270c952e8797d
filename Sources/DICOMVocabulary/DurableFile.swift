// Files that are made, copied and named durably, for those who keep backups.

internal import Glibc

package enum DurableFile {
    /// A new empty file of mode 0600. Fails when one is there.
    package static func makePrivate(path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make \(path)", errno) }
        close(descriptor)
    }

    /// fsync of a file, or of a folder, whose names it makes durable.
    package static func synchronise(path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open \(path)", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync \(path)", errno) }
    }

    /// A copy of mode 0600, durable but for its name. Fails when something is there.
    package static func copy(_ source: String, to target: String) throws(Failure) {
        let from = open(source, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { throw failure("open \(source)", errno) }
        defer { close(from) }
        let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard to >= 0 else { throw failure("make \(target)", errno) }
        defer { close(to) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = read(from, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read \(source)", errno) }
            if count == 0 { break }
            try write(to, UnsafeRawBufferPointer(rebasing: buffer[..<count]), target)
        }
        guard fsync(to) == 0 else { throw failure("fsync \(target)", errno) }
    }

    /// A file with these bytes, 0600, durable but for its name. Fails when something is there.
    package static func write(_ bytes: [UInt8], to target: String) throws(Failure) {
        try makePrivate(path: target)
        let to = open(target, O_WRONLY | O_CLOEXEC)
        guard to >= 0 else { throw failure("open \(target)", errno) }
        defer { close(to) }
        let written: Result<Void, Failure> = bytes.withUnsafeBytes { buffer in
            do throws(Failure) {
                return .success(try write(to, buffer, target))
            } catch {
                return .failure(error)
            }
        }
        try written.get()
        guard fsync(to) == 0 else { throw failure("fsync \(target)", errno) }
    }

    /// rename(2), and the folder made durable.
    package static func move(_ source: String, to target: String, in folder: String) throws(Failure) {
        guard rename(source, target) == 0 else { throw failure("rename \(source)", errno) }
        try synchronise(path: folder)
    }

    private static func write(
        _ descriptor: CInt, _ bytes: UnsafeRawBufferPointer, _ path: String
    ) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write \(path)", count < 0 ? errno : EIO) }
            done += count
        }
    }

    private static func failure(_ what: String, _ reason: CInt) -> Failure {
        Failure(.ioError, .person, .instance, detail: "\(what): \(String(cString: strerror(reason)))")
    }
}
