import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Content that a parser does not see")
struct HiddenContentTests {
    private let secret = Array("Tolvansson^Tolvan ".utf8)

    private func implicit(_ tag: Tag, _ value: [UInt8]) -> [UInt8] {
        let words = [tag.group, tag.element, UInt16(value.count), 0]
        return words.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } + value
    }

    private func item(_ content: [UInt8]) -> [UInt8] { implicit(.item, content) }

    private func isGone(_ bytes: [UInt8], _ syntax: TransferSyntax) throws -> Bool {
        let dataSet = try DataSet(bytes: bytes, transferSyntax: syntax)
        try Planted.pseudonymise(dataSet)
        return try !dataSet.encoded(as: syntax).contains(sequence: Array("Tolvansson".utf8))
    }

    private var sopClass: [UInt8] { implicit(.sopClassUID, Array("1.2.840.10008.5.1.4.1.1.2\0".utf8)) }

    @Test("a name in a private sequence of defined length is gone, in implicit VR")
    func privateSequence() throws {
        let hidden =
            implicit(Tag(0x0029, 0x0010), Array("ACME".utf8))
            + implicit(Tag(0x0029, 0x1010), item(implicit(.patientName, secret)))
        #expect(try isGone(sopClass + hidden, "1.2.840.10008.1.2"))
    }

    @Test("a name in a sequence of an unknown tag is gone, in implicit VR")
    func unknownSequence() throws {
        let hidden = implicit(Tag(0x0010, 0x0041), item(implicit(Tag(0x0010, 0x0045), secret)))
        #expect(try isGone(sopClass + hidden, "1.2.840.10008.1.2"))
    }

    @Test("a sequence hidden in UN is gone, with defined and with undefined length", arguments: [true, false])
    func unknownRepresentation(isDefined: Bool) throws {
        let content = item(implicit(.patientName, secret))
        var bytes: [UInt8] = [0x08, 0x00, 0x16, 0x00] + Array("UI".utf8) + [26, 0]
        bytes += Array("1.2.840.10008.5.1.4.1.1.2\0".utf8)
        bytes += [0x09, 0x00, 0x10, 0x10] + Array("UN".utf8) + [0, 0]
        bytes += isDefined ? [UInt8(content.count), 0, 0, 0] : [0xFF, 0xFF, 0xFF, 0xFF]
        bytes += content + (isDefined ? [] : implicit(.sequenceDelimitationItem, []))
        #expect(try isGone(bytes, "1.2.840.10008.1.2.1"))
    }

    @Test("a plain standard value under UN gets its representation and its rule")
    func retyped() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(.modality, .UN, text: "CT")
        try dataSet.root.set(Tag(0x0008, 0x1050), .UN, secret)
        try dataSet.root.set(Tag(0x0020, 0x0013), .UN, text: "17")
        try Planted.pseudonymise(dataSet)
        #expect(dataSet.root.text(.modality) == "CT")
        #expect(dataSet.root[Tag(0x0020, 0x0013)]?.vr == .IS)
        #expect(dataSet.root[Tag(0x0008, 0x1050)] == nil)
    }
}
