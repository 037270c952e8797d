// To which study a report belongs, and whether it may go home: pure, over what was looked up before.

package import DICOMVocabulary
package import WorkerProtocol

/// A study that was sent to a reader, found by its pseudonymous Study Instance UID.
package struct SentStudy: Sendable, Hashable {
    package var transfer: Int64
    package var study: Int64
    package var reader: String
    package var original: UID
    /// The keyed mark of the patient.
    package var patientKey: String
    package var tokens: StudyTokens

    package init(
        transfer: Int64, study: Int64, reader: String, original: UID, patientKey: String, tokens: StudyTokens
    ) {
        self.transfer = transfer
        self.study = study
        self.reader = reader
        self.original = original
        self.patientKey = patientKey
        self.tokens = tokens
    }
}

package struct ReportMatcher: Sendable {
    /// Which reader the report came from.
    package var reader: String
    /// Sent studies by pseudonymous Study Instance UID, for every study UID that the report names.
    package var sent: [UID: SentStudy]

    package init(reader: String, sent: [UID: SentStudy]) {
        self.reader = reader
        self.sent = sent
    }

    /// The study of a report. All keys that are present must agree, and at least two must be: the study and a token of
    /// the patient or the order. Nothing is ever matched by name or date.
    package func match(_ report: ReportContents) throws(Failure) -> SentStudy {
        guard let study = sent[report.study] else {
            throw hold(
                .reportUnmatched, "its Study Instance UID (0020,000D) is not that of a study we sent",
                "Ask the reader which study it is about; release cannot guess.")
        }
        guard study.reader == reader else {
            throw hold(
                .reportContradicts, "the study was sent to \(study.reader), the report came from \(reader)",
                "Check which reader had the study before anything else.")
        }
        for uid in report.evidenceStudies + report.requestStudies {
            guard let other = sent[uid] else {
                throw hold(
                    .reportUnmatched, "its evidence names a study that we never sent",
                    "Ask the reader; a prior that it holds from elsewhere cannot be mapped.")
            }
            guard other.patientKey == study.patientKey else { throw twoPatients("its evidence") }
        }
        var keys = 0
        if !report.patientID.isEmpty {
            guard report.patientID == study.tokens.patientID else { throw twoPatients("Patient ID (0010,0020)") }
            keys += 1
        }
        if !report.accessionNumber.isEmpty {
            guard report.accessionNumber == study.tokens.accessionNumber else {
                throw twoPatients("Accession Number (0008,0050)")
            }
            keys += 1
        }
        // One report may answer several requests: the others are of studies that the report names, of this patient.
        let answered = report.requestStudies.compactMap { sent[$0]?.tokens.accessionNumber }
        for accession in report.requestAccessionNumbers {
            if accession == study.tokens.accessionNumber {
                keys += 1
            } else if !answered.contains(accession) {
                throw twoPatients("Referenced Request Sequence (0040,A370)")
            }
        }
        guard keys > 0 else {
            throw hold(
                .reportUnmatched, "it names the study but neither the patient nor the order",
                "Two keys must agree. Ask the reader to return Patient ID or Accession Number as sent.")
        }
        return study
    }

    /// Whether the site wants a report in this state (PS3.3 C.17.2, docs/configuration.md).
    package static func judge(_ report: ReportContents, _ settings: ReportSettings) throws(Failure) {
        if report.completion == "PARTIAL", !settings.deliverPartial {
            throw hold(
                .reportIncomplete, "its Completion Flag (0040,A491) is PARTIAL",
                "Wait for the complete one, or release it.")
        }
        if report.verification == "UNVERIFIED", !settings.deliverUnverified {
            throw hold(
                .reportIncomplete, "its Verification Flag (0040,A493) is UNVERIFIED",
                "Wait for the verified one, or release it.")
        }
    }

    private func twoPatients(_ place: String) -> Failure {
        hold(
            .reportContradicts, "\(place) and the Study Instance UID belong to different patients or orders",
            "Treat as a wrong-patient risk: ask the reader, do not release.")
    }

    private func hold(_ code: Failure.Code, _ detail: String, _ hint: String) -> Failure {
        Self.hold(code, detail, hint)
    }

    private static func hold(_ code: Failure.Code, _ detail: String, _ hint: String) -> Failure {
        Failure(code, .person, .instance, detail: detail, hint: hint)
    }
}
