import DICOMVocabulary
import Testing

@Suite("Hostile input is refused by the header scanner")
struct HostileInputTests {
    @Test(
        "100,000 nested sequences of undefined length, in each encoding",
        arguments: HeaderScannerTests.encodings)
    func nesting(syntax: TransferSyntax, empty: DataSetBytes) {
        var data = empty
        for _ in 0..<100_000 {
            data.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
            data.item()
        }
        #expect(data.failure(syntax) == .unwalkable)
    }

    @Test(
        "nested sequences of defined length, which implicit VR shows to dictionaries only",
        arguments: [true, false])
    func definedNesting(implicit: Bool) {
        var lengths: [UInt32] = [0]
        for _ in 0..<1000 { lengths.append((lengths.last ?? 0) + (implicit ? 16 : 20)) }
        var data = DataSetBytes(implicit: implicit)
        for length in lengths.dropFirst().reversed() {
            data.header(Tag(0x0008, 0x1140), "SQ", length: length - (implicit ? 8 : 12))
            data.item(length: length - (implicit ? 16 : 20))
        }
        #expect(
            data.failure(implicit ? .implicitVRLittleEndian : .explicitVRLittleEndian) == .unwalkable)
    }

    @Test("64 levels are walked and 65 are not")
    func exactDepth() throws {
        for levels in [64, 65] {
            var data = DataSetBytes()
            for _ in 0..<levels {
                data.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
                data.item()
            }
            for _ in 0..<levels {
                data.itemEnd()
                data.sequenceEnd()
            }
            #expect(data.failure() == (levels == 64 ? nil : .unwalkable))
            if levels == 64 { #expect(try data.scan().depth == 64) }
        }
    }

    @Test("more empty items than the bound")
    func emptyItems() {
        var data = DataSetBytes()
        data.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
        for _ in 0..<1_000 { data.item(length: 0) }
        data.sequenceEnd()
        var bounds = ScanBounds()
        bounds.maximumElements = 1_000
        #expect(data.failure(bounds: bounds) == .unwalkable)
        bounds.maximumElements = 1_002
        #expect(data.failure(bounds: bounds) == nil)
    }

    @Test(
        "a length beyond the end, in a value, a sequence, an item and a fragment",
        arguments: [UInt32(0xFFFF_FFFE), 0x7FFF_FFFF, 0x8000_0000, 9])
    func overrun(length: UInt32) {
        var value = DataSetBytes()
        value.header(Tag(0x0009, 0x1000), "OB", length: length)
        value.bytes += [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(value.failure() == .unwalkable)

        var sequence = DataSetBytes()
        sequence.header(Tag(0x0008, 0x1140), "SQ", length: length)
        sequence.item(length: 0)
        #expect(sequence.failure() == .unwalkable)

        var item = DataSetBytes()
        item.header(Tag(0x0008, 0x1140), "SQ", length: 16)
        item.item(length: length)
        item.sequenceEnd()
        #expect(item.failure() == .unwalkable)

        var fragment = DataSetBytes()
        fragment.header(.pixelData, "OB", length: DataSetBytes.undefined)
        fragment.item(length: length)
        fragment.sequenceEnd()
        #expect(fragment.failure(.jpegBaseline) == .unwalkable)
    }

    @Test("an item's element that reaches into the next item")
    func overlapping() {
        var data = DataSetBytes()
        data.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
        data.item(length: 10)
        data.header(.patientID, "LO", length: 4)
        data.bytes += [1, 2, 3, 4]
        data.sequenceEnd()
        #expect(data.failure() == .unwalkable)
    }

    @Test("missing and misplaced delimiters")
    func delimiters() {
        var open = DataSetBytes()
        open.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
        open.item()
        #expect(open.failure() == .unwalkable)

        var atRoot = DataSetBytes()
        atRoot.itemEnd()
        #expect(atRoot.failure() == .unwalkable)

        var early = DataSetBytes()
        early.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
        early.item()
        early.sequenceEnd()
        #expect(early.failure() == .unwalkable)
    }

    @Test("undefined length where no VR allows it")
    func undefinedText() {
        var data = DataSetBytes()
        data.header(Tag(0x0008, 0x1140), "UT", length: DataSetBytes.undefined)
        #expect(data.failure() == .unwalkable)
    }

    @Test("identity between two parts of group 7FE0")
    func splitBulk() {
        var data = DataSetBytes()
        data.element(.pixelData, "OW", [1, 2])
        data.element(.patientID, "LO", "hidden")
        data.element(.pixelData, "OW", [1, 2])
        #expect(data.failure() == .unwalkable)
    }

    @Test(
        "groups that would be read as a command or as file meta information", arguments: [UInt16(0), 2])
    func foreignGroups(group: UInt16) {
        var data = DataSetBytes()
        data.element(Tag(group, 0x0010), "UI", "1.2.840.10008.1.2")
        #expect(data.failure() == .unwalkable)
    }

    @Test("a wanted element twice, unless both say the same")
    func repeated() {
        var data = DataSetBytes()
        data.element(.patientID, "LO", "1")
        data.element(.patientID, "LO", "1")
        #expect(data.failure() == nil)
        data.element(.patientID, "LO", "2")
        #expect(data.failure() == .unwalkable)
    }

    @Test("values and headers beyond the bounds")
    func sizes() {
        var bounds = ScanBounds()
        bounds.maximumValue = 100
        var data = DataSetBytes()
        data.element(Tag(0x0042, 0x0011), "OB", [UInt8](repeating: 0, count: 102))
        #expect(data.failure(bounds: bounds) == .tooLarge)
        bounds = ScanBounds()
        bounds.maximumHeader = 100
        #expect(data.failure(bounds: bounds) == .tooLarge)
        var pixels = DataSetBytes()
        pixels.element(.pixelData, "OB", [UInt8](repeating: 0, count: 102))
        #expect(pixels.failure(bounds: bounds) == nil)
    }

    @Test("a source that ends before it said it would")
    func shortSource() {
        struct Liar: ByteSource {
            let count: Int64 = 1000
            func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int { 0 }
        }
        var source = Liar()
        #expect(throws: Failure.self) {
            try HeaderScanner(bounds: ScanBounds(), wanted: []).scan(&source, as: .explicitVRLittleEndian)
        }
    }

    @Test("lengths near the largest file there can be do not trap")
    func largestFile() {
        var data = DataSetBytes()
        data.header(.pixelData, "OW", length: 0xFFFF_FFFE)
        var source = SparseByteSource(head: data.bytes, count: .max)
        #expect(throws: Failure.self) {
            try HeaderScanner(bounds: ScanBounds(), wanted: []).scan(&source, as: .explicitVRLittleEndian)
        }
    }
}
