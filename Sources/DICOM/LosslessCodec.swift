// Compression without loss on the way out: HTJ2K by OpenJPH, JPEG-LS by CharLS.

internal import CDCMTK
package import DICOMVocabulary

/// Compresses single grey frames of 8 or 16 bits. Every frame is decoded again and compared before it is given out, so
/// that nothing leaves that would not come back bit for bit. Workshop only; any thread.
package enum LosslessCodec {
    /// The best first: HTJ2K is several times faster than JPEG-LS at nearly its ratio (docs/performance.md).
    package static let syntaxes: [TransferSyntax] = [.htj2kLossless, .jpegLSLossless]

    /// Whether the codecs take such frames at all: one sample a pixel, its bits the lowest of 8 or 16.
    package static func takes(_ format: PixelFormat) -> Bool {
        format.samples == 1 && (format.allocated == 8 || format.allocated == 16) && format.stored >= 2
            && format.highBit + 1 == format.stored && format.photometric.hasPrefix("MONOCHROME")
    }

    /// One native frame in little endian as one fragment of even length (PS3.5 A.4). `.unreadable` where the codec
    /// refuses or the frame would not come back: the frame is then to be sent as it is.
    package static func encode(
        _ frame: [UInt8], as syntax: TransferSyntax, _ format: PixelFormat
    ) throws(Failure) -> [UInt8] {
        var shim = format.shim
        var result = cdcmtk_bytes()
        let status = cdcmtk_lossless_encode(syntax.uid.string, &shim, frame, frame.count, &result)
        guard status.code == CDCMTK_OK else { throw Failure(status) }
        return Array(takingOver: result)
    }
}
