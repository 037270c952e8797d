import DICOM
import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Deidentification

@Suite("Reports")
struct ReportTests {
    private let tokens = StudyTokens.sample(1)
    private static let findings = Tag(0x0040, 0xA160)

    /// A report about the planted slice, as a reader writes it: pseudonyms, own series and instance.
    private func report(_ text: String, characterSet: String = "") throws -> (DataSet, StudyIdentity, [UIDPair]) {
        let source = try Planted.slice()
        let identity = StudyIdentity(of: source)
        let instance = source.root.text(.sopInstanceUID)
        let result = try Deidentifier(options: Options.recommended).pseudonymise(source, job: .sample(identity))
        let pairs =
            result.uids + [
                UIDPair(original: Planted.study, pseudonym: UID(source.root.text(.studyInstanceUID))),
                UIDPair(original: UID(instance), pseudonym: UID(source.root.text(.sopInstanceUID))),
            ]
        let dataSet = DataSet()
        let root = dataSet.root
        if !characterSet.isEmpty { try root.set(.specificCharacterSet, .CS, text: characterSet) }
        try root.set(.sopClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.88.11")
        try root.set(.sopInstanceUID, .UI, text: "2.25.77")
        try root.set(.seriesInstanceUID, .UI, text: "2.25.78")
        try root.set(.studyInstanceUID, .UI, text: source.root.text(.studyInstanceUID))
        try root.set(.patientName, .PN, text: tokens.patientName + "^^^^")
        try root.set(.patientID, .LO, text: tokens.patientID)
        try root.set(.accessionNumber, .SH, text: tokens.accessionNumber)
        try root.set(.patientIdentityRemoved, .CS, text: "YES")
        try root.set(.deidentificationMethod, .LO, text: "Antipode")
        try root.set(Tag(0x0040, 0xA491), .CS, text: "COMPLETE")
        try root.set(Tag(0x0040, 0xA493), .CS, text: "VERIFIED")
        try root.addItem(to: Tag(0x0040, 0xA073)).set(Tag(0x0040, 0xA075), .PN, text: "Läsare^Lena".ascii)
        let request = try root.addItem(to: Tag(0x0040, 0xA370))
        try request.set(.studyInstanceUID, .UI, text: source.root.text(.studyInstanceUID))
        try request.set(.accessionNumber, .SH, text: tokens.accessionNumber)
        let evidence = try root.addItem(to: Tag(0x0040, 0xA375))
        try evidence.set(.studyInstanceUID, .UI, text: source.root.text(.studyInstanceUID))
        let series = try evidence.addItem(to: .referencedSeriesSequence)
        try series.set(Tag(0x0008, 0x1190), .UR, text: "https://reader.invalid/")
        try series.addItem(to: .referencedSOPSequence)
            .set(.referencedSOPInstanceUID, .UI, text: source.root.text(.sopInstanceUID))
        let content = try root.addItem(to: .contentSequence)
        try content.set(Tag(0x0040, 0xA040), .CS, text: "TEXT")
        let bytes = try #require(TextCoding(characterSet: characterSet).encode(text))
        try content.set(Self.findings, .UT, bytes)
        return (dataSet, identity, pairs)
    }

    @Test("another study of the patient may be cited, and only when it is given")
    func cited() throws {
        let other = StudyTokens.sample(2)
        let text = "Compared with \(other.accessionNumber), see \(tokens.accessionNumber)"
        let (dataSet, identity, pairs) = try report(text)
        #expect(throws: Failure.self) {
            try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
        }
        let (again, _, _) = try report(text)
        let prior = StudyIdentity(
            characterSet: "",
            attributes: [RawAttribute(tag: .accessionNumber, vr: .SH, value: Array("REM0815".utf8))])
        let restorer = ReportRestorer(
            identity: identity, tokens: tokens, cited: [CitedStudy(identity: prior, tokens: other)], uids: pairs)
        _ = try restorer.restore(again)
        #expect(
            again.root[.contentSequence]?.items.first?.text(Self.findings) == "Compared with REM0815, see REM4711-22")
    }

    @Test("two tokens without a gap are both seen, and one with a space or a point inside is whole")
    func glued() throws {
        let token = tokens.patientID
        #expect(TokenSearch.matches(in: Array((token + token).utf8)).map(\.string) == [token, token])
        let stranger = StudyTokens.sample(3).patientID
        #expect(throws: Failure.self) { try restore(token + stranger) }
        for gap in [" ", ".", "-"] {
            let cut = token.prefix(5) + gap + token.dropFirst(5)
            #expect(TokenSearch.matches(in: Array(cut.utf8)).map(\.string) == [token])
        }
    }

    @Test("a document that shows another patient's token is not delivered")
    func strangersDocument() throws {
        let (dataSet, identity, pairs) = try report("x")
        let stranger = StudyTokens.sample(3).patientID
        try dataSet.root.set(.encapsulatedDocument, .OB, Array("%PDF \(stranger) ".utf8))
        #expect(throws: Failure.self) {
            try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
        }
    }

    private func restore(_ text: String, characterSet: String = "") throws -> (DataSet, ReportRestoration) {
        let (dataSet, identity, pairs) = try report(text, characterSet: characterSet)
        let restorer = ReportRestorer(identity: identity, tokens: tokens, uids: pairs)
        return (dataSet, try restorer.restore(dataSet))
    }

    private func findings(_ dataSet: DataSet) throws -> String {
        let item = try #require(dataSet.root[.contentSequence]?.items.first)
        return TextCoding(of: dataSet.root).decode(try #require(item[Self.findings]).value, vr: .UT)
    }

    @Test("patient and study come back byte for byte, the reader's own identity stays")
    func restored() throws {
        let (dataSet, counts) = try restore("Normal thorax.")
        let root = dataSet.root
        let source = try Planted.slice().root
        for tag in [
            Tag.patientName, .patientID, .patientBirthDate, .patientSex, .accessionNumber, .studyID, .studyDate,
            .studyTime,
            .studyInstanceUID, .referringPhysicianName, .issuerOfPatientID, .studyDescription,
        ] { #expect(root[tag]?.value == source[tag]?.value, "\(tag)") }
        #expect(root.text(.specificCharacterSet) == "ISO_IR 100")
        #expect(root.text(.sopInstanceUID) == "2.25.77")
        #expect(root.text(.seriesInstanceUID) == "2.25.78")
        #expect(root[Tag(0x0040, 0xA073)]?.items.first?.text(Tag(0x0040, 0xA075)) == "Lasare^Lena")
        #expect(root.text(.patientIdentityRemoved) == "NO")
        #expect(root[.deidentificationMethod] == nil)
        let evidence = try #require(root[Tag(0x0040, 0xA375)]?.items.first)
        let series = try #require(evidence[.referencedSeriesSequence]?.items.first)
        #expect(evidence.text(.studyInstanceUID) == Planted.study.string)
        #expect(series[Tag(0x0008, 0x1190)] == nil)
        #expect(series[.referencedSOPSequence]?.items.first?.text(.referencedSOPInstanceUID) == Planted.instance.string)
        #expect(root[Tag(0x0040, 0xA370)]?.items.first?.text(.accessionNumber) == "REM4711-22")
        #expect(counts.replacedTokens == 4)
        #expect(counts.replacedUIDs == 4)
    }

    @Test("tokens in text are replaced at the start, at the end, twice, at a line break and beside punctuation")
    func text() throws {
        let (name, number) = (tokens.patientName, tokens.accessionNumber)
        let (dataSet, _) = try restore(
            "\(name): jämfört med (\(number)), se \(number.prefix(5))\r\n\(number.dropFirst(5)). Öm.\r\n\(tokens.patientID)",
            characterSet: "ISO_IR 100")
        #expect(
            try findings(dataSet)
                == "Tolvan Åström Tolvansson: jämfört med (REM4711-22), se REM4711-22. Öm.\r\n19121212-1212")
    }

    @Test("a UTF-8 report becomes Latin-1 where every character survives, else stays UTF-8", arguments: [true, false])
    func characterSets(fits: Bool) throws {
        let text = fits ? "Höft – nej".replacingDash : "Höft ≥ 3 cm"
        let (dataSet, _) = try restore(text + " \(tokens.patientName)", characterSet: "ISO_IR 192")
        #expect(dataSet.root.text(.specificCharacterSet) == (fits ? "ISO_IR 100" : "ISO_IR 192"))
        #expect(try findings(dataSet) == text + " Tolvan Åström Tolvansson")
        let name = try #require(dataSet.root[.patientName]).value
        #expect(TextCoding(of: dataSet.root).decode(name, vr: .PN) == "Tolvansson^Tolvan^Åström")
    }

    @Test("a token of another study or a damaged one holds the report")
    func foreign() throws {
        let other = StudyTokens.sample(9).patientID
        let failure = #expect(throws: Failure.self) { try restore("Compare \(other).") }
        #expect(failure?.code == .reportContradicts)
        let damaged = "\(tokens.patientID.dropLast(2))QQ"
        let second = #expect(throws: Failure.self) { try restore("Compare \(damaged).") }
        #expect(second?.code == .tokenDamaged || second?.code == .reportContradicts)
        #expect(second?.disposition == .person)
    }

    @Test(
        "a report whose header speaks of another patient is held",
        arguments: [Tag.patientID, .accessionNumber, .patientName])
    func contradiction(tag: Tag) throws {
        let (dataSet, identity, pairs) = try report("Normal.")
        try dataSet.root.set(tag, tag == .patientName ? .PN : .LO, text: StudyTokens.sample(9).patientID)
        let failure = #expect(throws: Failure.self) {
            try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
        }
        #expect(failure?.code == .reportContradicts)
    }

    @Test("the contents name whom, what and which state")
    func contents() throws {
        let (dataSet, _, _) = try report("See \(tokens.patientName).")
        let contents = ReportReader.contents(of: dataSet)
        #expect(contents.sopInstance == "2.25.77")
        #expect(contents.patientID == tokens.patientID)
        #expect(contents.evidenceStudies == [contents.study])
        #expect(contents.requestStudies == [contents.study])
        #expect(contents.requestAccessionNumbers == [tokens.accessionNumber])
        #expect(contents.completion == "COMPLETE" && contents.verification == "VERIFIED")
        #expect(Set(contents.tokens) == [tokens.patientID, tokens.patientName, tokens.accessionNumber])
        #expect(contents.uids.contains("2.25.77") && contents.uids.count == 4)
    }

    @Test("an encapsulated document says so, and keeps its bytes")
    func document() throws {
        let (dataSet, identity, pairs) = try report("x")
        dataSet.root.remove(.contentSequence)
        let bytes = Array("%PDF-1.4 \(tokens.patientID) ".utf8)
        try dataSet.root.set(.encapsulatedDocument, .OB, bytes)
        try dataSet.root.set(Tag(0x0042, 0x0010), .ST, text: "Utlåtande".ascii)
        #expect(ReportReader.text(of: dataSet).hasPrefix("Utlatande"))
        #expect(ReportReader.contents(of: dataSet).tokens.contains(tokens.patientID))
        let counts = try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
        #expect(dataSet.root[.encapsulatedDocument]?.value.prefix(bytes.count).elementsEqual(bytes) == true)
        #expect(counts.notes.contains("The document inside still shows tokens."))
    }
}

extension String {
    fileprivate var ascii: String { map { ["ä": "a", "å": "a"][$0] ?? String($0) }.joined() }
    fileprivate var replacingDash: String { map { $0 == "–" ? "-" : String($0) }.joined() }
}
