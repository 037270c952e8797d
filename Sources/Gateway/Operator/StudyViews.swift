// What an operator sees of a study, and how it is searched for: values without patient data.

package import Foundation

package struct StudyView: Codable, Sendable, Hashable {
    /// The study's short key, `S` and digits: what an operator types.
    package var key: String
    package var studyUID: String
    /// `receiving`, `complete`, `planned`, `delivered`, `held` or `cancelled`.
    package var state: String
    package var source: String
    package var modalities: [String]
    package var bodyParts: [String]
    package var priority: String
    package var instances: Int
    package var bytes: Int64
    package var firstInstanceAt: Date
    package var lastInstanceAt: Date
    package var completedAt: Date?
    /// The study that this is a late part of.
    package var followUpOf: String?
    package var destinations: [String]
    package var rule: String?
    package var hold: Notice?
    /// Of its transfers to readers.
    package var heldInstances: Int = 0
    /// Why a person must look: its own hold, or that of instances, a transfer or a report of it; nil when nobody need.
    package var attention: Notice?

    package init(
        key: String, studyUID: String, state: String, source: String, modalities: [String], bodyParts: [String],
        priority: String, instances: Int, bytes: Int64, firstInstanceAt: Date, lastInstanceAt: Date,
        completedAt: Date?, followUpOf: String?, destinations: [String], rule: String?, hold: Notice?,
        heldInstances: Int = 0, attention: Notice? = nil
    ) {
        self.key = key
        self.studyUID = studyUID
        self.state = state
        self.source = source
        self.modalities = modalities
        self.bodyParts = bodyParts
        self.priority = priority
        self.instances = instances
        self.bytes = bytes
        self.firstInstanceAt = firstInstanceAt
        self.lastInstanceAt = lastInstanceAt
        self.completedAt = completedAt
        self.followUpOf = followUpOf
        self.destinations = destinations
        self.rule = rule
        self.hold = hold
        self.heldInstances = heldInstances
        self.attention = attention ?? hold
    }
}

package struct StudyDetail: Codable, Sendable, Hashable {
    package var study: StudyView
    package var transfers: [TransferView]
    package var reports: [ReportView]
    package var attempts: [AttemptView]
    package var events: [EventView]
    package var followUps: [String]
    package var explanation: ExplanationView?
}

/// A search over studies; nil means any. Newest first.
package struct StudySearch: Codable, Sendable, Hashable {
    package var states: [String] = []
    /// Only what waits for a person.
    package var needsPerson = false
    package var source: String?
    package var destination: String?
    package var modality: String?
    /// A study key, a Study Instance UID or the start of one; or an exact accession number or patient ID, which the
    /// vault turns into studies without either being shown.
    package var text: String?
    package var since: Date?
    package var until: Date?
    package var limit = 50
    package var offset = 0

    package init() {}
}

/// Why a study goes where it goes.
package struct ExplanationView: Codable, Sendable, Hashable {
    package struct RuleLine: Codable, Sendable, Hashable {
        package var rule: String
        package var matched: Bool
        /// For a rule that did not match: the conditions that were not met; for the one that did: those that were.
        package var reasons: [String]
    }
    package var study: String
    package var decidedAt: Date
    package var localTime: String
    package var rule: String?
    package var destinations: [String]
    /// Why the rules had a person asked, at that time.
    package var hold: String?
    /// Where the rules would send it if it were released now; nil when it is not held by them.
    package var onRelease: [String]?
    package var lines: [RuleLine]
}
