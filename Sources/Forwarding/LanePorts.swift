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
    /// Makes UIDs that a worker mapped durable in the vault, before the instance leaves.
    package var remember: @Sendable ([UIDPair]) async throws(Failure) -> Void
    /// A study or a report may be finished: called after each acknowledgement.
    package var acknowledged: @Sendable (ClaimedInstance) -> Void
    package var logger: Logger

    package init(
        journal: JournalDatabase, pool: WorkerPool, scan: ScanBounds, spoolDirectory: String,
        now: @escaping @Sendable () -> Date, draw: @escaping @Sendable () -> Double,
        pseudonyms: @escaping @Sendable (ClaimedInstance) async throws(Failure) -> PseudonymJob?,
        remember: @escaping @Sendable ([UIDPair]) async throws(Failure) -> Void,
        acknowledged: @escaping @Sendable (ClaimedInstance) -> Void, logger: Logger
    ) {
        self.journal = journal
        self.pool = pool
        self.scan = scan
        self.spoolDirectory = spoolDirectory
        self.now = now
        self.draw = draw
        self.pseudonyms = pseudonyms
        self.remember = remember
        self.acknowledged = acknowledged
        self.logger = logger
    }
}
