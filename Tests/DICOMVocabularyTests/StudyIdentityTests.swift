import DICOMVocabulary
import Foundation
import Testing

@Suite struct StudyIdentityTests {
    private static let identity = StudyIdentity(
        characterSet: #"ISO 2022 IR 100\ISO 2022 IR 87"#,
        attributes: [
            RawAttribute(
                tag: Tag(0x0010, 0x0010), vr: .PN,
                value: Array("\u{C5}kesson^M\u{E4}rit".unicodeScalars.map { UInt8($0.value) })),
            RawAttribute(tag: Tag(0x0010, 0x0020), vr: .LO, value: Array("19121212-1212, 0".utf8)),
            RawAttribute(tag: Tag(0x0010, 0x0030), vr: .DA, value: []),
            RawAttribute(tag: Tag(0xFFFE, 0xFFFF), vr: .unknown, value: [0x00, 0xFF, 0x2C, 0x22]),
        ])

    @Test("an identity comes back from a message byte for byte")
    func returns() throws {
        let whole = StudyIdentity(
            characterSet: Self.identity.characterSet, attributes: Self.identity.attributes,
            sequences: RawSequence.Encoding.allCases.map {
                RawSequence(tag: Tag(0x0010, 0x1002), encoding: $0, items: [0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0])
            }, omitted: [Tag(0x0008, 0x1110), Tag(0x0038, 0x4000)])
        for identity in [whole, Self.identity, StudyIdentity(characterSet: "", attributes: [])] {
            let message = try JSONEncoder().encode([identity])
            let back = try JSONDecoder().decode([StudyIdentity].self, from: message)
            #expect(back == [identity])
        }
    }

    @Test("a row from before there were sequences is read, and an identity without any is written as then")
    func old() throws {
        let word = "49534f5f495220313030,00100010PNc56b6573736f6e,00100020LO31,00100030DA"
        let message = try JSONEncoder().encode([word])
        let identity = try #require(try JSONDecoder().decode([StudyIdentity].self, from: message).first)
        #expect(identity.characterSet == "ISO_IR 100" && identity.sequences.isEmpty && identity.omitted.isEmpty)
        #expect(identity.attributes.map(\.vr) == [.PN, .LO, .DA])
        #expect(identity[.patientName] == [0xC5, 0x6B, 0x65, 0x73, 0x73, 0x6F, 0x6E])
        #expect(try JSONEncoder().encode([identity]) == message)
    }

    @Test(
        "what is not an identity is refused without being quoted",
        arguments: [
            "0", "zz", ",0010001", ",00100010PN0", ",00100010XX00", ",00100010PNAB", "ff", ",00081110SQ",
            ",00081110SQ00", ",00081110SQ04FEFF", ",0008111",
        ])
    func refuses(word: String) throws {
        let message = try JSONEncoder().encode([word])
        do {
            _ = try JSONDecoder().decode([StudyIdentity].self, from: message)
            Issue.record("accepted")
        } catch {
            #expect(word.count < 3 || !"\(error)".contains(word))
        }
    }
}
