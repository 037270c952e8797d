import DICOMVocabulary
import Foundation
import GatewayTesting
import Testing

@testable import Deidentification

/// The tables as they stand in the program, row for row against the standard's text.
@Suite(
    "The standard's tables",
    .enabled(if: ReferenceTables.areHere, "needs reference/ of the developer set (ANTIPODE_SHARED, or ../shared)")
)
struct ReferenceTableTests {
    @Test("Table E.1-1: 657 rows, every flag and every option column")
    func attributes() throws {
        let columns: [ConfidentialityOption] = [
            .retainSafePrivate, .retainUIDs, .retainDeviceIdentity, .retainInstitutionIdentity,
            .retainPatientCharacteristics, .retainFullDates, .retainModifiedDates, .cleanDescriptors,
            .cleanStructuredContent, .cleanGraphics,
        ]
        let lines = try ReferenceTables.lines("ps3.15-e1-1.tsv")
        let rows = ConfidentialityTable.standard.rows
        #expect(lines.count == 657)
        #expect(rows.count == lines.count)
        for (line, row) in zip(lines, rows) {
            let subject = line[0].lowercased()
            #expect(
                row.subject.description.lowercased() == subject
                    || subject.contains("odd") && row.subject == .privateAttribute,
                "\(line[0])")
            #expect(row.name == line[1])
            #expect(row.isRetired == (line[2] == "Y"), "\(line[0])")
            #expect(row.isInStandardIOD == (line[3] == "Y"), "\(line[0])")
            #expect(row.basic.rawValue == line[4], "\(line[0])")
            for (index, option) in columns.enumerated() {
                let cell = index + 5 < line.count ? line[index + 5] : ""
                #expect(row.options[option]?.rawValue ?? "" == cell, "\(line[0]) \(option)")
            }
        }
    }

    @Test("Table E.3.4-1: 214 rows, every option column")
    func contentItems() throws {
        let columns: [ConfidentialityOption] = [
            .retainUIDs, .retainDeviceIdentity, .retainInstitutionIdentity, .retainPatientCharacteristics,
            .retainFullDates, .retainModifiedDates, .cleanDescriptors,
        ]
        let lines = try ReferenceTables.lines("ps3.15-e3.4-1-sr-content-items.tsv")
        let rows = StructuredContentTable.standard.rows
        #expect(lines.count == 214)
        #expect(rows.count == lines.count)
        for (line, row) in zip(lines, rows) {
            #expect(row.meaning == line[0])
            #expect(row.key == .init(code: line[1], scheme: line[2], valueType: line[3]), "\(line[0])")
            #expect(row.basic.rawValue == line[6], "\(line[0])")
            for (index, option) in columns.enumerated() {
                let cell = index + 7 < line.count ? line[index + 7] : ""
                #expect(row.options[option]?.rawValue ?? "" == cell, "\(line[0]) \(option)")
            }
        }
    }

    @Test("Table E.3.10-1: 479 rows by creator and representation")
    func safePrivate() throws {
        let lines = try ReferenceTables.lines("ps3.15-e3.10-1-safe-private.tsv")
        #expect(lines.count == 479)
        for line in lines {
            let digits = line[0].lowercased().filter { $0.isHexDigit }
            let group = try #require(UInt16(digits.prefix(4), radix: 16))
            let element = try #require(UInt16(digits.suffix(2), radix: 16))
            let found = SafePrivateTable.standard.representations(
                of: Tag(group, 0x1000 | element), creator: line[1])
            let vrs = line[2].split { !$0.isLetter }.compactMap { VR(rawValue: String($0)) }
            #expect(Set(vrs).isSubset(of: found), "\(line[0]) \(line[1])")
        }
    }
}

enum ReferenceTables {
    static var areHere: Bool { FileManager.default.fileExists(atPath: folder + "/ps3.15-e1-1.tsv") }
    private static let folder = SharedFiles.folder + "/reference"

    /// Cells of the rows, without comments and without the head.
    static func lines(_ name: String) throws -> [[String]] {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.dropFirst()
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }
}
