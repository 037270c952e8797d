import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("The guard")
struct IdentityGuardTests {
    private static let explicit: TransferSyntax = "1.2.840.10008.1.2.1"

    /// Plants one value in an otherwise pseudonymised slice, and searches.
    private func hits(
        _ tag: Tag, _ vr: VR, _ value: [UInt8], as syntax: TransferSyntax = explicit, nested: Bool = false
    ) throws -> [IdentifierKind] {
        let dataSet = try Planted.slice()
        let identityGuard = IdentityGuard(identities: [StudyIdentity(of: dataSet)], instance: dataSet)
        try Planted.pseudonymise(dataSet)
        let item = nested ? try dataSet.root.addItem(to: Tag(0x0008, 0x1140)) : dataSet.root
        try item.set(tag, vr, value)
        return try identityGuard.search(dataSet.encoded(as: syntax), transferSyntax: syntax, dataSet: dataSet)
            .map(\.kind)
    }

    private static let comments = Tag(0x0020, 0x4000)

    @Test(
        "a pseudonymised instance has no hit in any encoding",
        arguments: ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"])
    func clean(syntax: String) throws {
        #expect(try hits(Self.comments, .LT, [], as: TransferSyntax(stringLiteral: syntax)) == [])
    }

    @Test(
        "a name is found in every case, spelling and place",
        arguments: [
            "Tolvansson", "tolvan", "TOLVANSSON", "Dr. Tolvansson, thorax", "tolvanssons", "Tolvansson_CT",
            "TolvanssonTolvan",
            "AASTROEM", "Astrom", "x Rut y",
        ])
    func names(text: String) throws {
        let kinds = try hits(Self.comments, .LT, Array(text.utf8))
        #expect(kinds == [text.contains("Rut") ? .personName : .patientName])
        #expect(try hits(Self.comments, .LT, Array(text.utf8), nested: true) == kinds)
    }

    @Test(
        "letters beyond ASCII are found in Latin-1 and UTF-8, small and capital",
        arguments: ["Åström", "ÅSTRÖM", "åström", "åSTRöm"])
    func swedish(text: String) throws {
        #expect(try hits(Self.comments, .LT, Array(text.utf8)) == [.patientName])
        #expect(try hits(Self.comments, .LT, Planted.latin1(text)) == [.patientName])
    }

    @Test("a long name is found inside another word", arguments: ["DrTolvansson", "Tolvanssonella", "xtolvan1"])
    func parts(text: String) throws {
        #expect(try hits(Self.comments, .LT, Array(text.utf8)) == [.patientName])
    }

    @Test("a short name inside another word is none", arguments: ["Rutin", "truth"])
    func boundaries(text: String) throws {
        #expect(try hits(Self.comments, .LT, Array(text.utf8)) == [])
    }

    @Test(
        "a personal number is found in every written form",
        arguments: ["19121212-1212", "191212121212", "121212-1212", "1212121212", "121212+1212", "ID:19121212 1212;"])
    func personalNumbers(text: String) throws {
        #expect(try hits(Self.comments, .LT, Array(text.utf8)).contains(.patientID))
    }

    @Test(
        "anybody's personal number is found by its check digit",
        arguments: ["8112189876", "19811218-9876", "811218+9876"])
    func strangers(text: String) throws {
        #expect(try hits(Self.comments, .LT, Array(text.utf8)) == [.personalNumber])
        let wrong = String(text.dropLast()) + "5"
        #expect(try hits(Self.comments, .LT, Array(wrong.utf8)) == [])
    }

    @Test(
        "orders, addresses, birth dates and UIDs are found",
        arguments: [
            ("REM4711-22", IdentifierKind.orderNumber), ("rem471122", .orderNumber), ("90817", .orderNumber),
            ("1912-12-12", .birthDate), ("12.12.1912", .birthDate), ("Provgatan", .contact),
            ("see 1.2.752.99.1.1/x", .uid),
        ])
    func others(text: String, kind: IdentifierKind) throws {
        #expect(try hits(Self.comments, .LT, Array(text.utf8)) == [kind])
    }

    @Test("dates, fractions, UIDs of the standard and parts of longer numbers are no alarm")
    func quiet() throws {
        #expect(try hits(Tag(0x0008, 0x0022), .DA, Array("19121212".utf8)) == [])
        #expect(try hits(Tag(0x0028, 0x1050), .DS, Array("90817.5\\0.90817".utf8)) == [])
        #expect(try hits(Self.comments, .LT, Array("1908170".utf8)) == [])
        #expect(try hits(Tag(0x0028, 0x3006), .OW, Array("xx Rut xx ".utf8)) == [])
        #expect(try hits(.sopClassUID, .UI, Array("1.2.840.10008.5.1.4.1.1.4".utf8)) == [])
    }

    @Test("a source UID left in place is found, alone or among several")
    func uids() throws {
        #expect(try hits(Tag(0x0008, 0x3012), .UI, Array("1.2.3\\1.2.752.99.1.4".utf8)) == [.uid])
    }

    @Test("a name that is a word of protocols is no alarm in code strings, but is in free text")
    func ordinary() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(.patientName, .PN, text: "Axial^Ture")
        let identityGuard = IdentityGuard(identities: [], instance: dataSet)
        try Planted.pseudonymise(dataSet)
        let bytes = try dataSet.encoded(as: Self.explicit)
        #expect(try identityGuard.search(bytes, transferSyntax: Self.explicit) == [])
        try dataSet.root.set(Self.comments, .LT, text: "for Mr Axial")
        let again = try dataSet.encoded(as: Self.explicit)
        #expect(try identityGuard.search(again, transferSyntax: Self.explicit).map(\.kind) == [.patientName])
    }

    @Test("a hit names place and kind, and the failure never the value")
    func failure() throws {
        let dataSet = try Planted.slice()
        let identityGuard = IdentityGuard(identities: [], instance: dataSet)
        let failure = try #require(
            try identityGuard.failure(in: dataSet.encoded(as: Self.explicit), transferSyntax: Self.explicit))
        #expect(failure.code == .identityFound)
        #expect(failure.disposition == .person)
        for secret in ["Tolvan", "1912", "4711", "1.2.752"] { #expect(!"\(failure)".contains(secret)) }
    }

    @Test("bytes that cannot be walked are not searched but refused")
    func unwalkable() throws {
        let identityGuard = IdentityGuard(identities: [], instance: DataSet())
        let whole = try Planted.slice().encoded(as: Self.explicit)
        for count in [whole.count - 1, 7, 3] {
            #expect(throws: Failure.self) {
                try identityGuard.search(Array(whole.prefix(count)), transferSyntax: Self.explicit)
            }
        }
    }

    @Test("Swedish personal numbers have a date and a check digit")
    func luhn() {
        let digits = { (text: String) in text.utf8.map { $0 - 0x30 } }
        #expect(PersonalNumber.isValid(digits("191212121212")))
        #expect(PersonalNumber.isValid(digits("1212121212")))
        #expect(!PersonalNumber.isValid(digits("1212121213")))
        #expect(!PersonalNumber.isValid(digits("1213121212")))
        #expect(!PersonalNumber.isValid(digits("211212121212")))
        #expect(!PersonalNumber.isValid(digits("12121212")))
    }
}
