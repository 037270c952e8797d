// Whose objects a report names, and what their UIDs become at home.

import DICOMVocabulary
import Journal
import Reports
import Vault
import WorkerProtocol

extension ReportFlow {
    /// Every UID that the report may name: those that the vault remembers for this patient, and those of the patient's
    /// images, computed. Fails with `.reportContradicts` for a report that names anything of another patient.
    func wayBack(
        _ contents: ReportContents, _ study: SentStudy, isBound: Bool, _ vault: VaultDatabase
    ) async throws(Failure) -> [UIDPair] {
        guard !study.isIdentified else { return try await unmapped(contents, study, isBound: isBound, vault) }
        let named = try await failing { try await journal.named(by: contents.uids) }
        let remembered = try await vault.standing(of: contents.uids, patientKey: study.patientKey)
        let ofPatient = named.filter { $0.value.contains { $0.patientKeys.contains(study.patientKey) } }
        let own = remembered.own.union(ofPatient.keys)
        let others = remembered.others.union(named.keys).subtracting(own)
        guard others.isEmpty else {
            throw Failure(
                .reportContradicts, .person, .instance,
                detail: "\(others.count) of the UIDs in it are another patient's",
                hint: "Treat as a wrong-patient risk: ask the reader, do not release.")
        }
        try checkEvidence(contents, study, named)
        return try await failing {
            var pairs = Set(try await vault.pairs(pseudonyms: Array(own)))
            let wanted = Set(contents.uids)
            let studies = Set(pairs.map(\.original) + ofPatient.values.joined().map(\.study) + [study.original])
            for original in studies {
                for uid in try await journal.originalUIDs(study: original).instances {
                    let pair = UIDPair(original: uid, pseudonym: vault.pseudonym(uid, scope: study.space))
                    if wanted.contains(pair.pseudonym) { pairs.insert(pair) }
                }
            }
            // A study that the reader made up, or that a person says is ours.
            if isBound, !contents.study.string.isEmpty, !pairs.contains(where: { $0.pseudonym == contents.study }) {
                pairs.insert(UIDPair(original: study.original, pseudonym: contents.study))
            }
            return Array(pairs)
        }
    }

    /// Of a reader that knows the patient: there is nothing to be put back but a study that it made up. The studies that it
    /// names are compared by what the vault says of them, sent or not.
    private func unmapped(
        _ contents: ReportContents, _ study: SentStudy, isBound: Bool, _ vault: VaultDatabase
    ) async throws(Failure) -> [UIDPair] {
        for uid in contents.evidenceStudies + contents.requestStudies where uid != study.original {
            let identities = try await failing { try await vault.identities(study: uid) }
            guard identities.allSatisfy({ vault.patientKey($0) == study.patientKey }) else {
                throw Failure(
                    .reportContradicts, .person, .instance, detail: "a study that it names is another patient's",
                    hint: "Treat as a wrong-patient risk: ask the reader, do not release.")
            }
        }
        guard isBound, !contents.study.string.isEmpty, contents.study != study.original else { return [] }
        return [UIDPair(original: study.original, pseudonym: contents.study)]
    }

    /// Images that stand under the study's own UID, of which all that we know are another exam's.
    private func checkEvidence(
        _ contents: ReportContents, _ study: SentStudy, _ named: [UID: [NamedStudy]]
    ) throws(Failure) {
        let known = contents.evidenceInstances.compactMap { named[$0] }
        guard !known.isEmpty, !known.contains(where: { $0.contains { $0.study == study.original } }) else { return }
        throw Failure(
            .reportContradicts, .person, .instance,
            detail: "its evidence for the study lists images of another exam only",
            hint: "Ask the reader which exam it is about; do not release.")
    }
}
