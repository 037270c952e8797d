// A report of a reader that knows the patient: nothing is put back, and what it says of the patient is compared.

package import DICOM
package import DICOMVocabulary
package import WorkerProtocol

/// Judges a report about a study that left with its identity. It goes home as it came; only one that came under another's SOP
/// Instance UID, and that a person let go, gets a new one.
package struct IdentifiedReport {
    private static let issuer = Tag(0x0010, 0x0021)

    private let identity: StudyIdentity
    private let tokens: StudyTokens
    private let policy: RestorePolicy

    /// `tokens`: the study's own numbers.
    package init(identity: StudyIdentity, tokens: StudyTokens, policy: RestorePolicy = RestorePolicy()) {
        self.identity = identity
        self.tokens = tokens
        self.policy = policy
    }

    /// After a failure the data set must not be used. `saying`: what its head says of the patient. Fails for a person with
    /// `.reportContradicts`, `.patientDiffers` or `.documentUnreadable`.
    package func judge(_ dataSet: DataSet, saying said: StudyIdentity) throws(Failure) -> ReportRestoration {
        let root = dataSet.root
        guard root.text(.patientID) == tokens.patientID, !tokens.patientID.isEmpty else {
            throw ReportRestorer.contradiction(.patientID)
        }
        if !policy.patientReleased { try compare(root, said) }
        if let element = root[.encapsulatedDocument] {
            try ReturnedDocument(bytes: element.value, isOwn: { _ in false }, policy: policy).check()
        }
        var result = ReportRestoration()
        if let instance = policy.newInstance {
            result.notes.append("it got the SOP Instance UID \(instance): another report has the reader's")
            try root.set(.sopInstanceUID, .UI, text: instance.string)
        }
        return result
    }

    private func compare(_ root: DataSetItem, _ said: StudyIdentity) throws(Failure) {
        let comparison = PatientComparison(identity)
        try comparison.judge(root)
        try comparison.judgeSubjects(root, tokens)
        let issuers = [root.text(Self.issuer), identity.text(Self.issuer)]
        guard !identity.contradicts(said), issuers.contains("") || issuers[0] == issuers[1] else {
            throw Failure(
                .patientDiffers, .person, .instance,
                detail: "its name, birth date or issuer is not the patient's of the study",
                hint: "Read it: if it is about the patient, release it; if not, ask the reader.")
        }
        var pending = [root]
        while let item = pending.popLast() {
            for element in item.elements {
                pending += element.items
                guard element.vr.isText, element.length > 0 else { continue }
                try comparison.judge(item.text(element.tag), element.tag)
            }
        }
    }
}
