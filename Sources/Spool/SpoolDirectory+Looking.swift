// What is in the spool, for those who check it against the journal.

import Crypto
package import DICOMVocabulary
import Glibc

/// A data set as it lies on disk.
package struct StoredContent: Sendable, Hashable {
    /// Without preamble and file meta information.
    package var bytes: Int64
    /// XXH3-128 of the data set, lower-case hex, as the journal has it (`Digest`).
    package var digest: String
}

extension SpoolDirectory {
    /// Hands over the key of every finished file. Blocks.
    package func eachKey(_ body: (String) throws -> Void) throws {
        for shelf in 0...255 {
            for key in try keys(in: "\(objects)/\(Self.hex(UInt8(shelf)))") { try body(key) }
        }
    }

    /// Keys of whole files that were set aside. Blocks.
    package func orphanKeys() throws(Failure) -> [String] { try keys(in: orphans) }

    package func orphanPath(of key: String) -> String {
        Self.isKey(key) ? "\(orphans)/\(key).dcm" : orphans + "/not-a-key"
    }

    /// Everything else that was set aside: what no fsync confirmed.
    package func doubtfulFiles() throws(Failure) -> [String] {
        try names(in: orphans).filter { !$0.hasSuffix(".dcm") }.sorted()
    }

    /// Takes a file out of `objects/`, to where a person finds it. Durable when it returns.
    package func setAside(_ key: String) throws(Failure) {
        guard calls.rename(path(of: key), orphanPath(of: key)) == 0 else { throw .spool("set a file aside", errno) }
        try synchronise(folder: orphans)
    }

    /// Makes the bytes of a file durable that no writer of this life has flushed.
    package func confirm(_ key: String) throws(Failure) {
        let descriptor = open(path(of: key), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .spool("open", errno) }
        defer { close(descriptor) }
        guard calls.synchronise(descriptor) == 0 else { throw .spool("fsync", errno) }
    }

    /// Brings a file back from `orphans/`. Durable when it returns.
    package func takeBack(_ key: String) throws(Failure) {
        guard calls.rename(orphanPath(of: key), path(of: key)) == 0 else { throw .spool("take a file back", errno) }
        try synchronise(folder: "\(objects)/\(key.prefix(2))")
    }

    /// Seconds since 1970 of a file's last change; nil when it is gone.
    package func changed(_ path: String) -> Double? {
        var status = stat()
        return stat(path, &status) == 0 ? Double(status.st_mtim.tv_sec) : nil
    }

    /// Length and, unless told otherwise, digest of the data set in a file. `.unwalkable` when its head cannot be read. Blocks.
    package func content(of path: String, hashing: Bool = true) throws(Failure) -> StoredContent {
        try Self.content(of: try FileByteSource(path: path), hashing: hashing)
    }

    static func content(of source: FileByteSource, hashing: Bool = true) throws(Failure) -> StoredContent {
        let start = try HeaderScanner.meta(source).dataSetOffset
        guard hashing else { return StoredContent(bytes: source.count - start, digest: "") }
        let digest = try Digest()
        let end = try read(source, from: start) { (bytes, _) in digest.update(bytes) }
        return StoredContent(bytes: end - start, digest: digest.finish())
    }

    /// SHA-256 of a whole file, lower-case hex. Blocks.
    package static func digest(ofFile path: String) throws(Failure) -> (bytes: Int64, digest: String) {
        let source = try FileByteSource(path: path)
        var hash = SHA256()
        let end = try read(source, from: 0) { (bytes, _) in hash.update(bufferPointer: bytes) }
        return (end, hash.finalize().map { hex($0) }.joined())
    }

    /// Hands over a file from `start` on, piece by piece, with the place of each; gives where it ends.
    static func read(
        _ source: FileByteSource, from start: Int64, each: (UnsafeRawBufferPointer, Int64) throws(Failure) -> Void
    ) throws(Failure) -> Int64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 4096)
        defer { buffer.deallocate() }
        var offset = start
        while offset < source.count {
            let count = try source.read(at: offset, into: buffer)
            guard count > 0 else { break }
            try each(UnsafeRawBufferPointer(rebasing: buffer[..<count]), offset)
            offset += Int64(count)
        }
        return offset
    }

    private func keys(in folder: String) throws(Failure) -> [String] {
        var found: [String] = []
        for name in try names(in: folder) where name.hasSuffix(".dcm") {
            let key = String(name.dropLast(4))
            if Self.isKey(key) { found.append(key) }
        }
        return found.sorted()
    }
}
