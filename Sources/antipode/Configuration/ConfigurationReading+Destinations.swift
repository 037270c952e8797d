// [[destination]] and [[reports]].

import DICOMVocabulary
import Forwarding
import Foundation
import Reports

extension ConfigurationReading {
    func destinations() -> [DestinationSettings] { root.tables("destination").compactMap(destination) }

    private enum IdentityWord: String, CaseIterable { case identified, pseudonymous }
    private typealias Role = DestinationSettings.Role

    private func destination(_ reader: TableReader) -> DestinationSettings? {
        defer { reader.finish() }
        for (key, allowed) in [
            ("role", TableReader.choices(Role.self)), ("port", "1 to 65535"),
            ("called_ae_title", "the peer's AE title"), ("calling_ae_title", "our AE title"),
            ("identity", TableReader.choices(IdentityWord.self)),
        ] {
            reader.requireKey(key, allowed: allowed)
        }
        let name = reader.requiredText("name")
        let host = reader.requiredText("host", allowed: "a host name or an address")
        let port = reader.integer("port", in: 1...65_535)
        let (called, calling) = (reader.aeTitle("called_ae_title"), reader.aeTitle("calling_ae_title"))
        let role = reader.word("role", Role.self)
        let files = tlsFiles(reader)
        let pinned = reader.fingerprint("pinned_certificate_sha256")
        if pinned != nil, files == nil {
            reader.fault("pinned_certificate_sha256", "needs TLS", allowed: "together with tls")
        }
        let profile = profile(reader)
        let lanes = reader.integer("lanes", in: 1...64)
        let retry = retry(reader.table("retry"))
        let limits = limits(reader.table("limits"))
        let country = reader.convert("country", allowed: "two capitals, such as \"SE\" (ISO 3166-1)") {
            if case .string(let text) = $0, text.count == 2, text.allSatisfy({ ("A"..."Z").contains($0) }) {
                text
            } else {
                nil
            }
        }
        let agreement = reader.text("agreement")
        // What is missing has been noted; without it there is no peer to speak of.
        guard let port, let called, let calling, let role, let profile else { return nil }
        let peer = PeerAddress(
            host: host, port: port, calledAE: called, callingAE: calling, tls: files, pinnedCertificate: pinned)
        var settings = DestinationSettings(name: name, role: role, peer: peer, profile: profile)
        settings.lanes = lanes ?? settings.lanes
        settings.retry = retry
        settings.limits = limits
        settings.country = country ?? settings.country
        settings.agreement = agreement ?? settings.agreement
        return settings
    }

    private func profile(_ reader: TableReader) -> DestinationSettings.Profile? {
        let ground = reader.text("ground", allowed: "the agreement or law by which identities may go there")
        let options = reader.list("options", of: "codes of PS3.16 CID 7050: \(Self.options.joined(separator: ", "))") {
            Self.options.contains($0) ? $0 : nil
        }
        switch reader.word("identity", IdentityWord.self) {
        case .identified:
            if reader.has("options") { reader.fault("options", "is for identity = \"pseudonymous\" only") }
            guard let ground else {
                if !reader.has("ground") {
                    reader.fault(
                        "ground", "is missing", allowed: "the agreement or law by which identities may go there")
                }
                return nil
            }
            return .identified(ground: ground)
        case .pseudonymous:
            if ground != nil { reader.fault("ground", "is for identity = \"identified\" only") }
            return .pseudonymous(options: reader.has("options") ? options : DestinationSettings.recommendedOptions)
        case nil: return nil
        }
    }

    /// The options of PS3.15 Table E.1-1, by their codes in PS3.16 CID 7050 (edition 2026d).
    private static let options = [
        "113101", "113102", "113103", "113104", "113105", "113106", "113107", "113108", "113109", "113110", "113111",
        "113112",
    ]

    private func retry(_ reader: TableReader) -> RetrySettings {
        var settings = RetrySettings()
        settings.minimum = reader.duration("minimum", in: 0.1...3600, default: settings.minimum)
        settings.maximum = reader.duration("maximum", in: 1...86_400, default: settings.maximum)
        settings.circuitThreshold = reader.integer(
            "circuit_threshold", in: 1...1000, default: settings.circuitThreshold)
        settings.maximumMarks = reader.integer("maximum_marks", in: 1...100, default: settings.maximumMarks)
        if settings.maximum < settings.minimum { reader.fault("maximum", "is less than minimum") }
        reader.finish()
        return settings
    }

    func reports() -> [ReportSettings] { root.tables("reports").map(reports) }

    private enum MethodWord: String, CaseIterable { case push, get, move }

    private func reports(_ reader: TableReader) -> ReportSettings {
        defer { reader.finish() }
        reader.requireKey("method", allowed: TableReader.choices(MethodWord.self))
        reader.requireKey("deliver_to", allowed: "a list of destinations of role pacs")
        let name = reader.requiredText("reader", allowed: "the name of a destination of role reader")
        let moveDestination = reader.aeTitle("move_destination")
        var method = ReportSettings.Method.push
        switch reader.word("method", MethodWord.self) {
        case .get: method = .get
        case .move:
            if let moveDestination {
                method = .move(destination: moveDestination)
            } else if !reader.has("move_destination") {
                reader.fault("move_destination", "is missing", allowed: "our AE title, as the reader knows it")
            }
        case .push, nil: break
        }
        if moveDestination != nil, method == .push || method == .get {
            reader.fault("move_destination", "is for method = \"move\" only")
        }
        var settings = ReportSettings(reader: name, method: method)
        settings.firstPoll = reader.duration("first_poll", in: 1...86_400, default: settings.firstPoll)
        settings.interval = reader.duration("interval", in: 1...86_400, default: settings.interval)
        settings.giveUp = reader.duration("give_up", in: 60...(366 * 86_400), default: settings.giveUp)
        settings.deliverUnverified = reader.boolean("deliver_unverified", default: settings.deliverUnverified)
        settings.deliverPartial = reader.boolean("deliver_partial", default: settings.deliverPartial)
        settings.deliverTo = reader.texts("deliver_to", of: "names of destinations of role pacs")
        return settings
    }
}
