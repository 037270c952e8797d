// A gateway's folders and settings, for one test.

import DICOMVocabulary
import Forwarding
package import Foundation
package import Gateway
package import Intake
package import Journal
import Reports
import Routing
package import Spool
import Vault

/// Journal, spool, vault key and the settings of a small site: `ct1` and `mr1` send; rules take CT to `sydney`, which
/// pushes its reports, and MR to `oslo`, which is asked for them; `pacs` gets both. The folder goes with the value.
package final class TemporaryState: Sendable {
    package let folder: String
    package let clock: ManualClock
    package let logs = LogCollector()
    package let journal: JournalDatabase
    package let spool: SpoolDirectory
    package let settings: GatewaySettings

    package init(clock: ManualClock = ManualClock(), change: (inout GatewaySettings) -> Void = { _ in }) throws {
        folder = NSTemporaryDirectory() + "antipode-\(UUID().uuidString)"
        self.clock = clock
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try VaultDatabase.createKey(at: folder + "/vault.key")
        var settings = try Self.site(folder)
        change(&settings)
        self.settings = settings
        spool = SpoolDirectory(path: settings.spool, freeFloor: settings.freeFloor)
        try spool.prepare()
        journal = try JournalDatabase.open(path: settings.journalPath)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func site(_ folder: String) throws -> GatewaySettings {
        guard let stockholm = TimeZone(identifier: "Europe/Stockholm"), let local = AddressRange("127.0.0.1") else {
            throw Failure(.unexpected, .person, .instance, detail: "no time zone data")
        }
        var ct = Rule(name: "ct", to: ["sydney"])
        ct.modalities = ["CT"]
        var mr = Rule(name: "mr", to: ["oslo"])
        mr.modalities = ["MR"]
        var settings = GatewaySettings(
            state: folder, spool: folder + "/spool", vaultKeyFile: folder + "/vault.key",
            rules: RuleSet(rules: [ct, mr], timeZone: stockholm), workerExecutable: "/nonexistent")
        settings.freeFloor = 0
        settings.intake.sources = [
            SourceSettings(name: "ct1", addresses: [local], callingAEs: [title("CT1")]),
            SourceSettings(name: "mr1", addresses: [local], callingAEs: [title("MR1")]),
        ]
        let pseudonymous = DestinationSettings.Profile.pseudonymous(options: DestinationSettings.recommendedOptions)
        settings.destinations = [
            destination("sydney", .reader, pseudonymous), destination("oslo", .reader, pseudonymous),
            destination("pacs", .pacs, .identified(ground: "own archive")),
        ]
        var pushed = ReportSettings(reader: "sydney", method: .push)
        var asked = ReportSettings(reader: "oslo", method: .get)
        pushed.deliverTo = ["pacs"]
        asked.deliverTo = ["pacs"]
        settings.reports = [pushed, asked]
        return settings
    }

    private static func destination(
        _ name: String, _ role: DestinationSettings.Role, _ profile: DestinationSettings.Profile
    ) -> DestinationSettings {
        let peer = PeerAddress(
            host: "127.0.0.1", port: 11_112, calledAE: title(name.uppercased()), callingAE: title("ANTIPODE"))
        return DestinationSettings(name: name, role: role, peer: peer, profile: profile)
    }

    private static func title(_ text: String) -> AETitle { AETitle(text) ?? .placeholder }

    /// The source of this name, or one that nobody configured.
    package func source(_ name: String) -> SourceSettings {
        settings.intake.sources.first { $0.name == name }
            ?? SourceSettings(name: name, addresses: [], callingAEs: [])
    }

    /// Makes a file durable in the spool and gives its key.
    package func spooled(_ file: [UInt8]) throws -> String {
        let writer = try spool.beginFile()
        var failure: Failure?
        file.withUnsafeBytes { bytes in
            do throws(Failure) { try writer.write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        try writer.commit()
        return writer.key
    }

    /// Every byte of the journal on disk, its log included.
    package func journalBytes() throws -> Data {
        try ["", "-wal"].reduce(into: Data()) { data, suffix in
            let path = settings.journalPath + suffix
            if FileManager.default.fileExists(atPath: path) {
                data += try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
    }

    /// Names of all files and folders.
    package func names() -> [String] {
        FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    }
}
