// The address of an attribute (PS3.5 section 7.1): group and element.

/// A DICOM attribute tag. Ordered by group, then element, as a data set is (PS3.5 7.1).
package struct Tag: Hashable, Comparable, Sendable, Codable {
    /// Group in the upper, element in the lower 16 bits.
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package init(_ group: UInt16, _ element: UInt16) { rawValue = UInt32(group) << 16 | UInt32(element) }

    package var group: UInt16 { UInt16(rawValue >> 16) }
    package var element: UInt16 { UInt16(rawValue & 0xFFFF) }
    /// Odd groups are private (PS3.5 7.8).
    package var isPrivate: Bool { group & 1 == 1 }
    /// `(gggg,0010-00FF)` in an odd group reserves a block of private elements (PS3.5 7.8.1).
    package var isPrivateCreator: Bool { isPrivate && (0x10...0xFF).contains(element) }

    package static func < (a: Tag, b: Tag) -> Bool { a.rawValue < b.rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(UInt32.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension Tag: CustomStringConvertible {
    /// The standard's written form, `(0010,0020)`.
    package var description: String { "(\(Self.hex(group)),\(Self.hex(element)))" }

    private static func hex(_ value: UInt16) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension Tag {
    package static let specificCharacterSet = Tag(0x0008, 0x0005)
    package static let imageType = Tag(0x0008, 0x0008)
    package static let sopClassUID = Tag(0x0008, 0x0016)
    package static let sopInstanceUID = Tag(0x0008, 0x0018)
    package static let studyDate = Tag(0x0008, 0x0020)
    package static let studyTime = Tag(0x0008, 0x0030)
    package static let accessionNumber = Tag(0x0008, 0x0050)
    package static let issuerOfAccessionNumberSequence = Tag(0x0008, 0x0051)
    package static let modality = Tag(0x0008, 0x0060)
    package static let conversionType = Tag(0x0008, 0x0064)
    package static let manufacturer = Tag(0x0008, 0x0070)
    package static let referringPhysicianName = Tag(0x0008, 0x0090)
    package static let codeValue = Tag(0x0008, 0x0100)
    package static let codingSchemeDesignator = Tag(0x0008, 0x0102)
    package static let codeMeaning = Tag(0x0008, 0x0104)
    package static let stationName = Tag(0x0008, 0x1010)
    package static let studyDescription = Tag(0x0008, 0x1030)
    package static let seriesDescription = Tag(0x0008, 0x103E)
    package static let referencedSOPClassUID = Tag(0x0008, 0x1150)
    package static let referencedSOPInstanceUID = Tag(0x0008, 0x1155)
    package static let referencedSeriesSequence = Tag(0x0008, 0x1115)
    package static let referencedSOPSequence = Tag(0x0008, 0x1199)
    package static let patientName = Tag(0x0010, 0x0010)
    package static let patientID = Tag(0x0010, 0x0020)
    package static let issuerOfPatientID = Tag(0x0010, 0x0021)
    package static let patientBirthDate = Tag(0x0010, 0x0030)
    package static let patientSex = Tag(0x0010, 0x0040)
    package static let patientAge = Tag(0x0010, 0x1010)
    package static let patientIdentityRemoved = Tag(0x0012, 0x0062)
    package static let deidentificationMethod = Tag(0x0012, 0x0063)
    package static let deidentificationMethodCodeSequence = Tag(0x0012, 0x0064)
    package static let bodyPartExamined = Tag(0x0018, 0x0015)
    package static let protocolName = Tag(0x0018, 0x1030)
    package static let studyInstanceUID = Tag(0x0020, 0x000D)
    package static let seriesInstanceUID = Tag(0x0020, 0x000E)
    package static let studyID = Tag(0x0020, 0x0010)
    package static let frameOfReferenceUID = Tag(0x0020, 0x0052)
    package static let rows = Tag(0x0028, 0x0010)
    package static let columns = Tag(0x0028, 0x0011)
    package static let burnedInAnnotation = Tag(0x0028, 0x0301)
    package static let longitudinalTemporalInformationModified = Tag(0x0028, 0x0303)
    package static let requestAttributesSequence = Tag(0x0040, 0x0275)
    package static let requestedProcedurePriority = Tag(0x0040, 0x1003)
    package static let contentSequence = Tag(0x0040, 0xA730)
    package static let encapsulatedDocument = Tag(0x0042, 0x0011)
    package static let pixelData = Tag(0x7FE0, 0x0010)
    package static let item = Tag(0xFFFE, 0xE000)
    package static let itemDelimitationItem = Tag(0xFFFE, 0xE00D)
    package static let sequenceDelimitationItem = Tag(0xFFFE, 0xE0DD)
}
