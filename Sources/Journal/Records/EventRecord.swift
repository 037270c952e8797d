// One line of a timeline.

package import Foundation

/// What happened, when, to what and by whom. `detail` holds no patient data.
package struct EventRecord: Sendable, Codable, Hashable {
    package var at: Date
    /// A stable word: `received`, `completed`, `planned`, `held`, `released`, `acknowledged`, …
    package var kind: String
    package var detail: String
    /// `antipode`, or who acted.
    package var actor: String
    package var studyID: Int64?
    package var transferID: Int64?
    package var reportID: Int64?

    package init(
        at: Date, kind: String, detail: String = "", actor: String = EventRecord.antipode, studyID: Int64? = nil,
        transferID: Int64? = nil, reportID: Int64? = nil
    ) {
        self.at = at
        self.kind = kind
        self.detail = detail
        self.actor = actor
        self.studyID = studyID
        self.transferID = transferID
        self.reportID = reportID
    }

    package static let antipode = "antipode"

    /// The detail of a release by a person who was told that pixels were why, and so has judged them.
    package static let pixelsJudged = "the pixels name nobody"

    /// The kind of an instance that came under a known SOP Instance UID with other content.
    package static let conflict = "conflict"

    /// The kind of what restoring a report left or changed.
    package static let reportNote = "reportNote"
}
