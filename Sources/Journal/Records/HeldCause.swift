// Why a study waits for a person though it is not held itself.

package import DICOMVocabulary

/// One reason of one transfer or report; a study may have several.
package struct HeldCause: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        /// So many of a transfer's instances; the delivery of a report has one.
        case instances(held: Int, of: Int, destination: String, report: Int64?)
        /// A transfer as a whole.
        case transfer(destination: String)
        case report(Int64)
        /// No report came in time, and this reader is not asked any more.
        case noReport(destination: String)
        /// A transfer that waits for a destination which nobody sends to; with the report that it delivers, if so.
        case unserved(destination: String, report: Int64?)
    }
    package var studyID: Int64
    package var subject: Subject
    package var notice: HoldNotice

    package init(studyID: Int64, subject: Subject, notice: HoldNotice) {
        self.studyID = studyID
        self.subject = subject
        self.notice = notice
    }
}

/// One instance of a study on its way to one destination, or on none yet.
package struct InstanceWay: Sendable, Hashable {
    package var instance: InstanceRecord
    package var transferID: Int64?
    package var destination: String?
    package var state: PassageState?
    package var failure: Failure?

    package init(
        instance: InstanceRecord, transferID: Int64?, destination: String?, state: PassageState?, failure: Failure?
    ) {
        self.instance = instance
        self.transferID = transferID
        self.destination = destination
        self.state = state
        self.failure = failure
    }
}
