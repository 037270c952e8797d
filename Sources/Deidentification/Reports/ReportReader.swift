// What a returned report says of whom and what it is about (PS3.3 C.17.2, A.35, A.45.1).

package import DICOM
internal import DICOMVocabulary
package import WorkerProtocol

package enum ReportReader {
    /// Addendum Document (CID 7000) and Addendum (CID 7001).
    private static let addendumCodes: Set<String> = ["55107-7", "121078"]
    private static let encapsulatedPDF = "1.2.840.10008.5.1.4.1.1.104.1"
    private static let conceptName = Tag(0x0040, 0xA043)
    private static let completionFlag = Tag(0x0040, 0xA491)
    private static let verificationFlag = Tag(0x0040, 0xA493)
    private static let preliminaryFlag = Tag(0x0040, 0xA496)
    private static let currentEvidence = Tag(0x0040, 0xA375)
    private static let otherEvidence = Tag(0x0040, 0xA385)
    private static let requests = Tag(0x0040, 0xA370)
    private static let predecessors = Tag(0x0040, 0xA360)

    /// Names and numbers as they stand in the report; nothing is judged here.
    package static func contents(of dataSet: DataSet) -> ReportContents {
        let root = dataSet.root
        let evidence = [currentEvidence, otherEvidence].flatMap { root[$0]?.items ?? [] }
        let requested = root[requests]?.items ?? []
        let found = Found(root)
        var contents = ReportContents(
            sopInstance: UID(root.text(.sopInstanceUID)), study: UID(root.text(.studyInstanceUID)),
            patientID: key(root, .patientID), patientName: root.text(.patientName),
            accessionNumber: key(root, .accessionNumber),
            evidenceStudies: unique(evidence.map { UID($0.text(.studyInstanceUID)) }.filter { !$0.string.isEmpty }),
            requestStudies: unique(requested.map { UID($0.text(.studyInstanceUID)) }.filter { !$0.string.isEmpty }),
            requestAccessionNumbers: unique(requested.map { key($0, .accessionNumber) }.filter { !$0.isEmpty }),
            uids: unique(found.uids), tokens: unique(found.tokens), completion: root.text(completionFlag),
            verification: root.text(verificationFlag), preliminary: root.text(preliminaryFlag),
            predecessors: unique(instances(of: root[predecessors]?.items ?? [])))
        contents.isDocument = root.text(.sopClassUID) == Self.encapsulatedPDF
        contents.evidenceInstances = unique(
            instances(of: evidence.filter { UID($0.text(.studyInstanceUID)) == contents.study }))
        let headings = [root] + (root[.contentSequence]?.items ?? [])
        contents.isAddendum = headings.contains { item in
            item[conceptName]?.items.contains { addendumCodes.contains($0.text(.codeValue)) } ?? false
        }
        return contents
    }

    /// A whole pseudonym as we wrote it, where a system has made its letters small or put spaces around it, which in LO and SH
    /// mean nothing (PS3.5 6.2). Anything else as it stands.
    private static func key(_ item: DataSetItem, _ tag: Tag) -> String {
        let text = item.text(tag)
        return Token(TokenSearch.capitals(text.utf8.filter { $0 != 0x20 }))?.string ?? text
    }

    /// The instances of a hierarchy of study, series and SOP references (PS3.3 Table C.17-3).
    private static func instances(of studies: [DataSetItem]) -> [UID] {
        studies.flatMap { $0[.referencedSeriesSequence]?.items ?? [] }
            .flatMap { $0[.referencedSOPSequence]?.items ?? [] }
            .map { UID($0.text(.referencedSOPInstanceUID)) }.filter { !$0.string.isEmpty }
    }

    private static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }

    private struct Found {
        var uids: [UID] = []
        var tokens: [String] = []

        init(_ root: DataSetItem) { collect(root) }

        private mutating func collect(_ item: DataSetItem) {
            for element in item.elements {
                if element.isSequence {
                    for nested in element.items { collect(nested) }
                } else if element.vr == .UI {
                    uids += element.value.split(separator: 0x5C).map { UID(String(decoding: $0, as: UTF8.self)) }
                        .filter(UIDReplacement.isReplaced)
                } else if element.tag == .encapsulatedDocument {
                    // Bytes of a document make damaged tokens by chance, good ones hardly ever.
                    let document = ReturnedDocument(bytes: element.value)
                    tokens += document.goodTokens
                    uids += document.uids
                } else if element.tag.group != 0x7FE0 {
                    let value = element.value
                    if element.vr.isLocalisedText { tokens += TokenSearch.matches(in: value).map(\.string) }
                    uids += PseudonymousUIDs.all(in: value)
                }
            }
        }
    }
}
