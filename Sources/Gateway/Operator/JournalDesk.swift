// Looking, from the journal alone.

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Routing
import Spool
import Vault

/// What the command line shows while the daemon is down, and the looking half of the running desk. It never acts.
package struct JournalDesk: OperatorDesk {
    let journal: JournalDatabase
    let settings: GatewaySettings
    let now: @Sendable () -> Date
    /// Turns an accession number or a patient ID into studies; nil where the vault is not ours to open.
    let find: (@Sendable (String) async -> [UID])?

    /// Reads beside a daemon that is down; fails when there is no journal or it cannot be read.
    package init(settings: GatewaySettings) throws {
        let journal = try JournalDatabase.openReadOnly(path: settings.journalPath)
        self.init(journal: journal, settings: settings, now: { Date() }, find: nil)
    }

    init(
        journal: JournalDatabase, settings: GatewaySettings, now: @escaping @Sendable () -> Date,
        find: (@Sendable (String) async -> [UID])?
    ) {
        self.journal = journal
        self.settings = settings
        self.now = now
        self.find = find
    }

    package func status() async throws -> GatewayStatus {
        let counts = try await journal.counts(unserved: try await unserved())
        let destinations = try await peers()
        let spool = SpoolDirectory(path: settings.spool, freeFloor: settings.freeFloor)
        return GatewayStatus(
            version: Self.version, startedAt: nil, running: false, ready: false, listeners: [],
            destinations: destinations, studies: Self.words(counts.studies),
            transfers: Self.words(counts.transfers), reports: Self.words(counts.reports),
            needsPerson: counts.needsPerson, attention: try await attention(),
            freeBytes: (try? spool.freeBytes()) ?? 0, spoolFloor: settings.freeFloor,
            alarms: [Notice(code: "down", detail: "no daemon answers", hint: Self.downHint)]
                + destinations.compactMap(\.alarm))
    }

    /// A daemon holds on to the places that it was started with.
    package static let downHint =
        "systemctl status antipode says why. Where gateway.state or gateway.control_socket was changed, a daemon that was "
        + "started before answers at its old place until it is restarted."

    /// So many are named on the first page and by `status`; the lists have them all.
    private static let attentionShown = 10

    private func attention() async throws -> [AttentionView] {
        var search = StudySearch()
        search.needsPerson = true
        search.limit = Self.attentionShown
        let studies = try await studies(search).compactMap { study in
            study.attention.map { AttentionView(key: study.key, notice: $0) }
        }
        var query = ReportQuery()
        query.states = [.held]
        let reports = try await journal.reports(query).filter { $0.studyID == nil }.compactMap { report in
            report.hold.map { AttentionView(key: report.key, notice: Notice($0, report: report.key)) }
        }
        return Array((reports + studies).prefix(Self.attentionShown))
    }

    package func studies(_ search: StudySearch) async throws -> [StudyView] {
        var query = StudyQuery()
        query.needsPerson = search.needsPerson
        query.states = search.states.compactMap(StudyState.init(rawValue:))
        query.source = search.source
        query.destination = search.destination
        query.modality = search.modality
        query.since = search.since
        query.until = search.until
        query.limit = min(max(search.limit, 1), 10_000)
        query.offset = max(search.offset, 0)
        if let text = search.text, !text.isEmpty {
            let isUID = text.allSatisfy { $0 == "." || $0.isNumber } && text.contains(".")
            if let key = try? number(text, "S") {
                query.ids = [key]
            } else if isUID {
                query.uidPrefix = text
            } else if let find {
                query.uids = await find(text)
            } else {
                throw OperatorError(
                    .unavailable,
                    "accession numbers and patient IDs stand in the vault, which only the running daemon opens")
            }
        }
        query.unserved = try await unserved()
        let studies = try await journal.studies(query)
        let causes = try await journal.heldCauses(studies: studies.map(\.id), unserved: query.unserved)
        return studies.map { StudyView($0, causes[$0.id] ?? []) }
    }

    package func study(_ key: String) async throws -> StudyDetail {
        guard let history = try await journal.history(study: try number(key, "S")) else {
            throw OperatorError(.notFound, "there is no study \(key)")
        }
        let id = history.study.id
        let causes = try await journal.heldCauses(studies: [id], unserved: try await unserved())[id] ?? []
        return StudyDetail(
            study: StudyView(history.study, causes),
            transfers: history.transfers.map { TransferView($0, studyHold: history.study.hold) },
            reports: history.reports.map { ReportView($0, history.events) },
            attempts: history.attempts.map { AttemptView($0) },
            events: history.events.map { EventView($0) }, followUps: history.followUps.map(\.key),
            explanation: Self.explanation(history.study))
    }

    package func instances(_ study: String, held: Bool, limit: Int) async throws -> [InstanceView] {
        let id = try number(study, "S")
        guard try await journal.study(id) != nil else { throw OperatorError(.notFound, "there is no study \(study)") }
        let spool = SpoolDirectory(path: settings.spool, freeFloor: settings.freeFloor)
        return try await journal.ways(study: id, held: held, limit: min(max(limit, 1), 10_000)).map {
            InstanceView($0, file: spool.path(of: $0.instance.spoolKey))
        }
    }

    package func report(_ key: String) async throws -> ReportDetail {
        guard let history = try await journal.history(report: try number(key, "R")) else {
            throw OperatorError(.notFound, "there is no report \(key)")
        }
        return ReportDetail(
            report: ReportView(history.report, history.events),
            deliveries: history.deliveries.map { TransferView($0) }, events: history.events.map { EventView($0) })
    }

    package func events(_ search: EventSearch) async throws -> [EventView] {
        var query = EventQuery()
        query.kinds = search.kinds
        query.since = search.since
        query.loose = !search.all
        query.limit = min(max(search.limit, 1), 10_000)
        return try await journal.events(query).map { EventView($0) }
    }

    package func act(_ action: ReportAction, onReport key: String, actor: String) async throws -> ReportDetail {
        throw OperatorError(.unavailable, "acting needs the daemon running")
    }

    package func transfers(destination: String?, states: [String], limit: Int) async throws -> [TransferView] {
        var query = TransferQuery()
        query.destination = destination
        query.states = states.compactMap(TransferState.init(rawValue:))
        query.limit = min(max(limit, 1), 10_000)
        let transfers = try await journal.transfers(query)
        var held = StudyQuery()
        held.ids = Array(Set(transfers.filter { $0.state == .held && $0.failure == nil }.compactMap(\.studyID)))
        held.limit = max(held.ids.count, 1)
        let holds = held.ids.isEmpty ? [:] : try await holds(of: held)
        return transfers.map { transfer in
            TransferView(transfer, studyHold: transfer.studyID.flatMap { holds[$0] })
        }
    }

    private func holds(of query: StudyQuery) async throws -> [Int64: HoldNotice] {
        try await journal.studies(query).reduce(into: [:]) { $0[$1.id] = $1.hold }
    }

    package func reports(states: [String], limit: Int) async throws -> [ReportView] {
        var query = ReportQuery()
        query.states = states.compactMap(ReportState.init(rawValue:))
        query.limit = min(max(limit, 1), 10_000)
        return try await journal.reports(query).map { ReportView($0) }
    }

    package func reportText(_ key: String) async throws -> String {
        throw OperatorError(.unavailable, "reading a report needs the daemon running")
    }

    /// Those that the configuration names, then those that it names no more and that something is still to be sent to.
    package func peers() async throws -> [DestinationView] {
        let all = try await journal.figures()
        let configured = settings.destinations.map { destination in
            DestinationView(
                destination.name, destination, all.first { $0.destination == destination.name }, at: now())
        }
        let gone = all.filter { settings.destination($0.destination) == nil && $0.isOpen }.map { figures in
            DestinationView(figures.destination, nil, figures, at: now())
        }
        return configured + gone
    }

    private func unserved() async throws -> [String] {
        try await journal.unserved(served: settings.destinations.map(\.name))
    }

    package func explain(_ key: String) async throws -> ExplanationView {
        let id = try number(key, "S")
        guard let study = try await journal.study(id) else {
            throw OperatorError(.notFound, "there is no study \(key)")
        }
        guard let explanation = Self.explanation(study) else {
            throw OperatorError(
                .unavailable, "\(key) is not planned yet; what the rules say now needs the daemon running")
        }
        return explanation
    }

    package func act(_ action: StudyAction, on key: String, actor: String) async throws -> StudyDetail {
        throw OperatorError(.unavailable, "acting needs the daemon running")
    }

    package func echo(_ peer: String) async throws -> EchoView {
        throw OperatorError(.unavailable, "an echo needs the daemon running")
    }

    package func metrics() async throws -> [MetricSample] { [] }

    /// Disclosures stand in the journal; whatever needs the vault needs the daemon.
    package func vault(_ request: VaultRequest, actor: String) async throws -> VaultAnswer {
        guard case .disclosures(let search) = request, search.identifier == nil, search.study == nil else {
            throw OperatorError(.unavailable, "this needs the daemon running")
        }
        return .disclosures(try await journal.disclosures(DisclosureQuery(search)).filter { search.all || $0.left })
    }

    static func explanation(_ study: StudyRecord) -> ExplanationView? {
        guard let bytes = study.decision,
            let decision = try? JSONDecoder().decode(RoutingDecision.self, from: Data(bytes))
        else { return nil }
        return ExplanationView(decision, study: study.key, destinations: study.destinations)
    }

    static func words<State: RawRepresentable<String>>(_ counts: [State: Int]) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
    }

    package static let version = "0.1.0"
}
