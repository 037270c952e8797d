// What a lane is given by the Gateway, so that Forwarding knows neither Vault nor clock.

package import DICOMVocabulary
package import Foundation
package import Journal
package import Logging
package import WorkerProtocol

/// All closures may be called from any task.
package struct LanePorts: Sendable {
    package var journal: JournalDatabase
    package var pool: WorkerPool
    package var scan: ScanBounds
    package var spoolDirectory: String
    package var now: @Sendable () -> Date
    /// A random number in 0..<1.
    package var draw: @Sendable () -> Double
    /// What a worker needs to take the identity out of this instance; nil sends it as it is. A failure of scope
    /// `destination` (the vault is closed) stops the lane, one of scope `instance` concerns this instance alone.
    package var pseudonyms: @Sendable (ClaimedInstance) async throws(Failure) -> PseudonymJob?
    /// Whether `departing` has to be called for this instance though its worker maps no UID.
    package var isFirst: @Sendable (ClaimedInstance) -> Bool
    /// The instance was prepared and passed every check, and its first byte leaves when this returns: makes the UIDs that
    /// its worker mapped durable in the vault, and writes down that the exam leaves.
    package var departing: @Sendable (ClaimedInstance, [UIDPair]) async throws(Failure) -> Void
    /// A study or a report may be finished: called after each acknowledgement.
    package var acknowledged: @Sendable (ClaimedInstance) -> Void
    /// The cap on a destination at this moment, in bytes a second; nil where there is none.
    package var bytesPerSecond: @Sendable (String) -> Int64?
    /// A stage moves, and will again within so many seconds; nil when it has ended.
    package var pulse: @Sendable (String, Double?) -> Void
    package var logger: Logger

    package init(
        journal: JournalDatabase, pool: WorkerPool, scan: ScanBounds, spoolDirectory: String,
        now: @escaping @Sendable () -> Date, draw: @escaping @Sendable () -> Double,
        pseudonyms: @escaping @Sendable (ClaimedInstance) async throws(Failure) -> PseudonymJob?,
        isFirst: @escaping @Sendable (ClaimedInstance) -> Bool,
        departing: @escaping @Sendable (ClaimedInstance, [UIDPair]) async throws(Failure) -> Void,
        acknowledged: @escaping @Sendable (ClaimedInstance) -> Void,
        bytesPerSecond: @escaping @Sendable (String) -> Int64? = { _ in nil },
        pulse: @escaping @Sendable (String, Double?) -> Void = { _, _ in }, logger: Logger
    ) {
        self.journal = journal
        self.pool = pool
        self.scan = scan
        self.spoolDirectory = spoolDirectory
        self.now = now
        self.draw = draw
        self.pseudonyms = pseudonyms
        self.isFirst = isFirst
        self.departing = departing
        self.acknowledged = acknowledged
        self.bytesPerSecond = bytesPerSecond
        self.pulse = pulse
        self.logger = logger
    }
}
