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
        for identity in [Self.identity, StudyIdentity(characterSet: "", attributes: [])] {
            let message = try JSONEncoder().encode([identity])
            let back = try JSONDecoder().decode([StudyIdentity].self, from: message)
            #expect(back == [identity])
        }
    }

    @Test(
        "what is not an identity is refused without being quoted",
        arguments: ["0", "zz", ",0010001", ",00100010PN0", ",00100010XX00", ",00100010PNAB", "ff"])
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
