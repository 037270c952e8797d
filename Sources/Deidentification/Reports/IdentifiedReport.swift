// A report of a reader that knows the patient: nothing is put back, and what it says of the patient is compared.

package import DICOM
package import DICOMVocabulary
package import WorkerProtocol

/// Judges a report about a study that left with its identity. It goes home as it came, but for what a person decided: which
/// study it answers, and the SOP Instance UID of one that came under another's.
package struct IdentifiedReport {
    private let identity: StudyIdentity
    private let tokens: StudyTokens
    private let originals: [UID: UID]
    private let policy: RestorePolicy

    /// `tokens`: the study's own numbers. `uids`: the study that the reader made up, and the one that it stands for.
    package init(
        identity: StudyIdentity, tokens: StudyTokens, uids: [UIDPair], policy: RestorePolicy = RestorePolicy()
    ) {
        self.identity = identity
        self.tokens = tokens
        self.policy = policy
        originals = Dictionary(uids.map { ($0.pseudonym, $0.original) }, uniquingKeysWith: { first, _ in first })
    }

    /// Edits in place; after a failure the data set must not be used. `saying`: what its head says of the patient. Fails for a
    /// person with `.patientDiffers`.
    package func judge(_ dataSet: DataSet, saying said: StudyIdentity) throws(Failure) -> ReportRestoration {
        if !policy.patientReleased {
            let comparison = PatientComparison(identity)
            try comparison.judge(dataSet.root)
            try comparison.judgeSubjects(dataSet.root, tokens)
            guard !identity.contradicts(said) else {
                throw Failure(
                    .patientDiffers, .person, .instance,
                    detail: "its name or birth date is not the patient's of the study, and no two identifiers agree",
                    hint: "Read it: if it is about the patient, release it; if not, ask the reader.")
            }
        }
        var result = ReportRestoration()
        try replaceStudy(in: dataSet.root, &result)
        if let instance = policy.newInstance {
            result.notes.append("it got the SOP Instance UID \(instance): another report has the reader's")
            try dataSet.root.set(.sopInstanceUID, .UI, text: instance.string)
        }
        return result
    }

    private func replaceStudy(in root: DataSetItem, _ result: inout ReportRestoration) throws(Failure) {
        guard !originals.isEmpty else { return }
        var pending = [root]
        while let item = pending.popLast() {
            for element in item.elements {
                pending += element.items
                guard element.tag == .studyInstanceUID, let original = originals[UID(item.text(element.tag))] else {
                    continue
                }
                try item.set(element.tag, .UI, text: original.string)
                result.replacedUIDs += 1
            }
        }
    }
}
