// Content items of structured reports and of acquisition context (PS3.15 E.3.4, PS3.3 C.17.3).

internal import DICOM
internal import DICOMVocabulary

extension PseudonymisationRun {
    private enum Concept {
        static let subjectID = "121030"
        static let subjectName = "121029"
        static let accessionNumber = "121022"
    }

    /// Handles the value of a content item by its value type and concept, and says which attributes are done with.
    ///
    /// Items are not taken out where the table says X: others refer to them by position, and a tree with holes is no
    /// longer the template's. Their values become tokens or dummies instead; only dates go, with their item.
    func cleanContentItem(_ item: DataSetItem, _ place: Place) throws(Failure) -> Set<Tag> {
        let valueType = item.text(ContentItem.valueType)
        guard !valueType.isEmpty else { return [] }
        try removeForbiddenDates(item)
        let concept = self.concept(of: item)
        let action = StructuredContentTable.standard
            .row(code: concept.code, scheme: concept.scheme, valueType: valueType)?
            .action(under: profile.options)
        switch valueType {
        case "TEXT":
            guard let element = item[ContentItem.text] else { return [] }
            try cleanText(element, concept.code, action ?? .clean, in: item, place)
            return [ContentItem.text]
        case "PNAME":
            let isSubject = concept.code == Concept.subjectName && concept.scheme == "DCM"
            guard item[ContentItem.personName] != nil else { return [] }
            try item.set(ContentItem.personName, .PN, text: isSubject ? job.tokens.patientName : Dummy.text)
            count(.dummy)
            return [ContentItem.personName]
        case "NUM":
            // Measured Value Sequence may be empty (Type 2, PS3.3 C.18.1).
            guard let action, action != .keep, action != .clean, item[ContentItem.measuredValues] != nil else {
                return []
            }
            try item.removeItems(of: ContentItem.measuredValues)
            count(.remove)
            return [ContentItem.measuredValues]
        case "CODE":
            guard let action, action != .keep, action != .clean, let element = item[ContentItem.code] else { return [] }
            try setDummy(element, in: item, place)
            return [ContentItem.code]
        default:
            return []
        }
    }

    private func concept(of item: DataSetItem) -> (code: String, scheme: String) {
        guard let name = item[ContentItem.conceptName]?.items.first else { return ("", "") }
        return (name.text(.codeValue), name.text(.codingSchemeDesignator))
    }

    private func cleanText(
        _ element: DataSetElement, _ code: String, _ action: ConfidentialityAction, in item: DataSetItem, _ place: Place
    ) throws(Failure) {
        switch (code, action) {
        case (Concept.subjectID, _):
            try item.set(element.tag, element.vr, text: job.tokens.patientID)
            count(.dummy)
        case (Concept.accessionNumber, _):
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

    /// A local concept says "born" in words that no table has.
    private func isBirthDate(_ item: DataSetItem) -> Bool {
        guard let birthDate else { return false }
        return [ContentItem.date, ContentItem.dateTime].contains { item.text($0).hasPrefix(birthDate) }
    }

    func removeForbiddenDates(from content: DataSetElement, of parent: DataSetItem) throws(Failure) {
        for (index, item) in content.items.enumerated().reversed() {
            let valueType = item.text(ContentItem.valueType)
            guard ["DATE", "TIME", "DATETIME"].contains(valueType) else { continue }
            let concept = self.concept(of: item)
            let row = StructuredContentTable.standard.row(
                code: concept.code, scheme: concept.scheme, valueType: valueType)
            let keeps = row.map { $0.action(under: profile.options) == .keep } ?? profile.keepsDates
            guard !keeps || isBirthDate(item) else { continue }
            count(.remove)
            if hasPositionalReferences {
                for tag in [ContentItem.date, ContentItem.time, ContentItem.dateTime] {
                    if let element = item[tag] { try item.set(tag, element.vr, Dummy.value(element.vr)) }
                }
            } else {
                parent.removeItem(at: index, of: .contentSequence)
            }
        }
    }
}
