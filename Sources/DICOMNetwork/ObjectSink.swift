// Where the bytes of one object go as they come.

internal import CDCMTK
package import DICOMVocabulary
internal import Glibc

/// Writes an object to a file: with a `Staging` through it and past the page cache, otherwise in the usual way, and so what
/// is too long for it. Either way the disk writes while bytes still come, so that the fsync that follows has little left to
/// wait for. One thread; after a failure the file is of no use.
package final class ObjectSink {
    /// So many bytes are handed to the disk at a time: two PDUs of the usual greatest length. With each of them another thread is woken, on
    /// cores that the sender needs too; in one piece, after the last byte, one association alone would wait for the disk.
    private static let step = 256 << 10

    private let descriptor: CInt
    /// nil from where an object is too long for it.
    private var staging: Staging?
    /// The same file for the thread that writes, so that it has it for as long as it writes, whatever becomes of the other one.
    /// -1 where nobody else writes.
    private var lent: CInt = -1
    private var isDirect: Bool
    /// The next byte's place in the file.
    private var end = 0
    /// So many of them the disk has, or is writing.
    private var begun = 0
    private var failure: Failure?

    /// Goes on where the descriptor stands; with a staging that is the beginning of an empty file.
    package init(_ descriptor: CInt, staging: Staging? = nil) {
        self.descriptor = descriptor
        end = max(0, lseek(descriptor, 0, SEEK_CUR))
        self.staging = end == 0 ? staging : nil
        isDirect = self.staging != nil && cdcmtk_pass_page_cache(descriptor, true)
        guard let staging = self.staging else { return }
        lent = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        staging.writing.begin(lent)
    }

    deinit { takeBack() }

    /// How much was written.
    package var count: Int64 { Int64(end) }
    /// Where all of it stands in memory, if it does.
    package var memory: ObjectMemory? { staging?.memory }

    /// Where the next bytes can be put, so that `write` has nothing to copy; none where they go to the file at once.
    var room: UnsafeMutableRawBufferPointer {
        guard let staging else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(rebasing: staging.bytes[end...])
    }

    /// All of the bytes, wherever they stand. What failed once is told each time.
    package func write(_ fragment: UnsafeRawBufferPointer) -> Failure? {
        if failure == nil { failure = put(fragment) }
        return failure
    }

    private func put(_ fragment: UnsafeRawBufferPointer) -> Failure? {
        if let staging {
            let room = room
            if fragment.count <= room.count {
                if fragment.baseAddress != UnsafeRawPointer(room.baseAddress) { room.copyMemory(from: fragment) }
                end += fragment.count
                return end - begun >= Self.step ? beginBlocks(staging) : nil
            }
            if let failure = writeRest() { return failure }
            usePageCache()
            self.staging = nil
        }
        if let failure = Staging.write(fragment, to: descriptor, at: end) { return failure }
        end += fragment.count
        if end - begun >= Self.step {
            // Not the page that the next bytes go to.
            cdcmtk_begin_writeback(descriptor, Int64(begun), Int64(blocks - begun))
            begun = blocks
        }
        return nil
    }

    /// After the last byte: whoever writes already goes on with the rest, and nobody waits.
    func goOn() {
        if let staging, lent >= 0 { staging.writing.goOn(upTo: blocks) }
    }

    /// After the last byte: waits until nothing is left but the fsync. What failed once is told each time.
    package func finish() -> Failure? {
        if failure == nil { failure = writeRest() }
        return failure
    }

    private func writeRest() -> Failure? {
        if let staging {
            goOn()
            if lent >= 0 {
                let (written, failure) = staging.writing.settle()
                takeBack()
                if let failure { return failure }
                begun = written
            }
            if let failure = writeStaged(staging, to: blocks) { return failure }
            guard end > begun else { return nil }
            // Of the last block only the page cache takes a part.
            usePageCache()
            return writeStaged(staging, to: end)
        }
        // Little is left to the fsync, which would have to wait for one more request of it.
        if end - begun >= Self.step / 4 { cdcmtk_begin_writeback(descriptor, Int64(begun), 0) }
        return nil
    }

    /// The end of the last whole block, which is what goes past the page cache.
    private var blocks: Int { end / Staging.block * Staging.block }

    private func beginBlocks(_ staging: Staging) -> Failure? {
        if lent >= 0 {
            let (isTaken, failure) = staging.writing.ask(upTo: blocks)
            if isTaken {
                begun = blocks
                return failure
            }
            takeBack()
        }
        return writeStaged(staging, to: blocks)
    }

    private func writeStaged(_ staging: Staging, to place: Int) -> Failure? {
        guard place > begun else { return nil }
        let failure = staging.write(begun..<place, to: descriptor)
        begun = place
        return failure
    }

    private func usePageCache() {
        guard isDirect else { return }
        isDirect = false
        _ = cdcmtk_pass_page_cache(descriptor, false)
    }

    /// Nobody else writes from here on.
    private func takeBack() {
        guard lent >= 0 else { return }
        _ = staging?.writing.settle()
        close(lent)
        lent = -1
    }
}
