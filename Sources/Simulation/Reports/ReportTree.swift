// The content tree of a report, after TID 2000 Basic Diagnostic Imaging Report (PS3.16).

import DICOM
import DICOMVocabulary

/// Writes the SR Document Content module (PS3.3 C.17.3).
struct ReportTree {
    let writer: ReportWriter

    private static let findings = Code("121070", "DCM", "Findings")
    private static let impressions = Code("121072", "DCM", "Impressions")

    func write(to root: ItemWriter) throws(Failure) {
        let text = writer.text
        try root.text(Tag(0x0040, 0xA040), .CS, "CONTAINER")
        try root.code(Tag(0x0040, 0xA043), text.title)
        try root.text(Tag(0x0040, 0xA050), .CS, "SEPARATE")
        let template = try root.addItem(Tag(0x0040, 0xA504))
        try template.text(Tag(0x0008, 0x0105), .CS, "DCMR")
        try template.text(Tag(0x0040, 0xDB00), .CS, "2000")

        let language = try child(
            of: root, "HAS CONCEPT MOD", "CODE",
            Code("121049", "DCM", "Language of Content Item and Descendants"))
        try language.code(Tag(0x0040, 0xA168), text.languageCode)
        try observer(root)
        try procedure(root)

        let findings = try container(of: root, Self.findings)
        for paragraph in text.findings { try self.text(of: findings, Code("121071", "DCM", "Finding"), paragraph) }
        for image in writer.images.prefix(3) { try reference(of: findings, image) }
        if writer.options.kind != .basicText { try measurement(of: findings) }
        if writer.options.kind == .comprehensive3D { try place(of: findings) }
        let impressions = try container(of: root, Self.impressions)
        try self.text(of: impressions, Code("121073", "DCM", "Impression"), text.impression)
    }

    /// TID 1002 Observer Context: who reads.
    private func observer(_ root: ItemWriter) throws(Failure) {
        let type = try child(of: root, "HAS OBS CONTEXT", "CODE", Code("121005", "DCM", "Observer Type"))
        try type.code(Tag(0x0040, 0xA168), Code("121006", "DCM", "Person"))
        let name = try child(of: root, "HAS OBS CONTEXT", "PNAME", Code("121008", "DCM", "Person Observer Name"))
        try name.text(Tag(0x0040, 0xA123), .PN, writer.options.reader)
        let place = try child(
            of: root, "HAS OBS CONTEXT", "TEXT", Code("121009", "DCM", "Person Observer's Organization Name"))
        try place.text(Tag(0x0040, 0xA160), .UT, writer.options.organization)
    }

    /// TID 1005 Procedure Context: what is read, named by the UID and the number that the reader knows.
    private func procedure(_ root: ItemWriter) throws(Failure) {
        let study = try child(
            of: root, "HAS OBS CONTEXT", "UIDREF", Code("121018", "DCM", "Procedure Study Instance UID"))
        try study.uid(Tag(0x0040, 0xA124), writer.image.study)
        let accession = writer.image.text(.accessionNumber, .SH)
        guard !accession.isEmpty else { return }
        let number = try child(of: root, "HAS OBS CONTEXT", "TEXT", Code("121022", "DCM", "Accession Number"))
        try number.text(Tag(0x0040, 0xA160), .UT, accession)
    }

    private func child(
        of parent: ItemWriter, _ relationship: String, _ valueType: String, _ concept: Code?
    ) throws(Failure) -> ItemWriter {
        let item = try parent.addItem(.contentSequence)
        try item.text(Tag(0x0040, 0xA010), .CS, relationship)
        try item.text(Tag(0x0040, 0xA040), .CS, valueType)
        if let concept { try item.code(Tag(0x0040, 0xA043), concept) }
        return item
    }

    private func container(of parent: ItemWriter, _ concept: Code) throws(Failure) -> ItemWriter {
        let item = try child(of: parent, "CONTAINS", "CONTAINER", concept)
        try item.text(Tag(0x0040, 0xA050), .CS, "SEPARATE")
        return item
    }

    private func text(of parent: ItemWriter, _ concept: Code, _ value: String) throws(Failure) {
        let item = try child(of: parent, "CONTAINS", "TEXT", concept)
        try item.text(Tag(0x0040, 0xA160), .UT, value)
    }

    private func reference(of parent: ItemWriter, _ image: Holding) throws(Failure) {
        let item = try child(of: parent, "CONTAINS", "IMAGE", nil)
        try item.reference(.referencedSOPSequence, sopClass: image.sopClass, sopInstance: image.sopInstance)
    }

    /// A number with its unit; Basic Text SR has none (PS3.3 A.35.1).
    private func measurement(of parent: ItemWriter) throws(Failure) {
        let item = try child(of: parent, "CONTAINS", "NUM", Code("81827009", "SCT", "Diameter"))
        let value = try item.addItem(Tag(0x0040, 0xA300))
        try value.text(Tag(0x0040, 0xA30A), .DS, "6")
        try value.code(Tag(0x0040, 0x08EA), Code("mm", "UCUM", "millimeter"))
    }

    /// A point in the patient's coordinates (PS3.3 C.18.9), which names a frame of reference of the images.
    private func place(of parent: ItemWriter) throws(Failure) {
        let frame = writer.image.uid(.frameOfReferenceUID)
        guard !frame.string.isEmpty else { return }
        let item = try child(of: parent, "CONTAINS", "SCOORD3D", Code("121055", "DCM", "Path"))
        try item.text(Tag(0x0070, 0x0023), .CS, "POINT")
        try item.floats(Tag(0x0070, 0x0022), [-80, -20, -10])
        try item.uid(Tag(0x3006, 0x0024), frame)
    }
}
