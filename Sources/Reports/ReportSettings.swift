// What the site says about the reports of one reader.

package import DICOMVocabulary

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
    /// Deliver what is not verified (PS3.3 C.17.2.6), or partial, or hold it for a person.
    package var deliverUnverified = true
    package var deliverPartial = false
    /// Names of destinations that get the restored report.
    package var deliverTo: [String] = []

    package init(reader: String, method: Method) {
        self.reader = reader
        self.method = method
    }
}
