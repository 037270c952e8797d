// Step 8 of the path of a study: the identity goes back into a report.

package import DICOM
package import DICOMVocabulary
package import WorkerProtocol

package struct ReportRestoration: Sendable, Hashable {
    /// Tokens replaced, the top-level ones included.
    package var replacedTokens = 0
    package var replacedUIDs = 0
    /// Facts for the history: fixed words and tags.
    package var notes: [String] = []
}

/// Puts the identity of one study back into a report about it (PS3.15 E.1.2), and refuses when anything in the report
/// speaks of somebody else.
package struct ReportRestorer {
    private let identity: StudyIdentity
    private let tokens: StudyTokens
    private let cited: [CitedStudy]
    private let originals: [UID: UID]
    private let policy: RestorePolicy

    /// `cited`: other studies of the same patient whose order numbers may stand in the text.
    package init(
        identity: StudyIdentity, tokens: StudyTokens, cited: [CitedStudy] = [], uids: [UIDPair],
        policy: RestorePolicy = RestorePolicy()
    ) {
        self.policy = policy
        self.identity = identity
        self.tokens = tokens
        self.cited = cited
        originals = Dictionary(uids.map { ($0.pseudonym, $0.original) }, uniquingKeysWith: { first, _ in first })
    }

    /// Edits in place; after a failure the data set must not be used. Fails for a person, and guesses nothing:
    /// `.reportContradicts`, `.tokenDamaged`, `.patientDiffers`, `.characterSetMissing`, `.characterSetUnfit`, `.documentUnreadable`, or
    /// `.reportUnmatched` for
    /// references that the site wants to be known.
    package func restore(_ dataSet: DataSet) throws(Failure) -> ReportRestoration {
        try checkMatch(dataSet.root)
        let run = RestorationRun(
            identity: identity,
            replacement: TokenReplacement(
                identity: identity, tokens: tokens, cited: cited, originals: originals),
            originals: originals, policy: policy, root: dataSet.root)
        try run.perform()
        try restoreDocument(dataSet.root, run)
        try verify(dataSet, run)
        return run.result
    }

    /// What stands at the top level must be this study's; what is absent says nothing.
    private func checkMatch(_ root: DataSetItem) throws(Failure) {
        let study = UID(root.text(.studyInstanceUID))
        if let original = originals[study], let ours = identity[.studyInstanceUID],
            original != UID(String(decoding: ours, as: UTF8.self))
        {
            throw Self.contradiction(.studyInstanceUID)
        }
        for (tag, token) in [(Tag.patientID, tokens.patientID), (.accessionNumber, tokens.accessionNumber)] {
            let value = TokenSearch.capitals(root.text(tag).utf8.filter { $0 != 0x20 })
            if !value.isEmpty, value != token.uppercased() { throw Self.failure(value, tag) }
        }
        // Systems add carets and spaces to a name.
        let name = TokenSearch.capitals(root.text(.patientName).utf8.filter { $0 != 0x5E && $0 != 0x20 && $0 != 0x3D })
        let ours = TokenSearch.capitals(tokens.patientName.utf8.filter { $0 != 0x5E && $0 != 0x20 })
        if !name.isEmpty, name != ours { throw Self.failure(name, .patientName) }
        guard !policy.patientReleased else { return }
        let comparison = PatientComparison(identity)
        try comparison.judge(root)
        try comparison.judgeSubjects(root, tokens)
    }

    /// A whole token of somebody else contradicts; anything near one is damaged.
    static func failure(_ value: String, _ tag: Tag) -> Failure {
        let matches = TokenSearch.matches(in: Array(value.utf8))
        return matches.contains { !$0.isGood } ? damage(tag) : contradiction(tag)
    }

    static func contradiction(_ tag: Tag) -> Failure {
        Failure(
            .reportContradicts, .person, .instance, detail: "\(tag) does not belong to the study of the report",
            hint: "Ask the reader whose report this is; do not deliver it.")
    }

    static func damage(_ tag: Tag) -> Failure {
        Failure(
            .tokenDamaged, .person, .instance, detail: "\(tag) holds a token that is not whole",
            hint: "Compare the report with the study, and ask the reader to correct it.")
    }

    /// Nothing can be put back inside a document; but it can be looked into, and a page can say whose it is.
    private func restoreDocument(_ root: DataSetItem, _ run: RestorationRun) throws(Failure) {
        guard let element = root[.encapsulatedDocument] else { return }
        let document = ReturnedDocument(
            bytes: element.value, isOwn: run.isOwn, policy: policy)
        try document.check()
        guard policy.documents == .cover, !policy.documentReleased else { return run.note(document.shownTokens.count) }
        let cover = CoverPage(identity: identity, reportDate: root.text(Tag(0x0008, 0x0023)), tokens: tokens)
        guard let covered = document.covered(by: cover) else {
            throw Failure(
                .documentUnreadable, .person, .instance,
                detail: "no page that says who the patient is can be put before its document",
                hint: "Read the document; release delivers it as the reader wrote it.")
        }
        try root.set(.encapsulatedDocument, .OB, covered)
        let length = UInt32(covered.count)
        try root.set(
            Tag(0x0042, 0x0015), .UL, (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
        run.result.notes.append("A page that says who the patient is was put before the document.")
        run.note(document.shownTokens.count)
    }

    /// No token may be left in any value but inside an encapsulated document, which is judged by itself.
    private func verify(_ dataSet: DataSet, _ run: RestorationRun) throws(Failure) {
        var pending = [dataSet.root]
        while let item = pending.popLast() {
            for element in item.elements {
                pending += element.items
                guard !element.isSequence, element.length >= Token.length, element.tag != .encapsulatedDocument,
                    element.tag.group != 0x7FE0
                else { continue }
                let matches = TokenSearch.matches(in: element.value, as: element.vr.isText ? .text : .bytes)
                // Numbers look like damaged tokens by chance, hardly ever like whole ones.
                if matches.contains(where: { $0.isGood && !run.isOwn($0.string) }) {
                    throw Self.contradiction(element.tag)
                }
                if matches.contains(where: { run.isOwn($0.string) }) { throw Self.damage(element.tag) }
            }
        }
    }
}
