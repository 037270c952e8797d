// A vault in a temporary folder, and patients that never were.

import DICOMVocabulary
import Foundation

@testable import Vault

/// Removes its folder when the test lets go of it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "antipode-vault-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var vault: String { path + "/vault.sqlite" }
    var key: String { path + "/vault.key" }

    func open() throws -> VaultDatabase {
        if !FileManager.default.fileExists(atPath: key) { try VaultDatabase.createKey(at: key) }
        return try VaultDatabase.open(path: vault, key: VaultKey(file: key))
    }

    /// Every byte of the vault on disk, its log included.
    func bytes() throws -> Data {
        try ["", "-wal"].reduce(into: Data()) { data, suffix in
            guard FileManager.default.fileExists(atPath: vault + suffix) else { return }
            data += try Data(contentsOf: URL(fileURLWithPath: vault + suffix))
        }
    }
}

extension StudyIdentity {
    static func of(
        patient: String = "19121212-1212", name: String = "Tolvansson^Tolvan", accession: String = "AC123",
        birth: String = "",
        study: String = "1.2.3", date: String = "20260301", issuer: String = ""
    ) -> StudyIdentity {
        var attributes = [
            RawAttribute(tag: .patientID, vr: .LO, value: Array(patient.utf8)),
            RawAttribute(tag: .patientName, vr: .PN, value: Array(name.utf8)),
            RawAttribute(tag: .accessionNumber, vr: .SH, value: Array(accession.utf8)),
            RawAttribute(tag: .studyInstanceUID, vr: .UI, value: Array(study.utf8)),
            RawAttribute(tag: .studyDate, vr: .DA, value: Array(date.utf8)),
        ]
        if !birth.isEmpty {
            attributes.append(RawAttribute(tag: .patientBirthDate, vr: .DA, value: Array(birth.utf8)))
        }
        if !issuer.isEmpty {
            attributes.append(RawAttribute(tag: .issuerOfPatientID, vr: .LO, value: Array(issuer.utf8)))
        }
        return StudyIdentity(characterSet: "ISO_IR 100", attributes: attributes)
    }
}
