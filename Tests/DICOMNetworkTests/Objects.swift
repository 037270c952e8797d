// Data sets and files for these tests.

import DICOM
import DICOMVocabulary
import Foundation

enum Objects {
    static let mrStorage: UID = "1.2.840.10008.5.1.4.1.1.4"
    static let secondaryCapture: UID = "1.2.840.10008.5.1.4.1.1.7"
    static let verification: UID = "1.2.840.10008.1.1"
    static let studyRootFind: UID = "1.2.840.10008.5.1.4.1.2.2.1"
    static let studyRootMove: UID = "1.2.840.10008.5.1.4.1.2.2.2"
    static let studyRootGet: UID = "1.2.840.10008.5.1.4.1.2.2.3"

    /// An instance in an uncompressed syntax, its pixels a pattern of `bytes` bytes.
    static func instance(_ uid: UID, bytes: Int = 512, as syntax: TransferSyntax = .explicitVRLittleEndian) throws
        -> [UInt8]
    {
        let dataSet = DataSet()
        let root = dataSet.root
        try root.set(.sopClassUID, .UI, text: mrStorage.string)
        try root.set(.sopInstanceUID, .UI, text: uid.string)
        try root.set(.modality, .CS, text: "MR")
        try root.set(.patientName, .PN, text: "Planted^Value")
        try root.set(.patientID, .LO, text: "42")
        try root.set(.studyInstanceUID, .UI, text: "1.2.3")
        try root.set(.seriesInstanceUID, .UI, text: "1.2.3.4")
        try root.addItem(to: .requestAttributesSequence).set(.studyID, .SH, text: "S1")
        try root.set(.rows, .US, [16, 0])
        try root.set(.columns, .US, [16, 0])
        try root.set(.pixelData, .OW, (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        return try dataSet.encoded(as: syntax)
    }

    /// With preamble and a minimal file meta information.
    static func part10(_ dataSet: [UInt8], sopClass: UID, sopInstance: UID, _ syntax: TransferSyntax) throws -> [UInt8]
    {
        var meta: [UInt8] = []
        meta += try ElementEncoding.explicitLittleEndian(Tag(0x0002, 0x0001), .OB, [0, 1])
        meta += try ElementEncoding.explicitLittleEndian(Tag(0x0002, 0x0002), .UI, Array(sopClass.string.utf8))
        meta += try ElementEncoding.explicitLittleEndian(Tag(0x0002, 0x0003), .UI, Array(sopInstance.string.utf8))
        meta += try ElementEncoding.explicitLittleEndian(Tag(0x0002, 0x0010), .UI, Array(syntax.uid.string.utf8))
        meta += try ElementEncoding.explicitLittleEndian(Tag(0x0002, 0x0012), .UI, Array("1.2.3".utf8))
        let length = try ElementEncoding.explicitLittleEndian(
            Tag(0x0002, 0x0000), .UL, (0..<4).map { UInt8(truncatingIfNeeded: meta.count >> ($0 * 8)) })
        return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + length + meta + dataSet
    }

    /// What stands behind the file meta information.
    static func dataSet(ofFile path: String) throws -> (bytes: [UInt8], header: ScannedHeader) {
        let file = try InstanceFile(path: path, bounds: ScanBounds(), wanted: [.sopClassUID, .sopInstanceUID])
        return (try file.read(file.header.dataSetOffset..<file.header.end), file.header)
    }
}

/// Sample files beside the package.
enum Samples {
    static let root: String = {
        if let given = ProcessInfo.processInfo.environment["ANTIPODE_SHARED"] { return given }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appendingPathComponent("shared").path
    }()

    static let skip = "needs the developer set of DICOM files (ANTIPODE_SHARED, or ../shared)"

    static let areMissing = !FileManager.default.fileExists(atPath: root + "/dicom/manifest.tsv")

    /// The first two instances of every transfer syntax, not deflated, and none of another instance's UID.
    static let oneOfEach: [String] = {
        guard let text = try? String(contentsOfFile: root + "/dicom/manifest.tsv", encoding: .utf8) else { return [] }
        var seen: [String: Int] = [:]
        var uids: Set<String> = []
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count > 11, columns[1] == "instance", columns[5] != "1.2.840.10008.1.2.1.99",
                seen[columns[5], default: 0] < 2, uids.insert(columns[11]).inserted
            else { return nil }
            seen[columns[5], default: 0] += 1
            return root + "/dicom/" + columns[0]
        }
    }()
}
