// An instance as a sending worker meets it, and what it is pseudonymised with.

import DICOM
import DICOMVocabulary

@testable import Deidentification

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
