// What programs ask for: health, metrics, and the desk's values as JSON.

import Foundation
import Gateway
import Hummingbird
import Logging

struct MachineRoutes: Sendable {
    static let maximumList = 1000

    let house: House

    func add(to router: Router<ConsoleContext>) {
        router.get("/healthz") { _, _ in Response.text("alive\n") }
        router.get("/readyz", use: ready)
        router.get("/metrics", use: metrics)
        router.get("/api/v1/status", use: status)
        router.get("/api/v1/peers", use: peers)
        router.get("/api/v1/studies", use: studies)
        router.get("/api/v1/studies/:key", use: study)
        router.get("/api/v1/transfers", use: transfers)
        router.get("/api/v1/reports", use: reports)
        router.get("/api/v1/reports/:key", use: report)
        router.get("/api/v1/events", use: events)
    }

    /// Open to whoever can reach the port, so reasons are the alarms' codes and nothing more.
    @Sendable private func ready(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        do {
            let status = try await house.board.snapshot(at: house.now()).status
            // It receives, which is what a balancer asks; whoever reads on learns that nothing leaves.
            if status.ready {
                let closed = status.alarms.contains { $0.code == "vaultUnavailable" }
                return .text(closed ? "ready\nreceives and keeps, sends nothing: vaultUnavailable\n" : "ready\n")
            }
            let reasons = status.alarms.map(\.code).joined(separator: "\n")
            return .text("not ready\n" + (reasons.isEmpty ? "" : reasons + "\n"), status: .serviceUnavailable)
        } catch {
            context.logger.warning("console cannot tell readiness", metadata: ["error.type": "\(type(of: error))"])
            return .text("not ready\nunavailable\n", status: .serviceUnavailable)
        }
    }

    @Sendable private func metrics(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        if !house.settings.openMetrics { _ = try house.requireLooking(context) }
        return .text(MetricsText.write(try await house.desk.metrics()), type: MetricsText.contentType)
    }

    @Sendable private func status(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        return try JSONAnswer.make(try await house.desk.status())
    }

    @Sendable private func peers(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        return try JSONAnswer.make(try await house.desk.peers())
    }

    @Sendable private func studies(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let fields = FormFields(request.uri.query ?? "")
        let filter = StudyFilter(fields)
        guard filter.textNamesStudy else { throw Refusal(.badRequest, Words.studies.textRefused) }
        guard var search = filter.search(house.settings.timeZone) else {
            throw Refusal(.badRequest, Words.studies.badDate)
        }
        search.limit = Self.limit(fields, default: StudyFilter.pageLength)
        search.offset = (filter.page - 1) * search.limit
        return try JSONAnswer.make(try await house.desk.studies(search))
    }

    @Sendable private func study(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        return try JSONAnswer.make(try await house.desk.study(try LookingRoutes.key(context)))
    }

    @Sendable private func transfers(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let fields = FormFields(request.uri.query ?? "")
        let filter = ListFilter(fields, StateWords.transfers)
        return try JSONAnswer.make(
            try await house.desk.transfers(
                destination: filter.destination, states: filter.states,
                limit: Self.limit(fields, default: LookingRoutes.listLength)))
    }

    @Sendable private func reports(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let fields = FormFields(request.uri.query ?? "")
        let filter = ListFilter(fields, StateWords.reports)
        return try JSONAnswer.make(
            try await house.desk.reports(
                states: filter.states, limit: Self.limit(fields, default: LookingRoutes.listLength)))
    }

    @Sendable private func report(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        return try JSONAnswer.make(try await house.desk.report(try LookingRoutes.reportKey(context)))
    }

    @Sendable private func events(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let fields = FormFields(request.uri.query ?? "")
        var search = EventSearch()
        search.kinds = fields.all("kind")
        search.all = fields["all"] == "yes"
        search.limit = Self.limit(fields, default: LookingRoutes.listLength)
        return try JSONAnswer.make(try await house.desk.events(search))
    }

    private static func limit(_ fields: FormFields, default fallback: Int) -> Int {
        min(max(fields["limit"].flatMap(Int.init) ?? fallback, 1), maximumList)
    }
}
