import DICOM
import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Deidentification

@Suite("What a report gets back beside single values")
struct StudySequenceTests {
    private let tokens = StudyTokens.sample(1)
    private static let otherIDs = Tag(0x0010, 0x1002)
    private static let qualifiers = Tag(0x0010, 0x0024)
    private static let physician = Tag(0x0008, 0x0096)
    private static let referencedStudy = Tag(0x0008, 0x1110)

    /// A header with issuers, other numbers, a physician's identification, references and a visit.
    private func source(_ characterSet: String = "ISO_IR 100") throws -> DataSet {
        let dataSet = try Planted.slice()
        let root = dataSet.root
        try root.set(.specificCharacterSet, .CS, text: characterSet)
        let bytes = { (text: String) in try #require(TextCoding(characterSet: characterSet).encode(text)) }
        try root.set(.patientName, .PN, try bytes("Tolvansson^Tolvan^Åström"))
        try root.set(.studyDescription, .LO, text: "CT thorax")
        try root.addItem(to: Self.qualifiers).set(Tag(0x0040, 0x0032), .UT, text: "1.2.752.129.2.1.3.1")
        try root.addItem(to: .issuerOfAccessionNumberSequence).set(Tag(0x0040, 0x0031), .UT, text: "NORDSTADEN")
        for number in ["N-77", "N-78"] {
            let item = try root.addItem(to: Self.otherIDs)
            try item.set(.patientID, .LO, text: number)
            try item.set(.issuerOfPatientID, .LO, try bytes("Östra"))
            try item.addItem(to: Self.qualifiers).set(Tag(0x0040, 0x0032), .UT, text: "1.2.3")
        }
        let physician = try root.addItem(to: Self.physician)
        try physician.set(Tag(0x0008, 0x0080), .LO, try bytes("Södra vårdcentralen"))
        try root.removeItems(of: Tag(0x0008, 0x1032))
        let reference = try root.addItem(to: Self.referencedStudy)
        try reference.set(.referencedSOPClassUID, .UI, text: "1.2.840.10008.3.1.2.3.1")
        try reference.set(.referencedSOPInstanceUID, .UI, text: "1.2.752.99.5.6")
        try root.set(Tag(0x0010, 0x21C0), .US, [4, 0])
        try root.set(Tag(0x0038, 0x0010), .LO, text: "VT-1")
        try root.set(Tag(0x0038, 0x0060), .LO, text: "EP-9")
        try root.set(Tag(0x0038, 0x0300), .LO, try bytes("Avd 4 Ö"))
        try root.set(Tag(0x0038, 0x0500), .LO, text: "lying")
        try root.set(Tag(0x0010, 0x2000), .LO, text: "nickel")
        return dataSet
    }

    private func identity(_ dataSet: DataSet, _ syntax: TransferSyntax = .explicitVRLittleEndian) throws
        -> StudyIdentity
    {
        var bytes = MemoryByteSource(try dataSet.encoded(as: syntax))
        let scanner = HeaderScanner(bounds: ScanBounds(), wanted: StudyIdentity.wantedTags)
        return StudyIdentity(header: try scanner.scan(&bytes, as: syntax))
    }

    private func report(_ characterSet: String = "", _ text: String = "Normal.") throws -> DataSet {
        let dataSet = DataSet()
        let root = dataSet.root
        if !characterSet.isEmpty { try root.set(.specificCharacterSet, .CS, text: characterSet) }
        try root.set(.sopClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.88.11")
        try root.set(.sopInstanceUID, .UI, text: "2.25.77")
        try root.set(.studyInstanceUID, .UI, text: "2.25.1")
        try root.set(.patientName, .PN, text: tokens.patientName)
        try root.set(.patientID, .LO, text: tokens.patientID)
        // The reader's archive has numbers and issuers of its own.
        try root.addItem(to: Self.otherIDs).set(.patientID, .LO, text: "READER-1")
        try root.addItem(to: .issuerOfAccessionNumberSequence).set(Tag(0x0040, 0x0031), .UT, text: "READER")
        let content = try root.addItem(to: .contentSequence)
        try content.set(
            Tag(0x0040, 0xA160), .UT, try #require(TextCoding(characterSet: characterSet).encode(text)))
        return dataSet
    }

    private func restore(
        _ dataSet: DataSet, _ identity: StudyIdentity, _ policy: RestorePolicy = RestorePolicy()
    ) throws -> ReportRestoration {
        let pair = UIDPair(original: Planted.study, pseudonym: "2.25.1")
        return try ReportRestorer(identity: identity, tokens: tokens, uids: [pair], policy: policy).restore(dataSet)
    }

    /// Tags, representations and decoded values, at every level.
    private func outline(_ item: DataSetItem, _ outer: TextCoding) -> [String] {
        let coding = TextCoding(of: item, within: outer)
        return item.elements.filter { $0.tag != .specificCharacterSet }.flatMap { element in
            let line = "\(element.tag) \(element.vr.rawValue)"
            if element.isSequence {
                return ["\(line) \(element.items.count)"]
                    + element.items.flatMap { outline($0, coding) }.map { "  " + $0 }
            }
            return ["\(line) " + coding.decode(element.value, vr: element.vr)]
        }
    }

    private func outline(_ tag: Tag, _ dataSet: DataSet) -> [String] {
        let coding = TextCoding(of: dataSet.root)
        return dataSet.root[tag]?.items.flatMap { ["item"] + outline($0, coding) } ?? ["absent"]
    }

    private static let all = [
        qualifiers, .issuerOfAccessionNumberSequence, otherIDs, physician, referencedStudy, Tag(0x0008, 0x1032),
    ]

    @Test(
        "sequences come back item by item, from each encoding and into each character set",
        arguments: [
            TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .explicitVRBigEndian,
        ], ["", "ISO_IR 100", "ISO_IR 192"])
    func sequences(syntax: TransferSyntax, characterSet: String) throws {
        let source = try source()
        let report = try report(characterSet, characterSet == "ISO_IR 192" ? "Höft ≥ 3 cm" : "Normal.")
        let counts = try restore(report, try identity(source, syntax))
        for tag in Self.all.dropLast() { #expect(outline(tag, report) == outline(tag, source), "\(tag)") }
        #expect(outline(Self.otherIDs, report).contains("(0010,0020) LO N-78"))
        #expect(report.root.text(.specificCharacterSet) == (characterSet == "ISO_IR 192" ? "ISO_IR 192" : "ISO_IR 100"))
        #expect(counts.notes.allSatisfy { !$0.contains("not restored") })
        // Of an empty sequence nothing is kept, and nothing made up.
        #expect(report.root[Tag(0x0008, 0x1032)] == nil)
        // In every transfer syntax in which a report may have come.
        for syntax in [TransferSyntax.implicitVRLittleEndian, .explicitVRLittleEndian] {
            let again = try DataSet(bytes: try report.encoded(as: syntax), transferSyntax: syntax)
            #expect(outline(Self.otherIDs, again) == outline(Self.otherIDs, source))
        }
    }

    @Test("the visit and the patient's state come back")
    func visit() throws {
        let source = try source()
        let report = try report()
        _ = try restore(report, try identity(source))
        for tag in [
            Tag(0x0010, 0x21C0), Tag(0x0038, 0x0010), Tag(0x0038, 0x0060), Tag(0x0038, 0x0300), Tag(0x0038, 0x0500),
            Tag(0x0010, 0x2000),
        ] {
            #expect(source.root[tag]?.value.isEmpty == false)
            #expect(report.root[tag]?.value == source.root[tag]?.value && report.root[tag]?.vr == source.root[tag]?.vr)
        }
    }

    @Test("an item in a character set of its own is read by that, and written in the report's")
    func itemCharacterSet() throws {
        let source = try source()
        let item = try #require(source.root[Self.otherIDs]?.items.first)
        try item.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
        try item.set(.issuerOfPatientID, .LO, text: "Ångström ≥ Ω")
        let report = try report("ISO_IR 100")
        _ = try restore(report, try identity(source))
        // Latin-1 has no place for all of them.
        #expect(report.root.text(.specificCharacterSet) == "ISO_IR 192")
        let restored = try #require(report.root[Self.otherIDs]?.items.first)
        #expect(restored[.specificCharacterSet] == nil)
        #expect(restored[.issuerOfPatientID].map { String(decoding: $0.value, as: UTF8.self) } == "Ångström ≥ Ω")
        #expect(outline(Self.physician, report) == outline(Self.physician, source))
    }

    @Test("of a study that was kept before sequences were, the reader's go all the same")
    func oldIdentity() throws {
        let whole = try identity(try source())
        let old = StudyIdentity(
            characterSet: whole.characterSet,
            attributes: whole.attributes.filter { StudyIdentity.tags.contains($0.tag) })
        let report = try report()
        _ = try restore(report, old)
        for tag in Self.all { #expect(report.root[tag] == nil) }
        #expect(report.root[.patientID]?.value == whole[.patientID])
    }

    @Test("what was too long to be kept, or cannot be read, is told of")
    func told() throws {
        let whole = try identity(try source())
        let identity = StudyIdentity(
            characterSet: whole.characterSet, attributes: whole.attributes,
            sequences: [RawSequence(tag: Self.qualifiers, encoding: .explicitLittleEndian, items: [1, 2, 3, 4])],
            omitted: [Self.otherIDs])
        let report = try report()
        let counts = try restore(report, identity)
        #expect(counts.notes.contains("(0010,1002) was too long to be kept, and is not restored"))
        #expect(counts.notes.contains("(0010,0024) could not be read, and is not restored"))
        #expect(report.root[Self.otherIDs] == nil && report.root[Self.qualifiers] == nil)
    }

    // MARK: Characters

    private static let japanese = #"\ISO 2022 IR 87"#
    private static let yamada: [UInt8] =
        [0x1B, 0x24, 0x42, 0x3B, 0x33, 0x45, 0x44, 0x1B, 0x28, 0x42] + Array("^Tarou".utf8)

    private func japaneseIdentity() -> StudyIdentity {
        StudyIdentity(
            characterSet: Self.japanese,
            attributes: [
                RawAttribute(tag: .patientName, vr: .PN, value: Self.yamada),
                RawAttribute(tag: .patientID, vr: .LO, value: Array("J1".utf8)),
                RawAttribute(tag: .studyInstanceUID, vr: .UI, value: Array(Planted.study.string.utf8)),
            ])
    }

    @Test(
        "a name that the report's character set holds in the header alone takes the text to UTF-8",
        arguments: [true, false])
    func escapes(inText: Bool) throws {
        let report = try report(Self.japanese, inText ? "About \(tokens.patientName)." : "Normal.")
        _ = try restore(report, japaneseIdentity())
        #expect(report.root.text(.specificCharacterSet) == (inText ? "ISO_IR 192" : Self.japanese))
        let name = try #require(report.root[.patientName]).value
        #expect(TextCoding(of: report.root).decode(name, vr: .PN) == "山田^Tarou")
        #expect(inText || name == Self.yamada)
    }

    @Test("characters without a place in the report's set hold it, under a code of their own")
    func unfit() throws {
        let report = try report(Self.japanese)
        try report.root.addItem(to: Tag(0x0040, 0xA073))
            .set(Tag(0x0040, 0xA075), .PN, text: "\(tokens.patientName)^and^others")
        let failure = #expect(throws: Failure.self) { try restore(report, japaneseIdentity()) }
        #expect(failure?.code == .characterSetUnfit && failure?.disposition == .person)
        #expect(failure?.hint.contains("ISO_IR 192") == true)
    }

    @Test("text that a person let go though it is not of its declared set is written as it was read")
    func released() throws {
        let report = try report("ISO_IR 192")
        let content = try #require(report.root[.contentSequence]?.items.first)
        try content.set(Tag(0x0040, 0xA160), .UT, [0x48, 0xF6, 0x66, 0x74])
        var policy = RestorePolicy()
        policy.guessesCharacterSet = true
        let plain = StudyIdentity(
            characterSet: "",
            attributes: [RawAttribute(tag: .studyInstanceUID, vr: .UI, value: Array(Planted.study.string.utf8))])
        _ = try restore(report, plain, policy)
        #expect(content[Tag(0x0040, 0xA160)].map { String(decoding: $0.value, as: UTF8.self) } == "Höft")
    }
}
