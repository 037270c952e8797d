import DICOMVocabulary
import Testing

@testable import DICOM

@Suite("Compression without loss")
struct LosslessCodecTests {
    private static func format(stored: Int, allocated: Int, signed: Bool, samples: Int = 1) throws -> PixelFormat {
        let dataSet = DataSet()
        let root = dataSet.root
        func set(_ element: UInt16, _ value: Int) throws {
            try root.set(Tag(0x0028, element), .US, [UInt8(value & 0xFF), UInt8(value >> 8)])
        }
        try set(0x0002, samples)
        try root.set(Tag(0x0028, 0x0004), .CS, text: samples == 1 ? "MONOCHROME2" : "RGB")
        try set(0x0010, 40)
        try set(0x0011, 61)
        try set(0x0100, allocated)
        try set(0x0101, stored)
        try set(0x0102, stored - 1)
        try set(0x0103, signed ? 1 : 0)
        return try #require(PixelFormat(root))
    }

    /// A ramp over the whole range of the bits, and back.
    private static func frame(_ format: PixelFormat) -> [UInt8] {
        let low = format.isSigned ? -(1 << (format.stored - 1)) : 0
        let range = 1 << format.stored
        var bytes: [UInt8] = []
        for index in 0..<(format.rows * format.columns) {
            let sample = low + (index * 37) % range
            bytes.append(UInt8(truncatingIfNeeded: sample))
            if format.allocated == 16 { bytes.append(UInt8(truncatingIfNeeded: sample >> 8)) }
        }
        return bytes
    }

    @Test(
        "every depth, with and without a sign, comes back bit for bit",
        arguments: LosslessCodec.syntaxes, [(8, 8), (7, 8), (10, 16), (12, 16), (15, 16), (16, 16)])
    func roundTrip(syntax: TransferSyntax, bits: (stored: Int, allocated: Int)) throws {
        for signed in [false, true] {
            let format = try Self.format(stored: bits.stored, allocated: bits.allocated, signed: signed)
            let frame = Self.frame(format)
            let fragment = try LosslessCodec.encode(frame, as: syntax, format)
            #expect(fragment.count % 2 == 0)
            var layout = format
            let again = try PixelCodec.decode(fragment, syntax, &layout)
            #expect(again == frame)
        }
    }

    @Test("samples beyond their bits are refused, since they would not come back", arguments: LosslessCodec.syntaxes)
    func strayBits(syntax: TransferSyntax) throws {
        let format = try Self.format(stored: 12, allocated: 16, signed: false)
        var frame = Self.frame(format)
        frame[1001] |= 0x80
        #expect(throws: Failure.self) { try LosslessCodec.encode(frame, as: syntax, format) }
    }

    @Test("a frame of another size is refused", arguments: LosslessCodec.syntaxes)
    func otherSize(syntax: TransferSyntax) throws {
        let format = try Self.format(stored: 12, allocated: 16, signed: false)
        let frame = Self.frame(format).dropLast(2)
        #expect(throws: Failure.self) { try LosslessCodec.encode(Array(frame), as: syntax, format) }
    }

    @Test("colour and odd layouts are not taken")
    func notTaken() throws {
        #expect(try !LosslessCodec.takes(Self.format(stored: 8, allocated: 8, signed: false, samples: 3)))
        #expect(try LosslessCodec.takes(Self.format(stored: 8, allocated: 8, signed: false)))
        var shifted = try Self.format(stored: 12, allocated: 16, signed: false)
        shifted.highBit = 15
        #expect(!LosslessCodec.takes(shifted))
    }
}
