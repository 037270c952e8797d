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
        guard !study.isIdentified else {
            try await checkIdentified(contents, study, vault)
            return []
        }
        let named = try await failing { try await journal.named(by: contents.uids) }
        let remembered = try await vault.standing(of: contents.uids, patientKey: study.patientKey)
        let ofPatient = named.filter { $0.value.contains { $0.patientKeys.contains(study.patientKey) } }
        // The vault remembers for a study whoever was named for it; whoever was named and has no image there owns neither it nor its images.
        let besides = named.filter {
            $0.value.contains { $0.patientKeys.contains(PatientMark.besides(study.patientKey)) }
        }
        let own = remembered.own.subtracting(besides.keys).union(ofPatient.keys)
        let others = remembered.others.union(named.keys).subtracting(own)
        guard others.isEmpty else {
            throw Self.contradicts("\(others.count) of the UIDs in it are another patient's")
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

    /// Of a reader that knows the patient: nothing is put back, so that a pseudonym has no place in it. What it names is
    /// compared by what vault and journal say of it, sent or not.
    private func checkIdentified(
        _ contents: ReportContents, _ study: SentStudy, _ vault: VaultDatabase
    ) async throws(Failure) {
        for uid in contents.evidenceStudies + contents.requestStudies where uid != study.original {
            let identities = try await failing { try await vault.identities(study: uid) }
            guard identities.allSatisfy({ vault.patientKey($0) == study.patientKey }) else {
                throw Self.contradicts("a study that it names is another patient's")
            }
        }
        let own = try await failing { try await journal.originalUIDs(study: study.original).instances }
        if Set(own).isDisjoint(with: contents.evidenceInstances) {
            let images = try await failing { try await journal.studies(ofInstances: contents.evidenceInstances) }
            guard images.isEmpty else {
                throw Self.contradicts("its evidence for the study lists images of another exam only")
            }
        }
        let standing = try await vault.standing(of: contents.uids, patientKey: study.patientKey)
        var hasPseudonyms = !standing.own.isEmpty || !standing.others.isEmpty
        for token in contents.tokens.compactMap({ Token($0) }) where !hasPseudonyms {
            hasPseudonyms = try await failing { try await vault.meaning(of: token) != nil }
        }
        guard !hasPseudonyms else {
            throw Self.contradicts("it has pseudonyms in it, and its reader got the study with the identity")
        }
    }

    private static func contradicts(_ detail: String) -> Failure {
        Failure(
            .reportContradicts, .person, .instance, detail: detail,
            hint: "Treat as a wrong-patient risk: ask the reader, do not release.")
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
