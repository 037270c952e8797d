import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

/// The ways in which names, numbers and dates are written, each of which got past the guard once.
@Suite("Written forms")
struct WrittenFormsTests {
    private static let explicit: TransferSyntax = "1.2.840.10008.1.2.1"
    private static let software = Tag(0x0018, 0x1020)

    /// What the guard says of one value that would leave. The slice is of a man born 28 February 1934.
    private func kinds(
        _ tag: DICOMVocabulary.Tag, _ vr: VR, _ value: [UInt8], name: [UInt8] = Array("Zebrasson^Qvintus".utf8),
        characterSet: String = "ISO_IR 192"
    ) throws -> [IdentifierKind] {
        let source = try Planted.slice()
        try source.root.set(.specificCharacterSet, .CS, text: characterSet)
        try source.root.set(.patientName, .PN, name)
        try source.root.set(.patientID, .LO, text: "19340229-9876")
        try source.root.set(.patientBirthDate, .DA, text: "19340228")
        let identityGuard = IdentityGuard(identities: [], instance: source)
        let leaving = DataSet()
        try leaving.root.set(tag, vr, value)
        return try identityGuard.search(leaving.encoded(as: Self.explicit), transferSyntax: Self.explicit).map(\.kind)
    }

    @Test(
        "a number is found with any spaces, dashes and digits",
        arguments: [
            "340229 - 9876", "340229\u{2013}9876", "340229\u{A0}9876", "340229\u{2009}\u{2212}\u{2009}9876",
            "\u{FF13}\u{FF14}\u{FF10}\u{FF12}\u{FF12}\u{FF19}\u{FF19}\u{FF18}\u{FF17}\u{FF16}", "340229 --9876",
        ])
    func separators(text: String) throws {
        #expect(try kinds(Self.software, .LO, Array(text.utf8)) == [.patientID])
    }

    @Test("a no-break space of Latin-1 parts a number as any other")
    func latin() throws {
        #expect(try kinds(Self.software, .LO, Planted.latin1("340229\u{A0}9876")) == [.patientID])
    }

    @Test("order numbers are found over two spaces and a dash")
    func orders() throws {
        #expect(try kinds(Self.software, .LO, Array("REM4711 \u{2013} 22".utf8)) == [.orderNumber])
    }

    @Test("decimal strings are judged one by one")
    func decimals() throws {
        let position = Tag(0x0020, 0x0032)
        #expect(try kinds(position, .DS, Array("0.5\\1\\193402299876".utf8)) == [.patientID])
        #expect(try kinds(position, .DS, Array("193402299876.0".utf8)) == [.patientID])
        #expect(try kinds(position, .DS, Array("0.193402299876\\193402299876.5".utf8)) == [])
    }

    @Test("a number where a date or a time should stand is found, dates and times are not")
    func temporal() throws {
        #expect(try kinds(Tag(0x0008, 0x002A), .DT, Array("193402299876".utf8)) == [.patientID])
        #expect(try kinds(Tag(0x0008, 0x0022), .DA, Array("193402299876".utf8)) == [.patientID])
        #expect(try kinds(Tag(0x0008, 0x0032), .TM, Array("3402299876".utf8)) == [.patientID])
        for (vr, text) in [
            (VR.DT, "20260301101500.123456+0100"), (.TM, "101500.123456"), (.DA, "19340228"), (.DT, "2026"),
        ] {
            #expect(try kinds(Tag(0x0008, 0x002A), vr, Array(text.utf8)) == [])
        }
    }

    @Test("anybody's personal number is found with a space, and in a code that is none")
    func strangers() throws {
        #expect(try kinds(Self.software, .LO, Array("19121212 1212".utf8)) == [.personalNumber])
        #expect(try kinds(.codeValue, .SH, Array("P121212-1212".utf8)) == [.personalNumber])
        #expect(try kinds(.codeValue, .SH, Array("8001012384".utf8)) == [])
    }

    @Test(
        "a birth date is found in any order, padded or not",
        arguments: [
            "28/2-34", "28.2-34", "280234", "022834", "340228", "1934-2-28", "2/28/1934", "28 2 1934", "1934 - 02 - 28",
        ])
    func births(text: String) throws {
        #expect(try kinds(Self.software, .LO, Array(text.utf8)) == [.birthDate])
        #expect(try kinds(Tag(0x0020, 0x4000), .LT, Array("f. \(text).".utf8)) == [.birthDate])
    }

    @Test("codes, versions and measures are no birth date", arguments: ["280234", "340228"])
    func codes(text: String) throws {
        #expect(try kinds(.codeValue, .SH, Array(text.utf8)) == [])
        #expect(try kinds(Tag(0x0028, 0x1050), .DS, Array(text.utf8)) == [])
        #expect(try kinds(Self.software, .LO, Array("1.28.2.3.4 syngo 28234".utf8)) == [])
    }

    @Test("a content item with the birth date goes under any concept, others stay")
    func contentDates() throws {
        for (valueType, tag, vr) in [("DATE", ContentItem.date, VR.DA), ("DATETIME", ContentItem.dateTime, .DT)] {
            let dataSet = try Planted.slice(sopClass: "1.2.840.10008.5.1.4.1.1.88.33")
            for day in ["19121212", "20260228"] {
                let item = try dataSet.root.addItem(to: .contentSequence)
                try item.set(ContentItem.valueType, .CS, text: valueType)
                let name = try item.addItem(to: ContentItem.conceptName)
                try name.set(.codeValue, .SH, text: "X1")
                try name.set(.codingSchemeDesignator, .SH, text: "99LOC")
                try name.set(.codeMeaning, .LO, text: "Datum")
                try item.set(tag, vr, text: day)
            }
            try Planted.pseudonymise(dataSet)
            let left = dataSet.root[.contentSequence]?.items.map { $0.text(tag) }
            #expect(left == ["20260228"])
        }
    }

    @Test(
        "a name is found without its accents",
        arguments: [
            ("Łukaszewiczą^Śmigły", "LUKASZEWICZA"), ("Łukaszewiczą^Śmigły", "smigly"),
            ("Yıldırımoğlu^Gülşen", "YILDIRIMOGLU"), ("Dvořáková^Zdeňka", "DVORAKOVA"), ("Đorđević^Þóra", "Dordevic"),
            ("Nguyễnová^Ế", "NGUYENOVA"), ("Dvořáková^Zdeňka", "DVOŘÁKOVÁ"),
        ])
    func accents(name: String, text: String) throws {
        #expect(try kinds(Self.software, .LO, Array(text.utf8), name: Array(name.utf8)) == [.patientName])
    }

    @Test("a family name of one character is found with its given name")
    func single() throws {
        #expect(try kinds(Self.software, .LO, Array("王一".utf8), name: Array("Wangxx^Yi=王^一".utf8)) == [.patientName])
        #expect(try kinds(Self.software, .LO, Array("王".utf8), name: Array("Wangxx^Yi=王^一".utf8)) == [])
    }

    /// 俑倍 and 几卑: the second byte of each is a backslash in JIS X 0208.
    static let family: [UInt8] = [0x50, 0x5C, 0x47, 0x5C]
    static let given: [UInt8] = [0x51, 0x5C, 0x48, 0x5C]
    static func escaped(_ kanji: [UInt8]) -> [UInt8] { [0x1B, 0x24, 0x42] + kanji + [0x1B, 0x28, 0x42] }

    @Test("a Japanese name is found behind another character, and with backslashes inside of its own")
    func escapes() throws {
        let name = Array("Yamadaxx^Tarouxx=".utf8) + Self.escaped(Self.family) + [0x5E] + Self.escaped(Self.given)
        let set = "\\ISO 2022 IR 87"
        for text in [Self.family, Self.given, [0x3B, 0x33] + Self.family + [0x3B, 0x33], Self.family + Self.given] {
            #expect(
                try kinds(Self.software, .LO, Array("A".utf8) + Self.escaped(text), name: name, characterSet: set)
                    == [.patientName])
        }
        #expect(
            try kinds(Self.software, .LO, Self.escaped([0x3B, 0x33, 0x45, 0x44]), name: name, characterSet: set) == [])
        // The same bytes are plain letters where no escape stands.
        #expect(try kinds(Self.software, .LO, Self.family.filter { $0 != 0x5C } + Self.given, name: name) == [])
    }

    @Test("names in numbers, tables and profiles are found in every width")
    func binary() throws {
        let profile = Tag(0x0028, 0x2000)
        for text in ["Zebrasson Qvintus       ", "QVINTUS ZEBRASSON       "] {
            for (tag, vr) in [(Tag(0x0018, 0x9073), VR.FD), (Tag(0x0028, 0x3002), .US), (Tag(0x0028, 0x0009), .AT)] {
                #expect(try kinds(tag, vr, Array(text.utf8)) == [.patientName])
            }
        }
        let little = "Zebrasson".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let big = "Zebrasson".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [little, big] {
            #expect(try kinds(profile, .OB, [UInt8](repeating: 0, count: 127) + bytes + [0]) == [.patientName])
            #expect(try kinds(Tag(0x0066, 0x0016), .OF, bytes + [0, 0]) == [.patientName])
        }
        #expect(try kinds(profile, .OB, Array("zEbRaSsOn".utf8) + [1]) == [.patientName])
        #expect(try kinds(Tag(0x0018, 0x9073), .FD, [UInt8](repeating: 0x40, count: 24)) == [])
    }

    @Test("text that calls itself a number is not one")
    func spelled() throws {
        #expect(SafePrivateValue.fits([0, 0, 0, 0, 0, 0, 0xF0, 0x3F], .FD))
        #expect(!SafePrivateValue.fits(Array("Zebrasson Zebrasson     ".utf8), .FD))
        #expect(!SafePrivateValue.fits(Array("Zebras\0\0".utf8), .UL))
        #expect(SafePrivateValue.fits(Array("1.5\\2.25".utf8), .DS))
        let dataSet = try Planted.slice()
        try dataSet.root.set(Tag(0x0018, 0x9073), .UN, Array("Lindqvist Karin ".utf8))
        try Planted.pseudonymise(dataSet)
        #expect(dataSet.root[Tag(0x0018, 0x9073)] == nil)
    }
}
