// Raw deflate streams (RFC 1951), made without a compressor.

enum Deflate {
    /// As it is, in stored blocks.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = []
        var rest = bytes[...]
        repeat {
            let part = rest.prefix(65_535)
            rest = rest.dropFirst(part.count)
            let length = UInt16(part.count)
            stream.append(rest.isEmpty ? 1 : 0)
            for number in [length, ~length] { stream += [UInt8(number & 0xFF), UInt8(number >> 8)] }
            stream += part
        } while !rest.isEmpty
        return stream
    }

    /// One NUL, and 258 more for each 13 bits: a fixed Huffman block of nothing but the longest match at distance 1.
    static func bomb(runs: Int) -> [UInt8] {
        var bits: [Bool] = []
        // Codes stand with their most significant bit first (3.1.1).
        func code(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
        }
        bits += [true, true, false]
        code(0b0011_0000, 8)
        for _ in 0..<runs {
            code(0b1100_0101, 8)
            code(0, 5)
        }
        code(0, 7)
        return stride(from: 0, to: bits.count, by: 8).map { start in
            (0..<8).reduce(UInt8(0)) { byte, bit in
                start + bit < bits.count && bits[start + bit] ? byte | 1 << UInt8(bit) : byte
            }
        }
    }
}
