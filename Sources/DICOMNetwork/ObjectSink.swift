// Where the bytes of one object go as they come.

internal import CDCMTK
package import DICOMVocabulary
internal import Glibc

/// Writes an object to a file: with a `Staging` through it and past the page cache, otherwise in the usual way, and so what
/// is too long for it. Either way the disk writes while bytes still come, so that the fsync that follows has little left to
/// wait for. One thread; after a failure the file is of no use.
package final class ObjectSink {
    /// So many bytes are handed to the disk at a time.
    private static let step = 256 << 10

    private let descriptor: CInt
    /// nil from where an object is too long for it.
    private var staging: Staging?
    private var isDirect: Bool
    /// The next byte's place in the file.
    private var end: Int
    /// So many of them the disk has, or is writing.
    private var begun = 0

    /// Goes on where the descriptor stands; with a staging that is the beginning of an empty file.
    package init(_ descriptor: CInt, staging: Staging? = nil) {
        self.descriptor = descriptor
        end = max(0, lseek(descriptor, 0, SEEK_CUR))
        self.staging = end == 0 ? staging : nil
        isDirect = self.staging != nil && cdcmtk_pass_page_cache(descriptor, true)
    }

    /// Where what was written can be read, and how much it is.
    package var written: (descriptor: CInt, count: Int64) {
        if let staging { return (staging.descriptor, Int64(end)) }
        return (descriptor, Int64(end))
    }

    /// All of the bytes.
    package func write(_ fragment: UnsafeRawBufferPointer) -> Failure? {
        if let staging {
            if fragment.count <= staging.bytes.count - end {
                UnsafeMutableRawBufferPointer(rebasing: staging.bytes[end...]).copyMemory(from: fragment)
                end += fragment.count
                return end - begun >= Self.step ? writeBlocks() : nil
            }
            if let failure = writeBlocks() ?? writeTail() { return failure }
            self.staging = nil
        }
        if let failure = write(fragment, at: end) { return failure }
        end += fragment.count
        if end - begun >= Self.step {
            // Not the page that the next bytes go to.
            let whole = end / Staging.block * Staging.block
            cdcmtk_begin_writeback(descriptor, Int64(begun), Int64(whole - begun))
            begun = whole
        }
        return nil
    }

    /// After the last byte: nothing is left but the fsync.
    package func finish() -> Failure? {
        if staging != nil { return writeBlocks() ?? writeTail() }
        // Little is left to the fsync, which would have to wait for one more request of it.
        if end - begun >= Self.step / 4 { cdcmtk_begin_writeback(descriptor, Int64(begun), 0) }
        return nil
    }

    /// What fills whole blocks, past the page cache.
    private func writeBlocks() -> Failure? {
        writeStaged(to: end / Staging.block * Staging.block)
    }

    /// The rest of the last block, which only the page cache takes.
    private func writeTail() -> Failure? {
        useCache()
        return writeStaged(to: end)
    }

    private func useCache() {
        guard isDirect else { return }
        isDirect = false
        _ = cdcmtk_pass_page_cache(descriptor, false)
    }

    private func writeStaged(to place: Int) -> Failure? {
        guard let staging, place > begun else { return nil }
        let failure = write(UnsafeRawBufferPointer(rebasing: staging.bytes[begun..<place]), at: begun)
        begun = place
        return failure
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Failure? {
        var done = 0
        while done < bytes.count {
            let written = pwrite(
                descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(place + done))
            if written < 0 {
                let error = errno
                if error == EINTR { continue }
                // A file system that refuses it, or a disk with other blocks.
                if error == EINVAL, isDirect {
                    useCache()
                    continue
                }
                return Self.failure(error)
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
}
