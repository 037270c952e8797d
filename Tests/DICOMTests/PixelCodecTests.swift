import DICOMVocabulary
import Testing

@testable import DICOM

@Suite("Codecs of frames")
struct PixelCodecTests {
    static let syntaxes: [TransferSyntax] = [.jpegLSLossless, .jpeg2000Lossless]

    private static func format(
        stored: Int, allocated: Int, signed: Bool, samples: Int, photometric: String? = nil
    ) throws -> PixelFormat {
        let root = DataSet().root
        func set(_ element: UInt16, _ value: Int) throws {
            try root.set(Tag(0x0028, element), .US, [UInt8(value & 0xFF), UInt8(value >> 8)])
        }
        try set(0x0002, samples)
        try root.set(Tag(0x0028, 0x0004), .CS, text: photometric ?? (samples == 1 ? "MONOCHROME2" : "RGB"))
        try set(0x0010, 23)
        try set(0x0011, 17)
        try set(0x0100, allocated)
        try set(0x0101, stored)
        try set(0x0102, stored - 1)
        try set(0x0103, signed ? 1 : 0)
        return try #require(PixelFormat(root))
    }

    private static func frame(_ format: PixelFormat) -> [UInt8] {
        let low = format.isSigned ? -(1 << (format.stored - 1)) : 0
        return (0..<format.rows * format.columns * format.samples).flatMap { index in
            let sample = low + (index * 37) % (1 << format.stored)
            let bytes = [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
            return bytes.prefix(format.allocated / 8)
        }
    }

    @Test(
        "grey and colour come back bit for bit", arguments: syntaxes,
        [(8, 8, false, 1), (12, 16, true, 1), (16, 16, false, 1), (8, 8, false, 3), (16, 16, false, 3)])
    func roundTrip(
        syntax: TransferSyntax, shape: (stored: Int, allocated: Int, signed: Bool, samples: Int)
    ) throws {
        var format = try Self.format(
            stored: shape.stored, allocated: shape.allocated, signed: shape.signed, samples: shape.samples)
        let frame = Self.frame(format)
        let fragment = try PixelCodec.encode(frame, as: syntax, &format)
        #expect(fragment.count % 2 == 0)
        #expect(
            format.photometric == (shape.samples == 1 ? "MONOCHROME2" : syntax == .jpegLSLossless ? "RGB" : "YBR_RCT"))
        let again = try PixelCodec.decode(fragment, syntax, &format)
        #expect(again == frame)
        #expect(format.photometric == (shape.samples == 1 ? "MONOCHROME2" : "RGB"))
    }

    @Test("OpenJPEG reads what OpenJPH wrote, as HTJ2K of each kind")
    func highThroughput() throws {
        var format = try Self.format(stored: 12, allocated: 16, signed: false, samples: 1)
        let frame = Self.frame(format)
        let fragment = try LosslessCodec.encode(frame, as: .htj2kLossless, format)
        for kind: TransferSyntax in [.htj2kLossless, "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"] {
            let again = try PixelCodec.decode(fragment, kind, &format)
            #expect(again == frame)
        }
    }

    @Test("a stream of another image, half a one and garbage are refused", arguments: syntaxes)
    func refused(syntax: TransferSyntax) throws {
        let format = try Self.format(stored: 12, allocated: 16, signed: false, samples: 1)
        var copy = format
        let fragment = try PixelCodec.encode(Self.frame(format), as: syntax, &copy)
        func refuses(_ bytes: [UInt8], _ change: (inout PixelFormat) -> Void = { _ in }) {
            var other = format
            change(&other)
            var failure: Failure?
            do throws(Failure) {
                _ = try PixelCodec.decode(bytes, syntax, &other)
            } catch {
                failure = error
            }
            #expect(failure?.code == .unreadable)
        }
        refuses(fragment) { $0.rows += 1 }
        refuses(fragment) { $0.columns -= 1 }
        refuses(fragment) { ($0.stored, $0.highBit) = (11, 10) }
        refuses(fragment) { $0.samples = 3 }
        refuses(Array(fragment.prefix(fragment.count / 2)))
        refuses(Array(repeating: 0xA5, count: 999))
        refuses([])
    }

    @Test("samples beyond their bits are not written", arguments: syntaxes)
    func strayBits(syntax: TransferSyntax) throws {
        var format = try Self.format(stored: 12, allocated: 16, signed: false, samples: 1)
        var frame = Self.frame(format)
        frame[101] |= 0x80
        var failure: Failure?
        do throws(Failure) {
            _ = try PixelCodec.encode(frame, as: syntax, &format)
        } catch {
            failure = error
        }
        #expect(failure != nil)
    }

    @Test("one sample that calls itself RGB is not given to the colour transform")
    func greyAsColour() throws {
        var format = try Self.format(stored: 8, allocated: 8, signed: false, samples: 1, photometric: "RGB")
        let frame = Self.frame(format)
        let fragment = try PixelCodec.encode(frame, as: .jpeg2000Lossless, &format)
        #expect(format.photometric == "RGB")
        let again = try PixelCodec.decode(fragment, .jpeg2000Lossless, &format)
        #expect(again == frame)
    }
}
