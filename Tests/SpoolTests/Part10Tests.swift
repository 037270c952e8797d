import DICOMVocabulary
import Testing

@Suite("The head of a file")
struct Part10Tests {
    private func meta(instance: UID = "1.2.3") -> [UInt8] {
        Part10.meta(
            sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: instance, transferSyntax: .explicitVRLittleEndian)
    }

    @Test("It begins with an empty preamble and DICM, and its group length reaches exactly to its end")
    func shape() {
        let bytes = meta()
        #expect(bytes.prefix(128).allSatisfy { $0 == 0 })
        #expect(String(decoding: bytes[128..<132], as: UTF8.self) == "DICM")
        #expect(Array(bytes[132..<140]) == [2, 0, 0, 0, 0x55, 0x4C, 4, 0])
        let length = Int(bytes[140]) | Int(bytes[141]) << 8
        #expect(bytes.count == 144 + length)
        #expect(bytes.count % 2 == 0)
    }

    @Test("Values of odd length are padded: UIDs with NUL, text with a space")
    func padding() {
        let bytes = meta(instance: "1.2.3")
        let element: [UInt8] = [2, 0, 3, 0, 0x55, 0x49, 6, 0] + Array("1.2.3".utf8) + [0]
        #expect(bytes.indices.contains { bytes[$0...].starts(with: element) })
        #expect(Implementation.classUID.isValid)
        #expect(Implementation.versionName.utf8.count <= 16)
    }
}
