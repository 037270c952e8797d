import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

/// Table E.3.4-1, carried out row by row.
@Suite("Content items of structured documents")
struct StructuredContentTests {
    private static let original = "1.2.752.99.77.1"
    private static let explicit: TransferSyntax = "1.2.840.10008.1.2.1"

    private func document() throws -> DataSet {
        let dataSet = try Planted.slice(sopClass: "1.2.840.10008.5.1.4.1.1.88.33")
        dataSet.root.remove(.rows)
        dataSet.root.remove(.columns)
        return dataSet
    }

    private func plant(_ row: StructuredContentTable.Row, in dataSet: DataSet) throws {
        let item = try dataSet.root.addItem(to: .contentSequence)
        try item.set(Tag(0x0040, 0xA010), .CS, text: "CONTAINS")
        try item.set(ContentItem.valueType, .CS, text: row.key.valueType)
        let concept = try item.addItem(to: ContentItem.conceptName)
        try concept.set(.codeValue, .SH, text: row.key.code)
        try concept.set(.codingSchemeDesignator, .SH, text: row.key.scheme)
        try concept.set(.codeMeaning, .LO, text: "Meaning")
        switch row.key.valueType {
        case "TEXT": try item.set(ContentItem.text, .UT, text: "Grynvall 19121212-1212 \(Self.original)")
        case "PNAME": try item.set(ContentItem.personName, .PN, text: "Grynvall^Gry")
        case "UIDREF": try item.set(ContentItem.uid, .UI, text: Self.original)
        case "DATE": try item.set(ContentItem.date, .DA, text: "20260228")
        case "TIME": try item.set(ContentItem.time, .TM, text: "101500")
        case "DATETIME": try item.set(ContentItem.dateTime, .DT, text: "20260228101500")
        case "IMAGE", "COMPOSITE", "WAVEFORM":
            let reference = try item.addItem(to: .referencedSOPSequence)
            try reference.set(.referencedSOPClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.2")
            try reference.set(.referencedSOPInstanceUID, .UI, text: Self.original)
        case "NUM":
            let measured = try item.addItem(to: ContentItem.measuredValues)
            try measured.set(ContentItem.numericValue, .DS, text: "47")
        case "CODE":
            let code = try item.addItem(to: ContentItem.code)
            try code.set(.codeValue, .SH, text: "M")
            try code.set(.codingSchemeDesignator, .SH, text: "DCM")
            try code.set(.codeMeaning, .LO, text: "Male")
        default: break
        }
    }

    private func isThere(_ row: StructuredContentTable.Row, in dataSet: DataSet) -> Bool {
        guard let item = dataSet.root[.contentSequence]?.items.first else { return false }
        return switch row.key.valueType {
        case "DATE": item.text(ContentItem.date) == "20260228"
        case "TIME": item.text(ContentItem.time) == "101500"
        case "DATETIME": item.text(ContentItem.dateTime) == "20260228101500"
        case "NUM": item[ContentItem.measuredValues]?.items.first?.text(ContentItem.numericValue) == "47"
        case "CODE": item[ContentItem.code]?.items.first?.text(.codeValue) == "M"
        default: true
        }
    }

    @Test(
        "each of the 214 rows: no name, number or UID is left, and what an option keeps is kept, and nothing else",
        arguments: [Options.recommended, ["113104"]])
    func rows(options: [String]) throws {
        let enabled = Set(options.compactMap(ConfidentialityOption.init(rawValue:)))
        for row in StructuredContentTable.standard.rows {
            let dataSet = try document()
            try plant(row, in: dataSet)
            try Planted.pseudonymise(dataSet, options: options)
            let bytes = try dataSet.encoded(as: Self.explicit)
            for secret in ["Grynvall", "1212-1212", Self.original] {
                #expect(!bytes.contains(sequence: Array(secret.utf8)), "\(row.meaning)")
            }
            if ["DATE", "TIME", "DATETIME", "NUM", "CODE"].contains(row.key.valueType) {
                #expect(
                    isThere(row, in: dataSet) == (row.action(under: enabled) == .keep), "\(row.key.code) \(row.meaning)"
                )
            }
        }
    }

    @Test("items that others refer to by position stay where they are, empty of what may not leave")
    func positions() throws {
        let age = try #require(StructuredContentTable.standard.row(code: "121033", scheme: "DCM", valueType: "NUM"))
        let birth = try #require(StructuredContentTable.standard.row(code: "121031", scheme: "DCM", valueType: "DATE"))
        let dataSet = try document()
        try plant(birth, in: dataSet)
        try plant(age, in: dataSet)
        let reference = try dataSet.root.addItem(to: .contentSequence)
        try reference.set(Tag(0x0040, 0xDB73), .UL, [1, 0, 0, 0, 2, 0, 0, 0])
        try Planted.pseudonymise(dataSet, options: ["113104"])
        let items = try #require(dataSet.root[.contentSequence]?.items)
        #expect(items.count == 3)
        #expect(items[0].text(ContentItem.date) == "19000101")
        #expect(items[1][ContentItem.measuredValues]?.items.isEmpty == true)
    }
}
