// Lent bytes for the header scanner.

/// Valid as long as the buffer is lent.
package struct BufferByteSource: ByteSource {
    private let bytes: UnsafeRawBufferPointer

    package init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    package var count: Int64 { Int64(bytes.count) }

    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        guard offset >= 0, offset < count else { return 0 }
        let part = bytes[Int(offset)...].prefix(buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
        return part.count
    }
}
