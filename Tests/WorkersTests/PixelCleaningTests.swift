import DICOM
import DICOMNetwork
import DICOMVocabulary
import Deidentification
import Foundation
import GatewayTesting
import Spool
import Testing
import WorkerProtocol

@testable import Workers

private typealias Tag = DICOMVocabulary.Tag

@Suite("Pixels on their way out")
final class PixelCleaningTests {
    private let folder = NSTemporaryDirectory() + "antipode-pixels-\(UUID().uuidString)"
    private let spool: SpoolDirectory

    init() throws {
        spool = SpoolDirectory(path: folder, freeFloor: 0)
        try spool.prepare()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: Files

    /// Writes head and pixel parts as a file and opens it.
    private func file(_ head: DataSet, _ parts: [DataSetPart], _ syntax: TransferSyntax) throws -> InstanceFile {
        let meta = Part10.meta(sopClass: "1.2.840.10008.5.1.4.1.1.6.1", sopInstance: "1.2.3", transferSyntax: syntax)
        var bytes = meta + (try head.encoded(as: syntax, tags: Tag(0x0008, 0)...Tag(0x7FDF, 0xFFFF)))
        for part in parts {
            switch part {
            case .bytes(let more): bytes += more
            case .file(let descriptor, let offset, let length):
                var buffer = [UInt8](repeating: 0, count: Int(length))
                #expect(pread(descriptor, &buffer, buffer.count, Int(offset)) == buffer.count)
                bytes += buffer
            case .memory(let memory, let offset, let length): bytes += memory[offset..<offset + length]
            }
        }
        let path = folder + "/\(UUID().uuidString).dcm"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try InstanceFile(path: path, bounds: ScanBounds())
    }

    /// An image of `frames` frames in which every sample is its place, modulo what fits.
    private func image(
        rows: Int, columns: Int, frames: Int = 1, samples: Int = 1, allocated: Int = 8, stored: Int = 8,
        photometric: String = "MONOCHROME2", planar: Bool = false, value: (Int) -> UInt16 = { UInt16($0 % 251) }
    ) throws -> (InstanceFile, DataSet, PixelFormat) {
        let head = DataSet()
        func number(_ element: UInt16, _ value: Int) throws {
            try head.root.set(Tag(0x0028, element), .US, [UInt8(value & 0xFF), UInt8(value >> 8)])
        }
        try head.root.set(.sopClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.6.1")
        try number(0x0002, samples)
        try head.root.set(Tag(0x0028, 0x0004), .CS, text: photometric)
        if samples > 1 { try number(0x0006, planar ? 1 : 0) }
        try head.root.set(Tag(0x0028, 0x0008), .IS, text: "\(frames)")
        try number(0x0010, rows)
        try number(0x0011, columns)
        try number(0x0100, allocated)
        try number(0x0101, stored)
        try number(0x0102, stored - 1)
        try number(0x0103, 0)
        let count = rows * columns * samples * frames
        var pixels: [UInt8] = []
        for index in 0..<count {
            let sample = value(index)
            pixels.append(UInt8(truncatingIfNeeded: sample))
            if allocated == 16 { pixels.append(UInt8(sample >> 8)) }
        }
        let element = try ElementEncoding.explicitLittleEndian(.pixelData, allocated == 16 ? .OW : .OB, pixels)
        let file = try file(head, [.bytes(element)], .explicitVRLittleEndian)
        return (file, head, try #require(PixelFormat(head.root)))
    }

    private func clean(
        _ file: InstanceFile, _ format: PixelFormat, _ regions: [PixelRegion], overlay: Bool = false,
        accepts: @escaping (TransferSyntax) -> Bool = { _ in true }
    ) throws -> CleanedPixels? {
        var plan = PixelPlan()
        plan.regions = regions
        plan.clearsOverlayBits = overlay
        return try PixelCleaning(plan: plan, scratchFile: spool.scratchFile).run(file, format, accepts: accepts)
    }

    // MARK: Native

    @Test("a region is black in every frame, and nothing else changes", arguments: [8, 16], [false, true])
    func native(allocated: Int, isColour: Bool) throws {
        let region = PixelRegion(x: 3, y: 2, width: 5, height: 4)
        for planar in isColour ? [false, true] : [false] {
            let (file, head, format) = try image(
                rows: 9, columns: 12, frames: 3, samples: isColour ? 3 : 1, allocated: allocated, stored: allocated,
                photometric: isColour ? "RGB" : "MONOCHROME2", planar: planar
            ) { UInt16($0 % 250 + 1) }
            let cleaned = try #require(try clean(file, format, [region]))
            #expect(cleaned.syntax == .explicitVRLittleEndian)
            try compare(
                PixelFrames(file, format), self.file(head, cleaned.parts, cleaned.syntax), cleaned.format, [region])
        }
    }

    /// Inside of the regions one value, outside what was there.
    private func compare(
        _ before: PixelFrames, _ after: InstanceFile, _ format: PixelFormat, _ regions: [PixelRegion],
        changes: Bool = true
    ) throws {
        let frames = try PixelFrames(after, format)
        #expect(frames.count == before.count)
        for index in 0..<before.count {
            let (old, layout) = try before.native(index)
            let (new, other) = try frames.native(index)
            #expect(old.count == new.count)
            var expected = old
            #expect(FrameCleaning.blank(&expected, regions, layout))
            #expect(layout.isPlanar == other.isPlanar)
            #expect(expected == new)
            if changes { #expect(old != new) }
        }
    }

    @Test("MONOCHROME1 is blanked to its black, YBR to grey chroma, odd sizes are padded once")
    func black() throws {
        let (file, head, format) = try image(rows: 3, columns: 3, photometric: "MONOCHROME1")
        let region = PixelRegion(x: 0, y: 0, width: 3, height: 3)
        let cleaned = try #require(try clean(file, format, [region]))
        let after = try PixelFrames(self.file(head, cleaned.parts, cleaned.syntax), cleaned.format)
        #expect(try after.native(0).samples == [UInt8](repeating: 255, count: 9))
        #expect(cleaned.scratch.length == 10)
        let (other, _, ybr) = try image(rows: 2, columns: 2, samples: 3, photometric: "YBR_FULL")
        var frame = try PixelFrames(other, ybr).native(0).samples
        #expect(FrameCleaning.blank(&frame, [PixelRegion(x: 0, y: 0, width: 1, height: 1)], ybr))
        #expect(Array(frame.prefix(3)) == [0, 128, 128])
    }

    @Test("an overlay in the unused bits is gone from every frame, the samples stay")
    func overlayBits() throws {
        let (file, head, format) = try image(rows: 4, columns: 4, frames: 2, allocated: 16, stored: 12) {
            UInt16($0 % 4096) | ($0 % 3 == 0 ? 0x8000 : 0)
        }
        // Nothing in the header speaks of it, and it is seen all the same.
        let cleaned = try #require(try clean(file, format, []))
        let after = try PixelFrames(self.file(head, cleaned.parts, cleaned.syntax), cleaned.format)
        for index in 0..<2 {
            let samples = try after.native(index).samples
            for pixel in 0..<16 {
                #expect(Int(samples[pixel * 2]) | Int(samples[pixel * 2 + 1]) << 8 == (index * 16 + pixel) % 4096)
            }
        }
    }

    @Test("samples without stray bits are sent from the file they came in")
    func untouched() throws {
        let (file, _, format) = try image(rows: 4, columns: 4, allocated: 16, stored: 12) { UInt16($0) }
        #expect(try clean(file, format, []) == nil)
    }

    @Test("one stray bit is seen wherever it stands", arguments: [8, 16], [false, true])
    func strayBits(allocated: Int, isBigEndian: Bool) throws {
        let (_, _, unsigned) = try image(rows: 1, columns: 21, allocated: allocated, stored: allocated - 4)
        let size = allocated / 8
        for isSigned in [false, true] {
            var format = unsigned
            format.isSigned = isSigned
            // All bits of the sample but the sign: nothing above may be set.
            let sample = (UInt16(1) << UInt16(format.highBit)) - 1
            for bit in 0..<allocated {
                for place in 0..<21 {
                    var frame: [UInt8] = []
                    for index in 0..<21 {
                        let value = index == place ? sample | 1 << UInt16(bit) : sample
                        let little = [UInt8(value & 0xFF), UInt8(value >> 8)].prefix(size)
                        frame += isBigEndian ? little.reversed() : Array(little)
                    }
                    let found = frame.withUnsafeBytes {
                        FrameCleaning.hasStrayBits($0, format, isBigEndian: isBigEndian)
                    }
                    #expect(found == (bit > format.highBit), "bit \(bit) of sample \(place)")
                }
            }
        }
    }

    @Test("samples beyond the first piece are looked at too")
    func laterPieces() throws {
        let (columns, rows) = (512, 200)
        let (file, _, format) = try image(rows: rows, columns: columns, allocated: 16, stored: 12) {
            $0 == columns * rows - 1 ? 0x8001 : 1
        }
        #expect(try clean(file, format, []) != nil)
    }

    @Test("signed samples keep their sign above the stored bits")
    func signed() throws {
        var (_, _, format) = try image(rows: 1, columns: 4, allocated: 16, stored: 12)
        format.isSigned = true
        // -1 with its sign repeated, -1 without, 5, 5 with an overlay bit.
        var frame: [UInt8] = [0xFF, 0xFF, 0xFF, 0x0F, 5, 0, 5, 0x80]
        #expect(frame.withUnsafeBytes { FrameCleaning.hasStrayBits($0, format) })
        FrameCleaning.clearStrayBits(&frame, format, forced: false)
        #expect(frame == [0xFF, 0xFF, 0xFF, 0x0F, 5, 0, 5, 0])
        #expect(!frame.withUnsafeBytes { FrameCleaning.hasStrayBits($0, format) })
        FrameCleaning.clearStrayBits(&frame, format, forced: true)
        #expect(frame == [0xFF, 0xFF, 0xFF, 0xFF, 5, 0, 5, 0])
    }

    // MARK: Compressed

    @Test(
        "compressed frames are blanked and written again without loss, in each syntax that has a codec",
        .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
    func compressed() throws {
        let region = PixelRegion(x: 2, y: 1, width: 20, height: 9)
        var done: [String: Int] = [:]
        for row in SharedFiles.rows where row["kind"] == "instance" && row["rows"] != "" {
            let syntax = TransferSyntax(UID(row["transfer_syntax_uid"]))
            guard syntax.isEncapsulated, PixelCodec.canDecode(syntax), done[syntax.name, default: 0] < 6,
                let file = try? InstanceFile(path: row.path, bounds: ScanBounds()),
                let head = try? file.dataSet(), let format = PixelFormat(head.root), format.frames <= 20,
                let frames = try? PixelFrames(file, format), (try? frames.native(0)) != nil,
                let clipped = region.clipped(rows: format.rows, columns: format.columns)
            else { continue }
            let cleaned = try #require(try clean(file, format, [clipped]), "\(row["path"])")
            #expect(cleaned.syntax == PixelCodec.lossless(after: syntax))
            try cleaned.describe(in: head.root)
            try compare(
                frames, self.file(head, cleaned.parts, cleaned.syntax), cleaned.format, [clipped], changes: false)
            done[syntax.name, default: 0] += 1
        }
        // RLE, JPEG of four kinds, JPEG-LS of two, JPEG 2000 of two, HTJ2K of two.
        #expect(done.count >= 9, "\(done)")
    }

    @Test(
        "pixels without a codec are held, and a peer without a fitting syntax is told",
        .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
    func noCodec() throws {
        func first(_ syntax: TransferSyntax) throws -> InstanceFile {
            let row = try #require(
                SharedFiles.rows.first { $0["transfer_syntax_uid"] == syntax.uid.string && $0["rows"] != "" })
            return try InstanceFile(path: row.path, bounds: ScanBounds())
        }
        let region = [PixelRegion(x: 0, y: 0, width: 4, height: 4)]
        let deflated = try first("1.2.840.10008.1.2.8.1")
        let held = #expect(throws: Failure.self) {
            try self.clean(deflated, try #require(PixelFormat(deflated.dataSet().root)), region)
        }
        #expect(held?.code == .pixelsMayIdentify && held?.disposition == .person)
        let rle = try first(.rleLossless)
        let format = try #require(PixelFormat(rle.dataSet().root))
        let refused = #expect(throws: Failure.self) {
            try self.clean(rle, format, region, accepts: { $0 == .jpegBaseline })
        }
        #expect(refused?.code == .noPresentationContext)
        // Uncompressed will do where nothing else is taken.
        let cleaned = try clean(rle, format, region, accepts: { $0 == .explicitVRLittleEndian })
        #expect(cleaned?.syntax == .explicitVRLittleEndian)
    }

    // MARK: Stowaways

    @Test("comments of a JPEG stream are found, samples are not looked into")
    func head() {
        let comment = Array("Tolvansson".utf8)
        let length = UInt8(comment.count + 2)
        let stream: [UInt8] =
            [0xFF, 0xD8, 0xFF, 0xFE, 0, length] + comment + [0xFF, 0xDA, 0, 2] + Array("Tolvan".utf8) + [0xFF, 0xD9]
        #expect(JPEGHead.text(in: stream)?.segments == [comment])
        #expect(JPEGHead.text(in: stream)?.isCut == false)
        #expect(JPEGHead.text(in: Array(stream.prefix(8)))?.isCut == true)
        #expect(JPEGHead.text(in: [0xFF, 0x4F, 0xFF, 0x64, 0, 4, 0, 1, 0xFF, 0x90, 0, 10])?.segments == [[0, 1]])
        #expect(JPEGHead.text(in: [1, 2, 3, 4]) == nil)
    }

    @Test("bytes after the last frame are looked into")
    func surplus() throws {
        let source = DataSet()
        try source.root.set(.patientName, .PN, text: "Tolvansson^Tolvan")
        let identityGuard = IdentityGuard(identities: [], instance: source)
        let (file, _, format) = try image(rows: 4, columns: 4, frames: 2) {
            $0 >= 16 ? UInt16(Array("Tolvansson______".utf8)[$0 - 16]) : 0
        }
        try PixelStowaways.check(file, format, identityGuard, isReleased: false)
        var shorter = format
        shorter.frames = 1
        let failure = #expect(throws: Failure.self) {
            try PixelStowaways.check(file, shorter, identityGuard, isReleased: false)
        }
        #expect(failure?.code == .identityFound)
        #expect(failure?.detail.contains("Tolvan") == false)
    }
}
