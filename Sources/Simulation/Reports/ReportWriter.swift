// Reports as a remote reader's system would write them: the attributes around the content.

import DICOM
import DICOMVocabulary

/// Writes one report on one study. What identifies patient and order is copied from an image byte for byte as it came,
/// so that a pseudonymous study gets a pseudonymous report.
struct ReportWriter {
    let options: ReportOptions
    let moment: ReportMoment
    let images: [Holding]
    /// An earlier report of the same reader on this study (PS3.3 C.17.2.3, Predecessor Documents Sequence).
    var predecessor: Holding?
    let sopInstance: UID
    let series: UID

    /// - Parameter images: what came of the study, at least one object.
    /// - Parameter random: for the UIDs that the report gets.
    init?(
        options: ReportOptions, images: [Holding], predecessor: Holding?, moment: ReportMoment,
        random: inout some RandomNumberGenerator
    ) {
        guard !images.isEmpty else { return nil }
        self.options = options
        self.images = images
        self.predecessor = predecessor
        self.moment = moment
        func uid() -> UID {
            UID(pseudonymousMaterial: (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        }
        sopInstance = uid()
        series = uid()
    }

    var image: Holding { images[0] }
    var text: ReportText {
        ReportText(
            options.language, modality: image.modality, patientID: image.text(.patientID, .LO), images: images.count)
    }

    /// The report in Explicit VR Little Endian.
    func write() throws(Failure) -> SyntheticInstance {
        let dataSet = DataSet()
        let root = ItemWriter(item: dataSet.root, characterSet: options.characterSet)
        try root.text(.specificCharacterSet, .CS, options.characterSet)
        try root.uid(.sopClassUID, options.kind.sopClass)
        try root.uid(.sopInstanceUID, sopInstance)
        try patientAndStudy(root)
        try seriesAndEquipment(root)
        if options.kind == .encapsulatedPDF {
            try encapsulate(root)
        } else {
            try document(root)
            try ReportTree(writer: self).write(to: root)
        }
        return SyntheticInstance(
            sopClass: options.kind.sopClass, sopInstance: sopInstance, transferSyntax: .explicitVRLittleEndian,
            dataSet: try dataSet.encoded(as: .explicitVRLittleEndian))
    }

    /// As the images have them; text goes through Unicode, since the report may have another character set.
    private func patientAndStudy(_ root: ItemWriter) throws(Failure) {
        let required: [(Tag, VR)] = [
            (.patientName, .PN), (.patientID, .LO), (.patientBirthDate, .DA), (.patientSex, .CS),
            (.studyInstanceUID, .UI), (.studyDate, .DA), (.studyTime, .TM), (.accessionNumber, .SH),
            (.referringPhysicianName, .PN), (.studyID, .SH),
        ]
        for (tag, vr) in required { try root.text(tag, vr, image.text(tag, vr)) }
        for (tag, vr) in [(Tag.issuerOfPatientID, VR.LO), (.studyDescription, .LO)] where image.values[tag] != nil {
            try root.text(tag, vr, image.text(tag, vr))
        }
    }

    /// SR Document Series and Enhanced General Equipment, or Encapsulated Document Series (PS3.3 C.17.1, C.24.1).
    private func seriesAndEquipment(_ root: ItemWriter) throws(Failure) {
        try root.text(.modality, .CS, options.kind == .encapsulatedPDF ? "DOC" : "SR")
        try root.uid(.seriesInstanceUID, series)
        try root.text(Tag(0x0020, 0x0011), .IS, "901")
        try root.text(Tag(0x0020, 0x0013), .IS, "1")
        try root.text(.manufacturer, .LO, "Antipode simulated reader")
        try root.text(Tag(0x0008, 0x1090), .LO, "Simulation")
        try root.text(Tag(0x0018, 0x1000), .LO, "1")
        try root.text(Tag(0x0018, 0x1020), .LO, "0.1")
        try root.text(Tag(0x0008, 0x0023), .DA, moment.date)
        try root.text(Tag(0x0008, 0x0033), .TM, moment.time)
    }
}
