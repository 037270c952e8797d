// The tables of the house: gateway, spool, vault, console, tls.

import DICOMVocabulary
import Forwarding
import Foundation
import Gateway
import Routing
import WorkerProtocol

/// Reads the root table. Lists of the same kind are read in the other files of this folder.
struct ConfigurationReading {
    let root: TableReader
    let base: URL
    let surroundings: Configuration.Surroundings
    /// The sets of TLS files by name.
    var tls: [String: TLSFiles] = [:]
    var profiles: [String: NamedProfile] = [:]
    var templates: [PixelTemplate] = []

    mutating func configuration(path: String) -> AntipodeConfiguration {
        readTLS()
        readProfiles()
        let gateway = root.table("gateway")
        let zone = timeZone(gateway)
        gateway.requireKey("state", allowed: "a path: the folder of journal and vault")
        let state = gateway.filePath("state", below: base) ?? base.path
        let socket = gateway.filePath("control_socket", below: base) ?? state + "/control.sock"
        if socket.utf8.count > 107 {
            gateway.fault("control_socket", "\(socket.utf8.count) bytes are too long for a Unix socket", allowed: "107")
        }
        let spool = root.table("spool")
        var settings = GatewaySettings(
            state: state, spool: spool.filePath("directory", below: base) ?? state + "/spool",
            vaultKeyFile: vaultKey(root.table("vault")), rules: rules(zone), workerExecutable: surroundings.executable)
        settings.freeFloor = spool.size("free_floor", in: 0...(1 << 50), default: settings.freeFloor)
        settings.spoolMaximum = spool.size("maximum", in: 0...(1 << 60), default: settings.spoolMaximum)
        settings.usesPageCache = spool.boolean("page_cache", default: settings.usesPageCache)
        settings.orphanRetention = spool.duration(
            "orphan_retention", in: 86_400...(3650 * 86_400), default: settings.orphanRetention)
        spool.finish()
        settings.stateFloor = gateway.size("state_floor", in: 0...(1 << 50), default: settings.stateFloor)
        settings.drain = gateway.duration("drain", in: 0...3600, default: settings.drain)
        settings.retention = gateway.duration("retention", in: 0...(3650 * 86_400), default: settings.retention)
        settings.imageHistory = gateway.duration(
            "image_history", in: 86_400...(3650 * 86_400), default: settings.imageHistory)
        settings.workerMemory = gateway.size(
            "worker_memory", in: (320 << 20)...(1 << 40), default: settings.workerMemory)
        settings.workerLease = gateway.duration("worker_lease", in: 1...600, default: settings.workerLease)
        settings.workerAnswer = gateway.duration("worker_answer", in: 1...3600, default: settings.workerAnswer)
        settings.maximumDeaths = gateway.integer("maximum_deaths", in: 1...100, default: settings.maximumDeaths)
        settings.maximumCrashes = gateway.integer("maximum_crashes", in: 1...1000, default: settings.maximumCrashes)
        settings.certificateWarning = gateway.duration(
            "certificate_warning", in: 0...(3650 * 86_400), default: settings.certificateWarning)
        settings.intake = intake()
        let destinations = destinations()
        settings.destinations = destinations.map(\.settings)
        settings.bandwidths = Dictionary(destinations.map { ($0.settings.name, $0.caps) }) { first, _ in first }
        settings.reports = reports()
        var configuration = AntipodeConfiguration(
            path: path, gateway: settings, socketPath: socket, socketGroup: gateway.text("socket_group"),
            timeZone: zone, console: console(), tls: tls)
        configuration.control.connections = gateway.integer(
            "control_connections", in: 2...1024, default: configuration.control.connections)
        configuration.control.deadline = gateway.duration(
            "control_deadline", in: 1...60, default: configuration.control.deadline)
        configuration.logLevel =
            gateway.word("log_level", AntipodeConfiguration.LogLevel.self) ?? configuration.logLevel
        gateway.finish()
        return configuration
    }

    private func timeZone(_ gateway: TableReader) -> TimeZone {
        gateway.convert("time_zone", allowed: "a name of the IANA time zone database, such as \"Europe/Stockholm\"") {
            // Abbreviations (CET) and offsets do not know when the clock changes.
            guard case .string(let name) = $0, name == "UTC" || name.contains("/") else { return nil }
            return TimeZone(identifier: name)
        } ?? surroundings.timeZone
    }

    private func vaultKey(_ vault: TableReader) -> String {
        vault.requireKey("key_file", allowed: "the path of a file of mode 0600, or credential:NAME")
        defer { vault.finish() }
        return secret(vault, "key_file") ?? ""
    }

    private func secret(_ reader: TableReader, _ name: String) -> String? {
        reader.secretPath(name, below: base, credentials: surroundings.credentials)
    }

    private func console() -> ConsoleConfiguration? {
        guard root.has("console") else {
            root.faults.note(known: "console")
            return nil
        }
        let console = root.table("console")
        defer { console.finish() }
        func token(_ name: String) -> String {
            console.requireKey(name, allowed: "the path of a file of mode 0600 that holds the token")
            return secret(console, name) ?? ""
        }
        var settings = ConsoleConfiguration(
            viewerTokenFile: token("viewer_token_file"), operatorTokenFile: token("operator_token_file"))
        settings.address = console.text("address", allowed: "an address of this machine") ?? settings.address
        settings.port = console.integer("port", in: 0...65_535, default: settings.port)
        settings.language = console.word("language", ConsoleConfiguration.Language.self) ?? settings.language
        settings.origins = console.texts("origins", of: "scheme://host[:port]")
        settings.openMetrics = console.boolean("open_metrics", default: settings.openMetrics)
        settings.maximumConnections = console.integer(
            "maximum_connections", in: 1...10_000, default: settings.maximumConnections)
        settings.requestDeadline = console.duration("request_deadline", in: 1...300, default: settings.requestDeadline)
        settings.maximumFormBytes = Int(
            console.size("maximum_form_bytes", in: 1024...(1 << 20), default: Int64(settings.maximumFormBytes)))
        settings.maximumSessions = console.integer(
            "maximum_sessions", in: 1...10_000, default: settings.maximumSessions)
        settings.sessionLength = console.duration("session_length", in: 60...604_800, default: settings.sessionLength)
        return settings
    }

    private mutating func readTLS() {
        let sets = root.table("tls")
        for name in sets.names {
            let set = sets.table(name)
            // The name is the site's: what is known are the keys below it.
            for key in ["certificate", "private_key", "trusted"] {
                set.requireKey(key, allowed: "the path of a PEM file")
            }
            tls[name] = TLSFiles(
                certificate: set.filePath("certificate", below: base) ?? "",
                privateKey: secret(set, "private_key") ?? "", trusted: set.filePath("trusted", below: base) ?? "",
                revocationList: set.filePath("revocation_list", below: base))
            set.finish()
        }
    }

    /// `tls = "NAME"`, a set of `[tls.NAME]`; nil is plain DICOM.
    func tlsFiles(_ reader: TableReader) -> TLSFiles? {
        guard let name = reader.text("tls", allowed: "the name of a table [tls.NAME]") else { return nil }
        if let files = tls[name] { return files }
        let nearest = EditDistance.nearest(to: name, among: tls.keys)
        reader.fault("tls", "there is no [tls.\(name)]", hint: nearest.map { "Did you mean \($0)?" })
        return nil
    }

    func limits(_ reader: TableReader) -> AssociationLimits {
        var limits = AssociationLimits()
        let day = 86_400.0
        limits.negotiation = reader.duration("negotiation", in: 1...300, default: limits.negotiation)
        limits.idle = reader.duration("idle", in: 1...day, default: limits.idle)
        limits.dimse = reader.duration("dimse", in: 1...day, default: limits.dimse)
        limits.connect = reader.duration("connect", in: 1...300, default: limits.connect)
        limits.minimumRate = Int(
            reader.size("minimum_rate", in: 0...(1 << 40), default: Int64(limits.minimumRate)))
        limits.minimumRateWindow = reader.duration(
            "minimum_rate_window", in: 1...3600, default: limits.minimumRateWindow)
        limits.workerMargin = reader.duration("worker_margin", in: 5...3600, default: limits.workerMargin)
        limits.maximumPDU = Int(reader.size("maximum_pdu", in: 4096...131_072, default: Int64(limits.maximumPDU)))
        limits.maximumCommand = Int(
            reader.size("maximum_command", in: 2048...(1 << 20), default: Int64(limits.maximumCommand)))
        limits.maximumObject = reader.size("maximum_object", in: (1 << 20)...(1 << 42), default: limits.maximumObject)
        reader.finish()
        return limits
    }
}
