import DICOMVocabulary
import Testing

@Suite("The header scanner walks")
struct HeaderScannerTests {
    static let encodings: [(TransferSyntax, DataSetBytes)] = [
        (.implicitVRLittleEndian, DataSetBytes(implicit: true)),
        (.explicitVRLittleEndian, DataSetBytes()),
        (.explicitVRBigEndian, DataSetBytes(bigEndian: true)),
    ]

    @Test(
        "wanted values, sequences of both kinds and the range of pixel data, in each encoding",
        arguments: encodings)
    func everyEncoding(syntax: TransferSyntax, empty: DataSetBytes) throws {
        var data = empty
        data.element(.patientID, "LO", "A1 ")
        data.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
        data.item()
        data.element(.studyInstanceUID, "UI", "9.9.9")
        data.itemEnd()
        data.item(length: 0)
        data.sequenceEnd()
        data.element(.studyInstanceUID, "UI", Array("1.2.3\0".utf8))
        var number = DataSetBytes(bigEndian: empty.bigEndian)
        number.uint16(512)
        data.element(.rows, "US", number.bytes)
        let bulk = data.bytes.count
        data.element(.pixelData, "OW", [UInt8](repeating: 7, count: 100))
        let bulkEnd = data.bytes.count
        data.element(Tag(0xFFFC, 0xFFFC), "OB", [0, 0])

        let header = try data.scan(syntax)
        #expect(header.text(.patientID) == "A1")
        #expect(header.uid(.studyInstanceUID) == "1.2.3")
        #expect(header.unsigned(.rows) == 512)
        #expect(header.bulk == Int64(bulk)..<Int64(bulkEnd))
        #expect(header.bulkTags == [.pixelData])
        #expect(header.end == Int64(data.bytes.count))
        #expect(header.depth == 1)
        #expect(header.elements == 11)
        #expect(header.headerBytes == Int64(data.bytes.count - (bulkEnd - bulk)))
    }

    @Test("fragments of encapsulated pixel data, with the tables before it")
    func fragments() throws {
        var data = DataSetBytes()
        data.element(Tag(0x7FE0, 0x0001), "OB", [UInt8](repeating: 0, count: 8))
        data.header(.pixelData, "OB", length: DataSetBytes.undefined)
        data.item(length: 0)
        data.item(length: 6)
        data.bytes += [0xFE, 0xFF, 0xDD, 0xE0, 0, 0]
        data.sequenceEnd()
        let header = try data.scan(TransferSyntax.jpegBaseline)
        #expect(header.bulk == 0..<Int64(data.bytes.count))
        #expect(header.bulkTags == [Tag(0x7FE0, 0x0001), .pixelData])
    }

    @Test(
        "UN of undefined length as implicit VR little endian, in both byte orders",
        arguments: [false, true])
    func unknownOfUndefinedLength(bigEndian: Bool) throws {
        var inside = DataSetBytes(implicit: true)
        inside.item()
        inside.element(Tag(0x0009, 0x1001), "", "text")
        inside.itemEnd()
        inside.sequenceEnd()
        var data = DataSetBytes(bigEndian: bigEndian)
        data.header(Tag(0x0009, 0x1000), "UN", length: DataSetBytes.undefined)
        data.bytes += inside.bytes
        data.element(.studyInstanceUID, "UI", "1.23")
        let header = try data.scan(bigEndian ? .explicitVRBigEndian : .explicitVRLittleEndian)
        #expect(header.uid(.studyInstanceUID) == "1.23")
        #expect(header.depth == 1)
    }

    @Test("a value of implicit VR that only looks like a sequence")
    func looksLikeASequence() throws {
        var data = DataSetBytes(implicit: true)
        data.element(Tag(0x0009, 0x1000), "", [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0x00, 1, 2])
        data.element(.studyInstanceUID, "", "1.23")
        #expect(try data.scan(.implicitVRLittleEndian).uid(.studyInstanceUID) == "1.23")

        let lookalike: [UInt8] = [0xFE, 0xFF, 0x00, 0xE0, 2, 0, 0, 0, 1, 2]
        data.element(.patientID, "", lookalike)
        #expect(try data.scan(.implicitVRLittleEndian).values[.patientID] == lookalike)
    }

    @Test("unknown capital letters with a 32-bit length, anything else with 16 bits")
    func unknownLetters() throws {
        var data = DataSetBytes()
        data.element(Tag(0x0009, 0x1000), "ZZ", [UInt8](repeating: 1, count: 70_000))
        data.element(Tag(0x0009, 0x1001), "z?", [1, 2])
        data.element(.studyInstanceUID, "UI", "1.23")
        #expect(try data.scan().uid(.studyInstanceUID) == "1.23")
    }

    @Test("a defined length that also counts a delimiter")
    func delimiterInsideDefinedLength() throws {
        var data = DataSetBytes()
        data.header(Tag(0x0008, 0x1140), "SQ", length: 24)
        data.item(length: 8)
        data.itemEnd()
        data.sequenceEnd()
        #expect(try data.scan().end == Int64(data.bytes.count))
    }

    @Test("past three gigabytes of pixel data while reading next to nothing")
    func gigabytes() throws {
        var data = DataSetBytes()
        data.element(.studyInstanceUID, "UI", "1.23")
        data.header(.pixelData, "OW", length: 3 << 30)
        var source = SparseByteSource(head: data.bytes, count: Int64(data.bytes.count) + (3 << 30))
        let header = try HeaderScanner(bounds: ScanBounds(), wanted: []).scan(
            &source, as: .explicitVRLittleEndian)
        #expect(header.end == source.count)
        #expect(source.bytesRead < 100_000)
    }

    @Test("NUL bytes behind the last element, fewer than a header")
    func trailingPadding() throws {
        var data = DataSetBytes()
        data.element(.studyInstanceUID, "UI", "1.23")
        let end = Int64(data.bytes.count)
        data.bytes += [0, 0, 0]
        #expect(try data.scan().end == end)
        data.bytes += [1]
        #expect(data.failure() == .unwalkable)
    }

    @Test("an empty data set, which then lacks everything")
    func empty() throws {
        #expect(try DataSetBytes().scan().elements == 0)
    }
}
