import DICOM
import DICOMVocabulary
import Testing

@Suite("Editing a data set")
struct EditingTests {
    @Test("puts, replaces and removes elements in tag order")
    func elements() throws {
        let dataSet = DataSet()
        let root = dataSet.root
        try root.set(.patientID, .LO, text: "odd")
        try root.set(.modality, .CS, text: "MR")
        try root.set(.patientID, .LO, text: "new one")
        try root.set(.rows, .US, [0x00, 0x02])
        try root.set(.studyInstanceUID, .UI, text: "1.2.3")
        root.remove(.modality)
        root.remove(.patientName)
        #expect(root.elements.map(\.tag) == [.patientID, .studyInstanceUID, .rows])
        #expect(root[.patientID]?.value == Array("new one".utf8))
        #expect(root[.patientID]?.length == 8)
        let expected =
            Handmade.element(.patientID, "LO", "new one ") + Handmade.element(.studyInstanceUID, "UI", "1.2.3\0")
            + Handmade.element(.rows, "US", [0x00, 0x02])
        #expect(try dataSet.encoded(as: .explicitVRLittleEndian) == expected)
    }

    @Test("keeps what was removed readable for those who hold it")
    func removedElementsLive() throws {
        let dataSet = DataSet()
        let item = try dataSet.root.addItem(to: .contentSequence)
        try item.set(.codeMeaning, .LO, text: "held")
        let element = try #require(item[.codeMeaning])
        let sequence = try #require(dataSet.root[.contentSequence])
        dataSet.root.remove(.contentSequence)
        try item.set(.codeMeaning, .LO, text: "other")
        #expect(element.value == Array("held".utf8))
        #expect(sequence.items.first?[.codeMeaning]?.value == Array("other".utf8))
        #expect(dataSet.root.isEmpty)
    }

    @Test("keeps the data set alive through a view")
    func lifetime() throws {
        func make() throws -> DataSetItem {
            let dataSet = DataSet()
            try dataSet.root.set(.modality, .CS, text: "CT")
            return dataSet.root
        }
        #expect(try make()[.modality]?.value == Array("CT".utf8))
    }

    @Test("adds and removes items of nested sequences")
    func items() throws {
        let dataSet = DataSet()
        let first = try dataSet.root.addItem(to: .contentSequence)
        let second = try dataSet.root.addItem(to: .contentSequence)
        try first.set(.codeValue, .SH, text: "1")
        try second.addItem(to: .contentSequence).set(.codeValue, .SH, text: "2")
        let bytes = try dataSet.encoded(as: .implicitVRLittleEndian)
        let again = try DataSet(bytes: bytes, transferSyntax: .implicitVRLittleEndian)
        let items = try #require(again.root[.contentSequence]).items
        #expect(items.count == 2)
        #expect(items[1][.contentSequence]?.items.first?[.codeValue]?.value == Array("2".utf8))
        again.root.removeItem(at: 0, of: .contentSequence)
        again.root.removeItem(at: 7, of: .contentSequence)
        #expect(again.root[.contentSequence]?.items.count == 1)
        try again.root.removeItems(of: .contentSequence)
        #expect(again.root[.contentSequence]?.items.isEmpty == true)
        #expect(again.root[.contentSequence]?.isSequence == true)
    }

    @Test("writes every representation with exactly the bytes given", arguments: VR.allCases)
    func representations(vr: VR) throws {
        guard vr != .SQ, vr != .unknown else { return }
        let value: [UInt8] = vr.isText ? Array("12345678".utf8) : [1, 2, 3, 4, 5, 6, 7, 8]
        let dataSet = DataSet()
        try dataSet.root.set(Tag(0x0009, 0x1001), vr, value)
        let element = try #require(dataSet.root[Tag(0x0009, 0x1001)])
        #expect(element.vr == vr)
        #expect(element.value == value)
        let bytes = try dataSet.encoded(as: .explicitVRLittleEndian)
        #expect(Array(bytes.suffix(8)) == value)
        #expect(String(decoding: bytes[4..<6], as: UTF8.self) == vr.rawValue)
    }

    @Test("says so when a value has no room")
    func tooLong() {
        #expect(throws: Failure.self) {
            try DataSet().root.set(.patientID, .LO, [UInt8](repeating: 0x41, count: 70000))
        }
    }

    @Test("takes long text where the representation has room")
    func longText() throws {
        let dataSet = DataSet()
        try dataSet.root.set(Tag(0x0040, 0xA160), .UT, [UInt8](repeating: 0x41, count: 200_000))
        #expect(dataSet.root[Tag(0x0040, 0xA160)]?.value.count == 200_000)
        #expect(try dataSet.encoded(as: .explicitVRLittleEndian).count == 200_012)
    }
}
