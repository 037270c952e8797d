// That a file of the spool still is what was acknowledged.

import DICOMVocabulary

enum StoredBytes {
    /// Few enough to stay in the processor's cache between reading and hashing: a quarter faster than a mebibyte.
    private static let block = 1 << 16

    /// Reads the data set and compares it with its digest. A disk may give back other bytes than it was
    /// given, and what is not what came is never sent. `.damagedFile`, `.missingFile` or `.ioError`.
    static func check(path: String, digest: String) throws(Failure) {
        try check(FileByteSource(path: path), digest: digest)
    }

    /// As above, for bytes that were read already.
    static func check(_ source: FileByteSource, digest expected: String) throws(Failure) {
        let start: Int64
        do throws(Failure) {
            start = try HeaderScanner.meta(source).dataSetOffset
        } catch {
            if error.code == .ioError { throw error }
            throw damaged("its head cannot be read")
        }
        let digest = try Digest()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 64)
        defer { buffer.deallocate() }
        var offset = start
        while offset < source.count {
            let count = try source.read(at: offset, into: buffer)
            guard count > 0 else { break }
            digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
        }
        guard digest.finish() == expected else { throw damaged("its digest is another") }
    }

    private static func damaged(_ why: String) -> Failure {
        Failure(
            .damagedFile, .person, .instance, detail: "the file in the spool is not what was stored: \(why)",
            hint: "Look at the spool's disk, and send the study again from its source.")
    }
}
