// That a file of the spool still is what was acknowledged.

import DICOMVocabulary

enum StoredBytes {
    /// Few enough to stay in the processor's cache between reading and hashing: a quarter faster than a mebibyte.
    private static let block = 1 << 16

    /// Reads the data set and compares it with its digest. A disk may give back other bytes than it was
    /// given, and what is not what came is never sent. `.damagedFile`, `.missingFile` or `.ioError`.
    static func check(path: String, digest expected: String) throws(Failure) {
        let source = try FileByteSource(path: path)
        let digest = try Digest()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 64)
        defer { buffer.deallocate() }
        var offset = try dataSetOffset(source)
        while offset < source.count {
            let count = try source.read(at: offset, into: buffer)
            guard count > 0 else { break }
            digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
        }
        try compare(digest, expected)
    }

    /// As above, for a file whose bytes were read already.
    static func check(_ file: UnsafeRawBufferPointer, digest expected: String) throws(Failure) {
        let start = try dataSetOffset(BufferByteSource(bytes: file))
        let digest = try Digest()
        digest.update(UnsafeRawBufferPointer(rebasing: file[Int(start)...]))
        try compare(digest, expected)
    }

    private static func dataSetOffset(_ source: some ByteSource) throws(Failure) -> Int64 {
        do throws(Failure) {
            return try HeaderScanner.meta(source).dataSetOffset
        } catch {
            if error.code == .ioError { throw error }
            throw damaged("its head cannot be read")
        }
    }

    private static func compare(_ digest: Digest, _ expected: String) throws(Failure) {
        guard digest.finish() == expected else { throw damaged("its digest is another") }
    }

    private static func damaged(_ why: String) -> Failure {
        Failure(
            .damagedFile, .person, .instance, detail: "the file in the spool is not what was stored: \(why)",
            hint: "Look at the spool's disk, and send the study again from its source.")
    }
}
