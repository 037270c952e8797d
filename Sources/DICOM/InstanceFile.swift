// A Part 10 file of the spool (PS3.10 section 7).

package import DICOMVocabulary
internal import Glibc

/// An instance on disk: scanned whole, parsed without its pixel data. The descriptor stays open as long as a copy of the
/// value lives, so that the bulk can be sent from it after the file's name is gone.
package struct InstanceFile {
    /// Closes with the last copy.
    private final class Descriptor {
        let value: CInt
        init(_ value: CInt) { self.value = value }
        deinit { close(value) }
    }

    package let header: ScannedHeader
    private let descriptor: Descriptor

    /// For `pread` and the like only: its position belongs to nobody.
    package var fileDescriptor: CInt { descriptor.value }

    /// Opens and scans the file. `.missingFile`, `.ioError`, `.unwalkable` or `.tooLarge`.
    package init(path: String, bounds: ScanBounds, wanted: Set<Tag> = []) throws(Failure) {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else {
            let isMissing = errno == ENOENT
            throw Failure(
                isMissing ? .missingFile : .ioError, isMissing ? .person : .tryAgain, .instance,
                detail: "open: errno \(errno)")
        }
        descriptor = Descriptor(opened)
        var source = try FileByteSource(fileDescriptor: opened)
        header = try HeaderScanner(bounds: bounds, wanted: wanted).scan(&source, as: nil)
    }

    /// Everything but group 7FE0: what stands before it and what stands behind it.
    package func dataSet(bounds: ScanBounds = ScanBounds()) throws(Failure) -> DataSet {
        let bulk = header.bulk ?? header.end..<header.end
        let bytes = try read(header.dataSetOffset..<bulk.lowerBound) + read(bulk.upperBound..<header.end)
        return try DataSet(bytes: bytes, transferSyntax: header.transferSyntax, bounds: bounds)
    }

    /// Bytes of the file, offsets as in `header`.
    package func read(_ range: Range<Int64>) throws(Failure) -> [UInt8] {
        let source = try FileByteSource(fileDescriptor: fileDescriptor)
        var failure: Failure?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            do throws(Failure) {
                filled = try source.read(at: range.lowerBound, into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        guard bytes.count == range.count else {
            throw Failure(.ioError, .person, .instance, detail: "the file became shorter while it was read")
        }
        return bytes
    }
}
