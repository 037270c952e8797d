// What tells a receiver that the identity was taken out, and how (PS3.15 E.1.1, PS3.3 C.7.1.1 and C.12.1).

internal import DICOM
internal import DICOMVocabulary

extension PseudonymisationRun {
    func setMarkers() throws(Failure) {
        try root.set(.patientIdentityRemoved, .CS, text: "YES")
        try setMethod()
        try setMethodCodes()
        try setContributingEquipment()
        if job.pixelsBlanked { try root.set(.burnedInAnnotation, .CS, text: "NO") }
        // What an earlier de-identifier did to the dates is still done.
        if !["MODIFIED", "REMOVED"].contains(root.text(.longitudinalTemporalInformationModified)) {
            try root.set(
                .longitudinalTemporalInformationModified, .CS, text: profile.keepsDates ? "UNMODIFIED" : "REMOVED")
        }
    }

    /// The patient's age, which readers need, is computed from the birth date, which they must not have (PS3.15 E.1.1).
    func deriveAge() throws(Failure) {
        guard profile.options.contains(.retainPatientCharacteristics), root.text(.patientAge).isEmpty,
            let birth = CalendarDay(root.text(.patientBirthDate))
        else { return }
        let days = [Tag.studyDate, Tag(0x0008, 0x0022), Tag(0x0008, 0x0021), Tag(0x0008, 0x0023)]
        guard let day = days.lazy.compactMap({ CalendarDay(self.root.text($0)) }).first,
            let age = PatientAge.string(from: birth, to: day)
        else { return }
        try root.set(.patientAge, .AS, text: age)
    }

    /// Every value has at most 64 characters (LO).
    private func setMethod() throws(Failure) {
        let method = "Antipode: DICOM PS3.15 2026d Basic Profile with options"
        let existing = root.text(.deidentificationMethod)
        let values = existing.split(separator: "\\").map(String.init)
        guard !values.contains(method) else { return }
        let old = root[.deidentificationMethod]?.value ?? []
        let bytes = old.isEmpty ? Array(method.utf8) : old + Array("\\\(method)".utf8)
        try root.set(.deidentificationMethod, .LO, bytes)
    }

    private func setMethodCodes() throws(Failure) {
        let existing = Set(root[.deidentificationMethodCodeSequence]?.items.map { $0.text(.codeValue) } ?? [])
        let profileCode = ("113100", "Basic Application Confidentiality Profile")
        let options = profile.options.union(job.pixelsBlanked ? [.cleanPixelData] : [])
        let codes = [profileCode] + options.map { ($0.rawValue, $0.meaning) }.sorted { $0.0 < $1.0 }
        for (value, meaning) in codes where !existing.contains(value) {
            try setCode(root.addItem(to: .deidentificationMethodCodeSequence), value, "DCM", meaning)
        }
    }

    private static let contributingEquipment = Tag(0x0018, 0xA001)
    private static let purposeOfReference = Tag(0x0040, 0xA170)
    private static let manufacturer = "Antipode"

    private func setContributingEquipment() throws(Failure) {
        for item in root[Self.contributingEquipment]?.items ?? []
        where item.text(.manufacturer) == Self.manufacturer {
            if item[Self.purposeOfReference]?.items.first?.text(.codeValue) == "109104" { return }
        }
        let item = try root.addItem(to: Self.contributingEquipment)
        try item.set([(.manufacturer, .LO, Self.manufacturer), (Tag(0x0018, 0x1020), .LO, "0.1")])
        try setCode(item.addItem(to: Self.purposeOfReference), "109104", "DCM", "De-identifying Equipment")
    }
}
