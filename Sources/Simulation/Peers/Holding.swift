// What a simulated archive knows of an object it holds.

import DICOMVocabulary

/// One object: where its file is, and the attributes that queries and reports need, as raw values.
struct Holding: Sendable {
    private(set) var path: String
    let transferSyntax: TransferSyntax
    let dataSetOffset: Int64
    let dataSetLength: Int64
    /// Raw values without padding, in `characterSet`.
    let values: [Tag: [UInt8]]

    /// Reads the header of a Part 10 file; pixel data stays on disk.
    init(path: String) throws(Failure) {
        var source = try FileByteSource(path: path)
        let header = try HeaderScanner(bounds: ScanBounds(), wanted: Self.wanted).scan(&source, as: nil)
        self.path = path
        transferSyntax = header.transferSyntax
        dataSetOffset = header.dataSetOffset
        dataSetLength = header.end - header.dataSetOffset
        values = header.values
    }

    /// Only for tests, which need no file.
    init(values: [Tag: [UInt8]], transferSyntax: TransferSyntax = .explicitVRLittleEndian) {
        path = ""
        self.transferSyntax = transferSyntax
        dataSetOffset = 0
        dataSetLength = 0
        self.values = values
    }

    func moved(to path: String) -> Holding {
        var copy = self
        copy.path = path
        return copy
    }

    /// One line about the object, without who the patient is.
    var summary: String { "\(modality) \(sopInstance) of study \(study)" }

    /// Who the patient is, behind a comma; for those who asked for it.
    var identity: String {
        ", patient \(text(.patientName, .PN)), ID \(text(.patientID, .LO)), accession \(text(.accessionNumber, .SH))"
    }

    func ascii(_ tag: Tag) -> String { values[tag].map { String(decoding: $0, as: UTF8.self) } ?? "" }
    func uid(_ tag: Tag) -> UID { UID(ascii(tag)) }

    var sopClass: UID { uid(.sopClassUID) }
    var sopInstance: UID { uid(.sopInstanceUID) }
    var study: UID { uid(.studyInstanceUID) }
    var series: UID { uid(.seriesInstanceUID) }
    var modality: String { ascii(.modality) }
    var characterSet: String { ascii(.specificCharacterSet) }

    /// A value as text, read in the object's own character set; Latin-1 where that fails.
    func text(_ tag: Tag, _ vr: VR) -> String {
        guard let value = values[tag] else { return "" }
        return CharacterSetReading.text(value, characterSet, vr)
    }

    static let wanted: Set<Tag> = Set(
        studyKeys + seriesKeys + instanceKeys + [.specificCharacterSet, .frameOfReferenceUID, .rows, .columns])

    /// Attributes answered at each level of the Study Root model (PS3.4 C.6.2.1), with the patient's.
    static let studyKeys: [Tag] = [
        .patientName, .patientID, .issuerOfPatientID, .patientBirthDate, .patientSex, .studyInstanceUID, .studyDate,
        .studyTime, .accessionNumber, .studyID, .studyDescription, .referringPhysicianName,
    ]
    static let seriesKeys: [Tag] = [
        .modality, .seriesInstanceUID, Tag(0x0020, 0x0011), .seriesDescription, .bodyPartExamined,
    ]
    static let instanceKeys: [Tag] = [.sopClassUID, .sopInstanceUID, Tag(0x0020, 0x0013)]
}
