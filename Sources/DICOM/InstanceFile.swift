// A Part 10 file of the spool (PS3.10 section 7).

package import DICOMVocabulary
internal import Glibc

/// An instance on disk: scanned whole, parsed without its pixel data. The descriptor stays open as long as a copy of the
/// value lives, so that the bulk can be sent from it after the file's name is gone.
///
/// A deflated one is unpacked first, within the bounds, into a file without a name. From then on it is an instance in
/// Explicit VR Little Endian, which is what is inside (PS3.5 A.5), and `fileDescriptor` and all offsets are the unpacked
/// file's. The file of the spool stays as it came.
package struct InstanceFile {
    /// Gives a new, empty file that can be written and read and that nobody else finds; the caller closes it.
    package typealias Scratch = () throws(Failure) -> CInt

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

    package let header: ScannedHeader
    private let descriptor: Descriptor
    /// What a read may reach: behind it a lent descriptor may hold what another instance left.
    private let count: Int64

    /// For `pread` and the like only: its position belongs to nobody.
    package var fileDescriptor: CInt { descriptor.value }

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
        try self.init(Descriptor(opened), nil, bounds, wanted, scratch)
    }

    /// Borrows a descriptor, which has to stay open, with the same bytes, as long as the value is used.
    /// - Parameter count: how much of the file is the instance; all of it where nothing is said.
    package init(
        borrowing descriptor: CInt, count: Int64? = nil, bounds: ScanBounds, wanted: Set<Tag> = [],
        scratch: Scratch? = nil
    ) throws(Failure) {
        try self.init(Descriptor(descriptor, isOwned: false), count, bounds, wanted, scratch)
    }

    private init(
        _ stored: Descriptor, _ count: Int64?, _ bounds: ScanBounds, _ wanted: Set<Tag>, _ scratch: Scratch?
    ) throws(Failure) {
        let scanner = HeaderScanner(bounds: bounds, wanted: wanted)
        var source = try FileByteSource(fileDescriptor: stored.value, count: count)
        let (stated, offset) = try HeaderScanner.meta(source)
        guard let inflated = stated.transferSyntax.inflated, let scratch else {
            descriptor = stored
            self.count = source.count
            header = try scanner.scan(&source, as: nil)
            return
        }
        let unpacked = Descriptor(try scratch())
        _ = try Inflation.unpack(source, from: offset, to: unpacked.value, bounds: bounds)
        var inside = try FileByteSource(fileDescriptor: unpacked.value)
        var scanned = try scanner.scan(&inside, as: inflated)
        scanned.meta = FileMeta(
            transferSyntax: inflated, sopClass: stated.sopClass, sopInstance: stated.sopInstance)
        descriptor = unpacked
        self.count = inside.count
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
        // What is lent is memory that the next one uses.
        if descriptor.isOwned { _ = posix_fadvise(fileDescriptor, 0, 0, POSIX_FADV_DONTNEED) }
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
        let source = try FileByteSource(fileDescriptor: fileDescriptor, count: count)
        guard try source.read(at: offset, into: buffer) == buffer.count else {
            throw Failure(.ioError, .person, .instance, detail: "the file became shorter while it was read")
        }
    }
}
