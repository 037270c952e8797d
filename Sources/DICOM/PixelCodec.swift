// Compressed frames, decoded and encoded one by one.

internal import CDCMTK
package import DICOMVocabulary

/// JPEG and RLE by DCMTK, JPEG-LS by CharLS, JPEG 2000 and HTJ2K by OpenJPEG. Video has none. Workshop only.
package enum PixelCodec {
    private enum Library {
        case dcmtk
        case charLS
        case openJPEG
    }

    private static func library(_ syntax: TransferSyntax) -> Library? {
        switch syntax {
        case .jpegLSLossless, "1.2.840.10008.1.2.4.81": .charLS
        case .jpeg2000Lossless, "1.2.840.10008.1.2.4.91", .htj2kLossless, "1.2.840.10008.1.2.4.202",
            "1.2.840.10008.1.2.4.203":
            .openJPEG
        default: cdcmtk_pixels_can_decode(syntax.uid.string) ? .dcmtk : nil
        }
    }

    package static func canDecode(_ syntax: TransferSyntax) -> Bool { library(syntax) != nil }

    /// The syntax in which frames of `syntax` are written again without loss: its own where it is one without loss, else
    /// the nearest of its family. nil where there is no codec.
    package static func lossless(after syntax: TransferSyntax) -> TransferSyntax? {
        switch library(syntax) {
        case nil: nil
        case .charLS: .jpegLSLossless
        case .openJPEG: .jpeg2000Lossless
        case .dcmtk: syntax == .rleLossless ? .rleLossless : .jpegLossless
        }
    }

    /// One frame's samples, colour by pixel, numbers in little endian. `format` gets the photometric interpretation and the
    /// planar configuration of the result. `.unreadable` for what the codec refuses; needs the memory of one frame.
    package static func decode(
        _ bytes: [UInt8], _ syntax: TransferSyntax, _ format: inout PixelFormat
    ) throws(Failure) -> [UInt8] {
        let library = library(syntax)
        return try run(&format) { shim, result in
            switch library {
            case .charLS: cdcmtk_jpegls_decode(shim, bytes, bytes.count, result)
            case .openJPEG: cdcmtk_jpeg2000_decode(shim, bytes, bytes.count, result)
            case .dcmtk, nil: cdcmtk_pixels_decode(syntax.uid.string, shim, bytes, bytes.count, result)
            }
        }
    }

    /// One frame's samples as one fragment of even length.
    package static func encode(
        _ frame: [UInt8], as syntax: TransferSyntax, _ format: inout PixelFormat
    ) throws(Failure) -> [UInt8] {
        let library = library(syntax)
        return try run(&format) { shim, result in
            switch library {
            case .charLS: cdcmtk_lossless_encode(syntax.uid.string, shim, frame, frame.count, result)
            case .openJPEG: cdcmtk_jpeg2000_encode(shim, frame, frame.count, result)
            case .dcmtk, nil: cdcmtk_pixels_encode(syntax.uid.string, shim, frame, frame.count, result)
            }
        }
    }

    private static func run(
        _ format: inout PixelFormat,
        _ body: (UnsafeMutablePointer<cdcmtk_pixel_format>, UnsafeMutablePointer<cdcmtk_bytes>) -> cdcmtk_status
    ) throws(Failure) -> [UInt8] {
        var shim = format.shim
        var result = cdcmtk_bytes()
        let status = body(&shim, &result)
        guard status.code == CDCMTK_OK else { throw Failure(status) }
        format.isPlanar = shim.planar == 1
        format.photometric = withUnsafeBytes(of: shim.photometric) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Array(takingOver: result)
    }
}

extension PixelFormat {
    /// As the shim's codecs take it.
    var shim: cdcmtk_pixel_format {
        var shim = cdcmtk_pixel_format()
        shim.rows = UInt16(truncatingIfNeeded: rows)
        shim.columns = UInt16(truncatingIfNeeded: columns)
        shim.samples = UInt16(truncatingIfNeeded: samples)
        shim.allocated = UInt16(truncatingIfNeeded: allocated)
        shim.stored = UInt16(truncatingIfNeeded: stored)
        shim.high_bit = UInt16(truncatingIfNeeded: highBit)
        shim.representation = isSigned ? 1 : 0
        shim.planar = isPlanar ? 1 : 0
        withUnsafeMutableBytes(of: &shim.photometric) { $0.copyBytes(from: photometric.utf8.prefix(16)) }
        return shim
    }
}
