// The words that stand in the state columns. They are stable: pages, metrics and `--json` show them as they are.

/// receiving → complete → planned → delivered; held and cancelled by a person or by a check.
package enum StudyState: String, Sendable, Codable, Hashable, CaseIterable {
    case receiving, complete, planned, delivered, held, cancelled
}

package enum TransferState: String, Sendable, Codable, Hashable, CaseIterable {
    /// Nobody is sending it now; a lane may claim from it.
    case waiting
    /// At least one instance is claimed by a lane.
    case active
    /// A lane may claim from it again at `nextAttemptAt`.
    case deferred
    case held
    /// The destination has answered Success to all that is to be sent.
    case acknowledged
    /// And has committed to it (PS3.4 Annex J), where the site asks for that.
    case confirmed
    case cancelled
}

/// One instance of one transfer.
package enum PassageState: String, Sendable, Codable, Hashable, CaseIterable {
    case waiting, claimed, acknowledged, held, cancelled
}

/// What stands on disk for a row of an instance.
package enum InstanceState: String, Sendable, Codable, Hashable, CaseIterable {
    case stored
    /// The row is there and the file is not; told by recovery.
    case missing
    /// Removed when nothing needed it any more.
    case swept
}

package enum ReportState: String, Sendable, Codable, Hashable, CaseIterable {
    case received, matched, restored, delivered, held
    /// A person said that it is not to be delivered.
    case discarded
}

package enum PollState: String, Sendable, Codable, Hashable, CaseIterable {
    case open, done, givenUp
}
