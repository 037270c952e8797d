// Real studies from outside the tree, for the tests that use them when they are there.

import DICOM
import DICOMVocabulary
import Foundation

@testable import Deidentification

enum SharedFiles {
    /// ANTIPODE_SHARED, else the folder `shared` beside the package; nil if there is none.
    static let folder: URL? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["ANTIPODE_SHARED"] ?? root.path + "/../shared"
        return FileManager.default.fileExists(atPath: path + "/dicom") ? URL(fileURLWithPath: path) : nil
    }()

    static let areHere = folder != nil

    struct Row {
        let path: String
        let kind: String
        let modality: String
        let sopClass: String
        let manufacturer: String
        let model: String
    }

    /// The rows of the manifest of real studies.
    static func manifest() throws -> [Row] {
        guard let folder else { return [] }
        let text = try String(contentsOf: folder.appendingPathComponent("dicom/manifest.tsv"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        let names = lines[0].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        func column(_ name: String) -> Int { names.firstIndex(of: name) ?? 0 }
        return lines.dropFirst().map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Row(
                path: folder.appendingPathComponent("dicom/" + fields[column("path")]).path,
                kind: fields[column("kind")], modality: fields[column("modality")],
                sopClass: fields[column("sop_class_uid")], manufacturer: fields[column("manufacturer")],
                model: fields[column("model")])
        }
    }

    static func reports() throws -> [String] {
        guard let folder else { return [] }
        let path = folder.appendingPathComponent("corpora/sr-dcmtk-samples").path
        return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".dcm") }.sorted()
            .map { path + "/" + $0 }
    }
}

/// An instance as a sending worker meets it.
struct Source {
    let file: InstanceFile
    let dataSet: DataSet
    let identity: StudyIdentity

    init(_ path: String) throws {
        file = try InstanceFile(path: path, bounds: ScanBounds())
        dataSet = try file.dataSet()
        identity = StudyIdentity(of: dataSet)
    }

    var transferSyntax: TransferSyntax { file.header.transferSyntax }
}

extension StudyIdentity {
    init(of dataSet: DataSet) {
        let root = dataSet.root
        self.init(
            characterSet: root.text(.specificCharacterSet),
            attributes: StudyIdentity.tags.compactMap { tag in
                root[tag].map { RawAttribute(tag: tag, vr: $0.vr, value: $0.value) }
            })
    }
}

extension StudyTokens {
    static func sample(_ seed: UInt8) -> StudyTokens {
        func token(_ kind: UInt8) -> String { Token(material: (0..<16).map { $0 &* 31 &+ seed &* 7 &+ kind }).string }
        return StudyTokens(
            patientID: token(1), patientName: token(2), accessionNumber: token(3), studyID: token(4))
    }
}

extension DeidentificationJob {
    static func sample(_ identity: StudyIdentity, seed: UInt8 = 1) -> DeidentificationJob {
        DeidentificationJob(tokens: .sample(seed), uidKey: Array(repeating: 0x5A, count: 32), identity: identity)
    }
}

enum Options {
    /// The profile that docs/deidentification.md recommends for a teleradiology transfer.
    static let recommended = ["113103", "113104", "113105", "113106", "113108", "113111"]
}
