// Pixels that leave other than they came: blanked by a template, or without the bits of an overlay.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Deidentification
import Glibc

/// A file without a name that is closed with its last user.
final class ScratchFile {
    let descriptor: CInt
    private(set) var length: Int64 = 0

    init(_ descriptor: CInt) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    func append(_ bytes: [UInt8]) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, Int(length))
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                throw Failure(
                    errno == ENOSPC ? .spoolFull : .ioError, .tryAgain, .instance, detail: "pwrite: errno \(errno)")
            }
            done += written
            length += Int64(written)
        }
    }
}

/// Pixel Data as it is to leave.
struct CleanedPixels {
    let scratch: ScratchFile
    let syntax: TransferSyntax
    /// Photometric interpretation and planar configuration of what was written.
    let format: PixelFormat

    /// The whole of Pixel Data: header, value, and what ends it.
    var parts: [DataSetPart] {
        let body = DataSetPart.file(scratch.descriptor, offset: 0, length: scratch.length)
        let tag: [UInt8] = syntax.isBigEndian ? [0x7F, 0xE0, 0x00, 0x10] : [0xE0, 0x7F, 0x10, 0x00]
        if syntax.isEncapsulated {
            let table: [UInt8] = [0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0]
            let end: [UInt8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
            return [.bytes(tag + Array("OB".utf8) + [0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + table), body, .bytes(end)]
        }
        let little = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: scratch.length >> $0) }
        let length = syntax.isBigEndian ? little.reversed() : little
        let vr: [UInt8] = syntax.isImplicitVR ? [] : Array((format.allocated > 8 ? "OW" : "OB").utf8) + [0, 0]
        return [.bytes(tag + vr + length), body]
    }
}

/// Does what a `PixelPlan` says, frame by frame. One thread.
struct PixelCleaning {
    let plan: PixelPlan
    let scratchFile: () throws(Failure) -> CInt

    /// nil where the pixels may leave as they are. `accepts`: what the peer takes.
    func run(
        _ file: InstanceFile, _ format: PixelFormat, accepts: (TransferSyntax) -> Bool
    ) throws(Failure) -> CleanedPixels? {
        let stored = file.header.transferSyntax
        if plan.isEmpty {
            guard try Self.hasStrayBits(file, format) else { return nil }
        } else if stored.isEncapsulated, PixelCodec.lossless(after: stored) == nil {
            throw PixelFrames.unreadable("there is no codec for \(stored.name)")
        }
        let frames = try PixelFrames(file, format)
        guard let syntax = Self.target(stored, accepts: accepts) else { throw Self.noSyntax(stored) }
        let scratch = ScratchFile(try scratchFile())
        var written = format
        for index in 0..<frames.count {
            var (samples, layout) = try frames.native(index)
            try clean(&samples, layout, isBigEndian: stored.isBigEndian)
            if stored.isBigEndian, !syntax.isBigEndian { Self.swap(&samples, layout) }
            if syntax.isEncapsulated {
                let fragment = try PixelCodec.encode(samples, as: syntax, &layout)
                let length = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: fragment.count >> $0) }
                try scratch.append([0xFE, 0xFF, 0x00, 0xE0] + length + fragment)
            } else {
                try scratch.append(samples)
            }
            written = layout
        }
        if scratch.length % 2 == 1 { try scratch.append([0]) }
        guard syntax.isEncapsulated || scratch.length < 0xFFFF_FFFF else {
            throw Failure(.tooLarge, .person, .instance, detail: "pixel data beyond 4 GB without compression")
        }
        return CleanedPixels(scratch: scratch, syntax: syntax, format: written)
    }

    /// The same for one frame in memory.
    func clean(_ samples: inout [UInt8], _ format: PixelFormat, isBigEndian: Bool) throws(Failure) {
        FrameCleaning.clearStrayBits(&samples, format, forced: plan.clearsOverlayBits, isBigEndian: isBigEndian)
        guard plan.regions.isEmpty || FrameCleaning.blank(&samples, plan.regions, format, isBigEndian: isBigEndian)
        else {
            throw PixelFrames.unreadable("samples of \(format.allocated) bits")
        }
    }

    /// Bits above the samples of native frames, where nothing in the header speaks of them.
    static func hasStrayBits(_ file: InstanceFile, _ format: PixelFormat) throws(Failure) -> Bool {
        guard format.hasUnusedBits, !file.header.transferSyntax.isEncapsulated, format.allocated <= 16 else {
            return false
        }
        let frames = try PixelFrames(file, format)
        var found = false
        let samples = frames.value.lowerBound..<frames.value.lowerBound + frames.nativeBytes
        try frames.file.look(through: samples) { piece in
            found = FrameCleaning.hasStrayBits(piece, frames.format, isBigEndian: frames.syntax.isBigEndian)
            return found
        }
        return found
    }

    /// The same syntax where it loses nothing, its lossless neighbour, or none at all.
    private static func target(_ stored: TransferSyntax, accepts: (TransferSyntax) -> Bool) -> TransferSyntax? {
        guard stored.isEncapsulated else { return LaneProposals.sendable(stored, accepts: accepts) }
        let choices = [PixelCodec.lossless(after: stored), .explicitVRLittleEndian, .implicitVRLittleEndian]
        return choices.compactMap { $0 }.first(where: accepts)
    }

    private static func noSyntax(_ stored: TransferSyntax) -> Failure {
        Failure(
            .noPresentationContext, .refused, .instance,
            detail: "the peer takes neither a lossless nor an uncompressed syntax for blanked pixels of \(stored.name)",
            hint: "Have the peer accept JPEG Lossless, JPEG-LS, RLE or Explicit VR Little Endian for this class.")
    }

    private static func swap(_ samples: inout [UInt8], _ format: PixelFormat) {
        let size = format.allocated / 8
        guard size > 1 else { return }
        for start in stride(from: 0, to: samples.count - size + 1, by: size) {
            samples[start..<start + size].reverse()
        }
    }
}
