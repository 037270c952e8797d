import DICOM
import DICOMVocabulary
import Foundation
import Glibc
import Testing

@Suite("A deflated instance file")
final class InflationTests {
    private let folder = NSTemporaryDirectory() + "antipode-inflation-\(UUID().uuidString)"
    private let head = Handmade.element(.modality, "CS", "MR")
    private let pixels = Handmade.element(.pixelData, "OW", [UInt8](repeating: 7, count: 100_000))
    private let tail = Handmade.element(Tag(0xFFFA, 0x0001), "LO", "tail")

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var scratchPath: String { folder + "/scratch" }

    private func scratch() throws(Failure) -> CInt {
        let descriptor = open(scratchPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.ioError, .tryAgain, .instance, detail: "no scratch") }
        return descriptor
    }

    private func file(_ stream: [UInt8]) throws -> String {
        let path = folder + "/\(UUID().uuidString).dcm"
        let meta = Part10.meta(sopClass: "1.2.3", sopInstance: "1.2.4", transferSyntax: .deflatedExplicitVRLittleEndian)
        try Data(meta + stream).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func read(_ stream: [UInt8], bounds: ScanBounds = ScanBounds()) throws -> InstanceFile {
        try InstanceFile(path: try file(stream), bounds: bounds, wanted: [.modality], scratch: scratch)
    }

    private func failure(_ stream: [UInt8], bounds: ScanBounds = ScanBounds()) throws -> Failure.Code? {
        let path = try file(stream)
        return #expect(throws: Failure.self) {
            _ = try InstanceFile(path: path, bounds: bounds, scratch: scratch)
        }?.code
    }

    @Test("is read as explicit VR little endian, and stays as it is")
    func unpacked() throws {
        let stream = Deflate.stored(head + pixels + tail)
        let path = try file(stream)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let file = try InstanceFile(path: path, bounds: ScanBounds(), wanted: [.modality], scratch: scratch)
        #expect(file.header.transferSyntax == .explicitVRLittleEndian)
        #expect(file.header.meta?.sopClass == "1.2.3")
        #expect(file.header.text(.modality) == "MR")
        #expect(try file.dataSet().encoded(as: .explicitVRLittleEndian) == head + tail)
        #expect(try file.read(#require(file.header.bulk)) == pixels)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("may have padding and a checksum behind it, and nothing more", arguments: [1, 8, 9, 16, 17, 1000])
    func trailing(count: Int) throws {
        let stream = Deflate.stored(head) + [UInt8](repeating: 0xA5, count: count)
        if count <= 16 {
            #expect(try read(stream).header.text(.modality) == "MR")
        } else {
            #expect(try failure(stream) == .unwalkable)
        }
    }

    @Test("is refused where it stops in the middle, or is no deflate stream", arguments: [0, 1, 3, 7])
    func damaged(length: Int) throws {
        #expect(try failure(Array(Deflate.stored(head).prefix(length))) == .unwalkable)
    }

    @Test("is refused when it holds something else than a data set")
    func garbage() throws {
        #expect(try failure([0xFF, 0xFF, 0xFF, 0xFF]) == .unwalkable)
        try FileManager.default.removeItem(atPath: scratchPath)
        #expect(try failure(Deflate.stored([1, 2, 3, 4, 5])) == .unwalkable)
    }

    @Test("is not unpacked past a number of times its size, nor past a number of bytes")
    func bomb() throws {
        let stream = Deflate.bomb(runs: 100_000)
        var bounds = ScanBounds()
        bounds.maximumInflation = 50
        #expect(try failure(stream, bounds: bounds) == .tooLarge)
        let size = try FileManager.default.attributesOfItem(atPath: scratchPath)[.size] as? Int ?? .max
        #expect(size <= 50 * stream.count)
        try FileManager.default.removeItem(atPath: scratchPath)
        bounds = ScanBounds()
        bounds.maximumInflated = 10 << 20
        #expect(try failure(stream, bounds: bounds) == .tooLarge)
    }

    @Test("may be a small empty image, however well that is packed")
    func smallAndEmpty() throws {
        // 258 003 NULs are no data set, but that is found out after unpacking.
        var bounds = ScanBounds()
        bounds.maximumInflation = 1
        #expect(try failure(Deflate.bomb(runs: 1000), bounds: bounds) == .unwalkable)
    }

    @Test("is refused where there is nowhere to unpack it")
    func noScratch() throws {
        let path = try file(Deflate.stored(head))
        let error = #expect(throws: Failure.self) { _ = try InstanceFile(path: path, bounds: ScanBounds()) }
        #expect(error?.code == .unwalkable)
    }
}
