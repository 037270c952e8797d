// Lent bytes for the header scanner.

internal import DICOMVocabulary

/// Valid as long as the buffer is lent.
struct BufferByteSource: ByteSource {
    let bytes: UnsafeRawBufferPointer

    var count: Int64 { Int64(bytes.count) }

    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        guard offset >= 0, offset < count else { return 0 }
        let part = bytes[Int(offset)...].prefix(buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
        return part.count
    }
}
