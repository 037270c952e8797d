import DICOM
import DICOMNetwork
import DICOMVocabulary
import Foundation
import Testing

@testable import Workers

@Suite struct BulkPartsTests {
    /// A file with pixel data of `samples`, after Rows, in a syntax.
    private func file(_ syntax: TransferSyntax, pixelData: [UInt8]) throws -> (InstanceFile, URL) {
        let rows: [UInt8] =
            syntax.isImplicitVR ? [0x28, 0, 0x10, 0, 2, 0, 0, 0, 1, 0] : [0x28, 0, 0x10, 0, 0x55, 0x53, 2, 0, 1, 0]
        let bytes = Part10.meta(sopClass: "1.2", sopInstance: "1.3", transferSyntax: syntax) + rows + pixelData
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(bytes).write(to: url)
        return (try InstanceFile(path: url.path, bounds: ScanBounds()), url)
    }

    private func bytes(_ parts: [DataSetPart], _ url: URL) throws -> [UInt8] {
        let all = Array(try Data(contentsOf: url))
        return parts.flatMap { part in
            switch part {
            case .bytes(let bytes): bytes
            case .file(_, let offset, let length): Array(all[Int(offset)..<Int(offset + length)])
            case .memory(let memory, let offset, let length): Array(memory[offset..<offset + length])
            }
        }
    }

    private let explicit: [UInt8] = [0xE0, 0x7F, 0x10, 0, 0x4F, 0x57, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]
    private let implicit: [UInt8] = [0xE0, 0x7F, 0x10, 0, 4, 0, 0, 0, 1, 2, 3, 4]

    @Test("pixel data change only their element header between implicit and explicit little endian")
    func rewritten() throws {
        let (first, firstURL) = try file(.explicitVRLittleEndian, pixelData: explicit)
        #expect(try bytes(BulkParts.make(first, as: .implicitVRLittleEndian), firstURL) == implicit)
        #expect(try bytes(BulkParts.make(first, as: .explicitVRLittleEndian), firstURL) == explicit)
        let (second, secondURL) = try file(.implicitVRLittleEndian, pixelData: implicit)
        #expect(try bytes(BulkParts.make(second, as: .explicitVRLittleEndian), secondURL) == explicit)
        try FileManager.default.removeItem(at: firstURL)
        try FileManager.default.removeItem(at: secondURL)
    }

    @Test("a group length is left out of what is rewritten, and is no stranger")
    func groupLength() throws {
        let length: [UInt8] = [0xE0, 0x7F, 0, 0, 0x55, 0x4C, 4, 0, 16, 0, 0, 0]
        let (file, url) = try file(.explicitVRLittleEndian, pixelData: length + explicit)
        try BulkParts.checkUnseen(file.header)
        #expect(try bytes(BulkParts.make(file, as: .explicitVRLittleEndian), url) == explicit)
        #expect(try bytes(BulkParts.make(file, as: .implicitVRLittleEndian), url) == implicit)
        try FileManager.default.removeItem(at: url)
    }

    @Test("float pixel data keep their kind")
    func float() throws {
        let (file, url) = try file(
            .implicitVRLittleEndian, pixelData: [0xE0, 0x7F, 0x08, 0, 4, 0, 0, 0, 1, 2, 3, 4])
        #expect(
            try bytes(BulkParts.make(file, as: .explicitVRLittleEndian), url)
                == [0xE0, 0x7F, 0x08, 0, 0x4F, 0x46, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4])
        try FileManager.default.removeItem(at: url)
    }

    @Test("an element that is not samples is not sent unseen to a reader that must not know the patient")
    func stranger() throws {
        let (good, goodURL) = try file(.implicitVRLittleEndian, pixelData: implicit)
        try BulkParts.checkUnseen(good.header)
        let (bad, badURL) = try file(
            .implicitVRLittleEndian, pixelData: implicit + [0xE0, 0x7F, 0x20, 0, 4, 0, 0, 0, 65, 66, 67, 68])
        let error = #expect(throws: Failure.self) { try BulkParts.checkUnseen(bad.header) }
        #expect(error?.code == .pixelsMayIdentify)
        try FileManager.default.removeItem(at: goodURL)
        try FileManager.default.removeItem(at: badURL)
    }
}
