import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Private attributes")
struct PrivateAttributeTests {
    @Test("a safe attribute stays with its creator, whatever the block's number; the rest of the block goes")
    func block() throws {
        let dataSet = try Planted.slice()
        let root = dataSet.root
        try root.set(Tag(0x0019, 0x0011), .LO, text: "SIEMENS MR HEADER")
        try root.set(Tag(0x0019, 0x110C), .IS, text: "1000")
        try root.set(Tag(0x0019, 0x1108), .CS, text: "TOLVANSSON")
        try root.set(Tag(0x0019, 0x0012), .LO, text: "NOBODY")
        try root.set(Tag(0x0019, 0x120C), .IS, text: "1000")
        try Planted.pseudonymise(dataSet)
        let left = root.elements.filter(\.tag.isPrivate).map(\.tag)
        #expect(left == [Tag(0x0019, 0x0011), Tag(0x0019, 0x110C)])
    }

    @Test("another representation than the listed one is removed")
    func representation() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(Tag(0x0019, 0x0010), .LO, text: "SIEMENS MR HEADER")
        try dataSet.root.set(Tag(0x0019, 0x100C), .LO, text: "Tolvansson")
        try Planted.pseudonymise(dataSet)
        #expect(!dataSet.root.elements.contains { $0.tag.isPrivate })
    }

    @Test("unknown representation becomes the listed one where the bytes can be that")
    func unknown() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(Tag(0x7053, 0x0010), .LO, text: "Philips PET Private Group")
        try dataSet.root.set(Tag(0x7053, 0x1000), .UN, text: "1.25")
        try dataSet.root.set(Tag(0x7053, 0x1009), .UN, text: "Tolvan")
        try Planted.pseudonymise(dataSet)
        #expect(dataSet.root[Tag(0x7053, 0x1000)]?.vr == .DS)
        #expect(dataSet.root[Tag(0x7053, 0x1009)] == nil)
    }

    @Test("a creator at the root does not reserve a block inside an item")
    func scope() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(Tag(0x0019, 0x0010), .LO, text: "SIEMENS MR HEADER")
        try dataSet.root.set(Tag(0x0019, 0x100C), .IS, text: "1000")
        let item = try dataSet.root.addItem(to: Tag(0x0008, 0x1140))
        try item.set(Tag(0x0019, 0x100C), .IS, text: "1000")
        try Planted.pseudonymise(dataSet)
        #expect(dataSet.root[Tag(0x0019, 0x100C)] != nil)
        #expect(item[Tag(0x0019, 0x100C)] == nil)
    }

    @Test("a safe sequence is walked: names, UIDs and text inside are not safe")
    func sequence() throws {
        let row = try #require(
            SafePrivateTable.standard.representations.first {
                $0.value == [.SQ] && $0.key.creator == "PHILIPS IMAGING DD 001"
            })
        let tag = Tag(row.key.group, 0x1000 | UInt16(row.key.element))
        let dataSet = try Planted.slice()
        try dataSet.root.set(Tag(row.key.group, 0x0010), .LO, text: row.key.creator)
        let item = try dataSet.root.addItem(to: tag)
        try item.set(Tag(0x0008, 0x1050), .PN, text: "Tolvansson")
        try item.set(.referencedSOPInstanceUID, .UI, text: Planted.instance.string)
        try item.set(Tag(0x0028, 0x1051), .DS, text: "400")
        try Planted.pseudonymise(dataSet)
        #expect(item[Tag(0x0008, 0x1050)] == nil)
        #expect(item.text(.referencedSOPInstanceUID) == dataSet.root.text(.sopInstanceUID))
        #expect(item.text(Tag(0x0028, 0x1051)) == "400")
    }

    @Test("without option 113111 nothing private stays")
    func withoutOption() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(Tag(0x0019, 0x0010), .LO, text: "SIEMENS MR HEADER")
        try dataSet.root.set(Tag(0x0019, 0x100C), .IS, text: "1000")
        try Planted.pseudonymise(dataSet, options: ["113105", "113106"])
        #expect(!dataSet.root.elements.contains { $0.tag.isPrivate })
    }
}
