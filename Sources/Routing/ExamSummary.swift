// What routing knows about an exam: the original header's routing values, nothing that names a patient.

package import DICOMVocabulary

/// How urgent an exam is: Requested Procedure Priority (PS3.3 C.4.11, 0040,1003).
package enum ExamPriority: String, Sendable, Hashable, Codable, CaseIterable {
    case stat = "STAT"
    case high = "HIGH"
    case routine = "ROUTINE"
    case medium = "MEDIUM"
    case low = "LOW"

    /// Any case, spaces around it, and what is empty or unheard of as routine.
    package init(written text: String) {
        let word = text.uppercased().split(separator: " ").first.map(String.init) ?? ""
        self = ExamPriority(rawValue: word) ?? .routine
    }

    /// Smaller goes first.
    package var rank: Int {
        switch self {
        case .stat: 0
        case .high: 1
        case .routine, .medium: 2
        case .low: 3
        }
    }
}

/// A complete study, as rules see it.
package struct ExamSummary: Codable, Sendable, Hashable {
    /// The name of the source in the configuration, and the AE title it called.
    package var source: String
    package var calledAE: AETitle
    /// Every Modality (0008,0060) and Body Part Examined (0018,0015) in the study.
    package var modalities: [String]
    package var bodyParts: [String]
    package var studyDescription: String
    package var priority: ExamPriority
    package var instances: Int

    package init(
        source: String, calledAE: AETitle, modalities: [String], bodyParts: [String] = [],
        studyDescription: String = "",
        priority: ExamPriority = .routine, instances: Int = 1
    ) {
        self.source = source
        self.calledAE = calledAE
        self.modalities = modalities
        self.bodyParts = bodyParts
        self.studyDescription = studyDescription
        self.priority = priority
        self.instances = instances
    }
}
