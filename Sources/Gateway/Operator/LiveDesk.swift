// The running gateway's desk.

import DICOMVocabulary
import Forwarding
import Foundation
import Journal
import Logging
import Routing
import Spool
import WorkerProtocol

/// What the gateway's parts tell the desk about themselves.
struct LiveFigures: Sendable {
    var startedAt: Date
    var ready: Bool
    var listeners: [ListenerView]
    var runners: [String: DestinationRunner.Figures]
    var alarms: [Notice]
}

/// Looks through `JournalDesk` and acts on the journal, then wakes whoever has new work. Safe to call from any task.
struct LiveDesk: OperatorDesk {
    let looking: @Sendable () -> JournalDesk
    let journal: JournalDatabase
    let settings: @Sendable () -> GatewaySettings
    let planner: @Sendable () -> Planner
    let reportFlow: @Sendable () -> ReportFlow
    let pool: WorkerPool
    let figures: @Sendable () async -> LiveFigures
    let counters: @Sendable () -> [MetricSample]
    let now: @Sendable () -> Date
    let logger: Logger
    /// Something changed that planner, runners or reports should look at; names a destination to be tried at once.
    let wake: @Sendable (_ tryNow: [String]) -> Void
    /// Whether what is old by the clock may be deleted.
    var mayDelete: @Sendable () -> Bool = { true }

    func status() async throws -> GatewayStatus {
        let figures = await figures()
        var status = try await looking().status()
        status.running = true
        status.ready = figures.ready
        status.startedAt = figures.startedAt
        status.listeners = figures.listeners
        status.destinations = try await peers()
        status.alarms = figures.alarms + status.destinations.compactMap(\.alarm)
        return status
    }

    func peers() async throws -> [DestinationView] {
        let figures = await figures()
        return try await looking().peers().map { view in
            // The runner of one that was taken out finishes what it has in hand.
            guard view.isConfigured, let runner = figures.runners[view.name] else { return view }
            var view = view
            view.circuit = runner.circuit.word
            view.retryAt = runner.circuit.retryAt
            view.lanesActive = runner.lanesActive
            if let failure = runner.lastFailure { view.lastFailure = Notice(failure) }
            return view
        }
    }

    func studies(_ search: StudySearch) async throws -> [StudyView] { try await looking().studies(search) }
    func study(_ key: String) async throws -> StudyDetail { try await looking().study(key) }

    func instances(_ study: String, held: Bool, limit: Int) async throws -> [InstanceView] {
        try await looking().instances(study, held: held, limit: limit)
    }

    func report(_ key: String) async throws -> ReportDetail { try await looking().report(key) }
    func events(_ search: EventSearch) async throws -> [EventView] { try await looking().events(search) }

    func transfers(destination: String?, states: [String], limit: Int) async throws -> [TransferView] {
        try await looking().transfers(destination: destination, states: states, limit: limit)
    }

    func reports(states: [String], limit: Int) async throws -> [ReportView] {
        try await looking().reports(states: states, limit: limit)
    }

    func explain(_ key: String) async throws -> ExplanationView {
        guard let study = try await journal.study(try number(key, "S")) else {
            throw OperatorError(.notFound, "there is no study \(key)")
        }
        if var explanation = JournalDesk.explanation(study) {
            guard study.state == .held, study.hold?.code == HoldNotice.rule else { return explanation }
            // What is on record is told while the vault is closed, too.
            do { explanation.onRelease = try await planner().destinationsOnRelease(study) ?? [] } catch is Failure {}
            return explanation
        }
        do {
            let decision = try await planner().decide(study)
            return ExplanationView(decision, study: study.key, destinations: decision.destinations)
        } catch let failure as Failure {
            throw OperatorError(.unavailable, failure.detail)
        }
    }

    func act(_ action: StudyAction, on key: String, actor: String) async throws -> StudyDetail {
        let id = try number(key, "S")
        guard let study = try await journal.study(id) else {
            throw OperatorError(.notFound, "there is no study \(key)")
        }
        let result: ActionResult
        switch action {
        case .hold(let reason):
            let notice = HoldNotice(
                code: HoldNotice.operator, detail: try await self.reason(reason, about: [study.studyUID], actor),
                hint: "antipode study release \(key) lets it go on.")
            result = try await journal.hold(study: id, notice: notice, actor: actor, at: now())
        case .release:
            try await requireWayOut(of: study)
            result = try await journal.release(study: id, actor: actor, at: now())
        case .retry:
            result = try await journal.retry(study: id, actor: actor, at: now())
        case .cancel:
            result = try await journal.cancel(study: id, actor: actor, at: now())
        case .leaveOut:
            result = try await journal.leaveOutHeld(study: id, actor: actor, at: now())
        case .send(let destination):
            result = try await send(study, to: destination, actor)
        }
        switch result {
        case .done: break
        case .notFound: throw OperatorError(.notFound, "there is no study \(key)")
        case .notAllowed(let state) where action == .retry && state == StudyState.planned.rawValue:
            // Nothing of it is held or deferred: it waits for its road, which is tried at once below.
            break
        case .notAllowed(let state): throw try await refusal(of: action, on: key, state)
        }
        logger.notice(
            "An operator acted", metadata: ["study": "\(key)", "action": "\(action.word)", "actor": "\(actor)"])
        let detail = try await looking().study(key)
        wake(detail.transfers.map(\.destination))
        return detail
    }

    private func refusal(of action: StudyAction, on key: String, _ state: String) async throws -> OperatorError {
        if action == .leaveOut {
            return OperatorError(.notAllowed, "no instance of \(key) is held, so there is nothing to leave out")
        }
        let reports = try await looking().study(key).reports
        if action == .release, let held = reports.first(where: { $0.state == ReportState.held.rawValue }) {
            return OperatorError(
                .notAllowed,
                "what is held of \(key) is the report \(held.key), about which a person decides by itself. "
                    + (held.hold?.hint ?? ""))
        }
        return OperatorError(.notAllowed, "\(key) is \(state), and that cannot be done to it now")
    }

    /// A study that no rule sends anywhere would be held again at once: then a person has to name the reader.
    private func requireWayOut(of study: StudyRecord) async throws {
        guard study.state == .held, study.hold?.code == HoldNotice.rule else { return }
        do {
            guard try await planner().destinationsOnRelease(study) == nil else { return }
        } catch let failure as Failure {
            throw OperatorError(.unavailable, failure.detail)
        }
        let names = settings().destinations.filter { $0.role == .reader }.map(\.name).joined(separator: ", ")
        throw OperatorError(
            .notAllowed,
            "no rule chose a reader for \(study.key): use antipode study send \(study.key) DESTINATION (\(names)), or mend "
                + "the rules and use antipode study retry \(study.key)")
    }

    private func send(_ study: StudyRecord, to name: String, _ actor: String) async throws -> ActionResult {
        let settings = settings()
        guard let destination = settings.destination(name) else {
            let known = settings.destinations.map(\.name).joined(separator: ", ")
            throw OperatorError(.invalid, "there is no destination \(name); there are \(known)")
        }
        guard study.state != .receiving else {
            throw OperatorError(.notAllowed, "\(study.key) is still being received")
        }
        do {
            // Whatever state it is in, it may not have been judged yet, or by fewer images.
            let judgement = try await planner().judge(study)
            if let doubt = judgement.doubt {
                throw OperatorError(
                    .notAllowed,
                    "the images of \(study.key), those of its earlier parts included, \(doubt): correct it at the source and "
                        + "send it again from there")
            }
            let transfer = try await planner().transfer(of: study, to: destination, nil, nil)
            return try await journal.addTransfer(
                study: study.id, transfer, judged: judgement.marks, actor: actor, at: now()
            ).result
        } catch let failure as Failure {
            throw OperatorError(.unavailable, failure.detail)
        }
    }

    func echo(_ peer: String) async throws -> EchoView {
        guard let destination = settings().destination(peer) else {
            throw OperatorError(.notFound, "there is no destination \(peer)")
        }
        do throws(Failure) {
            let job = EchoJob(peer: destination.peer, limits: destination.limits)
            let patience = destination.limits.connect + destination.limits.negotiation + destination.limits.dimse + 5
            guard case .echoed(let echo) = try await pool.ask(.echo(job), within: patience) else {
                throw Failure(.protocolError, .tryAgain, .destination, detail: "a worker answered out of turn")
            }
            return EchoView(
                peer: peer, ok: echo.status == 0, milliseconds: echo.seconds * 1000, tls: echo.tls,
                failure: echo.status == 0
                    ? nil
                    : Notice(code: "refusedByPeer", detail: "C-ECHO was answered with another status", hint: ""))
        } catch {
            return EchoView(peer: peer, ok: false, milliseconds: 0, tls: "", failure: Notice(error))
        }
    }

    func metrics() async throws -> [MetricSample] {
        let status = try await status()
        return MetricSample.samples(of: status, now: now()) + counters()
    }
}

extension StudyAction {
    fileprivate var word: String {
        switch self {
        case .hold: "hold"
        case .release: "release"
        case .retry: "retry"
        case .cancel: "cancel"
        case .leaveOut: "leave-out"
        case .send: "send"
        }
    }
}
