// What waits for a person, and the instances and reports that a person decides about.

package import Foundation

/// A study or a report that somebody must look at.
package struct AttentionView: Codable, Sendable, Hashable {
    /// Of the study, or of a report that belongs to none.
    package var key: String
    package var notice: Notice
}

/// One instance of a study on its way to one destination, or on none yet.
package struct InstanceView: Codable, Sendable, Hashable {
    /// `I` and digits.
    package var key: String
    package var sopInstanceUID: String
    package var sopClass: String
    /// PS3.6 Annex A, without `Storage`; the UID for classes that are rare here.
    package var kind: String
    package var seriesUID: String
    package var bytes: Int64
    package var receivedAt: Date
    package var destination: String?
    /// Of its way to the destination, or of the file (`stored`, `missing`, `swept`) while there is none.
    package var state: String
    /// The file in the spool as it was received, for whoever may read it on the machine.
    package var file: String
    package var failure: Notice?
}

package struct ReportDetail: Codable, Sendable, Hashable {
    package var report: ReportView
    package var deliveries: [TransferView]
    package var events: [EventView]
}

/// What a person can do to a report that is held.
package enum ReportAction: Codable, Sendable, Hashable {
    /// Lets a report go on that the site's own wishes hold, or a delivery of it.
    case release
    /// Asks every check again.
    case retry
    /// Says that it answers this study. Two of its keys must agree with the study, unless `against` says why not.
    case bind(study: String, against: String?)
    /// It is never delivered.
    case discard(reason: String)
}
