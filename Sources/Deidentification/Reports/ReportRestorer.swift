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

    /// `cited`: other studies of the same patient whose order numbers may stand in the text.
    package init(identity: StudyIdentity, tokens: StudyTokens, cited: [CitedStudy] = [], uids: [UIDPair]) {
        self.identity = identity
        self.tokens = tokens
        self.cited = cited
        originals = Dictionary(uids.map { ($0.pseudonym, $0.original) }, uniquingKeysWith: { first, _ in first })
    }

    /// Edits in place; after a failure the data set must not be used. Fails with `.reportContradicts` or `.tokenDamaged`,
    /// for a person: nothing is guessed.
    package func restore(_ dataSet: DataSet) throws(Failure) -> ReportRestoration {
        try checkMatch(dataSet.root)
        let run = RestorationRun(
            identity: identity,
            replacement: TokenReplacement(
                identity: identity, tokens: tokens, cited: cited, originals: originals),
            originals: originals, root: dataSet.root)
        try run.perform()
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
            let value = TokenSearch.capitals(root.text(tag).utf8)
            if !value.isEmpty, value != token.uppercased() { throw Self.failure(value, tag) }
        }
        // Systems add carets and spaces to a name.
        let name = TokenSearch.capitals(root.text(.patientName).utf8.filter { $0 != 0x5E && $0 != 0x20 && $0 != 0x3D })
        let ours = TokenSearch.capitals(tokens.patientName.utf8.filter { $0 != 0x5E && $0 != 0x20 })
        if !name.isEmpty, name != ours { throw Self.failure(name, .patientName) }
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

    /// No token of ours may be left in any value but inside an encapsulated document, which cannot be edited.
    private func verify(_ dataSet: DataSet, _ run: RestorationRun) throws(Failure) {
        var pending = [dataSet.root]
        while let item = pending.popLast() {
            for element in item.elements {
                pending += element.items
                guard !element.isSequence, element.length >= Token.length else { continue }
                let matches = TokenSearch.matches(in: element.value)
                // Bytes of a document look like damaged tokens by chance, never like whole ones.
                if element.tag == .encapsulatedDocument, matches.contains(where: { $0.isGood && !run.isOwn($0.string) })
                {
                    throw Self.contradiction(element.tag)
                }
                guard matches.contains(where: { run.isOwn($0.string) }) else { continue }
                guard element.tag == .encapsulatedDocument else { throw Self.damage(element.tag) }
                run.result.notes.append("The document inside still shows tokens.")
            }
        }
    }
}
