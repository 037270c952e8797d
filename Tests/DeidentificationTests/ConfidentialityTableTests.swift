import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Table E.1-1")
struct ConfidentialityTableTests {
    let table = ConfidentialityTable.standard

    @Test("holds the 657 rows of edition 2026d with the standard's counts of each code")
    func counts() {
        #expect(table.rows.count == 657)
        var counts: [ConfidentialityAction: Int] = [:]
        for row in table.rows { counts[row.basic, default: 0] += 1 }
        #expect(
            counts == [
                .remove: 417, .dummy: 93, .replaceUID: 55, .empty: 42, .removeOrDummy: 23, .removeOrEmpty: 11,
                .removeEmptyOrDummy: 8, .emptyOrDummy: 6, .removeEmptyOrReplaceUIDs: 2,
            ])
    }
}
