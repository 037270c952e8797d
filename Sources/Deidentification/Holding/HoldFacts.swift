// What the decision to hold an instance is made from.

package import DICOM
package import DICOMVocabulary

/// Header values that tell whether pixels or documents may show who the patient is.
package struct HoldFacts: Sendable, Hashable {
    package var sopClass: UID
    package var modality: String
    package var imageType: [String]
    /// (0008,0064) and the attributes of the SC Equipment module (PS3.3 C.8.6.1) that only captured images have.
    package var isCaptured: Bool
    package var burnedInAnnotation: String
    package var photometricInterpretation: String
    /// Series Description, Protocol Name, Image Comments, Derivation Description in lower case.
    package var descriptions: [String]
    package var hasPixels: Bool
    /// Pixel Data, Float or Double Float Pixel Data stand in the file, whatever else the header says.
    package var hasPixelData: Bool
    /// A waveform of companded samples (PS3.3 C.10.9.1.4): somebody speaks.
    package var hasAudio: Bool
    /// A 60xx group whose bits are in Pixel Data: Overlay Data is absent, or the overlay says so (retired, PS3.3-2004).
    package var hasOverlayInPixels: Bool
    /// An encapsulated document that was replaced by a page of ours.
    package var isReplacedDocument: Bool

    package init(
        sopClass: UID, modality: String = "", imageType: [String] = [], isCaptured: Bool = false,
        burnedInAnnotation: String = "", photometricInterpretation: String = "", descriptions: [String] = [],
        hasPixels: Bool = true, hasPixelData: Bool = false, hasAudio: Bool = false, hasOverlayInPixels: Bool = false,
        isReplacedDocument: Bool = false
    ) {
        self.sopClass = sopClass
        self.modality = modality
        self.imageType = imageType
        self.isCaptured = isCaptured
        self.burnedInAnnotation = burnedInAnnotation
        self.photometricInterpretation = photometricInterpretation
        self.descriptions = descriptions
        self.hasPixels = hasPixels
        self.hasPixelData = hasPixelData
        self.hasAudio = hasAudio
        self.hasOverlayInPixels = hasOverlayInPixels
        self.isReplacedDocument = isReplacedDocument
    }

    /// From an instance's data set as received, before editing. `bulkTags`: what stands in group 7FE0, which the data set
    /// is without.
    package init(_ dataSet: DataSet, bulkTags: [Tag] = []) {
        let root = dataSet.root
        let coding = TextCoding(of: root)
        self.init(
            sopClass: UID(root.text(.sopClassUID)), modality: Self.term(root, .modality),
            imageType: root.text(.imageType).split(separator: "\\", omittingEmptySubsequences: false).map(Self.trimmed),
            isCaptured: Self.isCaptured(root),
            burnedInAnnotation: Self.term(root, .burnedInAnnotation),
            photometricInterpretation: Self.term(root, Tag(0x0028, 0x0004)),
            descriptions: Self.descriptionTags.compactMap { tag in
                root[tag].map { coding.decode($0.value, vr: $0.vr).lowercased() }
            }.filter { !$0.isEmpty },
            hasPixels: root[.rows] != nil, hasPixelData: bulkTags.contains(where: Self.pixelTags.contains),
            hasAudio: Self.hasAudio(root), hasOverlayInPixels: Self.hasOverlayInPixels(root),
            isReplacedDocument: EncapsulatedDocument.isReplaced(root))
    }

    /// What it is made from at the top level, other than overlays.
    static let tags = Set(
        captureTags + descriptionTags + [
            .sopClassUID, .modality, .imageType, .conversionType, .burnedInAnnotation, Tag(0x0028, 0x0004), .rows,
            .specificCharacterSet, Tag(0x5400, 0x0100),
        ])

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Some devices write CS in small letters or with spaces before.
    private static func term(_ root: DataSetItem, _ tag: Tag) -> String {
        trimmed(Substring(root.text(tag))).uppercased()
    }

    private static let pixelTags: Set<Tag> = [Tag(0x7FE0, 0x0008), Tag(0x7FE0, 0x0009), .pixelData]

    /// Waveform Sample Interpretation is mu-law or A-law.
    private static func hasAudio(_ root: DataSetItem) -> Bool {
        root[Tag(0x5400, 0x0100)]?.items.contains { ["MB", "AB"].contains(term($0, Tag(0x5400, 0x1006))) } ?? false
    }

    private static let captureTags: [Tag] = [
        Tag(0x0018, 0x1010), Tag(0x0018, 0x1012), Tag(0x0018, 0x1016), Tag(0x0018, 0x1018),
    ]

    /// Philips writes these attributes without values into Enhanced MR, and GE calls mammograms that its workstation
    /// processed for presentation WSD, while Image Type (0008,0008) still says PRIMARY.
    private static func isCaptured(_ root: DataSetItem) -> Bool {
        if captureTags.contains(where: { !root.text($0).isEmpty }) { return true }
        let conversion = root.text(.conversionType)
        let projection = "1.2.840.10008.5.1.4.1.1.1."
        let isPrimary = root.text(.imageType).split(separator: "\\").dropFirst().first == "PRIMARY"
        return !conversion.isEmpty
            && !(conversion == "WSD" && isPrimary && root.text(.sopClassUID).hasPrefix(projection))
    }

    private static let descriptionTags: [Tag] = [
        .seriesDescription, .studyDescription, Tag(0x0018, 0x1030), Tag(0x0020, 0x4000), Tag(0x0008, 0x2111),
    ]

    private static func hasOverlayInPixels(_ root: DataSetItem) -> Bool {
        for group in stride(from: UInt16(0x6000), through: 0x601E, by: 2) where root[Tag(group, 0x0010)] != nil {
            let position = root[Tag(group, 0x0102)]?.value.contains { $0 != 0 } ?? false
            if root[Tag(group, 0x3000)] == nil || position { return true }
        }
        return false
    }
}
