// The objects of a synthetic study, by the modules of PS3.3 A.3 (CT) and A.4 (MR).

import DICOM
package import DICOMVocabulary

extension SyntheticStudy {
    /// The slice with this index from 0, in Explicit VR Little Endian.
    package func instance(_ index: Int) throws(Failure) -> SyntheticInstance {
        let dataSet = DataSet()
        let root = ItemWriter(item: dataSet.root, characterSet: options.characterSet)
        try root.text(.specificCharacterSet, .CS, options.characterSet)
        try patientAndStudy(root)
        try seriesAndEquipment(root)
        try image(root, index)
        switch options.kind {
        case .ct: try acquisitionCT(root)
        case .mr: try acquisitionMR(root)
        }
        try request(root)
        try privateBlock(root)
        try root.bytes(.pixelData, .OW, phantom.slice(index, of: count))
        return SyntheticInstance(
            sopClass: sopClass, sopInstance: sopInstance(index), transferSyntax: .explicitVRLittleEndian,
            dataSet: try dataSet.encoded(as: .explicitVRLittleEndian))
    }

    /// Patient and General Study modules (PS3.3 C.7.1.1, C.7.2.1).
    private func patientAndStudy(_ root: ItemWriter) throws(Failure) {
        let patient = options.patient
        try root.text(.patientName, .PN, patient.name)
        try root.text(.patientID, .LO, patient.identifier)
        try root.text(.patientBirthDate, .DA, patient.birthDate)
        try root.text(.patientSex, .CS, patient.sex)
        try root.uid(.studyInstanceUID, study)
        try root.text(.studyDate, .DA, options.studyDate)
        try root.text(.studyTime, .TM, options.studyTime)
        try root.text(.accessionNumber, .SH, patient.accessionNumber)
        try root.text(.referringPhysicianName, .PN, patient.referringPhysician)
        try root.text(.studyID, .SH, String(options.seed % 100_000))
        try root.text(.studyDescription, .LO, options.kind == .ct ? "DT thorax" : "MR hjärna")
    }

    /// General Series, Frame of Reference and General Equipment modules (PS3.3 C.7.3.1, C.7.4.1, C.7.5.1).
    private func seriesAndEquipment(_ root: ItemWriter) throws(Failure) {
        try root.text(.modality, .CS, options.kind.rawValue.uppercased())
        try root.uid(.seriesInstanceUID, series)
        try root.text(Tag(0x0020, 0x0011), .IS, "2")
        try root.text(.seriesDescription, .LO, options.kind == .ct ? "Thorax 1.0 mm" : "T2 TSE axial")
        try root.text(.bodyPartExamined, .CS, options.kind == .ct ? "CHEST" : "BRAIN")
        try root.text(Tag(0x0018, 0x5100), .CS, "HFS")
        try root.uid(.frameOfReferenceUID, frameOfReference)
        try root.text(Tag(0x0020, 0x1040), .LO, "")
        try root.text(.manufacturer, .LO, "Antipode phantom")
        try root.text(Tag(0x0008, 0x0080), .LO, options.patient.institution)
        try root.text(Tag(0x0008, 0x1010), .SH, "SIM1")
        try root.text(Tag(0x0008, 0x1070), .PN, "Åkesson^Märit")
    }

    /// General Image, Image Plane and Image Pixel modules (PS3.3 C.7.6.1 to C.7.6.3).
    private func image(_ root: ItemWriter, _ index: Int) throws(Failure) {
        let number = String(index + 1)
        let spacing = options.kind == .ct ? 1.0 : 3.0
        // Six decimals: DS holds 16 characters.
        let pixel = (360e6 / Double(options.columns)).rounded() / 1e6
        try root.uid(.sopClassUID, sopClass)
        try root.uid(.sopInstanceUID, sopInstance(index))
        try root.text(Tag(0x0020, 0x0013), .IS, number)
        try root.text(.imageType, .CS, options.kind == .ct ? #"ORIGINAL\PRIMARY\AXIAL"# : #"ORIGINAL\PRIMARY\M"#)
        try root.text(Tag(0x0008, 0x0022), .DA, options.studyDate)
        try root.text(Tag(0x0008, 0x0032), .TM, options.studyTime)
        try root.text(Tag(0x0008, 0x0023), .DA, options.studyDate)
        try root.text(Tag(0x0008, 0x0033), .TM, options.studyTime)
        try root.text(Tag(0x0020, 0x0012), .IS, "1")
        try root.text(Tag(0x0028, 0x0030), .DS, "\(pixel)\\\(pixel)")
        try root.text(Tag(0x0020, 0x0037), .DS, #"1\0\0\0\1\0"#)
        try root.text(Tag(0x0020, 0x0032), .DS, "-180\\-180\\\(Double(index) * spacing - 150)")
        try root.text(Tag(0x0018, 0x0050), .DS, String(spacing))
        try root.short(Tag(0x0028, 0x0002), 1)
        try root.text(Tag(0x0028, 0x0004), .CS, "MONOCHROME2")
        try root.short(.rows, options.rows)
        try root.short(.columns, options.columns)
        try root.short(Tag(0x0028, 0x0100), 16)
        try root.short(Tag(0x0028, 0x0101), 12)
        try root.short(Tag(0x0028, 0x0102), 11)
        try root.short(Tag(0x0028, 0x0103), 0)
        try root.text(Tag(0x0028, 0x1050), .DS, options.kind == .ct ? "40" : "450")
        try root.text(Tag(0x0028, 0x1051), .DS, options.kind == .ct ? "400" : "900")
    }

    /// CT Image module (PS3.3 C.8.2.1).
    private func acquisitionCT(_ root: ItemWriter) throws(Failure) {
        try root.text(Tag(0x0028, 0x1052), .DS, "-1024")
        try root.text(Tag(0x0028, 0x1053), .DS, "1")
        try root.text(Tag(0x0028, 0x1054), .LO, "HU")
        try root.text(Tag(0x0018, 0x0060), .DS, "120")
        try root.text(Tag(0x0018, 0x1151), .IS, "180")
        try root.text(Tag(0x0018, 0x1210), .SH, "Br40")
    }

    /// MR Image module (PS3.3 C.8.3.1).
    private func acquisitionMR(_ root: ItemWriter) throws(Failure) {
        try root.text(Tag(0x0018, 0x0020), .CS, "SE")
        try root.text(Tag(0x0018, 0x0021), .CS, "SK")
        try root.text(Tag(0x0018, 0x0022), .CS, "")
        try root.text(Tag(0x0018, 0x0023), .CS, "2D")
        try root.text(Tag(0x0018, 0x0080), .DS, "4200")
        try root.text(Tag(0x0018, 0x0081), .DS, "98")
        try root.text(Tag(0x0018, 0x0087), .DS, "1.5")
        try root.text(Tag(0x0018, 0x0091), .IS, "15")
    }

    /// Request Attributes Sequence (PS3.3 Table 10-9).
    private func request(_ root: ItemWriter) throws(Failure) {
        let item = try root.addItem(.requestAttributesSequence)
        try item.text(Tag(0x0040, 0x1001), .SH, options.patient.requestedProcedureID)
        try item.text(Tag(0x0040, 0x0009), .SH, "SPS1")
        try item.text(Tag(0x0032, 0x1060), .LO, options.kind == .ct ? "DT thorax utan kontrast" : "MR hjärna")
        try item.text(Tag(0x0040, 0x0007), .LO, options.kind == .ct ? "DT thorax" : "MR hjärna")
    }

    /// A private block that names the patient, as scanners' private blocks do (PS3.5 7.8.1).
    private func privateBlock(_ root: ItemWriter) throws(Failure) {
        try root.text(Tag(0x0009, 0x0010), .LO, "ANTIPODE PHANTOM")
        try root.text(Tag(0x0009, 0x1001), .LO, options.patient.name.replacing("^", with: " "))
        try root.text(Tag(0x0009, 0x1002), .LO, options.patient.identifier)
    }
}
