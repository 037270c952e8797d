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

    @Test(
        "parts of a name that people write in one are found, short ones too",
        arguments: [
            ("Ek^Eva-Lis", "see EvaLis"), ("O'Brian^Pat", "Obrian_1"), ("Ek^Per Ola", "perola"),
            ("D'Arc^Ann", "ann's DARC"),
        ])
    func compounds(name: String, text: String) throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(.patientName, .PN, text: name)
        let identityGuard = IdentityGuard(identities: [], instance: dataSet)
        let leaving = DataSet()
        try leaving.root.set(.manufacturer, .LO, text: text)
        let hits = try identityGuard.search(leaving.encoded(as: Self.explicit), transferSyntax: Self.explicit)
        #expect(hits.map(\.kind) == [.patientName])
    }

    @Test(
        "a name is found in the character set of the item in which it stands, whatever that of the name's own",
        arguments: ["ISO_IR 101", "ISO_IR 144", "ISO 2022 IR 6\\ISO 2022 IR 87", "GB18030"])
    func innerCharacterSets(declared: String) throws {
        let (name, bytes): (String, [UInt8]) =
            switch declared {
            case "ISO_IR 101": ("\u{15A}wi\u{105}tek^Ewa", [0xA6, 0x77, 0x69, 0xB1, 0x74, 0x65, 0x6B])
            case "ISO_IR 144": ("\u{41B}\u{44E}\u{43A}\u{441}\u{435}\u{43C}^A", [0xBB, 0xEE, 0xDA, 0xE1, 0xD5, 0xDC])
            case "GB18030": ("\u{738B}\u{5C0F}\u{4E1C}", [0xCD, 0xF5, 0xD0, 0xA1, 0xB6, 0xAB])
            default: ("\u{5C71}\u{7530}^\u{592A}", [0x1B, 0x24, 0x42, 0x3B, 0x33, 0x45, 0x44, 0x1B, 0x28, 0x42])
            }
        let dataSet = try Planted.slice()
        try dataSet.root.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
        try dataSet.root.set(.patientName, .PN, text: name)
        let identityGuard = IdentityGuard(identities: [], instance: dataSet)
        func leaving(_ declared: String?) throws -> [GuardHit] {
            let leaving = DataSet()
            try leaving.root.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
            let outer = try leaving.root.addItem(to: Tag(0x0008, 0x1140))
            if let declared { try outer.set(.specificCharacterSet, .CS, text: declared) }
            try outer.addItem(to: Tag(0x0040, 0xA170)).set(.codeMeaning, .LO, bytes)
            _ = try leaving.root.addItem(to: Tag(0x0008, 0x1140))
            return try identityGuard.search(leaving.encoded(as: Self.explicit), transferSyntax: Self.explicit)
        }
        #expect(try leaving(declared).map(\.kind) == [.patientName])
        #expect(try leaving(nil) == [])
    }

    @Test("a declaration holds for its item alone")
    func declarationEnds() throws {
        var codings = DeclaredCodings()
        func text(_ tag: Tag, _ vr: VR, _ value: [UInt8], _ path: [(tag: Tag, item: Int)]) -> String? {
            value.withUnsafeBytes { codings.text(of: $0, tag, vr, path) }.map { String(decoding: $0, as: UTF8.self) }
        }
        let sequence = Tag(0x0008, 0x1140)
        #expect(text(.specificCharacterSet, .CS, Array("ISO_IR 100".utf8), []) == nil)
        #expect(text(.specificCharacterSet, .CS, Array("ISO_IR 101 ".utf8), [(sequence, 0)]) == nil)
        #expect(text(.codeMeaning, .LO, [0xA6], [(sequence, 0), (sequence, 3)]) == "\u{15A}")
        #expect(text(.codeMeaning, .LO, [0xA6], [(sequence, 1)]) == "\u{A6}")
        #expect(text(.codeMeaning, .LO, [0xA6], []) == "\u{A6}")
        #expect(text(.codeMeaning, .LO, [0x41], []) == nil)
    }

    @Test("a short name inside another word is none", arguments: ["Rutin", "truth"])
    func boundaries(text: String) throws {
        #expect(try hits(Self.comments, .LT, Array(text.utf8)) == [])
    }

    @Test(
        "a personal number is found in every written form",
        arguments: [
            "19121212-1212", "191212121212", "121212-1212", "1212121212", "121212+1212", "ID:19121212 1212;",
            "1912-12-12-1212", "12 12 12 - 12 12", "19 12 12 12 12 12", "1 9 1 2 1 2 1 2 1 2 1 2", "121212-\r\n1212",
            "(121212)1212",
        ])
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

    @Test("somebody's personal number is found in dates and numbers that are none")
    func strangersInOtherValues() throws {
        let found: [(Tag, VR, String)] = [
            (Tag(0x0008, 0x0022), .DA, "19811218-9876"), (Tag(0x0008, 0x002A), .DT, "811218-9876"),
            (Tag(0x0008, 0x0032), .TM, "811218+9876"), (Tag(0x0020, 0x0013), .IS, "811218-9876"),
            (Tag(0x0018, 0x0050), .DS, "198112189876"), (Tag(0x0008, 0x0008), .CS, "8112189876"),
        ]
        for (tag, vr, text) in found { #expect(try hits(tag, vr, Array(text.utf8)) == [.personalNumber], "\(text)") }
        #expect(try hits(Tag(0x0018, 0x0050), .DS, Array("8112189876".utf8)) == [])
        #expect(try hits(Tag(0x0008, 0x002A), .DT, Array("19811218-0500".utf8)) == [])
    }

    @Test(
        "the patient's numbers of seven digits and more are found where numbers stand, short ones and fractions are not"
    )
    func numbersAmongNumbers() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(.patientID, .LO, text: "4471902")
        let identityGuard = IdentityGuard(identities: [], instance: dataSet)
        func kinds(_ vr: VR, _ text: String) throws -> [IdentifierKind] {
            let leaving = DataSet()
            try leaving.root.set(vr == .IS ? Tag(0x0020, 0x0013) : Tag(0x0018, 0x0050), vr, text: text)
            return try identityGuard.search(leaving.encoded(as: Self.explicit), transferSyntax: Self.explicit).map(
                \.kind)
        }
        for text in ["4471902", "1\\4471902"] {
            #expect(try kinds(.IS, text) == [.patientID])
            #expect(try kinds(.DS, text) == [.patientID])
        }
        #expect(try kinds(.DS, "4471902.0") == [.patientID])
        #expect(try kinds(.DS, "19121212") == [.birthDate])
        for text in ["0.4471902", "4471902.5", "447190", "90817"] { #expect(try kinds(.DS, text) == []) }
    }

    @Test("a patient ID with letters beyond ASCII is found in any character set that has them")
    func letteredID() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(.patientID, .LO, Planted.latin1("\u{C5}-77B"))
        let identityGuard = IdentityGuard(identities: [], instance: dataSet)
        for text in ["\u{C5}-77B", "\u{E5}77b"] {
            let leaving = DataSet()
            try leaving.root.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
            try leaving.root.set(Self.comments, .LT, Planted.latin1(text))
            let hits = try identityGuard.search(leaving.encoded(as: Self.explicit), transferSyntax: Self.explicit)
            #expect(hits.map(\.kind) == [.patientID], "\(text)")
        }
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

    @Test("a source UID with something appended is found; one as short as an organisation's root is not")
    func appended() throws {
        let dataSet = DataSet()
        try dataSet.root.set(.sopInstanceUID, .UI, text: "1.2.752.99.1.4711.20260301")
        try dataSet.root.set(.seriesInstanceUID, .UI, text: "1.2.752.99")
        let identityGuard = IdentityGuard(identities: [], instance: dataSet)
        func kinds(_ text: String) throws -> [IdentifierKind] {
            let leaving = DataSet()
            try leaving.root.set(Self.comments, .LT, text: text)
            return try identityGuard.search(leaving.encoded(as: Self.explicit), transferSyntax: Self.explicit)
                .map(\.kind)
        }
        #expect(try kinds("of 1.2.752.99.1.4711.20260301.7") == [.uid])
        #expect(try kinds("of 1.2.752.99.1.4711.202603017") == [])
        #expect(try kinds("of 1.2.752.99.5.6.7") == [])
    }

    @Test(
        "a placeholder where a UID should stand is replaced and no find; what could name somebody is found",
        arguments: [
            ("0", false), ("1.2", false), ("99.99", false), ("4711", true), ("123", true), ("1.2.3", true),
            ("1.234", true), ("TOLV", true),
        ])
    func placeholders(value: String, isFound: Bool) throws {
        let dataSet = try Planted.slice()
        let image = try dataSet.root.addItem(to: Tag(0x0008, 0x1140))
        try image.set(Tag(0x0008, 0x1150), .UI, text: value)
        try image.set(.referencedSOPInstanceUID, .UI, text: value)
        let identityGuard = IdentityGuard(identities: [], instance: dataSet)
        try Planted.pseudonymise(dataSet)
        let left = try #require(dataSet.root[Tag(0x0008, 0x1140)]?.items.first)
        #expect(left.text(.referencedSOPInstanceUID).hasPrefix("2.25."))
        let hits = try identityGuard.search(dataSet.encoded(as: Self.explicit), transferSyntax: Self.explicit)
        #expect(hits.map(\.description) == (isFound ? ["uid in (0008,1140)[0].(0008,1150)"] : []))
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

    @Test("what was remembered of one instance is neither found nor forgotten in the next")
    func memory() throws {
        let memory = IdentifierMemory()
        func guarded(_ patient: String, _ frame: UID) throws -> IdentityGuard {
            let dataSet = try Planted.slice()
            try dataSet.root.set(.patientName, .PN, text: patient)
            try dataSet.root.set(.frameOfReferenceUID, .UI, text: frame.string)
            return IdentityGuard(identities: [], instance: dataSet, memory: memory)
        }
        func kinds(_ identityGuard: IdentityGuard, _ tag: DICOMVocabulary.Tag, _ vr: VR, _ text: String) throws
            -> [IdentifierKind]
        {
            let dataSet = DataSet()
            try dataSet.root.set(tag, vr, text: text)
            return try identityGuard.search(dataSet.encoded(as: Self.explicit), transferSyntax: Self.explicit)
                .map(\.kind)
        }
        let first = try guarded("Tolvansson^Tolvan", "1.2.752.99.2.1")
        // The same persons and other UIDs, then other persons, then the first ones again.
        let second = try guarded("Tolvansson^Tolvan", "1.2.752.99.2.2")
        let third = try guarded("Nioberg^Nia", "1.2.752.99.2.2")
        let fourth = try guarded("Tolvansson^Tolvan", "1.2.752.99.2.1")
        for (found, missed) in [(first, third), (second, third), (fourth, third)] {
            #expect(try kinds(found, Self.comments, .LT, "Tolvansson") == [.patientName])
            #expect(try kinds(found, Self.comments, .LT, "Nioberg") == [])
            #expect(try kinds(missed, Self.comments, .LT, "Nioberg") == [.patientName])
            #expect(try kinds(missed, Self.comments, .LT, "Tolvansson") == [])
        }
        for (identityGuard, uid) in [(first, "1"), (second, "2"), (third, "2"), (fourth, "1")] {
            let other = uid == "1" ? "2" : "1"
            #expect(try kinds(identityGuard, .frameOfReferenceUID, .UI, "1.2.752.99.2." + uid) == [.uid])
            #expect(try kinds(identityGuard, .frameOfReferenceUID, .UI, "1.2.752.99.2." + other) == [])
        }
    }

    @Test("what another instance said of the patient is cleaned before the guard has to hold for it")
    func otherIdentities() throws {
        let dataSet = try Planted.slice()
        let other = DataSet()
        try other.root.set(.patientName, .PN, text: "Nioberg^Nia")
        try dataSet.root.set(Tag(0x0008, 0x1090), .LO, text: "Scanner of Nioberg")
        let identityGuard = IdentityGuard(
            identities: [StudyIdentity(of: dataSet), StudyIdentity(of: other)], instance: dataSet)
        _ = try Deidentifier(options: Options.recommended)
            .pseudonymise(dataSet, job: .sample(StudyIdentity(of: dataSet)), identityGuard)
        let bytes = try dataSet.encoded(as: Self.explicit)
        #expect(try identityGuard.search(bytes, transferSyntax: Self.explicit) == [])
        #expect(!String(decoding: bytes, as: UTF8.self).contains("Nioberg"))
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
