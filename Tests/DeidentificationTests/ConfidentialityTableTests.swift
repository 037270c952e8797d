import DICOM
import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Confidentiality tables")
struct ConfidentialityTableTests {
    let table = ConfidentialityTable.standard

    @Test("Table E.1-1 has the 657 rows of edition 2026d and its counts of each code")
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

    @Test(
        "each option changes as many rows as the standard says",
        arguments: [
            (ConfidentialityOption.cleanGraphics, 4, 0), (.cleanStructuredContent, 4, 0), (.cleanDescriptors, 141, 0),
            (.retainFullDates, 0, 169), (.retainModifiedDates, 169, 0), (.retainPatientCharacteristics, 5, 14),
            (.retainDeviceIdentity, 11, 48), (.retainUIDs, 0, 60), (.retainSafePrivate, 1, 0),
            (.retainInstitutionIdentity, 0, 10),
        ])
    func options(option: ConfidentialityOption, cleaned: Int, kept: Int) {
        let actions = table.rows.compactMap { $0.options[option] }
        #expect(actions.count { $0 == .clean } == cleaned)
        #expect(actions.count { $0 == .keep } == kept)
    }

    @Test("repeating groups and private attributes find their rows, odd groups near them do not")
    func subjects() {
        #expect(table.row(for: Tag(0x5006, 0x3000))?.name == "Curve Data")
        #expect(table.row(for: Tag(0x601E, 0x3000))?.name == "Overlay Data")
        #expect(table.row(for: Tag(0x6000, 0x4000))?.name == "Overlay Comments")
        #expect(table.row(for: Tag(0x6000, 0x0010)) == nil)
        #expect(table.row(for: Tag(0x6001, 0x3000))?.name == "Private Attributes")
        #expect(table.row(for: .patientName)?.basic == .empty)
        #expect(table.row(for: .pixelData) == nil)
    }

    @Test("compound codes follow the type, and keep the attribute where the type is not known")
    func compound() {
        #expect(ConfidentialityAction.removeEmptyOrDummy.resolved(for: .one) == .dummy)
        #expect(ConfidentialityAction.removeEmptyOrDummy.resolved(for: .two) == .empty)
        #expect(ConfidentialityAction.removeEmptyOrDummy.resolved(for: .three) == .remove)
        #expect(ConfidentialityAction.removeEmptyOrDummy.resolved(for: nil) == .dummy)
        #expect(ConfidentialityAction.removeOrEmpty.resolved(for: nil) == .empty)
        #expect(ConfidentialityAction.emptyOrDummy.resolved(for: .two) == .empty)
        #expect(ConfidentialityAction.removeEmptyOrReplaceUIDs.resolved(for: nil) == .replaceUID)
        for action in ConfidentialityAction.allCases {
            for type in [AttributeType.one, .two, .three, nil] {
                #expect(!action.resolved(for: type).rawValue.contains("/"))
            }
        }
    }

    @Test("every row of a single tag does to an attribute what it says")
    func rows() throws {
        let options: Set<ConfidentialityOption> = [
            .cleanGraphics, .cleanStructuredContent, .cleanDescriptors, .retainFullDates, .retainPatientCharacteristics,
            .retainSafePrivate,
        ]
        let vr = { (row: ConfidentialityTable.Row) -> VR in
            if row.name.contains("Sequence") { return .SQ }
            if row.name.contains("DateTime") || row.name.contains("Timestamp") { return .DT }
            if row.name.contains("Date") { return .DA }
            if row.name.contains("Time") { return .TM }
            return row.basic == .replaceUID || row.name.hasSuffix(" UID") ? .UI : .LO
        }
        for row in table.rows where row.isInStandardIOD {
            guard case .tag(let tag) = row.subject, tag.group > 6, tag.group < 0x7FE0,
                !["Patient's Name", "Patient ID", "Accession Number", "Study ID"].contains(row.name)
            else { continue }
            let dataSet = DataSet()
            try dataSet.root.set(.sopClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.2")
            switch vr(row) {
            case .SQ: try dataSet.root.addItem(to: tag).set(.patientName, .PN, text: "Tolvansson")
            case .UI: try dataSet.root.set(tag, .UI, text: "1.2.752.99.5")
            case .DA: try dataSet.root.set(tag, .DA, text: "20260301")
            case .DT: try dataSet.root.set(tag, .DT, text: "20260301101500")
            case .TM: try dataSet.root.set(tag, .TM, text: "101500")
            default: try dataSet.root.set(tag, .LO, text: "Tolvansson")
            }
            try Planted.pseudonymise(dataSet)
            let value = dataSet.root[tag].map(\.value)
            let bytes = try dataSet.encoded(as: "1.2.840.10008.1.2.1")
            let isKept = row.action(under: options) == .keep && vr(row) != .SQ
            #expect(isKept || !bytes.contains(sequence: Array("Tolvansson".utf8)), "\(tag)")
            #expect(!bytes.contains(sequence: Array("1.2.752.99.5".utf8)), "\(tag)")
            switch row.action(under: options) {
            case .remove: #expect(value == nil, "\(tag) \(row.name)")
            case .dummy where vr(row) != .SQ: #expect(value?.isEmpty == false, "\(tag) \(row.name)")
            case .empty: #expect(value == [], "\(tag) \(row.name)")
            case .keep where vr(row) != .SQ && vr(row) != .UI: #expect(value?.isEmpty == false, "\(tag) \(row.name)")
            default: break
            }
        }
    }

    @Test("the other tables have their rows")
    func others() {
        #expect(StructuredContentTable.standard.rows.count == 214)
        // Five of 479 rows have no representation; eight numbers of diffusion are ours.
        #expect(SafePrivateTable.standard.representations.count == 487)
        #expect(SafePrivateTable.standard.representations.values.count(where: \.isEmpty) == 5)
        #expect(
            SafePrivateTable.standard.representations(of: Tag(0x7053, 0x1200), creator: "Philips PET Private Group")
                == [.DS])
    }
}

extension Array where Element == UInt8 {
    func contains(sequence: [UInt8]) -> Bool {
        guard let first = sequence.first, sequence.count <= count else { return false }
        return (0...(count - sequence.count)).contains {
            self[$0] == first && self[$0..<$0 + sequence.count].elementsEqual(sequence)
        }
    }
}
