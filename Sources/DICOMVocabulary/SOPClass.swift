// SOP classes (PS3.4; UIDs in PS3.6 Annex A, edition 2026d) as far as the gateway tells them apart.

package enum SOPClass {
    package static let verification: UID = "1.2.840.10008.1.1"
    package static let studyRootFind: UID = "1.2.840.10008.5.1.4.1.2.2.1"
    package static let studyRootMove: UID = "1.2.840.10008.5.1.4.1.2.2.2"
    package static let studyRootGet: UID = "1.2.840.10008.5.1.4.1.2.2.3"

    /// Storage of an object that belongs to a patient's study (PS3.4 Table B.5-1). By the standard's arc, so that a class
    /// which a later edition adds is stored too; the exceptions on that arc are other services, and objects that name
    /// no study: hanging protocols, palettes, implants and the like are for other programs (PS3.4 Table GG.3-1).
    package static func isPatientStorage(_ uid: UID) -> Bool {
        guard uid.isValid else { return false }
        if withoutStudy.contains(uid) { return false }
        return uid.string.hasPrefix(storageArc) || otherStorage.contains(uid)
    }

    /// Documents in which a radiologist writes: Basic Text, Enhanced, Comprehensive, Comprehensive 3D and Extensible SR, and
    /// Encapsulated PDF. Dose reports, CAD results, procedure logs and key object selections are no reports of a reading.
    package static let reports: [UID] =
        ["88.11", "88.22", "88.33", "88.34", "88.35", "104.1"].map { UID(storageArc + $0) }

    /// Modalities (0008,0060) of the series that those come in.
    package static let reportModalities: Set<String> = ["SR", "DOC"]

    /// Modalities under which some systems file an encapsulated PDF (DCMTK's pdf2dcm did, up to 3.6.3), and much that is no
    /// report.
    package static let otherModalities: Set<String> = ["OT", ""]

    private static let storageArc = "1.2.840.10008.5.1.4.1.1."

    private static let otherStorage: Set<UID> = [
        // RT Beams Delivery Instruction (and its trial), RT Brachy Application Setup Delivery Instruction
        "1.2.840.10008.5.1.4.34.1", "1.2.840.10008.5.1.4.34.7", "1.2.840.10008.5.1.4.34.10",
    ]

    private static let withoutStudy: Set<UID> = Set(
        [
            // CT and XA Defined Procedure Protocol, Protocol Approval and its queries
            "200.1", "200.7", "200.3", "200.4", "200.5", "200.6",
            // Inventory, its queries and its services
            "201.1.1", "201.1.2", "201.1.3", "201.1.4", "201.2", "201.3", "201.4", "201.5", "201.6",
        ].map { UID(storageArc + $0) })
}
