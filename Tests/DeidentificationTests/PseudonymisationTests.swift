import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Pseudonymisation")
struct PseudonymisationTests {
    let tokens = StudyTokens.sample(1)

    @Test("the identifiers become tokens, the birth date an age, and sex, weight and dates stay")
    func topLevel() throws {
        let dataSet = try Planted.slice()
        try Planted.pseudonymise(dataSet)
        let root = dataSet.root
        #expect(root.text(.patientName) == tokens.patientName)
        #expect(root.text(.patientID) == tokens.patientID)
        #expect(root.text(.accessionNumber) == tokens.accessionNumber)
        #expect(root.text(.studyID) == tokens.studyID)
        #expect(root.text(.patientBirthDate).isEmpty)
        #expect(root.text(.patientAge) == "113Y")
        #expect(root.text(.patientSex) == "M")
        #expect(root.text(Tag(0x0010, 0x1030)) == "81.5")
        #expect(root.text(.studyDate) == "20260301")
        #expect(root[.issuerOfPatientID] == nil)
        #expect(root[Tag(0x0008, 0x0080)] == nil)
        #expect(root.text(.referringPhysicianName).isEmpty)
        #expect(root.text(.studyDescription) == "CT thorax")
        let series = try #require(root[.seriesDescription]).value
        #expect(series == Planted.latin1("Thorax axial 0.625 B30f hö"))
    }

    @Test("the markers say what was done, once, however often it is done")
    func markers() throws {
        let dataSet = try Planted.slice()
        try Planted.pseudonymise(dataSet)
        let root = dataSet.root
        #expect(root.text(.patientIdentityRemoved) == "YES")
        #expect(root.text(.longitudinalTemporalInformationModified) == "UNMODIFIED")
        let codes = root[.deidentificationMethodCodeSequence]?.items.map { $0.text(.codeValue) }
        #expect(codes == ["113100"] + Options.recommended)
        let method = root.text(.deidentificationMethod)
        #expect(method.split(separator: "\\").allSatisfy { $0.utf8.count <= 64 })
        try Planted.pseudonymise(dataSet)
        #expect(root[.deidentificationMethodCodeSequence]?.items.count == 7)
        #expect(root[Tag(0x0018, 0xA001)]?.items.count == 1)
        #expect(root.text(.deidentificationMethod) == method)
    }

    @Test("the label that an RT image must have is a dummy where nothing of it may stay")
    func requiredText() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(Tag(0x3002, 0x0002), .SH, text: "Grynvall")
        try Planted.pseudonymise(dataSet)
        let label = dataSet.root.text(Tag(0x3002, 0x0002))
        #expect(!label.isEmpty && label != "Grynvall")
    }

    @Test("what an earlier de-identifier wrote is kept")
    func earlierMarkers() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(.deidentificationMethod, .LO, text: "Earlier")
        try dataSet.root.set(.longitudinalTemporalInformationModified, .CS, text: "MODIFIED")
        try Planted.pseudonymise(dataSet)
        #expect(dataSet.root.text(.deidentificationMethod).hasPrefix("Earlier\\"))
        #expect(dataSet.root.text(.longitudinalTemporalInformationModified) == "MODIFIED")
    }

    @Test("the same input gives the same bytes")
    func deterministic() throws {
        let (first, second) = (try Planted.slice(), try Planted.slice())
        try Planted.pseudonymise(first)
        try Planted.pseudonymise(second)
        let syntax: TransferSyntax = "1.2.840.10008.1.2.1"
        #expect(try first.encoded(as: syntax) == second.encoded(as: syntax))
    }

    @Test("an identity six sequences deep is gone, in listed and in unlisted sequences")
    func deep() throws {
        let dataSet = try Planted.slice()
        var item = dataSet.root
        for tag in [
            Tag(0x0040, 0x0275), Tag(0x0008, 0x1140), Tag(0x5200, 0x9229), Tag(0x0018, 0x9346), Tag(0x0008, 0x2112),
            Tag(0x0040, 0x0555),
        ] { item = try item.sequence(tag) }
        try item.set(.patientName, .PN, text: "Tolvansson^Tolvan")
        try item.set(Tag(0x0014, 0x2006), .PN, text: "Tolvansson^Tolvan")
        try item.set(Tag(0x0008, 0x3012), .UI, text: "1.2.752.99.7\\1.2.840.10008.1.2")
        try item.set(Tag(0x0008, 0x1190), .UR, text: "https://pacs.invalid/1.2.752.99.1.1")
        try item.set(Tag(0x0010, 0x0041), .UN, [1, 2, 3, 4])
        try item.set(Tag(0x0040, 0xA160), .UT, text: "Tolvansson thorax")
        try item.set(Tag(0x0029, 0x1010), .OB, Array("Tolvansson".utf8))
        let result = try Planted.pseudonymise(dataSet)
        #expect(item.text(.patientName) == tokens.patientName)
        #expect(item.text(Tag(0x0014, 0x2006)).isEmpty)
        #expect(item[Tag(0x0008, 0x1190)] == nil)
        #expect(item[Tag(0x0010, 0x0041)] == nil)
        #expect(item[Tag(0x0029, 0x1010)] == nil)
        #expect(item.text(Tag(0x0040, 0xA160)) == "[...] thorax")
        let pair = try #require(result.uids.first { $0.original == "1.2.752.99.7" })
        #expect(item.text(Tag(0x0008, 0x3012)) == pair.pseudonym.string + "\\1.2.840.10008.1.2")
    }

    @Test("a UID has one pseudonym everywhere, and the instance's own are not reported")
    func uids() throws {
        let dataSet = try Planted.slice()
        let item = try dataSet.root.sequence(Tag(0x0008, 0x1140))
        try item.set(.referencedSOPClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.2")
        try item.set(.referencedSOPInstanceUID, .UI, text: Planted.frameOfReference.string)
        let result = try Planted.pseudonymise(dataSet)
        #expect(dataSet.root.text(.frameOfReferenceUID) == item.text(.referencedSOPInstanceUID))
        #expect(item.text(.referencedSOPClassUID) == "1.2.840.10008.5.1.4.1.1.2")
        #expect(result.uids.map(\.original) == [Planted.frameOfReference])
        #expect(result.uids.allSatisfy { $0.pseudonym.isValid && $0.pseudonym.string.hasPrefix("2.25.") })
        #expect(dataSet.root.text(.studyInstanceUID) != Planted.study.string)
    }

    @Test("three groups of a Japanese name are gone, ISO 2022 text is not cut at its backslashes")
    func japanese() throws {
        let dataSet = try Planted.slice()
        let root = dataSet.root
        try root.set(.specificCharacterSet, .CS, text: "\\ISO 2022 IR 87")
        // The second byte of each character is a backslash, which parts values everywhere else.
        let kanji = WrittenFormsTests.escaped(WrittenFormsTests.family)
        try root.set(.patientName, .PN, Array("Yamada^Tarou=".utf8) + kanji + Array("^".utf8) + kanji)
        try root.set(.seriesDescription, .LO, Array("Thorax ".utf8) + kanji + Array(" CT".utf8))
        try root.set(Tag(0x0008, 0x1090), .LO, Array("ACME ".utf8) + kanji)
        let source = IdentityGuard(identities: [], instance: dataSet)
        try Planted.pseudonymise(dataSet)
        #expect(root.text(.patientName) == tokens.patientName)
        #expect(root.text(.seriesDescription) == "Thorax CT")
        #expect(!root.text(Tag(0x0008, 0x1090)).contains("\\"))
        #expect(
            try source.search(dataSet.encoded(as: "1.2.840.10008.1.2.1"), transferSyntax: "1.2.840.10008.1.2.1") == [])
    }

    @Test("curves, overlays, icons, signatures, group 0004 and original attributes are removed")
    func removed() throws {
        let dataSet = try Planted.slice()
        let tags: [(Tag, VR)] = [
            (Tag(0x5002, 0x3000), .OW), (Tag(0x6000, 0x3000), .OW), (Tag(0x6002, 0x1500), .LO),
            (Tag(0x601E, 0x0022), .LO), (Tag(0x0004, 0x1511), .UI), (Tag(0x0400, 0x0404), .OB),
        ]
        for (tag, vr) in tags { try dataSet.root.set(tag, vr, text: "1.") }
        for tag in [Tag(0x0088, 0x0200), Tag(0xFFFA, 0xFFFA), Tag(0x0400, 0x0561), Tag(0x0010, 0x1002)] {
            _ = try dataSet.root.addItem(to: tag)
        }
        try Planted.pseudonymise(dataSet)
        let left = dataSet.root.elements.map(\.tag)
        for (tag, _) in tags { #expect(!left.contains(tag)) }
        for tag in [Tag(0x0088, 0x0200), Tag(0xFFFA, 0xFFFA), Tag(0x0400, 0x0561), Tag(0x0010, 0x1002)] {
            #expect(!left.contains(tag))
        }
    }

    @Test("codes of published schemes stay, the meaning of a local one is cleaned")
    func codes() throws {
        let dataSet = try Planted.slice()
        for (code, scheme, meaning) in [("T-D1100", "SRT", "Head"), ("CTTHX", "99NORD", "CT thorax Nordstaden")] {
            let item = try dataSet.root.addItem(to: Tag(0x0008, 0x1032))
            try item.set(.codeValue, .SH, text: code)
            try item.set(.codingSchemeDesignator, .SH, text: scheme)
            try item.set(.codeMeaning, .LO, text: meaning)
        }
        try Planted.pseudonymise(dataSet)
        let items = try #require(dataSet.root[Tag(0x0008, 0x1032)]).items
        #expect(items.map { $0.text(.codeMeaning) } == ["Head", "CT thorax"])
        #expect(items.map { $0.text(.codeValue) } == ["T-D1100", "CTTHX"])
    }

    @Test("the request keeps its codes and gets the token where it copies the accession number")
    func request() throws {
        let dataSet = try Planted.slice()
        let item = try dataSet.root.addItem(to: .requestAttributesSequence)
        try item.set(Tag(0x0040, 0x1001), .SH, text: "REM4711-22")
        try item.set(Tag(0x0040, 0x0009), .SH, text: "STEP88")
        try item.set(.accessionNumber, .SH, text: "OTHER1")
        try item.set(Tag(0x0040, 0x0007), .LO, text: "CT buk Tolvansson")
        try Planted.pseudonymise(dataSet)
        #expect(item.text(Tag(0x0040, 0x1001)) == tokens.accessionNumber)
        #expect(item[Tag(0x0040, 0x0009)] == nil)
        #expect(item.text(.accessionNumber).isEmpty)
        #expect(item.text(Tag(0x0040, 0x0007)) == "CT buk")
    }

    @Test("options that nobody can keep their word on are refused", arguments: ["113107", "113110", "113101", "999"])
    func refusedOptions(code: String) {
        #expect(throws: Failure.self) { try Deidentifier(options: [code]) }
    }

    @Test("without option 113106 no date is left")
    func noDates() throws {
        let dataSet = try Planted.slice()
        try dataSet.root.set(Tag(0x0008, 0x0021), .DA, text: "20260301")
        try Planted.pseudonymise(dataSet, options: ["113105"])
        let dates = dataSet.root.elements.filter { [.DA, .DT, .TM].contains($0.vr) }
        #expect(dates.allSatisfy { $0.value.isEmpty || $0.value == Dummy.value($0.vr) })
        #expect(dataSet.root.text(.longitudinalTemporalInformationModified) == "REMOVED")
    }

    @Test("D leaves a value that is not empty and valid for its representation")
    func dummies() {
        for vr in VR.allCases where ![.UI, .SQ].contains(vr) { #expect(!Dummy.value(vr).isEmpty) }
    }
}
