// Everything that the site says, as values. Only the executable reads files.

package import Forwarding
package import Intake
package import Reports
package import Routing

package struct GatewaySettings: Sendable {
    /// Folder of journal and vault. One daemon owns it at a time.
    package var state: String
    package var spool: String
    /// Bytes that stay free on the spool's file system; below them objects are refused with A700.
    package var freeFloor: Int64 = 2 << 30
    package var vaultKeyFile: String
    package var intake = IntakeSettings()
    package var destinations: [DestinationSettings] = []
    package var reports: [ReportSettings] = []
    package var rules: RuleSet
    /// Seconds that a stop waits for running associations and instances.
    package var drain: Double = 60
    /// Files of delivered studies and reports stay for so many seconds, for a retry or a question.
    package var retention: Double = 7 * 86_400
    /// The program whose `worker` subcommand is the workshop; the running executable.
    package var workerExecutable: String
    /// Bytes of address space that one worker may use.
    package var workerMemory: Int64 = 2 << 30

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
        new.vaultKeyFile = old.vaultKeyFile
        new.workerExecutable = old.workerExecutable
        new.workerMemory = old.workerMemory
        return new
    }

    /// Whether all that only a restart puts in force is the same.
    func hasPlaces(of old: GatewaySettings) -> Bool {
        state == old.state && spool == old.spool && freeFloor == old.freeFloor && vaultKeyFile == old.vaultKeyFile
            && workerMemory == old.workerMemory
    }

    package func destination(_ name: String) -> DestinationSettings? { destinations.first { $0.name == name } }
    package func reports(of reader: String) -> ReportSettings? { reports.first { $0.reader == reader } }
}
