// What the site wants of the reports of one reader, as far as restoring them goes.

package import DICOMVocabulary

/// What happens to a document inside a report object, in which nothing can be put back.
package enum ReturnedDocuments: String, Sendable, Codable, Hashable, CaseIterable {
    /// A page is added before the document: who the patient is, and that the pages behind it show pseudonyms.
    case cover
    /// The document as the reader wrote it.
    case deliver
    /// For a person.
    case hold
}

/// What happens to a report that names objects which were never sent.
package enum UnknownReferences: String, Sendable, Codable, Hashable, CaseIterable {
    /// Delivered as the reader wrote them, with a note in the report's history.
    case deliver
    case hold
}

package struct RestorePolicy: Sendable, Codable, Hashable {
    /// A defined term of (0008,0005) for 8-bit text that declares none; empty holds such reports.
    package var assumedCharacterSet = ""
    /// A person let a report go whose character set nobody declared: it is read as UTF-8 where it is that, else as Latin-1.
    package var guessesCharacterSet = false
    package var documents = ReturnedDocuments.cover
    /// A person let a document go that could not be looked into.
    package var documentReleased = false
    /// A person saw that the report is about the patient, though it says something else of a person.
    package var patientReleased = false
    package var unknownReferences = UnknownReferences.deliver
    /// Documents of the same reader that the report may name: its predecessors and the like.
    package var knownDocuments: [UID] = []
    /// For one of two reports that came under the same UID: the one it gets instead.
    package var newInstance: UID?

    package init() {}
}
