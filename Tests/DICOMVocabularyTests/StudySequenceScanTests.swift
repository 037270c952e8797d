import DICOMVocabulary
import Testing

@Suite("Of a header a study's identity keeps")
struct StudySequenceScanTests {
    private static let otherIDs = Tag(0x0010, 0x1002)
    private static let referencedStudy = Tag(0x0008, 0x1110)

    private func identity(_ data: DataSetBytes, _ syntax: TransferSyntax) throws -> StudyIdentity {
        StudyIdentity(header: try data.scan(syntax, wanted: StudyIdentity.wantedTags))
    }

    /// One item with one identifier, in the lengths asked for.
    private func items(_ empty: DataSetBytes, defined: Bool) -> [UInt8] {
        var value = empty
        value.element(.patientID, "LO", "A-77")
        var data = empty
        data.item(length: defined ? UInt32(value.bytes.count) : DataSetBytes.undefined)
        data.bytes += value.bytes
        if !defined { data.itemEnd() }
        return data.bytes
    }

    @Test(
        "the items of its sequences as they stand, in each encoding, without what delimits the sequence",
        arguments: HeaderScannerTests.encodings, [true, false])
    func everyEncoding(encoding: (TransferSyntax, DataSetBytes), defined: Bool) throws {
        let (syntax, empty) = encoding
        let items = items(empty, defined: defined)
        var data = empty
        data.header(Self.referencedStudy, "SQ", length: 0)
        data.element(.patientID, "LO", "1")
        data.header(Self.otherIDs, "SQ", length: defined ? UInt32(items.count) : DataSetBytes.undefined)
        data.bytes += items
        if !defined { data.sequenceEnd() }
        data.element(.studyInstanceUID, "UI", "1.2.34")
        let identity = try identity(data, syntax)
        let sequence = try #require(identity.sequences.first)
        #expect(identity.sequences.count == 1 && sequence.tag == Self.otherIDs && sequence.items == items)
        let expected: RawSequence.Encoding =
            empty.implicit ? .implicitLittleEndian : empty.bigEndian ? .explicitBigEndian : .explicitLittleEndian
        #expect(sequence.encoding == expected && identity.omitted.isEmpty)
        #expect(identity[.studyInstanceUID] == Array("1.2.34".utf8))
    }

    @Test("nothing from inside of other sequences, and of two with one tag the first")
    func places() throws {
        let items = items(DataSetBytes(), defined: true)
        var inner = DataSetBytes()
        inner.header(Self.otherIDs, "SQ", length: UInt32(items.count))
        inner.bytes += items
        var data = DataSetBytes()
        data.header(Tag(0x0008, 0x1140), "SQ", length: DataSetBytes.undefined)
        data.item(length: UInt32(inner.bytes.count))
        data.bytes += inner.bytes
        data.sequenceEnd()
        #expect(try identity(data, .explicitVRLittleEndian).sequences.isEmpty)
        data.header(Self.otherIDs, "SQ", length: UInt32(items.count))
        data.bytes += items
        data.header(Self.otherIDs, "SQ", length: DataSetBytes.undefined)
        data.item(length: 0)
        data.sequenceEnd()
        #expect(try identity(data, .explicitVRLittleEndian).sequences.map(\.items) == [items])
    }

    @Test("no value that only began like a sequence")
    func guess() throws {
        var data = DataSetBytes(implicit: true)
        data.header(Self.otherIDs, "SQ", length: 12)
        data.item(length: 99)
        data.uint32(0)
        data.element(.studyInstanceUID, "UI", "1.2.34")
        let identity = try identity(data, .implicitVRLittleEndian)
        #expect(identity.sequences.isEmpty && identity[.studyInstanceUID] == Array("1.2.34".utf8))
    }

    @Test("a sequence of unknown representation, which is implicit VR inside")
    func unknownRepresentation() throws {
        let items = items(DataSetBytes(implicit: true), defined: true)
        var data = DataSetBytes(bigEndian: true)
        data.header(Self.otherIDs, "UN", length: DataSetBytes.undefined)
        data.bytes += items + [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
        let sequence = try #require(try identity(data, .explicitVRBigEndian).sequences.first)
        #expect(sequence.encoding == .implicitLittleEndian && sequence.items == items)
    }

    @Test("what finds room, and says what did not; nothing is refused for it", arguments: [33_000, 70_000])
    func bounded(length: Int) throws {
        var data = DataSetBytes(implicit: true)
        data.element(Tag(0x0010, 0x21B0), "LT", String(repeating: "h", count: 20_000))
        var long = DataSetBytes(implicit: true)
        long.item(length: UInt32(length + 8))
        long.element(Tag(0x0010, 0x4000), "LT", [UInt8](repeating: 0x78, count: length))
        data.element(Self.otherIDs, "SQ", long.bytes)
        let short = items(DataSetBytes(implicit: true), defined: true)
        data.element(Tag(0x0010, 0x0024), "SQ", short)
        data.element(Tag(0x0010, 0x4000), "LT", [UInt8](repeating: 0x79, count: length))
        let identity = try identity(data, .implicitVRLittleEndian)
        #expect(identity.sequences.map(\.tag) == [Tag(0x0010, 0x0024)])
        #expect(Set(identity.omitted) == [Self.otherIDs, Tag(0x0010, 0x4000)])
        #expect(identity[Tag(0x0010, 0x21B0)]?.count == 20_000 && identity[Tag(0x0010, 0x4000)] == nil)
        // By which patient and order are known is never left out: the object is refused.
        data.element(.patientID, "LO", [UInt8](repeating: 0x31, count: 70_000))
        #expect(throws: Failure.self) { try self.identity(data, .implicitVRLittleEndian) }
    }

    @Test("numbers in little endian, whatever they were in", arguments: HeaderScannerTests.encodings)
    func numbers(syntax: TransferSyntax, empty: DataSetBytes) throws {
        var number = DataSetBytes(bigEndian: empty.bigEndian)
        number.uint16(4)
        var data = empty
        data.element(Tag(0x0010, 0x21C0), "US", number.bytes)
        #expect(try identity(data, syntax)[Tag(0x0010, 0x21C0)] == [4, 0])
    }
}
