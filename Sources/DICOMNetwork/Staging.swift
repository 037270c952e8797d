// Memory in which one object stands whole, between network and disk.

internal import CDCMTK
package import DICOMVocabulary
internal import Glibc

/// Memory that a worker uses for one object after another: its pages are always the same ones, while each page of the
/// page cache is a new one, which costs as much as the copying of its bytes and, in a virtual machine whose host has not given
/// it yet, ten times that. One object at a time, on one thread; another writes.
package final class Staging {
    /// Longer objects take the usual way. Most images are of half a megabyte; this much is a worker's whole memory once more.
    package static let capacity = 4 << 20
    /// What offsets, lengths and addresses are multiples of, past the page cache (open(2), O_DIRECT).
    static let block = 4096

    /// As long as `capacity`, whatever it holds.
    package let memory: ObjectMemory
    var bytes: UnsafeMutableRawBufferPointer { memory.bytes }
    /// Writes to the disk what stands here while more comes.
    let writing: StagedWriting

    /// nil where the system gives no more memory; everything works without.
    package init?() {
        guard let memory = ObjectMemory(capacity: Self.capacity) else { return nil }
        self.memory = memory
        // What it reads nobody changes meanwhile.
        writing = StagedWriting { descriptor, range in
            Self.write(UnsafeRawBufferPointer(rebasing: memory.bytes[range]), to: descriptor, at: range.lowerBound)
        }
    }

    deinit { writing.end() }

    /// These bytes to the same places of a file; why they could not be written.
    func write(_ range: Range<Int>, to descriptor: CInt) -> Failure? {
        Self.write(UnsafeRawBufferPointer(rebasing: bytes[range]), to: descriptor, at: range.lowerBound)
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at place: Int) -> Failure? {
        var done = 0
        var mayBeDirect = true
        while done < bytes.count {
            let written = pwrite(
                descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(place + done))
            if written < 0 {
                let error = errno
                if error == EINTR { continue }
                // A file system that refuses to be written past the page cache, or a disk with other blocks.
                if error == EINVAL, mayBeDirect, cdcmtk_pass_page_cache(descriptor, false) {
                    mayBeDirect = false
                    continue
                }
                return failure(error)
            }
            done += written
        }
        return nil
    }

    private static func failure(_ error: CInt) -> Failure {
        let isFull = error == ENOSPC || error == EDQUOT || error == EFBIG
        return Failure(
            isFull ? .spoolFull : .ioError, .tryAgain, .instance, detail: "write: errno \(error)",
            hint: isFull ? "free space in the spool's file system" : "")
    }

    /// Reads a whole file past the page cache, and gives its length; nil for one that is too long or cannot be read so.
    package func load(path: String) throws(Failure) -> Int64? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        // Whoever reads it in the usual way says why it cannot be opened.
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size <= Self.capacity, cdcmtk_pass_page_cache(file, true)
        else { return nil }
        let length = Int(status.st_size)
        let whole = (length + Self.block - 1) / Self.block * Self.block
        var done = 0
        while done < length {
            // Only at the end of the file is fewer than a block read.
            let got = pread(file, bytes.baseAddress.map { $0 + done }, whole - done, off_t(done))
            if got < 0, errno == EINTR { continue }
            if got < 0, errno == EINVAL { return nil }
            guard got > 0 else {
                throw Failure(
                    .ioError, .tryAgain, .instance,
                    detail: got == 0 ? "the file became shorter while it was read" : "pread: errno \(errno)")
            }
            done += got
        }
        return Int64(length)
    }
}
