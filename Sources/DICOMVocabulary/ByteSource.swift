// Where the header scanner reads: a file, or bytes in memory.

internal import Glibc

/// Bytes that can be read from any place. One thread at a time.
package protocol ByteSource {
    /// How many there are.
    var count: Int64 { get }
    /// Copies bytes from `offset` on and says how many; fewer than asked for only where the source ends. Fails with
    /// `.ioError`.
    mutating func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure)
        -> Int
}

/// A file, read by `pread`, so that the position of a shared descriptor does not move.
package struct FileByteSource: ByteSource {
    /// Closes what was opened here; a borrowed descriptor stays open.
    private final class Descriptor {
        let value: CInt
        init(_ value: CInt) { self.value = value }
        deinit { close(value) }
    }

    package let count: Int64
    private let descriptor: CInt
    private let owned: Descriptor?

    /// Opens the file for reading and closes it with the last copy of the value. `.missingFile` or `.ioError`.
    package init(path: String) throws(Failure) {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else {
            let code: Failure.Code = errno == ENOENT ? .missingFile : .ioError
            throw Failure(
                code, code == .missingFile ? .person : .tryAgain, .instance, detail: "open: errno \(errno)")
        }
        let owned = Descriptor(opened)
        count = try Self.size(of: opened)
        descriptor = opened
        self.owned = owned
    }

    /// Borrows a descriptor, which has to stay open as long as the value is used.
    /// - Parameter count: how much of the file is meant; all of it where nothing is said.
    package init(fileDescriptor: CInt, count: Int64? = nil) throws(Failure) {
        self.count = if let count { count } else { try Self.size(of: fileDescriptor) }
        descriptor = fileDescriptor
        owned = nil
    }

    private static func size(of descriptor: CInt) throws(Failure) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Failure(.ioError, .tryAgain, .instance, detail: "fstat: errno \(errno)")
        }
        return Int64(status.st_size)
    }

    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure)
        -> Int
    {
        var done = 0
        let wanted = Int(clamping: min(Int64(buffer.count), max(0, count - offset)))
        while done < wanted {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<wanted])
            let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if got == 0 { break }
            if got < 0 {
                if errno == EINTR { continue }
                throw Failure(.ioError, .tryAgain, .instance, detail: "pread: errno \(errno)")
            }
            done += got
        }
        return done
    }
}

/// Bytes in memory.
package struct MemoryByteSource: ByteSource {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var count: Int64 { Int64(bytes.count) }

    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure)
        -> Int
    {
        guard offset >= 0, offset < count else { return 0 }
        let part = bytes[Int(offset)...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
    }
}
