// [[destination]] and [[reports]].

import DICOMVocabulary
import Forwarding
import Foundation
import Reports
import Routing
import WorkerProtocol

extension ConfigurationReading {
    /// With the caps by the clock of each.
    func destinations() -> [(settings: DestinationSettings, caps: [BandwidthWindow])] {
        root.tables("destination").compactMap(destination)
    }

    private enum IdentityWord: String, CaseIterable { case identified, pseudonymous }
    private typealias Role = DestinationSettings.Role

    private func destination(_ reader: TableReader) -> (DestinationSettings, [BandwidthWindow])? {
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
        let warmLanes = reader.integer("warm_lanes", in: 0...64)
        if let warmLanes, warmLanes > lanes ?? DestinationSettings.standardLanes {
            reader.fault(
                "warm_lanes", "is more than lanes", allowed: "0 to \(lanes ?? DestinationSettings.standardLanes)")
        }
        let keepAlive = reader.duration("keep_alive", in: 5...3600, default: DestinationSettings.standardKeepAlive)
        let keepOpen = reader.duration("keep_open", in: 0...3600, default: DestinationSettings.standardKeepOpen)
        let compression = reader.word("compression", DestinationSettings.Compression.self)
        let caps = bandwidth(reader)
        let retry = retry(reader.table("retry"))
        let limits = limits(reader.table("limits"))
        let commitment = commitment(reader.table("commitment"))
        let country = reader.convert("country", allowed: "two capitals, such as \"SE\" (ISO 3166-1)") {
            if case .string(let text) = $0, text.count == 2, text.allSatisfy({ ("A"..."Z").contains($0) }) {
                text
            } else {
                nil
            }
        }
        let agreement = reader.text("agreement")
        let space = reader.convert("pseudonym_space", allowed: "1 to 32 small letters, digits and -") {
            if case .string(let text) = $0, (1...32).contains(text.utf8.count),
                text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
            {
                text
            } else {
                nil
            }
        }
        // What is missing has been noted; without it there is no peer to speak of.
        guard let port, let called, let calling, let role, let (profile, profileName, policy) = profile else {
            reader.faults.unread.insert(name)
            return nil
        }
        let peer = PeerAddress(
            host: host, port: port, calledAE: called, callingAE: calling, tls: files, pinnedCertificate: pinned)
        var settings = DestinationSettings(name: name, role: role, peer: peer, profile: profile)
        settings.profileName = profileName
        settings.policy = policy
        settings.lanes = lanes ?? settings.lanes
        settings.warmLanes = warmLanes ?? settings.warmLanes
        settings.keepAlive = keepAlive
        settings.keepOpen = keepOpen
        settings.compression = compression ?? settings.compression
        settings.retry = retry
        settings.commitment = commitment
        settings.limits = limits
        settings.country = country ?? settings.country
        settings.agreement = agreement ?? settings.agreement
        settings.space = space ?? settings.space
        return (settings, caps)
    }

    /// `bandwidth = [{ from = 07:00:00, until = 18:00:00, limit = "2 MB" }]`
    private func bandwidth(_ reader: TableReader) -> [BandwidthWindow] {
        reader.tables("bandwidth").compactMap { cap in
            defer { cap.finish() }
            let days = cap.list("weekdays", of: TableReader.choices(Weekday.self)) { Weekday(rawValue: $0) }
            cap.requireKey("limit", allowed: "bytes a second, such as \"2 MB\"")
            let limit = cap.size("limit", in: Self.leastBandwidth...(1 << 40), default: 1 << 40)
            return cap.window().map { BandwidthWindow(window: $0, weekdays: days, bytesPerSecond: limit) }
        }
    }

    /// Above every minimum rate that peers usually ask for.
    private static let leastBandwidth: Int64 = 64 << 10

    /// What goes along of the identity, and by which profile what goes along is made.
    private func profile(_ reader: TableReader) -> (DestinationSettings.Profile, name: String, OutwardPolicy)? {
        let ground = reader.text("ground", allowed: "the agreement or law by which identities may go there")
        let options = options(reader)
        let name = reader.text("profile", allowed: "the name of a [[profile]]")
        switch reader.word("identity", IdentityWord.self) {
        case .identified:
            for key in ["options", "profile"] where reader.has(key) {
                reader.fault(key, "is for identity = \"pseudonymous\" only")
            }
            guard let ground else {
                if !reader.has("ground") {
                    reader.fault(
                        "ground", "is missing", allowed: "the agreement or law by which identities may go there")
                }
                return nil
            }
            return (.identified(ground: ground), "", OutwardPolicy())
        case .pseudonymous:
            if ground != nil { reader.fault("ground", "is for identity = \"identified\" only") }
            guard let name else { return (.pseudonymous(options: options), "", standardPolicy) }
            if reader.has("options") { reader.fault("options", "stands in [[profile]] \(name)") }
            guard let profile = profiles[name] else {
                let nearest = EditDistance.nearest(to: name, among: profiles.keys)
                reader.fault(
                    "profile", "there is no [[profile]] \(name)", hint: nearest.map { "Did you mean \($0)?" })
                return nil
            }
            return (.pseudonymous(options: profile.options), name, profile.policy)
        case nil: return nil
        }
    }

    /// Storage commitment by the peer; nil where it is not asked.
    private func commitment(_ reader: TableReader) -> CommitmentSettings? {
        var settings = CommitmentSettings()
        let isAsked = reader.boolean("request", default: false)
        settings.wait = reader.duration("wait", in: 0...120, default: settings.wait)
        settings.answer = reader.duration("answer", in: 1...(30 * 86_400), default: settings.answer)
        settings.giveUp = reader.duration("give_up", in: 1...(366 * 86_400), default: settings.giveUp)
        settings.keepFiles = reader.boolean("keep_files", default: settings.keepFiles)
        settings.resends = reader.integer("resends", in: 0...100, default: settings.resends)
        reader.finish()
        return isAsked ? settings : nil
    }

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
        settings.afterReport = reader.duration("after_report", in: 0...(366 * 86_400), default: settings.afterReport)
        settings.maximumReports = reader.integer("maximum_reports", in: 1...10_000, default: settings.maximumReports)
        settings.deliverUnverified = reader.boolean("deliver_unverified", default: settings.deliverUnverified)
        settings.deliverPartial = reader.boolean("deliver_partial", default: settings.deliverPartial)
        settings.deliverPreliminary = reader.boolean("deliver_preliminary", default: settings.deliverPreliminary)
        settings.deliverAmended = reader.boolean("deliver_amended", default: settings.deliverAmended)
        settings.assumedCharacterSet =
            reader.text("assumed_character_set", allowed: "a defined term of (0008,0005), such as \"ISO_IR 100\"")
            ?? settings.assumedCharacterSet
        settings.documents = reader.word("documents", ReturnedDocuments.self) ?? settings.documents
        settings.unknownReferences =
            reader.word("unknown_references", UnknownReferences.self) ?? settings.unknownReferences
        settings.deliverTo = reader.texts("deliver_to", of: "names of destinations of role pacs")
        return settings
    }
}
