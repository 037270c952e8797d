// Text that travels inside Pixel Data without being pixels.

import DICOM
import DICOMVocabulary
import Deidentification

/// Whatever group 7FE0 holds beside samples: no viewer shows it, and anybody can read it. Comments and application segments
/// before the first scan, offset tables, bytes after the last native frame; and compressed pixels from end to end, in
/// which comments may stand behind a scan, boxes around it, and anything behind its end.
enum PixelStowaways {
    private static let longestHead = 65_536
    /// Short names too are looked for in so much of what follows the samples: beyond that it is no remark.
    private static let longestRemark: Int64 = 4096
    private static let piece: Int64 = 1 << 16
    /// An identifier that begins in one piece ends within so much of the next.
    private static let overlap: Int64 = 128

    /// Throws `.identityFound` for what the guard finds there, and `.pixelsMayIdentify` for pictures that the header does not
    /// count, unless a person let the pixels go. `format`: nil where the header does not say what samples there are; then
    /// all is surplus, and a person has looked.
    static func check(
        _ file: InstanceFile, _ format: PixelFormat?, _ identityGuard: IdentityGuard, isReleased: Bool
    ) throws(Failure) {
        for (tag, value) in try PixelFrames.elements(in: file) {
            if tag == .pixelData, file.header.transferSyntax.isEncapsulated {
                let items = try PixelFrames.items(file, value)
                if let table = items.first { try scan(file, table) { identityGuard.failure(inBytes: $0, beside: tag) } }
                var pictures = 0
                for fragment in items.dropFirst() {
                    if try checkHead(file, fragment, identityGuard) { pictures += 1 }
                }
                if let format, pictures > format.frames, !isReleased { throw uncounted }
                try scan(file, value) { identityGuard.failure(inCompressed: $0, beside: tag) }
            } else {
                let samples = min(format.map { bytes(of: tag, $0) } ?? 0, Int64(value.count))
                let surplus = value.lowerBound + samples..<value.upperBound
                guard surplus.count > 1 else { continue }
                let remark = try file.read(surplus.prefix(longestRemark))
                if let failure = identityGuard.failure(in: remark, beside: tag) { throw failure }
                var isPadding = true
                try scan(file, surplus) { bytes in
                    isPadding = isPadding && !bytes.contains { $0 != 0 }
                    return identityGuard.failure(inBytes: bytes, beside: tag)
                }
                // No letter is as low as one row.
                if let format, !isPadding, surplus.count > bytes(ofOneRow: format), !isReleased { throw uncounted }
            }
        }
    }

    private static let uncounted = Failure(
        .pixelsMayIdentify, .person, .instance, detail: "more pixels than rows, columns and frames say",
        hint: "No viewer shows them, and anybody can. Look at all of the pixel data; release it if it shows no name.")

    private static func bytes(ofOneRow format: PixelFormat) -> Int {
        format.columns * format.samples * max(1, format.allocated / 8)
    }

    /// The bytes of all native samples; none for offset tables.
    private static func bytes(of tag: Tag, _ format: PixelFormat) -> Int64 {
        let bits =
            switch tag {
            case .pixelData: format.allocated
            case Tag(0x7FE0, 0x0008): 32
            case Tag(0x7FE0, 0x0009): 64
            default: 0
            }
        let samples = Int64(format.rows) * Int64(format.columns) * Int64(format.isSubsampled ? 2 : format.samples)
        let (all, overflow) = (samples * Int64(bits)).multipliedReportingOverflow(by: Int64(format.frames))
        return overflow ? .max : (all + 7) / 8
    }

    /// Whether a picture begins in the fragment: a JPEG of some kind, or, in RLE, any fragment (PS3.5 A.4.2).
    private static func checkHead(
        _ file: InstanceFile, _ fragment: Range<Int64>, _ identityGuard: IdentityGuard
    ) throws(Failure) -> Bool {
        guard var text = JPEGHead.text(in: try file.read(fragment.prefix(4096))) else {
            return file.header.transferSyntax == .rleLossless
        }
        if text.isCut { text = JPEGHead.text(in: try file.read(fragment.prefix(Int64(longestHead)))) ?? text }
        for segment in text.segments {
            if let failure = identityGuard.failure(in: segment, beside: .pixelData) { throw failure }
        }
        return true
    }

    private static func scan(
        _ file: InstanceFile, _ range: Range<Int64>, _ failure: (UnsafeRawBufferPointer) -> Failure?
    ) throws(Failure) {
        guard !range.isEmpty else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(piece + overlap), alignment: 64)
        defer { buffer.deallocate() }
        var start = range.lowerBound
        while start < range.upperBound {
            let count = Int(min(piece + overlap, range.upperBound - start))
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            try file.read(at: start, into: bytes)
            if let failure = failure(UnsafeRawBufferPointer(bytes)) { throw failure }
            start += piece
        }
    }
}

extension Range<Int64> {
    /// The beginning, of so many bytes at most.
    fileprivate func prefix(_ count: Int64) -> Range<Int64> {
        lowerBound..<Swift.min(upperBound, lowerBound + count)
    }
}

/// The marker segments before the first scan (ISO/IEC 10918-1 B.1, 14495-1 C, 15444-1 A).
enum JPEGHead {
    struct Text {
        var segments: [[UInt8]] = []
        /// The bytes ended before the first scan did begin.
        var isCut = false
    }

    /// nil for what is no such stream.
    static func text(in bytes: [UInt8]) -> Text? {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] == 0xD8 || bytes[1] == 0x4F else { return nil }
        var text = Text()
        var offset = 2
        while offset + 4 <= bytes.count {
            guard bytes[offset] == 0xFF else { return text }
            let marker = bytes[offset + 1]
            // Fill bytes; start of scan, start of a tile.
            if marker == 0xFF {
                offset += 1
                continue
            }
            if marker == 0xDA || marker == 0x90 { return text }
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            let end = offset + 2 + length
            guard length >= 2 else { return text }
            if (0xE0...0xEF).contains(marker) || marker == 0xFE || marker == 0x64 {
                text.segments.append(Array(bytes[offset + 4..<min(end, bytes.count)]))
            }
            guard end <= bytes.count else { break }
            offset = end
        }
        text.isCut = true
        return text
    }
}
