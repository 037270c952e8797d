// What only the configuration as a whole can tell.

import DICOMVocabulary
import Forwarding
import Foundation
import Gateway
import Intake
import Reports
import Routing

/// Looks at names that point at one another, at duplicates, and at what is allowed but seldom meant.
struct CrossChecks {
    let configuration: AntipodeConfiguration
    let faults: FaultCollector

    private var gateway: GatewaySettings { configuration.gateway }
    private var intake: IntakeSettings { gateway.intake }

    func run() {
        unique("listener", intake.listeners.map(\.name))
        unique("source", intake.sources.map(\.name))
        unique("destination", gateway.destinations.map(\.name))
        unique("rule", gateway.rules.rules.map(\.name))
        unique("reports", gateway.reports.map(\.reader), key: "reader")
        listeners()
        modalities()
        sources()
        commitments()
        reports()
        rules()
        plainRoads()
    }

    private func unique(_ table: String, _ names: [String], key: String = "name") {
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where !name.isEmpty && !seen.insert(name).inserted {
            faults.add("\(table)[\(index + 1)].\(key)", value: "\"\(name)\"", "stands here for the second time")
        }
    }

    /// Notes an error for a name that is not among the known ones.
    private func known(_ name: String, among names: [String], _ key: String, _ what: String) {
        guard !names.contains(name), !name.isEmpty, !faults.unread.contains(name) else { return }
        faults.add(
            key, value: "\"\(name)\"", "there is no \(what) of this name",
            allowed: names.isEmpty ? nil : names.joined(separator: ", "),
            hint: EditDistance.nearest(to: name, among: names).map { "Did you mean \($0)?" })
    }

    /// A rule for a modality that nobody has is met by no exam; private ones exist, so that it is no error.
    private func modalities() {
        for (index, rule) in gateway.rules.rules.enumerated() {
            modalities(rule.modalities, "rule[\(index + 1)].modalities")
        }
        for (index, source) in intake.sources.enumerated() {
            modalities(source.quietPeriodByModality.keys.sorted(), "source[\(index + 1)].quiet_period_by_modality")
        }
    }

    private func modalities(_ words: [String], _ key: String) {
        for word in words where !Modality.definedTerms.contains(word) {
            let capitals = word.uppercased()
            let near = Modality.definedTerms.sorted().first { EditDistance.distance(Array(capitals), Array($0)) <= 1 }
            let meant = Modality.definedTerms.contains(capitals) ? capitals : near
            faults.warn(
                key, value: "\"\(word)\"", "is no defined term of Modality (0008,0060)",
                hint: meant.map { "Did you mean \($0)?" })
        }
    }

    private func listeners() {
        if intake.listeners.isEmpty {
            faults.add("listener", "there is none", hint: "Add a table [[listener]]; without one nothing is received.")
        }
        var ports: [(address: String, port: Int, key: String)] = intake.listeners.enumerated().map {
            ($1.address, $1.port, "listener[\($0 + 1)].port")
        }
        if let console = configuration.console { ports.append((console.address, console.port, "console.port")) }
        let any: Set<String> = ["0.0.0.0", "::", "*"]
        for (index, one) in ports.enumerated() where one.port != 0 {
            let twin = ports[..<index].first {
                $0.port == one.port
                    && ($0.address == one.address || any.contains($0.address) || any.contains(one.address))
            }
            if let twin { faults.add(one.key, value: "\(one.port)", "is the port of \(twin.key) too") }
        }
        for (index, listener) in intake.listeners.enumerated() where listener.aeTitles.isEmpty {
            faults.add("listener[\(index + 1)].ae_titles", "names no AE title, so nobody is answered")
        }
    }

    private func sources() {
        let listeners = intake.listeners.map(\.name)
        let readers = gateway.destinations.filter { $0.role == .reader }.map(\.name)
        if intake.sources.isEmpty {
            faults.warn(
                "source", "there is none",
                hint: "Every association is refused until a [[source]] names its peer.")
        }
        for (index, source) in intake.sources.enumerated() {
            let key = "source[\(index + 1)]"
            for name in source.listeners { known(name, among: listeners, key + ".listeners", "listener") }
            if case .reader(let name) = source.role {
                known(name, among: readers, key + ".destination", "destination of role reader")
            }
            if case .pacs(let name) = source.role {
                known(name, among: gateway.destinations.map(\.name), key + ".destination", "destination")
            }
            commitment(of: source, key + ".commitment.by")
            let usable = intake.listeners.filter { source.listeners.isEmpty || source.listeners.contains($0.name) }
            for title in source.calledAEs where !usable.contains(where: { $0.aeTitles.contains(title) }) {
                faults.add(key + ".called_ae_titles", value: "\"\(title)\"", "no listener of this source answers to it")
            }
            if source.certificate != nil, !usable.contains(where: { $0.tls != nil }) {
                faults.add(key + ".certificate_sha256", "no listener of this source speaks TLS")
            }
            if source.addresses.isEmpty { faults.warn(key + ".addresses", "is empty, so nothing matches") }
            if source.callingAEs.isEmpty {
                faults.warn(key + ".calling_ae_titles", "is empty, so nothing matches")
            }
        }
    }

    /// Many archives answer on an association of their own, and nobody may open one whom no source names.
    private func commitments() {
        let answering = Set(intake.sources.compactMap(\.role.destination))
        for (index, destination) in gateway.destinations.enumerated()
        where destination.commitment != nil && !answering.contains(destination.name) {
            faults.warn(
                "destination[\(index + 1)].commitment.request", value: "true",
                "its answers can come only on the association of the question",
                hint: "Add a [[source]] of role \"pacs\" (or \"reader\") with destination = \"\(destination.name)\".")
        }
    }

    private func commitment(of source: SourceSettings, _ key: String) {
        for name in source.commitment?.by ?? [] {
            known(name, among: gateway.destinations.map(\.name), key, "destination")
            guard let destination = gateway.destination(name) else { continue }
            if destination.commitment == nil {
                faults.add(
                    key, value: "\"\(name)\"", "is not asked to commit, so that the source would never be told yes",
                    hint: "Set request = true under its [destination.commitment].")
            } else if case .pseudonymous = destination.profile {
                faults.warn(
                    key, value: "\"\(name)\"", "holds the exam without the patient's identity",
                    hint: "A modality that deletes its copy on this word leaves the hospital without the original.")
            }
        }
    }

    private func reports() {
        let readers = gateway.destinations.filter { $0.role == .reader }.map(\.name)
        let archives = gateway.destinations.filter { $0.role == .pacs }.map(\.name)
        for (index, reports) in gateway.reports.enumerated() {
            let key = "reports[\(index + 1)]"
            known(reports.reader, among: readers, key + ".reader", "destination of role reader")
            for name in reports.deliverTo {
                known(name, among: archives, key + ".deliver_to", "destination of role pacs")
            }
            if reports.deliverTo.isEmpty {
                faults.warn(key + ".deliver_to", "is empty, so reports stay here")
            }
            let pushers = intake.sources.filter { $0.role == .reader(destination: reports.reader) }
            if reports.method != .get, pushers.isEmpty {
                faults.add(
                    key + ".method", "the reader cannot send to us: no [[source]] of role \"reader\" names it",
                    hint: "Add one with destination = \"\(reports.reader)\", or ask by \"get\".")
            }
        }
        for (index, destination) in gateway.destinations.enumerated() where destination.role == .reader {
            if !gateway.reports.contains(where: { $0.reader == destination.name }) {
                faults.warn(
                    "destination[\(index + 1)].name", value: "\"\(destination.name)\"",
                    "no [[reports]] says how its reports come back")
            }
        }
    }

    private func rules() {
        let rules = gateway.rules.rules
        let names = gateway.destinations.map(\.name)
        for (index, rule) in rules.enumerated() {
            let key = "rule[\(index + 1)]"
            for name in rule.to { known(name, among: names, key + ".to", "destination") }
            for name in rule.sources { known(name, among: intake.sources.map(\.name), key + ".sources", "source") }
            if rule.isUnconditional, index + 1 < rules.count {
                faults.warn(key, "has no condition, so the rules after it are never reached")
            }
        }
        if rules.isEmpty {
            faults.warn(
                "rule", "there is none",
                hint: "Every exam is \(gateway.rules.fallback == .hold ? "held" : "kept").")
        }
        let reachable = Set(rules.flatMap(\.to))
        for (index, destination) in gateway.destinations.enumerated()
        where destination.role == .reader && !reachable.contains(destination.name) {
            faults.warn("destination[\(index + 1)].name", value: "\"\(destination.name)\"", "no rule sends to it")
        }
    }

    /// DICOM without TLS over a network is readable by everybody on the way.
    private func plainRoads() {
        for (index, listener) in intake.listeners.enumerated()
        where listener.tls == nil && !Self.isLoopback(listener.address) {
            faults.warn(
                "listener[\(index + 1)].address", value: "\"\(listener.address)\"",
                "receives over the network without TLS", hint: "Keep it to a closed modality network, or name tls.")
        }
        for (index, destination) in gateway.destinations.enumerated()
        where destination.peer.tls == nil && !Self.isLoopback(destination.peer.host) {
            let key = "destination[\(index + 1)].host"
            let shown = "\"\(destination.peer.host)\""
            if case .identified = destination.profile {
                faults.warn(key, value: shown, "sends identities over the network without TLS")
            } else if destination.role == .reader {
                faults.warn(key, value: shown, "sends to a reader over the network without TLS")
            }
        }
        if let console = configuration.console, !Self.isLoopback(console.address) {
            faults.warn(
                "console.address", value: "\"\(console.address)\"",
                "the console listens on the network without TLS", hint: "Put a proxy that speaks TLS before it.")
        }
    }

    /// A name that begins with 127 is somebody's name.
    static func isLoopback(_ host: String) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
        return isAddress && numbers[0] == "127" || host == "::1" || host == "localhost"
    }
}

extension Rule {
    fileprivate var isUnconditional: Bool {
        sources.isEmpty && calledAEs.isEmpty && modalities.isEmpty && bodyParts.isEmpty && studyDescriptions.isEmpty
            && priorities.isEmpty && weekdays.isEmpty && windows.isEmpty
    }
}
