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
    /// Turns an accession number or a patient ID into studies, where the vault can be opened.
    let find: @Sendable (String) async -> [UID]

    /// Reads beside a daemon that is down; fails when there is no journal or it cannot be read.
    package init(settings: GatewaySettings) throws {
        let journal = try JournalDatabase.openReadOnly(path: settings.journalPath)
        self.init(journal: journal, settings: settings, now: { Date() }, find: { _ in [] })
    }

    init(
        journal: JournalDatabase, settings: GatewaySettings, now: @escaping @Sendable () -> Date,
        find: @escaping @Sendable (String) async -> [UID]
    ) {
        self.journal = journal
        self.settings = settings
        self.now = now
        self.find = find
    }

    package func status() async throws -> GatewayStatus {
        let counts = try await journal.counts()
        let spool = SpoolDirectory(path: settings.spool, freeFloor: settings.freeFloor)
        return GatewayStatus(
            version: Self.version, startedAt: nil, running: false, ready: false, listeners: [],
            destinations: try await peers(), studies: Self.words(counts.studies),
            transfers: Self.words(counts.transfers), reports: Self.words(counts.reports),
            needsPerson: counts.needsPerson, freeBytes: (try? spool.freeBytes()) ?? 0, spoolFloor: settings.freeFloor,
            alarms: [Notice(code: "down", detail: "no daemon answers", hint: "systemctl status antipode says why.")])
    }

    package func studies(_ search: StudySearch) async throws -> [StudyView] {
        var query = StudyQuery()
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
            } else {
                query.uids = await find(text)
            }
        }
        return try await journal.studies(query).map { StudyView($0) }
    }

    package func study(_ key: String) async throws -> StudyDetail {
        guard let history = try await journal.history(study: try number(key, "S")) else {
            throw OperatorError(.notFound, "there is no study \(key)")
        }
        return StudyDetail(
            study: StudyView(history.study), transfers: history.transfers.map { TransferView($0) },
            reports: history.reports.map { ReportView($0) }, attempts: history.attempts.map { AttemptView($0) },
            events: history.events.map { EventView($0) }, followUps: history.followUps.map(\.key),
            explanation: Self.explanation(history.study))
    }

    package func transfers(destination: String?, states: [String], limit: Int) async throws -> [TransferView] {
        var query = TransferQuery()
        query.destination = destination
        query.states = states.compactMap(TransferState.init(rawValue:))
        query.limit = min(max(limit, 1), 10_000)
        return try await journal.transfers(query).map { TransferView($0) }
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

    package func peers() async throws -> [DestinationView] {
        var views: [DestinationView] = []
        let all = try await journal.figures()
        for destination in settings.destinations {
            let figures = all.first { $0.destination == destination.name }
            let peer = destination.peer
            views.append(
                DestinationView(
                    name: destination.name, role: destination.role.rawValue, host: peer.host, port: peer.port,
                    calledAE: peer.calledAE.string, tls: peer.tls != nil, country: destination.country,
                    profile: destination.profile.word, circuit: "unknown", retryAt: nil, lanes: destination.lanes,
                    lanesActive: 0, waitingInstances: figures?.waitingInstances ?? 0,
                    waitingTransfers: figures.map { $0.waitingTransfers + $0.activeTransfers } ?? 0,
                    deferredTransfers: figures?.deferredTransfers ?? 0, heldTransfers: figures?.heldTransfers ?? 0,
                    oldestWaitingSeconds: figures?.oldestWaitingSince.map { max(0, now().timeIntervalSince($0)) },
                    lastAcknowledgedAt: figures?.lastAcknowledgedAt,
                    lastFailure: figures?.lastFailure.map { Notice($0) }))
        }
        return views
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
