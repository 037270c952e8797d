// Names, numbers and days in the forms in which people and programs write them.

import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Written forms that the guard knows")
struct GuardFormsTests {
    private static let explicit: TransferSyntax = "1.2.840.10008.1.2.1"

    /// Searches one value, of a patient who is called and numbered so.
    private func hits(
        _ text: String, _ tag: Tag = .manufacturer, _ vr: VR = .LO, name: String = "Ek^Ida", number: String = "77",
        order: String = "1"
    ) throws -> [IdentifierKind] {
        let source = DataSet()
        try source.root.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
        try source.root.set(.patientName, .PN, text: name)
        try source.root.set(.patientID, .LO, text: number)
        try source.root.set(.accessionNumber, .SH, text: order)
        try source.root.set(.patientBirthDate, .DA, text: "19340228")
        let leaving = DataSet()
        try leaving.root.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
        try leaving.root.set(tag, vr, Array(text.utf8))
        return try IdentityGuard(identities: [], instance: source).search(
            leaving.encoded(as: Self.explicit), transferSyntax: Self.explicit
        ).map(\.kind)
    }

    @Test(
        "names by their accents, apostrophes and capitals",
        arguments: [
            ("Yılmaz^\u{130}brahim", "\u{130}brahim"), ("Weiß^Ida", "WEI\u{1E9E}"), ("Weiß^Ida", "WEISS"),
            ("\u{41F}\u{451}\u{442}\u{440}^A", "\u{41F}\u{415}\u{422}\u{420}"),
            ("\u{41F}\u{451}\u{442}\u{440}^A", "\u{41F}\u{435}\u{442}\u{440}"),
            ("\u{386}\u{3BD}\u{3BD}\u{3B1}^A", "\u{391}\u{39D}\u{39D}\u{391}"),
            ("O'Brien-Nord^Pat", "OBrien"), ("O'Brien-Nord^Pat", "O\u{2019}Brien"),
            ("Zebrasson^Ida", "Zebra\u{AD}sson"), ("Zebrasson^Ida", "Zebra\u{200B}sson"),
        ])
    func names(name: String, text: String) throws {
        #expect(try hits(text, name: name) == [.patientName])
    }

    @Test("Japanese names in either script of syllables and in narrow letters")
    func kana() throws {
        let name = "Yamada^Tarou==\u{3084}\u{307E}\u{3060}^\u{305F}\u{308D}\u{3046}"
        for text in ["\u{3084}\u{307E}\u{3060}", "\u{30E4}\u{30DE}\u{30C0}", "\u{FF94}\u{FF8F}\u{FF80}\u{FF9E}"] {
            #expect(try hits(text, name: name).contains(.patientName), "\(text)")
        }
    }

    @Test("a long name inside the meaning of a code, and no short one")
    func meanings() throws {
        #expect(try hits("DrZebrasson", .codeMeaning, name: "Zebrasson^Ida") == [.patientName])
        #expect(try hits("abdominalis", .codeMeaning, name: "Domina^Ida") == [])
    }

    @Test(
        "numbers with any sign between their parts, and inside longer ones",
        arguments: [
            "340229,9876", "340229;9876", "340229=9876", "340229|9876", "340229'9876", "340229  --  9876",
            "0340229-9876", "3402299876001", "0193402299876", "340229\\9876", "19-34-02-29-98-76",
        ])
    func numbers(text: String) throws {
        #expect(try hits(text, number: "19340229-9876").contains(.patientID))
    }

    @Test("a short number is no alarm in a list or in a longer number")
    func shortNumbers() throws {
        for text in ["90,817", "1908170", "90\\817"] {
            #expect(try hits(text, Tag(0x0020, 0x4000), .LT, number: "90817") == [])
        }
        #expect(try hits("20340228123000", Tag(0x0020, 0x4000), .LT, number: "99123456") == [])
    }

    @Test(
        "identifiers with letters inside longer ones, without zeros, without century",
        arguments: [
            ("AB48210097", "XAB48210097"), ("RISX004471", "RISX004471A"), ("RISX004471", "RISX4471"),
            ("19340229T876", "340229-T876"), ("SE193402299876", "340229-9876"), ("0048210097", "48210097"),
        ])
    func lettered(number: String, text: String) throws {
        #expect(try hits(text, number: number).contains(.patientID))
        #expect(try hits(text, order: number).contains(.orderNumber))
    }

    @Test(
        "the birth date with its month as a word",
        arguments: [
            "28 feb 1934", "28FEB1934", "Feb 28 1934", "Feb. 28, 1934", "28 februari 1934", "28th of February 1934",
            "1934 feb 28", "born 28-Feb-34",
        ])
    func days(text: String) throws {
        #expect(try hits(text) == [.birthDate])
        #expect(try hits("28 mars 1934") == [])
        #expect(try hits("27 feb 1934") == [])
    }

    @Test("what stands in place of a report's structural terms is searched, the terms are not")
    func structure() throws {
        let relationship = Tag(0x0040, 0xA010)
        #expect(try hits("48210097", relationship, .CS, number: "48210097") == [.patientID])
        #expect(try hits("CONTAINS", relationship, .CS, name: "Contains^Ida") == [])
        #expect(try hits("TEXT", Tag(0x0040, 0xA040), .CS, name: "Text^Ida") == [])
    }
}
