// People who never were, with words that can be searched for.

package import DICOMVocabulary

/// The identity of a made-up patient and order.
package struct FakePatient: Sendable, Hashable {
    package var name: String
    package var personnummer: String
    package var accession: String

    package init(name: String, personnummer: String, accession: String) {
        self.name = name
        self.personnummer = personnummer
        self.accession = accession
    }

    package static let tolvan = FakePatient(
        name: "Tolvansson^Tolvan", personnummer: "19121212-1212", accession: "ACC-TOLVAN-77")
    package static let agda = FakePatient(
        name: "Andersson^Agda", personnummer: "19340229-9876", accession: "ACC-AGDA-88")

    /// None of them may stand anywhere but in the spool and, sealed, in the vault.
    package var canaries: [String] {
        name.split(separator: "^").map(String.init)
            + [personnummer, String(personnummer.filter { $0 != "-" }), accession]
    }

    package func identity(study: UID, description: String = "") -> StudyIdentity {
        var attributes = [
            RawAttribute(tag: .studyDate, vr: .DA, value: Array("20260301".utf8)),
            RawAttribute(tag: .accessionNumber, vr: .SH, value: Array(accession.utf8)),
            RawAttribute(tag: .patientName, vr: .PN, value: Array(name.utf8)),
            RawAttribute(tag: .patientID, vr: .LO, value: Array(personnummer.utf8)),
            RawAttribute(tag: .studyInstanceUID, vr: .UI, value: Array(study.string.utf8)),
        ]
        if !description.isEmpty {
            attributes.append(RawAttribute(tag: .studyDescription, vr: .LO, value: Array(description.utf8)))
        }
        return StudyIdentity(characterSet: "ISO_IR 100", attributes: attributes)
    }
}
