// A movable window over a byte source, so that walking headers costs few system calls and skipping values none.

struct ScanWindow {
    /// After a jump only little is read: between the fragments of a long film there are eight bytes of interest.
    private static let afterJump = 4096
    private static let first = 16_384
    private static let largest = 1 << 20

    private(set) var source: any ByteSource
    let count: Int64
    private var buffer: [UInt8] = []
    private var start: Int64 = 0
    private var size = Self.first

    init(_ source: any ByteSource) {
        self.source = source
        count = source.count
    }

    /// Makes `length` bytes from `offset` readable and gives the index of the first. The caller has compared with
    /// `count`; a source that ends before it says is an `.ioError`. `length` is small (a header or a wanted value).
    private mutating func place(_ offset: Int64, _ length: Int) throws(Failure) -> Int {
        let end = start + Int64(buffer.count)
        if offset >= start, Int64(length) <= end - offset, offset <= end { return Int(offset - start) }
        // Going on where the window ends is a long header: read more at a time.
        if !buffer.isEmpty {
            size = offset >= start && offset <= end ? min(size * 2, Self.largest) : Self.afterJump
        }
        let wanted = Int(min(Int64(max(size, length)), count - offset))
        var fresh = [UInt8](repeating: 0, count: max(wanted, 0))
        var failure: Failure?
        let got = fresh.withUnsafeMutableBytes { bytes -> Int in
            do throws(Failure) {
                return try source.read(at: offset, into: bytes)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        guard got >= length else {
            throw Failure(
                .ioError, .tryAgain, .instance, detail: "the source ends at byte \(offset + Int64(got))")
        }
        if got < fresh.count { fresh.removeLast(fresh.count - got) }
        buffer = fresh
        start = offset
        return 0
    }

    mutating func uint16(at offset: Int64, bigEndian: Bool) throws(Failure) -> UInt16 {
        let index = try place(offset, 2)
        let (a, b) = (UInt16(buffer[index]), UInt16(buffer[index + 1]))
        return bigEndian ? a << 8 | b : b << 8 | a
    }

    mutating func uint32(at offset: Int64, bigEndian: Bool) throws(Failure) -> UInt32 {
        let low = UInt32(try uint16(at: offset + (bigEndian ? 2 : 0), bigEndian: bigEndian))
        let high = UInt32(try uint16(at: offset + (bigEndian ? 0 : 2), bigEndian: bigEndian))
        return high << 16 | low
    }

    mutating func tag(at offset: Int64, bigEndian: Bool) throws(Failure) -> Tag {
        Tag(
            try uint16(at: offset, bigEndian: bigEndian), try uint16(at: offset + 2, bigEndian: bigEndian)
        )
    }

    /// Two letters as they stand.
    mutating func letters(at offset: Int64) throws(Failure) -> (UInt8, UInt8) {
        let index = try place(offset, 2)
        return (buffer[index], buffer[index + 1])
    }

    mutating func bytes(at offset: Int64, count: Int) throws(Failure) -> [UInt8] {
        let index = try place(offset, count)
        return Array(buffer[index..<index + count])
    }
}
