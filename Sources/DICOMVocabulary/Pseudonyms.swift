// What stands in the place of identity.

/// The pseudonyms of one study at one destination (docs/deidentification.md): 16 ASCII characters at most.
package struct StudyTokens: Sendable, Codable, Hashable {
    package var patientID: String
    package var patientName: String
    package var accessionNumber: String
    package var studyID: String

    package init(patientID: String, patientName: String, accessionNumber: String, studyID: String) {
        self.patientID = patientID
        self.patientName = patientName
        self.accessionNumber = accessionNumber
        self.studyID = studyID
    }
}

/// Destinations of one space see the same pseudonyms of a patient and of a UID; those of two spaces cannot tell that they
/// read the same patient.
package enum PseudonymSpace {
    /// Of every destination that names no other. The word stands in key derivations and never changes.
    package static let shared = "site"
}

/// A UID as the hospital knows it and as the reader sees it.
package struct UIDPair: Sendable, Codable, Hashable {
    package var original: UID
    package var pseudonym: UID

    package init(original: UID, pseudonym: UID) {
        self.original = original
        self.pseudonym = pseudonym
    }
}

extension UID {
    /// The pseudonymous UID made of the first 16 bytes of keyed pseudo-random material: `2.25.` and the bytes as one
    /// decimal integer, shaped as a UUID of version 8 (PS3.5 B.2, RFC 9562 5.8).
    package init(pseudonymousMaterial material: some Sequence<UInt8>) {
        var bytes = Array(material.prefix(16))
        precondition(bytes.count == 16, "a pseudonymous UID needs 16 bytes")
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        self.init("2.25.\(value)")
    }

    /// 64 of the bits behind `2.25.`, by which a pseudonym is found again among many; nil for a UID of another root.
    package var pseudonymMark: Int64? {
        guard string.hasPrefix("2.25."), let value = UInt128(string.dropFirst(5)) else { return nil }
        return Int64(truncatingIfNeeded: value)
    }
}
