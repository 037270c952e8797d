// Compressed streams inside documents (RFC 1950, RFC 1951).

internal import CDCMTK

package enum FlateStream {
    /// What a zlib stream holds, or nil where it is none, is damaged, or holds more than `limit` bytes. What stands behind
    /// its end is not looked at; a missing checksum is forgiven.
    package static func inflated(_ bytes: ArraySlice<UInt8>, limit: Int) -> [UInt8]? {
        guard bytes.count > 2 else { return nil }
        let (method, flags) = (Int(bytes[bytes.startIndex]), Int(bytes[bytes.startIndex + 1]))
        // Deflate, a header that checks, no dictionary.
        guard method & 0x0F == 8, (method << 8 | flags) % 31 == 0, flags & 0x20 == 0 else { return nil }
        guard let inflater = cdcmtk_inflater_create() else { return nil }
        defer { cdcmtk_inflater_destroy(inflater) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var ended = false
        var position = bytes.startIndex + 2
        while !ended {
            var (consumed, produced) = (0, 0)
            let status = bytes[position...].withUnsafeBufferPointer { input in
                chunk.withUnsafeMutableBufferPointer {
                    cdcmtk_inflater_step(
                        inflater, input.baseAddress, input.count, $0.baseAddress, $0.count, &consumed, &produced,
                        &ended)
                }
            }
            guard status.code == CDCMTK_OK, output.count + produced <= limit else { return nil }
            output += chunk[..<produced]
            position += consumed
            if !ended, consumed == 0, produced == 0 { return nil }
        }
        return output
    }
}
