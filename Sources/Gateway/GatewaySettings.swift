// Everything that the site says, as values. Only the executable reads files.

package import Forwarding
import Foundation
package import Intake
package import Reports
package import Routing

package struct GatewaySettings: Sendable {
    /// Folder of journal and vault. One daemon owns it at a time.
    package var state: String
    package var spool: String
    /// Bytes that stay free on the spool's file system; below them objects are refused with A700.
    package var freeFloor: Int64 = 2 << 30
    /// Bytes of the state folder's file system below which an alarm is raised: the journal grows there.
    package var stateFloor: Int64 = 256 << 20
    /// Bytes that the spool may hold; beyond them objects are refused with A700. 0 is none but the floor.
    package var spoolMaximum: Int64 = 0
    /// Objects go through the page cache on their way to the spool and from it.
    package var usesPageCache = false
    package var vaultKeyFile: String
    package var intake = IntakeSettings()
    package var destinations: [DestinationSettings] = []
    /// Caps by the clock, by the name of their destination. What is urgent is exempt.
    package var bandwidths: [String: [BandwidthWindow]] = [:]
    package var reports: [ReportSettings] = []
    package var rules: RuleSet
    /// Seconds that a stop waits for running associations and instances.
    package var drain: Double = 60
    /// Files of delivered studies and reports stay for so many seconds, for a retry or a question.
    package var retention: Double = 7 * 86_400
    /// Rows of single images stay for so many seconds after their files: as long as a report may name them.
    package var imageHistory: Double = 180 * 86_400
    /// Files that were set aside in `orphans/` stay for so many seconds: their senders were never answered Success, or a
    /// backup was restored and `antipode verify --repair` takes them in.
    package var orphanRetention: Double = 90 * 86_400
    /// The program whose `worker` subcommand is the workshop; the running executable.
    package var workerExecutable: String
    /// Bytes of address space that one worker may use.
    package var workerMemory: Int64 = 2 << 30
    /// So many workers may die of one study's or report's file before a person is asked.
    package var maximumDeaths = 2
    /// So many ends of the daemon that nobody asked for may find one instance being sent, or one study or report in hand,
    /// before a person is asked. Power cuts count too, so it is more than for workers.
    package var maximumCrashes = 5
    /// Seconds that a job waits for a worker to be free, and that a worker may take over one report or header.
    package var workerLease: Double = 30
    package var workerAnswer: Double = 120

    /// Certificates that end within so many seconds are warned about, once a day.
    package var certificateWarning: Double = 30 * 86_400

    package init(state: String, spool: String, vaultKeyFile: String, rules: RuleSet, workerExecutable: String) {
        self.state = state
        self.spool = spool
        self.vaultKeyFile = vaultKeyFile
        self.rules = rules
        self.workerExecutable = workerExecutable
    }

    package var journalPath: String { state + "/journal.sqlite" }
    package var vaultPath: String { state + "/vault.sqlite" }

    /// These settings with the places of others: what an open journal, spool, vault and pool of workers cannot follow.
    func staying(where old: GatewaySettings) -> GatewaySettings {
        var new = self
        new.state = old.state
        new.spool = old.spool
        new.freeFloor = old.freeFloor
        new.usesPageCache = old.usesPageCache
        new.vaultKeyFile = old.vaultKeyFile
        new.workerExecutable = old.workerExecutable
        new.workerMemory = old.workerMemory
        return new
    }

    /// Bytes a second that may go to a destination at this moment; nil as many as the line carries.
    func bytesPerSecond(to destination: String, at instant: Date) -> Int64? {
        bandwidths[destination]?.bytesPerSecond(at: instant, LocalClock(rules.timeZone))
    }

    package func destination(_ name: String) -> DestinationSettings? { destinations.first { $0.name == name } }
    package func reports(of reader: String) -> ReportSettings? { reports.first { $0.reader == reader } }
}
