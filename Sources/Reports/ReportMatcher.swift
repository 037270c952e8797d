// To which study a report belongs, and whether it may go home: pure, over what was looked up before.

package import DICOMVocabulary
package import WorkerProtocol

/// A study that was sent to a reader, found by its Study Instance UID as the reader knows it.
package struct SentStudy: Sendable, Hashable {
    package var transfer: Int64
    package var study: Int64
    package var reader: String
    package var original: UID
    /// The keyed mark of the patient.
    package var patientKey: String
    /// What went with it in the place of the patient's and the order's numbers; the numbers themselves where it went with
    /// the identity, and no Patient ID where that is nobody's.
    package var tokens: StudyTokens
    /// Whose pseudonyms went with it.
    package var space: String
    package var isIdentified: Bool

    package init(
        transfer: Int64, study: Int64, reader: String, original: UID, patientKey: String, tokens: StudyTokens,
        space: String = PseudonymSpace.shared, isIdentified: Bool = false
    ) {
        self.space = space
        self.isIdentified = isIdentified
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
    /// Sent studies by the Study Instance UID under which they were sent, for every study UID that the report names.
    package var sent: [UID: SentStudy]
    /// What becomes of a report whose evidence names, beside ours, studies that were never sent.
    package var unknownReferences: UnknownReferences

    package init(reader: String, sent: [UID: SentStudy], unknownReferences: UnknownReferences = .deliver) {
        self.reader = reader
        self.sent = sent
        self.unknownReferences = unknownReferences
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
        try checkEvidence(report, study)
        for uid in report.requestStudies {
            guard let other = sent[uid] else {
                throw hold(
                    .reportUnmatched, "it answers a request for a study that we never sent",
                    "Ask the reader; a request of another archive cannot be mapped.")
            }
            guard other.patientKey == study.patientKey else { throw twoPatients("its request") }
        }
        var keys = 0
        if !report.patientID.isEmpty {
            guard report.patientID == study.tokens.patientID else {
                throw differs(report.patientID, "Patient ID (0010,0020)", study)
            }
            keys += 1
        }
        if !report.accessionNumber.isEmpty {
            guard report.accessionNumber == study.tokens.accessionNumber else {
                throw differs(report.accessionNumber, "Accession Number (0008,0050)", study)
            }
            keys += 1
        }
        // One report may answer several requests: the others are of studies that the report names, of this patient.
        let answered = report.requestStudies.compactMap { sent[$0]?.tokens.accessionNumber }
        for accession in report.requestAccessionNumbers {
            if accession == study.tokens.accessionNumber {
                keys += 1
            } else if !answered.contains(accession) {
                throw differs(accession, "Referenced Request Sequence (0040,A370)", study)
            }
        }
        // Order numbers of a hospital are short and come again; its patients' numbers do not, where they are any.
        if study.isIdentified, report.patientID.isEmpty {
            throw hold(
                .reportUnmatched, "it does not say the patient's number, Patient ID (0010,0020)",
                "Ask the reader to return Patient ID as it was sent.")
        }
        guard keys > 0 else {
            throw hold(
                .reportUnmatched, "it names the study but neither the patient nor the order",
                "Two keys must agree. Ask the reader to return Patient ID or Accession Number as sent.")
        }
        return study
    }

    /// A study that we never sent says nothing of the patient: a prior, say, that the reader holds from elsewhere. Evidence
    /// of which nothing was ever sent is no evidence for the study that the report names.
    private func checkEvidence(_ report: ReportContents, _ study: SentStudy) throws(Failure) {
        let known = report.evidenceStudies.compactMap { sent[$0] }
        guard known.allSatisfy({ $0.patientKey == study.patientKey }) else { throw twoPatients("its evidence") }
        // Priors stand beside the exam that was read, not in its place.
        guard known.isEmpty || report.evidenceStudies.contains(report.study) else {
            throw hold(
                .reportContradicts,
                "its evidence names other studies of the patient, and not the one it claims to be about",
                "Ask the reader which exam it is about; do not release.")
        }
        guard known.count < report.evidenceStudies.count else { return }
        guard !known.isEmpty else {
            throw hold(
                .reportUnmatched, "its evidence names only studies that we never sent",
                "Ask the reader which study it is about.")
        }
        guard unknownReferences == .deliver else {
            throw hold(
                .reportUnmatched, "its evidence names a study that we never sent",
                "Ask the reader what it is; unknown_references of [[reports]] says that such reports are held.")
        }
    }

    /// A value that is no token at all, or a damaged one, is not somebody else's: the reader wrote it wrong. A number of the
    /// hospital's own may well be.
    private func differs(_ value: String, _ place: String, _ study: SentStudy) -> Failure {
        guard Token(value) == nil, !study.isIdentified else { return twoPatients(place) }
        return hold(
            .tokenDamaged, "\(place) is not what was sent, and not what was sent of any other study",
            "Compare the report with the study, and ask the reader to correct it.")
    }

    private func twoPatients(_ place: String) -> Failure {
        hold(
            .reportContradicts, "\(place) and the Study Instance UID belong to different patients or orders",
            "Treat as a wrong-patient risk: ask the reader, do not release.")
    }

    private func hold(_ code: Failure.Code, _ detail: String, _ hint: String) -> Failure {
        Failure(code, .person, .instance, detail: detail, hint: hint)
    }
}
