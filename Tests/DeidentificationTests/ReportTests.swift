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

    @Test("an encapsulated document says so, and comes home behind a page that says whose it is")
    func document() throws {
        let (dataSet, identity, pairs) = try report("x")
        dataSet.root.remove(.contentSequence)
        let bytes = PDFSample.text("BT /F1 11 Tf (Patient \(tokens.patientID)) Tj ET")
        try dataSet.root.set(.encapsulatedDocument, .OB, bytes)
        try dataSet.root.set(Tag(0x0042, 0x0010), .ST, text: "Utlåtande".ascii)
        #expect(ReportReader.text(of: dataSet).hasPrefix("Utlatande"))
        #expect(ReportReader.contents(of: dataSet).tokens.contains(tokens.patientID))
        let counts = try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
        let restored = try #require(dataSet.root[.encapsulatedDocument]).value
        #expect(restored.starts(with: bytes) && restored.count > bytes.count)
        #expect(restored.containsBytes("19121212-1212"))
        #expect(counts.notes.contains { $0.hasPrefix("A page that says who the patient is") })
        let length = try #require(dataSet.root[Tag(0x0042, 0x0015)]).value
        #expect(length.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) } == restored.count)
    }

    @Test("where the site wants it, a document comes home as the reader wrote it, and says that it shows tokens")
    func plainDocument() throws {
        let (dataSet, identity, pairs) = try report("x")
        let bytes = PDFSample.text("BT /F1 11 Tf (Patient \(tokens.patientID)) Tj ET")
        try dataSet.root.set(.encapsulatedDocument, .OB, bytes)
        var policy = RestorePolicy()
        policy.documents = .deliver
        let counts = try ReportRestorer(identity: identity, tokens: tokens, uids: pairs, policy: policy).restore(
            dataSet)
        #expect(dataSet.root[.encapsulatedDocument]?.value.prefix(bytes.count).elementsEqual(bytes) == true)
        #expect(counts.notes.contains("The document inside still shows tokens."))
    }

    // MARK: Character sets

    private func undeclared(_ change: (inout RestorePolicy) -> Void) throws -> (DataSet, ReportRestoration) {
        let (dataSet, identity, pairs) = try report("x")
        let text = try #require(TextCoding(characterSet: "ISO_IR 100").encode("Höft \(tokens.patientName)"))
        try dataSet.root[.contentSequence]?.items.first?.set(Self.findings, .UT, text)
        var policy = RestorePolicy()
        change(&policy)
        let restorer = ReportRestorer(identity: identity, tokens: tokens, uids: pairs, policy: policy)
        return (dataSet, try restorer.restore(dataSet))
    }

    @Test("letters whose character set nobody declared hold the report; the site or a person may say what they are")
    func undeclaredCharacterSet() throws {
        let failure = #expect(throws: Failure.self) { try undeclared { _ in } }
        #expect(failure?.code == .characterSetMissing && failure?.disposition == .person)
        let (assumed, notes) = try undeclared { $0.assumedCharacterSet = "ISO_IR 100" }
        #expect(try findings(assumed) == "Höft Tolvan Åström Tolvansson")
        #expect(assumed.root.text(.specificCharacterSet) == "ISO_IR 100")
        #expect(notes.notes.contains { $0.contains("as the site says") })
        let (guessed, _) = try undeclared { $0.guessesCharacterSet = true }
        #expect(try findings(guessed) == "Höft Tolvan Åström Tolvansson")
        // What the site assumes does not fit: nothing is guessed after all.
        let other = #expect(throws: Failure.self) { try undeclared { $0.assumedCharacterSet = "ISO_IR 192" } }
        #expect(other?.code == .characterSetMissing)
    }

    @Test("text that is not in the character set that it declares holds the report")
    func wronglyDeclared() throws {
        let (dataSet, identity, pairs) = try report("x", characterSet: "ISO_IR 192")
        try dataSet.root[.contentSequence]?.items.first?.set(Self.findings, .UT, [0x48, 0xF6, 0x66, 0x74])
        let failure = #expect(throws: Failure.self) {
            try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
        }
        #expect(failure?.code == .characterSetMissing)
    }

    // MARK: What it says in clear

    @Test(
        "somebody else's personal number in text holds the report until a person has read it, the patient's own does not"
    )
    func personalNumbers() throws {
        for text in [
            "Patient 640823-3234.", "640823\u{2013}3234", "196408233234", "19640823 3234", "pnr:19640823+3234,",
            "pnr19640823-3234x", "19640823\u{A0}3234", "19640823\u{AD}-3234", "19640823 - 3234", "640823 - 3234",
            "19640823-\n3234", "19640823\r\n3234", "1964-08-23-3234", "64-08-23-3234",
        ] {
            let failure = #expect(throws: Failure.self, "\(text)") { try restore(text, characterSet: "ISO_IR 192") }
            #expect(failure?.code == .patientDiffers && failure?.disposition == .person)
        }
        for text in [
            "Patient 19121212-1212, 121212-1212.", "640823-3235", "2.25.196408233234", "3.196408233234",
            "call 6408233234",
            "6408 23-3234", "A196408233234",
        ] { #expect(throws: Never.self, "\(text)") { try restore(text) } }
        let (dataSet, identity, pairs) = try report("Patient 640823-3234.")
        var policy = RestorePolicy()
        policy.patientReleased = true
        _ = try ReportRestorer(identity: identity, tokens: tokens, uids: pairs, policy: policy).restore(dataSet)
        #expect(try findings(dataSet) == "Patient 640823-3234.")
    }

    @Test("another sex or birth date than the patient's holds the report, none and a placeholder do not")
    func demographics() throws {
        let patient = StudyIdentity(of: try Planted.slice())
        let sex = patient.text(.patientSex)
        let other = sex == "M" ? "F" : "M"
        func code(_ tag: Tag, _ vr: VR, _ value: String) throws -> Failure.Code? {
            let (dataSet, identity, pairs) = try report("x")
            try dataSet.root.set(tag, vr, text: value)
            do throws(Failure) {
                _ = try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(try code(.patientSex, .CS, other) == .patientDiffers)
        #expect(try code(.patientBirthDate, .DA, "19640823") == .patientDiffers)
        for value in ["", "O", sex] { #expect(try code(.patientSex, .CS, value) == nil) }
        for value in ["", "19000101", patient.text(.patientBirthDate)] {
            #expect(try code(.patientBirthDate, .DA, value) == nil)
        }
    }

    @Test(
        "a subject context that speaks of somebody else holds the report, the patient's own and another subject's do not"
    )
    func subjects() throws {
        let patient = StudyIdentity(of: try Planted.slice())
        func add(_ concept: String, to root: DataSetItem, _ fill: (DataSetItem) throws -> Void) throws {
            let item = try root.addItem(to: .contentSequence)
            try item.set(Tag(0x0040, 0xA010), .CS, text: "HAS OBS CONTEXT")
            let name = try item.addItem(to: ContentItem.conceptName)
            try name.set(.codeValue, .SH, text: concept)
            try name.set(Tag(0x0008, 0x0102), .SH, text: "DCM")
            try fill(item)
        }
        func code(
            _ concept: String, class subject: String? = nil, _ fill: (DataSetItem) throws -> Void
        ) throws -> Failure.Code? {
            let (dataSet, identity, pairs) = try report("x")
            if let subject {
                try add("121024", to: dataSet.root) {
                    try $0.addItem(to: ContentItem.code).set(.codeValue, .SH, text: subject)
                }
            }
            try add(concept, to: dataSet.root, fill)
            do throws(Failure) {
                _ = try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
                return nil
            } catch {
                return error.code
            }
        }
        func birthDate(_ text: String) -> (DataSetItem) throws -> Void {
            { try $0.set(ContentItem.date, .DA, text: text) }
        }
        func number(_ text: String) -> (DataSetItem) throws -> Void {
            { try $0.set(ContentItem.text, .UT, text: text) }
        }
        func name(_ text: String) -> (DataSetItem) throws -> Void {
            { try $0.set(ContentItem.personName, .PN, text: text) }
        }
        func sex(_ text: String) -> (DataSetItem) throws -> Void {
            { try $0.addItem(to: ContentItem.code).set(.codeValue, .SH, text: text) }
        }
        #expect(try code("121031", birthDate("19640823")) == .patientDiffers)
        #expect(try code("121031", birthDate(patient.text(.patientBirthDate))) == nil)
        #expect(try code("121031", class: "121026", birthDate("19640823")) == nil)
        #expect(try code("121031", class: "121025", birthDate("19640823")) == .patientDiffers)
        #expect(try code("121030", number("48210097")) == .patientDiffers)
        #expect(try code("121030", number(tokens.patientID)) == nil)
        #expect(try code("121029", name("Andersson^Anna")) == .patientDiffers)
        #expect(try code("121029", name(tokens.patientName)) == nil)
        let other = patient.text(.patientSex) == "M" ? "248152007" : "248153007"
        #expect(try code("121032", sex(other == "248152007" ? "F" : "M")) == .patientDiffers)
        #expect(try code("121032", sex(patient.text(.patientSex))) == nil)
    }

    @Test("a pseudonym in small letters or between spaces is the pseudonym")
    func loosely() throws {
        for form in [tokens.patientID.lowercased(), " \(tokens.patientID) "] {
            let (dataSet, identity, pairs) = try report("x")
            try dataSet.root.set(.patientID, .LO, text: form)
            #expect(ReportReader.contents(of: dataSet).patientID == tokens.patientID)
            _ = try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
            #expect(dataSet.root.text(.patientID) == identity.text(.patientID))
        }
    }

    // MARK: What is not text

    @Test("a pseudonymous UID is told of wherever it stands, so that whose it is can be asked")
    func uidsAnywhere() throws {
        let (dataSet, _, _) = try report("see 2.25.1001, (2.25.1002).")
        let root = dataSet.root
        try root.set(Tag(0x0011, 0x0010), .LO, text: "READER")
        try root.set(Tag(0x0011, 0x1001), .LO, text: "2.25.1003")
        try root.set(Tag(0x0011, 0x1002), .OB, Array("x2.25.1004\0".utf8))
        try root.set(Tag(0x0011, 0x1003), .UN, "2.25.1005".utf8.flatMap { [$0, 0] as [UInt8] })
        try root.set(Tag(0x0008, 0x1190), .UR, text: "https://x.invalid/2.25.1006/")
        let uids = Set(ReportReader.contents(of: dataSet).uids.map(\.string))
        #expect(uids.isSuperset(of: (1001...1006).map { "2.25.\($0)" }))
        try root.set(.encapsulatedDocument, .OB, PDFSample.text("BT /F1 11 Tf (of 2.25.1007) Tj ET"))
        #expect(ReportReader.contents(of: dataSet).uids.contains("2.25.1007"))
    }

    @Test("another patient's token in a private value of two bytes for each letter holds the report")
    func wideToken() throws {
        let (dataSet, identity, pairs) = try report("x")
        try dataSet.root.set(Tag(0x0011, 0x0010), .LO, text: "READER")
        let wide = StudyTokens.sample(9).patientID.utf8.flatMap { [$0, 0] as [UInt8] }
        try dataSet.root.set(Tag(0x0011, 0x1001), .OB, wide)
        let failure = #expect(throws: Failure.self) {
            try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
        }
        #expect(failure?.code == .reportContradicts)
    }

    @Test("images listed under the report's own study are told of by themselves")
    func evidenceInstances() throws {
        let (dataSet, _, pairs) = try report("x")
        let contents = ReportReader.contents(of: dataSet)
        let image = try #require(pairs.first { $0.original == Planted.instance }).pseudonym
        #expect(contents.evidenceInstances == [image] && !contents.isDocument)
    }

    @Test("a private value that shows the study's token is dropped, one that shows another's holds the report")
    func privateValues() throws {
        for (token, isOwn) in [(tokens.patientID, true), (StudyTokens.sample(9).patientID, false)] {
            let (dataSet, identity, pairs) = try report("x")
            let root = dataSet.root
            try root.set(Tag(0x0011, 0x0010), .LO, text: "READER")
            try root.set(Tag(0x0011, 0x1001), .UN, Array("id=\(token);".utf8))
            let restorer = ReportRestorer(identity: identity, tokens: tokens, uids: pairs)
            if isOwn {
                let counts = try restorer.restore(dataSet)
                #expect(root[Tag(0x0011, 0x1001)] == nil && counts.notes.contains { $0.contains("private") })
            } else {
                #expect(throws: Failure.self) { try restorer.restore(dataSet) }
            }
        }
    }

    @Test("another patient's token in a value that is no text holds the report too")
    func strangerElsewhere() throws {
        let (dataSet, identity, pairs) = try report("x")
        try dataSet.root.set(Tag(0x0040, 0xE008), .UR, text: "https://x.invalid/\(StudyTokens.sample(9).patientID)")
        let failure = #expect(throws: Failure.self) {
            try ReportRestorer(identity: identity, tokens: tokens, uids: pairs).restore(dataSet)
        }
        #expect(failure?.code == .reportContradicts)
    }

    @Test("an object that was never sent is told of, or holds the report where the site wants that")
    func unknownReference() throws {
        func restore(_ change: (inout RestorePolicy) -> Void) throws -> (DataSet, ReportRestoration) {
            let (dataSet, identity, pairs) = try report("x")
            let content = try #require(dataSet.root[.contentSequence]?.items.first)
            try content.addItem(to: .referencedSOPSequence).set(.referencedSOPInstanceUID, .UI, text: "2.25.4711")
            var policy = RestorePolicy()
            change(&policy)
            return (
                dataSet,
                try ReportRestorer(identity: identity, tokens: tokens, uids: pairs, policy: policy).restore(dataSet)
            )
        }
        let (dataSet, counts) = try restore { _ in }
        #expect(counts.notes.contains("1 of the objects that it refers to were never sent"))
        let kept = dataSet.root[.contentSequence]?.items.first?[.referencedSOPSequence]?.items.first
        #expect(kept?.text(.referencedSOPInstanceUID) == "2.25.4711")
        #expect(try restore { $0.knownDocuments = ["2.25.4711"] }.1.notes.allSatisfy { !$0.contains("never sent") })
        let failure = #expect(throws: Failure.self) { try restore { $0.unknownReferences = .hold } }
        #expect(failure?.code == .reportUnmatched)
    }

    @Test("the second report under one UID gets its own, and only it")
    func newInstance() throws {
        let (dataSet, identity, pairs) = try report("x")
        var policy = RestorePolicy()
        policy.newInstance = "2.25.5"
        _ = try ReportRestorer(identity: identity, tokens: tokens, uids: pairs, policy: policy).restore(dataSet)
        #expect(dataSet.root.text(.sopInstanceUID) == "2.25.5" && dataSet.root.text(.seriesInstanceUID) == "2.25.78")
    }

    @Test("an addendum says so by its title or by a heading")
    func addendum() throws {
        let (dataSet, _, _) = try report("x")
        #expect(!ReportReader.contents(of: dataSet).isAddendum)
        let title = try dataSet.root.addItem(to: Tag(0x0040, 0xA043))
        try title.set(.codeValue, .SH, text: "55107-7")
        #expect(ReportReader.contents(of: dataSet).isAddendum)
    }
}

extension String {
    fileprivate var ascii: String { map { ["ä": "a", "å": "a"][$0] ?? String($0) }.joined() }
    fileprivate var replacingDash: String { map { $0 == "–" ? "-" : String($0) }.joined() }
}
