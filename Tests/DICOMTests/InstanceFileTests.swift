import DICOM
import DICOMVocabulary
import Foundation
import GatewayTesting
import Testing

@Suite("An instance file")
struct InstanceFileTests {
    private func write(_ dataSet: [UInt8], _ transferSyntax: String) throws -> String {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".dcm"
        let syntax = transferSyntax.utf8.count % 2 == 0 ? transferSyntax : transferSyntax + "\0"
        let meta = Handmade.element(Tag(0x0002, 0x0010), "UI", syntax)
        let length = Handmade.element(Tag(0x0002, 0x0000), "UL", [UInt8(meta.count), 0, 0, 0])
        let file = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + length + meta + dataSet
        try Data(file).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("is parsed without its pixel data, and with what stands behind them")
    func headAndTail() throws {
        let head = Handmade.element(.modality, "CS", "MR")
        let pixels = Handmade.element(.pixelData, "OW", [UInt8](repeating: 7, count: 1000))
        let tail = Handmade.element(Tag(0xFFFA, 0x0001), "LO", "tail")
        let path = try write(head + pixels + tail, "1.2.840.10008.1.2.1")
        let file = try InstanceFile(path: path, bounds: ScanBounds())
        try FileManager.default.removeItem(atPath: path)
        let dataSet = try file.dataSet()
        #expect(try dataSet.encoded(as: .explicitVRLittleEndian) == head + tail)
        let bulk = try #require(file.header.bulk)
        #expect(try file.read(bulk) == pixels)
    }

    @Test("on a lent descriptor gives no byte of what stands behind it")
    func lent() throws {
        let dataSet = Handmade.element(.modality, "CS", "MR")
        let path = try write(dataSet, "1.2.840.10008.1.2.1")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let own = try Data(contentsOf: URL(fileURLWithPath: path))
        try (own + Data(repeating: 0x41, count: 5000)).write(to: URL(fileURLWithPath: path))
        let handle = try #require(FileHandle(forReadingAtPath: path))
        let count = Int64(own.count)
        let file = try InstanceFile(borrowing: handle.fileDescriptor, count: count, bounds: ScanBounds())
        #expect(file.header.end == count)
        #expect(try file.dataSet().encoded(as: .explicitVRLittleEndian) == dataSet)
        #expect(throws: Failure.self) { try file.read(count - 2..<count + 2) }
    }

    @Test("that is not there says so")
    func missing() {
        do {
            _ = try InstanceFile(path: "/nonexistent/file.dcm", bounds: ScanBounds())
            Issue.record("it was opened")
        } catch {
            #expect(error.code == .missingFile)
        }
    }

    @Test(
        "of every sample gives its header whole",
        .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
    func samples() throws {
        for sample in SampleFile.all {
            let file = try InstanceFile(path: sample.path, bounds: ScanBounds())
            let whole = try DataSet(bytes: sample.dataSet, transferSyntax: sample.transferSyntax)
            let expected = whole.root.elements.map(\.tag).filter { $0.group != 0x7FE0 }
            #expect(try file.dataSet().root.elements.map(\.tag) == expected, "\(sample.path)")
        }
    }
}
