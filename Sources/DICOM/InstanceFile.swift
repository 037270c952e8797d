// A Part 10 file of the spool (PS3.10 section 7).

package import DICOMVocabulary
internal import Glibc

/// An instance on disk, or the bytes of such a file in memory: scanned whole, parsed without its pixel data. The descriptor
/// stays open as long as a copy of the value lives, so that the bulk can be sent from it after the file's name is gone.
///
/// A deflated one is unpacked first, within the bounds, into a file without a name. From then on it is an instance in
/// Explicit VR Little Endian, which is what is inside (PS3.5 A.5), and `place` and all offsets are the unpacked
/// file's. The file of the spool stays as it came.
package struct InstanceFile {
    /// Gives a new, empty file that can be written and read and that nobody else finds; the caller closes it.
    package typealias Scratch = () throws(Failure) -> CInt

    /// Where the bytes are.
    package enum Place {
        /// For `pread` and the like only: its position belongs to nobody.
        case file(CInt)
        case memory(ObjectMemory)
    }

    /// Closes with the last copy, unless it is lent.
    private final class Descriptor {
        let value: CInt
        let isOwned: Bool

        init(_ value: CInt, isOwned: Bool = true) {
            self.value = value
            self.isOwned = isOwned
        }

        deinit { if isOwned { close(value) } }
    }

    private enum Storage {
        case file(Descriptor)
        case memory(ObjectMemory)
    }

    package let header: ScannedHeader
    private let storage: Storage
    /// What a read may reach: behind it what is lent may hold what another instance left.
    private let count: Int64

    package var place: Place {
        switch storage {
        case .file(let descriptor): .file(descriptor.value)
        case .memory(let memory): .memory(memory)
        }
    }

    /// Opens and scans the file. `.missingFile`, `.ioError`, `.unwalkable` or `.tooLarge`; a deflated one is
    /// `.unwalkable` without a `scratch` to unpack it into.
    package init(
        path: String, bounds: ScanBounds, wanted: Set<Tag> = [], scratch: Scratch? = nil
    ) throws(Failure) {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else {
            let isMissing = errno == ENOENT
            throw Failure(
                isMissing ? .missingFile : .ioError, isMissing ? .person : .tryAgain, .instance,
                detail: "open: errno \(errno)")
        }
        let descriptor = Descriptor(opened)
        try self.init(.file(descriptor), FileByteSource(fileDescriptor: opened), bounds, wanted, scratch)
    }

    /// Borrows a descriptor, which has to stay open, with the same bytes, as long as the value is used.
    /// - Parameter count: how much of the file is the instance; all of it where nothing is said.
    package init(
        borrowing descriptor: CInt, count: Int64? = nil, bounds: ScanBounds, wanted: Set<Tag> = [],
        scratch: Scratch? = nil
    ) throws(Failure) {
        try self.init(
            .file(Descriptor(descriptor, isOwned: false)), FileByteSource(fileDescriptor: descriptor, count: count),
            bounds,
            wanted, scratch)
    }

    /// The first `count` bytes of the memory, which have to stay the same as long as the value is used.
    package init(
        in memory: ObjectMemory, count: Int64, bounds: ScanBounds, wanted: Set<Tag> = [], scratch: Scratch? = nil
    ) throws(Failure) {
        try self.init(.memory(memory), BufferByteSource(bytes: memory[0..<count]), bounds, wanted, scratch)
    }

    private init(
        _ stored: Storage, _ stated: some ByteSource, _ bounds: ScanBounds, _ wanted: Set<Tag>, _ scratch: Scratch?
    ) throws(Failure) {
        let scanner = HeaderScanner(bounds: bounds, wanted: wanted)
        var source = stated
        let (meta, offset) = try HeaderScanner.meta(source)
        guard let inflated = meta.transferSyntax.inflated, let scratch else {
            storage = stored
            count = source.count
            header = try scanner.scan(&source, as: nil)
            return
        }
        let unpacked = Descriptor(try scratch())
        _ = try Inflation.unpack(source, from: offset, to: unpacked.value, bounds: bounds)
        var inside = try FileByteSource(fileDescriptor: unpacked.value)
        var scanned = try scanner.scan(&inside, as: inflated)
        scanned.meta = FileMeta(transferSyntax: inflated, sopClass: meta.sopClass, sopInstance: meta.sopInstance)
        storage = .file(unpacked)
        count = inside.count
        header = scanned
    }

    /// Everything but group 7FE0: what stands before it and what stands behind it.
    package func dataSet(bounds: ScanBounds = ScanBounds()) throws(Failure) -> DataSet {
        let bulk = header.bulk ?? header.end..<header.end
        let bytes = try read(header.dataSetOffset..<bulk.lowerBound) + read(bulk.upperBound..<header.end)
        return try DataSet(bytes: bytes, transferSyntax: header.transferSyntax, bounds: bounds)
    }

    /// Nobody is expected to read the file again soon: its pages make room for those of the next (posix_fadvise(2)).
    package func leaveCache() {
        guard case .file(let descriptor) = storage, descriptor.isOwned else { return }
        _ = posix_fadvise(descriptor.value, 0, 0, POSIX_FADV_DONTNEED)
    }

    /// Bytes of the file, offsets as in `header`.
    package func read(_ range: Range<Int64>) throws(Failure) -> [UInt8] {
        var failure: Failure?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count])
            do throws(Failure) {
                try read(at: range.lowerBound, into: bytes)
                filled = bytes.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Fills the buffer with bytes of the file.
    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) {
        let got: Int =
            switch storage {
            case .file(let descriptor):
                try FileByteSource(fileDescriptor: descriptor.value, count: count).read(at: offset, into: buffer)
            case .memory(let memory):
                try BufferByteSource(bytes: memory[0..<count]).read(at: offset, into: buffer)
            }
        guard got == buffer.count else {
            throw Failure(.ioError, .person, .instance, detail: "the file became shorter while it was read")
        }
    }

    /// Lends the bytes of a range piece by piece, until `isEnough`: at once where they stand in memory, otherwise as many as stay
    /// in the processor's cache, and always whole multiples of 64.
    package func look(
        through range: Range<Int64>, _ isEnough: (UnsafeRawBufferPointer) -> Bool
    ) throws(Failure) {
        if case .memory(let memory) = storage, range.lowerBound >= 0, range.upperBound <= count {
            _ = isEnough(memory[range])
            return
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 64)
        defer { buffer.deallocate() }
        var rest = range
        while !rest.isEmpty {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, rest.count)])
            try read(at: rest.lowerBound, into: piece)
            if isEnough(UnsafeRawBufferPointer(piece)) { return }
            rest = rest.lowerBound + Int64(piece.count)..<rest.upperBound
        }
    }

    private static let piece = 1 << 16
}
