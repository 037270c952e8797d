import DICOM
import DICOMVocabulary
import Testing

@Suite("Character sets")
struct CharacterSetTests {
    @Test(
        "decode to the text that was meant",
        arguments: [
            ("ISO_IR 100", [0xC5, 0x73, 0x61, 0x5E, 0xD6], "Åsa^Ö"),
            ("ISO_IR 101", [0xA3], "Ł"),
            ("ISO_IR 144", [0xBB, 0xEE], "Лю"),
            ("ISO_IR 192", Array("Åsa^Ö".utf8), "Åsa^Ö"),
            ("GB18030", [0xCD, 0xF5], "王"),
            ("ISO 2022 IR 100\\ISO 2022 IR 144", [0xC5, 0x5E, 0x1B, 0x2D, 0x4C, 0xBB], "Å^Л"),
            (
                "\\ISO 2022 IR 87", Array("Yamada^Tarou=".utf8) + [0x1B, 0x24, 0x42, 0x3B, 0x33, 0x1B, 0x28, 0x42],
                "Yamada^Tarou=山"
            ),
            (
                "ISO 2022 IR 13\\ISO 2022 IR 87",
                [0xD4, 0xCF, 0x3D, 0x1B, 0x24, 0x42, 0x3B, 0x33, 0x1B, 0x28, 0x4A, 0x5E, 0x1B, 0x29, 0x49, 0xB3, 0x5C],
                "\u{FF94}\u{FF8F}=山^\u{FF73}\\"
            ),
            ("ISO_IR 13", [0xD4, 0x5E, 0x41], "\u{FF94}^A"),
            ("ISO_IR 138", [0xF9, 0xF8], "שר"),
            ("", Array("plain".utf8), "plain"),
        ] as [(String, [UInt8], String)])
    func decoding(name: String, bytes: [UInt8], expected: String) {
        #expect(CharacterSet.decode(bytes, name, vr: .PN) == expected)
    }

    @Test(
        "give nil for bytes that are not in the declared set",
        arguments: [
            ("", [0xC5]), ("ISO_IR 192", [0xC5, 0x20]), ("NONSENSE", [0xC5]), ("ISO_IR 6", [0xE5]),
            ("ISO_IR 13", [0xE5]), ("ISO 2022 IR 13\\ISO 2022 IR 87", [0x1B, 0x24, 0x42, 0x3B, 0xB1]),
        ] as [(String, [UInt8])])
    func undecodable(name: String, bytes: [UInt8]) {
        #expect(CharacterSet.decode(bytes, name, vr: .LO) == nil)
    }

    @Test(
        "encode what they have a place for, and nothing else",
        arguments: [
            ("ISO_IR 100", "Åsa", [0xC5, 0x73, 0x61]),
            ("ISO 2022 IR 100", "Åsa", [0xC5, 0x73, 0x61]),
            ("ISO_IR 192", "Åsa", Array("Åsa".utf8)),
            ("", "plain", Array("plain".utf8)),
            ("", "Å", nil),
            ("ISO_IR 100", "Лю", nil),
            ("\\ISO 2022 IR 87", "山", nil),
            ("NONSENSE", "Å", nil),
        ] as [(String, String, [UInt8]?)])
    func encoding(name: String, text: String, expected: [UInt8]?) {
        #expect(CharacterSet.encode(text, name) == expected)
    }

    @Test("are converted by this build of DCMTK")
    func available() { #expect(CharacterSet.isAvailable) }
}
