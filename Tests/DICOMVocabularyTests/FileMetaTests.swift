import DICOMVocabulary
import Testing

@Suite("File meta information")
struct FileMetaTests {
    private func file(groupLength: UInt32? = nil, _ build: (inout DataSetBytes) -> Void) -> [UInt8] {
        var meta = DataSetBytes()
        build(&meta)
        var all = DataSetBytes(bytes: [UInt8](repeating: 0, count: 128) + Array("DICM".utf8))
        if let groupLength {
            all.header(Tag(0x0002, 0x0000), "UL", length: 4)
            all.uint32(groupLength)
        }
        return all.bytes + meta.bytes
    }

    private func scan(_ bytes: [UInt8]) throws(Failure) -> ScannedHeader {
        var source = MemoryByteSource(bytes)
        return try HeaderScanner(bounds: ScanBounds(), wanted: [.studyInstanceUID]).scan(
            &source, as: nil)
    }

    @Test("steers how the data set is read")
    func steers() throws {
        var data = DataSetBytes(implicit: true)
        data.element(.studyInstanceUID, "", "1.23")
        let bytes = file {
            $0.element(Tag(0x0002, 0x0002), "UI", "1.2.840.10008.5.1.4.1.1.4")
            $0.element(Tag(0x0002, 0x0003), "UI", "1.2.3.4")
            $0.element(Tag(0x0002, 0x0010), "UI", "1.2.840.10008.1.2")
        }
        let header = try scan(bytes + data.bytes)
        #expect(header.meta?.sopInstance == "1.2.3.4")
        #expect(header.transferSyntax == .implicitVRLittleEndian)
        #expect(header.dataSetOffset == Int64(bytes.count))
        #expect(header.uid(.studyInstanceUID) == "1.23")
    }

    @Test("is not continued by a data set that begins with its group")
    func smuggled() {
        let bytes = file(groupLength: 26) {
            $0.element(Tag(0x0002, 0x0010), "UI", "1.2.840.10008.1.2 ")
            $0.element(Tag(0x0002, 0x0010), "UI", "1.2.840.10008.1.2.1")
        }
        #expect { try scan(bytes) } throws: { ($0 as? Failure)?.code == .unwalkable }
    }

    @Test("is needed, and so is its transfer syntax")
    func missing() {
        #expect(throws: Failure.self) { try scan([1, 2, 3]) }
        #expect(throws: Failure.self) {
            try scan(file { $0.element(Tag(0x0002, 0x0003), "UI", "1.2") })
        }
    }

    @Test("of a deflated data set is read, and the data set refused")
    func deflated() {
        let bytes = file { $0.element(Tag(0x0002, 0x0010), "UI", "1.2.840.10008.1.2.1.99") }
        #expect { try scan(bytes) } throws: { ($0 as? Failure)?.code == .unwalkable }
    }
}
