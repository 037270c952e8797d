// Uncompressed pixels that leave compressed without loss.

import DICOM
import DICOMNetwork
import DICOMVocabulary

/// Writes the frames of an object as HTJ2K or JPEG-LS into a file without a name (PS3.5 8.2.3, 8.2.14; A.4.3, A.4.10). One
/// frame is in memory at a time. One thread.
struct Compression {
    let scratchFile: () throws(Failure) -> CInt

    /// The first syntax that the codecs here write and the peer takes; nil for objects that they do not take, which leave
    /// as they came: compressed ones, colour, odd bits.
    static func target(
        _ file: InstanceFile, _ format: PixelFormat?, accepts: (TransferSyntax) -> Bool
    ) -> TransferSyntax? {
        let stored = file.header.transferSyntax
        guard let format, LosslessCodec.takes(format), !stored.isEncapsulated, !stored.isBigEndian,
            file.header.bulk != nil
        else { return nil }
        return LosslessCodec.syntaxes.first(where: accepts)
    }

    /// nil where a frame would not come back bit for bit, or where compression gains nothing: the object then leaves as it
    /// came. Throws only for what an uncompressed object would fail for as well: a file that cannot be read or written.
    func run(_ file: InstanceFile, _ format: PixelFormat, as syntax: TransferSyntax) throws(Failure) -> CleanedPixels? {
        guard let frames = try? PixelFrames(file, format), let bytes = format.frameBytes else { return nil }
        // Other elements of group 7FE0 (extended offset tables) would no longer fit.
        guard file.header.bulkTags.allSatisfy({ $0 == .pixelData }) else { return nil }
        let original = Int64(bytes) * Int64(frames.count)
        let scratch = ScratchFile(try scratchFile())
        for index in 0..<frames.count {
            let samples = try frames.native(index).samples
            guard let fragment = try? LosslessCodec.encode(samples, as: syntax, format) else { return nil }
            let length = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: fragment.count >> $0) }
            try scratch.append([0xFE, 0xFF, 0x00, 0xE0] + length + fragment)
            guard scratch.length < original else { return nil }
        }
        return CleanedPixels(scratch: scratch, syntax: syntax, format: format)
    }
}
