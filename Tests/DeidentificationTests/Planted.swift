// Data sets made in code, with identities that belong to nobody.

import DICOM
import DICOMVocabulary

@testable import Deidentification

/// Swift Testing has a Tag too.
typealias Tag = DICOMVocabulary.Tag

enum Planted {
    static let study: UID = "1.2.752.99.1.1"
    static let series: UID = "1.2.752.99.1.2"
    static let instance: UID = "1.2.752.99.1.3"
    static let frameOfReference: UID = "1.2.752.99.1.4"

    /// A CT slice of Tolvan Tolvansson-Åström, in Latin-1.
    static func slice(sopClass: UID = "1.2.840.10008.5.1.4.1.1.2") throws -> DataSet {
        let dataSet = DataSet()
        let root = dataSet.root
        try root.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
        try root.set(.imageType, .CS, text: "ORIGINAL\\PRIMARY\\AXIAL")
        try root.set(.sopClassUID, .UI, text: sopClass.string)
        try root.set(.sopInstanceUID, .UI, text: instance.string)
        try root.set(.studyDate, .DA, text: "20260301")
        try root.set(.studyTime, .TM, text: "101500")
        try root.set(.accessionNumber, .SH, text: "REM4711-22")
        try root.set(.modality, .CS, text: "CT")
        try root.set(.manufacturer, .LO, text: "ACME Tomography")
        try root.set(Tag(0x0008, 0x0080), .LO, text: "Nordstadens sjukhus")
        try root.set(.referringPhysicianName, .PN, text: "Remittentsson^Rut")
        try root.set(.studyDescription, .LO, latin1("CT thorax 55F Dr. Smith"))
        try root.set(.seriesDescription, .LO, latin1("Thorax axial Tolvansson 0.625 B30f hö Åström"))
        try root.set(.patientName, .PN, latin1("Tolvansson^Tolvan^Åström"))
        try root.set(.patientID, .LO, text: "19121212-1212")
        try root.set(.issuerOfPatientID, .LO, text: "NORDSTADEN")
        try root.set(.patientBirthDate, .DA, text: "19121212")
        try root.set(.patientSex, .CS, text: "M")
        try root.set(Tag(0x0010, 0x1030), .DS, text: "81.5")
        try root.set(Tag(0x0010, 0x1040), .LO, text: "Provgatan 9, Nordstaden")
        try root.set(.studyInstanceUID, .UI, text: study.string)
        try root.set(.seriesInstanceUID, .UI, text: series.string)
        try root.set(.studyID, .SH, text: "90817")
        try root.set(.frameOfReferenceUID, .UI, text: frameOfReference.string)
        try root.set(.rows, .US, [0, 2])
        try root.set(.columns, .US, [0, 2])
        return dataSet
    }

    static func latin1(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value & 0xFF) } }

    /// Pseudonymises in place with the recommended profile.
    @discardableResult
    static func pseudonymise(
        _ dataSet: DataSet, options: [String] = Options.recommended
    ) throws -> DeidentificationResult {
        let identity = StudyIdentity(of: dataSet)
        return try Deidentifier(options: options).pseudonymise(dataSet, job: .sample(identity))
    }
}

extension DataSetItem {
    func sequence(_ tag: Tag) throws -> DataSetItem { try addItem(to: tag) }
}
