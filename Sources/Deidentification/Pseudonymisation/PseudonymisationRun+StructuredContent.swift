// Content items of structured reports and of acquisition context (PS3.15 E.3.4, PS3.3 C.17.3).

internal import DICOM
internal import DICOMVocabulary

extension PseudonymisationRun {
    private enum Content {
        static let valueType = Tag(0x0040, 0xA040)
        static let conceptName = Tag(0x0040, 0xA043)
        static let text = Tag(0x0040, 0xA160)
        static let personName = Tag(0x0040, 0xA123)
        static let date = Tag(0x0040, 0xA121)
        static let time = Tag(0x0040, 0xA122)
        static let dateTime = Tag(0x0040, 0xA120)
        static let code = Tag(0x0040, 0xA168)
        static let subjectID = "121030"
        static let subjectName = "121029"
        static let accessionNumber = "121022"
    }

    /// Handles the value of a content item by its value type and concept, and says which attributes are done with.
    ///
    /// Items are not taken out where the table says X: others refer to them by position, and a tree with holes is no
    /// longer the template's. Their values become tokens or dummies instead; only dates go, with their item.
    func cleanContentItem(_ item: DataSetItem, _ place: Place) throws(Failure) -> Set<Tag> {
        let valueType = item.text(Content.valueType)
        guard !valueType.isEmpty else { return [] }
        try removeForbiddenDates(item)
        let concept = self.concept(of: item)
        let action = StructuredContentTable.standard
            .row(code: concept.code, scheme: concept.scheme, valueType: valueType)?
            .action(under: profile.options)
        switch valueType {
        case "TEXT":
            guard let element = item[Content.text] else { return [] }
            try cleanText(element, concept.code, action ?? .clean, in: item, place)
            return [Content.text]
        case "PNAME":
            let isSubject = concept.code == Content.subjectName && concept.scheme == "DCM"
            guard item[Content.personName] != nil else { return [] }
            try item.set(Content.personName, .PN, text: isSubject ? job.tokens.patientName : Dummy.text)
            count(.dummy)
            return [Content.personName]
        case "CODE":
            guard let action, action != .keep, action != .clean, let element = item[Content.code] else { return [] }
            try setDummy(element, in: item, place)
            return [Content.code]
        default:
            return []
        }
    }

    private func concept(of item: DataSetItem) -> (code: String, scheme: String) {
        guard let name = item[Content.conceptName]?.items.first else { return ("", "") }
        return (name.text(.codeValue), name.text(.codingSchemeDesignator))
    }

    private func cleanText(
        _ element: DataSetElement, _ code: String, _ action: ConfidentialityAction, in item: DataSetItem, _ place: Place
    ) throws(Failure) {
        switch (code, action) {
        case (Content.subjectID, _):
            try item.set(element.tag, element.vr, text: job.tokens.patientID)
            count(.dummy)
        case (Content.accessionNumber, _):
            try item.set(element.tag, element.vr, text: job.tokens.accessionNumber)
            count(.dummy)
        case (_, .keep): count(.keep)
        case (_, .clean): try clean(element, .dummy, in: item, place)
        default: try setDummy(element, in: item, place)
        }
    }

    /// Takes out those items of the content below that are dates and may not stay: a subject's birth date always, the
    /// others without option 113106. Where items are referred to by position the value becomes a dummy.
    private func removeForbiddenDates(_ item: DataSetItem) throws(Failure) {
        guard let content = item[.contentSequence] else { return }
        try removeForbiddenDates(from: content, of: item)
    }

    func removeForbiddenDates(from content: DataSetElement, of parent: DataSetItem) throws(Failure) {
        for (index, item) in content.items.enumerated().reversed() {
            let valueType = item.text(Content.valueType)
            guard ["DATE", "TIME", "DATETIME"].contains(valueType) else { continue }
            let concept = self.concept(of: item)
            let row = StructuredContentTable.standard.row(
                code: concept.code, scheme: concept.scheme, valueType: valueType)
            let keeps = row.map { $0.action(under: profile.options) == .keep } ?? profile.keepsDates
            guard !keeps else { continue }
            count(.remove)
            if hasPositionalReferences {
                for tag in [Content.date, Content.time, Content.dateTime] {
                    if let element = item[tag] { try item.set(tag, element.vr, Dummy.value(element.vr)) }
                }
            } else {
                parent.removeItem(at: index, of: .contentSequence)
            }
        }
    }
}
