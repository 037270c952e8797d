import DICOM
import DICOMVocabulary
import Testing

@Suite("A data set")
struct DataSetTests {
    @Test("gives back its bytes when nothing was edited")
    func identity() throws {
        let bytes =
            Handmade.element(Tag(0x0008, 0x0060), "CS", "MR")
            + Handmade.element(Tag(0x0010, 0x0010), "PN", " Test^ Odd  ")
            + Handmade.element(Tag(0x0020, 0x000D), "UI", "1.2.3\0")
            + Handmade.element(Tag(0x0028, 0x0010), "US", [1, 2])
        let dataSet = try DataSet(bytes: bytes, transferSyntax: .explicitVRLittleEndian)
        #expect(try dataSet.encoded(as: .explicitVRLittleEndian) == bytes)
    }

    @Test("pads odd lengths, which the standard does not allow, when it writes")
    func oddLength() throws {
        let odd = Handmade.element(.modality, "CS", "ABC") + Handmade.element(Tag(0x0028, 0x0010), "US", [1, 2])
        let even = Handmade.element(.modality, "CS", "ABC ") + Handmade.element(Tag(0x0028, 0x0010), "US", [1, 2])
        let dataSet = try DataSet(bytes: odd, transferSyntax: .explicitVRLittleEndian)
        #expect(dataSet.root[.modality]?.value == Array("ABC".utf8))
        #expect(try dataSet.encoded(as: .explicitVRLittleEndian) == even)
    }

    @Test("drops group lengths and trailing padding, also inside items")
    func groupLengths() throws {
        let inner =
            Handmade.element(Tag(0x0008, 0x0000), "UL", [0, 0, 0, 0])
            + Handmade.element(Tag(0x0008, 0x0100), "SH", "A ")
        let item: [UInt8] = [0xFE, 0xFF, 0x00, 0xE0, UInt8(inner.count), 0, 0, 0] + inner
        let bytes =
            Handmade.element(Tag(0x0008, 0x0000), "UL", [9, 0, 0, 0])
            + Handmade.element(Tag(0x0008, 0x1032), "SQ", item)
            + Handmade.element(Tag(0xFFFC, 0xFFFC), "OB", [0, 0])
        let dataSet = try DataSet(bytes: bytes, transferSyntax: .explicitVRLittleEndian)
        #expect(dataSet.root.elements.map(\.tag) == [Tag(0x0008, 0x1032)])
        #expect(dataSet.root.elements.first?.items.first?.elements.map(\.tag) == [Tag(0x0008, 0x0100)])
    }

    @Test("turns numbers from big into little endian, and leaves text and bytes alone")
    func endianness() throws {
        let source =
            Handmade.element(Tag(0x0008, 0x0060), "CS", "MR", bigEndian: true)
            + Handmade.element(Tag(0x0028, 0x0009), "AT", [0x00, 0x18, 0x10, 0x63], bigEndian: true)
            + Handmade.element(Tag(0x0028, 0x0010), "US", [0x01, 0x02], bigEndian: true)
            + Handmade.element(Tag(0x0028, 0x9001), "UL", [1, 2, 3, 4], bigEndian: true)
            + Handmade.element(Tag(0x0042, 0x0011), "OB", [1, 2, 3, 4], bigEndian: true)
            + Handmade.element(Tag(0x5400, 0x0110), "OW", [1, 2, 3, 4], bigEndian: true)
        let expected =
            Handmade.element(Tag(0x0008, 0x0060), "CS", "MR")
            + Handmade.element(Tag(0x0028, 0x0009), "AT", [0x18, 0x00, 0x63, 0x10])
            + Handmade.element(Tag(0x0028, 0x0010), "US", [0x02, 0x01])
            + Handmade.element(Tag(0x0028, 0x9001), "UL", [4, 3, 2, 1])
            + Handmade.element(Tag(0x0042, 0x0011), "OB", [1, 2, 3, 4])
            + Handmade.element(Tag(0x5400, 0x0110), "OW", [2, 1, 4, 3])
        let dataSet = try DataSet(bytes: source, transferSyntax: .explicitVRBigEndian)
        #expect(dataSet.root[Tag(0x0028, 0x0010)]?.value == [0x02, 0x01])
        #expect(try dataSet.encoded(as: .explicitVRBigEndian) == source)
        #expect(try dataSet.encoded(as: .explicitVRLittleEndian) == expected)
        #expect(try dataSet.encoded(as: .explicitVRBigEndian) == source)
    }

    @Test("writes a range of tags only")
    func ranges() throws {
        let head = Handmade.element(Tag(0x0008, 0x0060), "CS", "MR")
        let tail = Handmade.element(Tag(0xFFFA, 0x0001), "LO", "tail")
        let dataSet = try DataSet(bytes: head + tail, transferSyntax: .explicitVRLittleEndian)
        let before = Tag(rawValue: 0)...Tag(0x7FDF, 0xFFFF)
        #expect(try dataSet.encoded(as: .explicitVRLittleEndian, tags: before) == head)
        let after = Tag(0x7FE1, 0)...Tag(0xFFFF, 0xFFFF)
        #expect(try dataSet.encoded(as: .explicitVRLittleEndian, tags: after) == tail)
    }

    @Test("keeps a defined-length UN and unknown implicit elements as opaque UN")
    func opaque() throws {
        let unknown = Handmade.element(Tag(0x0009, 0x1001), "UN", [0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0])
        let explicit = try DataSet(bytes: unknown, transferSyntax: .explicitVRLittleEndian)
        #expect(explicit.root.elements.map(\.vr) == [.UN])
        #expect(try explicit.encoded(as: .explicitVRLittleEndian) == unknown)
        let implicit = try explicit.encoded(as: .implicitVRLittleEndian)
        let again = try DataSet(bytes: implicit, transferSyntax: .implicitVRLittleEndian)
        #expect(again.root.elements.first?.vr == .UN)
        #expect(try again.encoded(as: .explicitVRLittleEndian) == unknown)
    }

    @Test("reads a transfer syntax that DCMTK has no name for as explicit little endian")
    func unknownSyntax() throws {
        let bytes = Handmade.element(Tag(0x0008, 0x0060), "CS", "MR")
        let dataSet = try DataSet(bytes: bytes, transferSyntax: .htj2kLossless)
        #expect(try dataSet.encoded(as: .htj2kLossless) == bytes)
    }

    @Test(
        "refuses bytes that are not a data set",
        arguments: [
            Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x08, 0], [0x08, 0, 0x60, 0, 0x43, 0x53, 0xFF, 0x0F, 1],
            Handmade.element(Tag(0x0008, 0x0060), "CS", "MR") + [1, 2, 3],
        ])
    func garbage(bytes: [UInt8]) {
        #expect(throws: Failure.self) { try DataSet(bytes: bytes, transferSyntax: .explicitVRLittleEndian) }
    }

    @Test("may be empty")
    func empty() throws {
        let dataSet = try DataSet(bytes: [UInt8](), transferSyntax: .implicitVRLittleEndian)
        #expect(dataSet.root.isEmpty)
        #expect(try dataSet.encoded(as: .implicitVRLittleEndian).isEmpty)
    }

    @Test("refuses a deflated transfer syntax")
    func deflated() {
        #expect(throws: Failure.self) {
            try DataSet(bytes: [0x4B], transferSyntax: .deflatedExplicitVRLittleEndian)
        }
    }
}
