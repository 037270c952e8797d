// Which keys of a report speak for a study: for a person who says that the one answers the other.

package import DICOMVocabulary
package import WorkerProtocol

/// Compared key by key; what is absent, or belongs to nobody that we know, says nothing. Nothing is compared by name or
/// date.
package struct ReportKeys: Sendable, Hashable {
    package private(set) var agreeing: [String] = []
    package private(set) var contradicting: [String] = []

    /// So many must agree, and none contradict, before a report is bound to a study without another reason.
    package static let needed = 2

    /// `pseudonym` is the study as the reader knows it; `sent` every study of ours that the report names, as
    /// the reader knows it.
    package init(_ report: ReportContents, with study: SentStudy, pseudonym: UID, sent: [UID: SentStudy]) {
        let named = [report.study] + report.evidenceStudies + report.requestStudies
        if named.contains(pseudonym) { agreeing.append("Study Instance UID (0020,000D)") }
        if named.contains(where: { sent[$0].map { $0.patientKey != study.patientKey } ?? false }) {
            contradicting.append("Study Instance UID (0020,000D)")
        }
        compare("Patient ID (0010,0020)", [report.patientID], study.tokens.patientID)
        compare(
            "Accession Number (0008,0050)", [report.accessionNumber] + report.requestAccessionNumbers,
            study.tokens.accessionNumber)
    }

    package var areEnough: Bool { agreeing.count >= Self.needed && contradicting.isEmpty }

    private mutating func compare(_ name: String, _ values: [String], _ token: String) {
        let present = values.filter { !$0.isEmpty }
        if present.contains(token) {
            agreeing.append(name)
        } else if !present.isEmpty {
            contradicting.append(name)
        }
    }
}
