// What the site says about the reports of one reader.

package import DICOMVocabulary
package import WorkerProtocol

package struct ReportSettings: Sendable, Hashable {
    package enum Method: Sendable, Hashable {
        /// The reader sends by C-STORE to one of our listeners.
        case push
        /// C-FIND, then C-GET on the same association.
        case get
        /// C-FIND, then C-MOVE to our AE title.
        case move(destination: AETitle)
    }
    /// The destination that reads.
    package var reader: String
    package var method: Method
    /// Seconds from the last acknowledgement to the first question, and between questions.
    package var firstPoll: Double = 60
    package var interval: Double = 60
    /// Seconds after which nobody asks any more and a person is told.
    package var giveUp: Double = 14 * 86_400
    /// Seconds for which the reader is still asked once a report went home, for an addendum; 0 ends it at once.
    package var afterReport: Double = 3 * 86_400
    /// Reports of one study at the reader: where a query finds more, none is fetched.
    package var maximumReports = 200
    /// Deliver what is not verified, partial, preliminary, or amends a report that came before (PS3.3 C.17.2); or hold it
    /// for a person.
    package var deliverUnverified = true
    package var deliverPartial = false
    package var deliverPreliminary = true
    package var deliverAmended = true
    /// A defined term of (0008,0005) for text beyond ASCII that declares none; empty holds such reports.
    package var assumedCharacterSet = ""
    package var documents = ReturnedDocuments.cover
    package var unknownReferences = UnknownReferences.deliver
    /// Names of destinations that get the restored report.
    package var deliverTo: [String] = []

    package init(reader: String, method: Method) {
        self.reader = reader
        self.method = method
    }
}
