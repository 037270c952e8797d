// The pages that only show.

import Foundation
import Gateway
import Hummingbird
import Logging

struct LookingRoutes: Sendable {
    /// Rows on a page of transfers or reports.
    static let listLength = 200

    let house: House

    func add(to router: Router<ConsoleContext>) {
        router.get("/", use: now)
        router.get("/fragments/now", use: nowFragment)
        router.get("/studies", use: studies)
        router.post("/studies", use: findStudies)
        router.get("/studies/:key", use: study)
        router.get("/transfers", use: transfers)
        router.get("/reports", use: reports)
        router.get("/reports/:key", use: report)
        router.get("/events", use: events)
    }

    @Sendable private func now(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let visitor = try house.requireLooking(context)
        let writer = house.writer(request, context)
        let snapshot = try await house.board.snapshot(at: writer.now)
        let model = NowModel(snapshot, canAct: visitor.role == .operator, writer.scribe)
        return .html(writer.page("now", title: Words.now.nowTitle.in(context.language), live: true, model))
    }

    @Sendable private func nowFragment(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let visitor = try house.requireLooking(context)
        let writer = house.writer(request, context)
        let snapshot = try await house.board.snapshot(at: writer.now)
        return .html(writer.fragment("now-live", NowModel(snapshot, canAct: visitor.role == .operator, writer.scribe)))
    }

    @Sendable private func studies(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let filter = StudyFilter(FormFields(request.uri.query ?? ""))
        let words = Words.studies
        guard filter.textNamesStudy else {
            return await list(request, context, filter, complaint: words.textRefused, status: .badRequest)
        }
        guard let search = filter.search(house.settings.timeZone) else {
            return await list(request, context, filter, complaint: words.badDate, status: .badRequest)
        }
        return await list(request, context, filter, studies: try await house.desk.studies(search))
    }

    /// The search form is posted, so that identifiers never enter an address. What may stand there is sent on to it.
    @Sendable private func findStudies(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let filter = StudyFilter(try await house.form(request, context).with("page", nil))
        if filter.textNamesStudy { return .seeOther(filter.address(page: 1)) }
        guard var search = filter.search(house.settings.timeZone) else {
            return await list(request, context, filter, complaint: Words.studies.badDate, status: .badRequest)
        }
        search.limit = Self.listLength
        let studies = try await house.desk.studies(search)
        var found = Words.studies.foundBy.in(context.language)
        if studies.count >= search.limit {
            found += " " + Words.studies.foundFull.in(context.language, String(search.limit))
        }
        return await list(request, context, filter, studies: studies, found: found)
    }

    private func list(
        _ request: Request, _ context: ConsoleContext, _ filter: StudyFilter, studies: [StudyView] = [],
        complaint: Phrase? = nil, found: String? = nil, status: HTTPResponse.Status = .ok
    ) async -> Response {
        let writer = house.writer(request, context)
        let model = StudiesModel(
            filter, studies: studies, destinations: await house.destinationNames(context.logger),
            complaint: complaint?.in(context.language), found: found, writer.scribe)
        return .html(
            writer.page("studies", title: Words.studies.studiesTitle.in(context.language), model), status: status)
    }

    @Sendable private func study(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let visitor = try house.requireLooking(context)
        let key = try Self.key(context)
        var detail = try await house.desk.study(key)
        // A decision on record is of when it was made; where a release would send it is asked as of now.
        let isHeldByRules = detail.study.state == "held" && detail.study.hold?.code == "rule"
        if detail.explanation == nil && detail.study.state != "receiving" || isHeldByRules {
            detail.explanation = try await explanation(key) ?? detail.explanation
        }
        let names = visitor.role == .operator ? await house.destinationNames(context.logger) : []
        let writer = house.writer(request, context)
        let done = FormFields(request.uri.query ?? "")["done"].flatMap(Self.doneWord)
        let held =
            detail.study.heldInstances > 0
            ? try await house.desk.instances(key, held: true, limit: StudyModel.heldShown + 1) : []
        let model = StudyModel(
            detail, held: held, destinations: names,
            done: done.map { Words.study.done.in(context.language, $0.in(context.language)) }, writer.scribe)
        return .html(writer.page("study", title: model.heading, model))
    }

    /// nil when no decision is on record: that is not an error of the page.
    private func explanation(_ key: String) async throws -> ExplanationView? {
        do {
            return try await house.desk.explain(key)
        } catch let error as OperatorError where error.kind != .unavailable {
            return nil
        }
    }

    static func key(_ context: ConsoleContext) throws -> String {
        guard let key = context.parameters.get("key"), StudyKey.isKey(key) else {
            throw Refusal(.notFound, Words.access.errorNotFound)
        }
        return key.uppercased()
    }

    static func reportKey(_ context: ConsoleContext) throws -> String {
        guard let key = context.parameters.get("key"), StudyKey.isKey(key, letter: "R") else {
            throw Refusal(.notFound, Words.access.errorNotFound)
        }
        return key.uppercased()
    }

    @Sendable private func report(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let detail = try await house.desk.report(try Self.reportKey(context))
        let writer = house.writer(request, context)
        let done: Phrase? =
            switch FormFields(request.uri.query ?? "")["done"] {
            case "release": Words.report.doneReportRelease
            case "retry": Words.report.doneReportRetry
            case "bind": Words.report.doneBind
            case "discard": Words.report.doneDiscard
            default: nil
            }
        let model = ReportModel(
            detail, done: done.map { Words.study.done.in(context.language, $0.in(context.language)) }, writer.scribe)
        return .html(writer.page("report", title: model.heading, model))
    }

    @Sendable private func events(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let fields = FormFields(request.uri.query ?? "")
        var search = EventSearch()
        search.kinds = EventsModel.kinds.filter(fields.all("kind").contains)
        search.all = fields["all"] == "yes"
        search.limit = Self.listLength
        let views = try await house.desk.events(search)
        let writer = house.writer(request, context)
        let model = EventsModel(
            kinds: EventsModel.kinds.map {
                Choice(
                    value: $0, word: writer.scribe.word($0, StateWords.events), chosen: search.kinds.contains($0))
            }, all: search.all, events: views.map { EventRow($0, writer.scribe) }, hasEvents: !views.isEmpty,
            limited: Self.limited(views.count, context.language))
        return .html(writer.page("events", title: Words.events.eventsTitle.in(context.language), model))
    }

    private static func doneWord(_ action: String) -> Phrase? {
        switch action {
        case "hold": Words.study.doneHold
        case "release": Words.study.doneRelease
        case "retry": Words.study.doneRetry
        case "leave-out": Words.study.doneLeaveOut
        case "cancel": Words.study.doneCancel
        case "send": Words.study.doneSend
        default: nil
        }
    }

    @Sendable private func transfers(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let filter = ListFilter(FormFields(request.uri.query ?? ""), StateWords.transfers)
        let views = try await house.desk.transfers(
            destination: filter.destination, states: filter.states, limit: Self.listLength)
        let writer = house.writer(request, context)
        let names = await house.destinationNames(context.logger)
        let model = TransfersModel(
            destinations: writer.scribe.destinations(names, chosen: filter.destination),
            states: writer.scribe.choices(StateWords.transfers, chosen: filter.states),
            transfers: views.map { TransferRow($0, showsPseudonym: false, writer.scribe) },
            hasTransfers: !views.isEmpty,
            limited: Self.limited(views.count, context.language))
        return .html(writer.page("transfers", title: Words.lists.transfersTitle.in(context.language), model))
    }

    @Sendable private func reports(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireLooking(context)
        let filter = ListFilter(FormFields(request.uri.query ?? ""), StateWords.reports)
        let views = try await house.desk.reports(states: filter.states, limit: Self.listLength)
        let writer = house.writer(request, context)
        let model = ReportsModel(
            states: writer.scribe.choices(StateWords.reports, chosen: filter.states),
            reports: views.map { ReportRow($0, writer.scribe) }, hasReports: !views.isEmpty,
            limited: Self.limited(views.count, context.language))
        return .html(writer.page("reports", title: Words.lists.reportsTitle.in(context.language), model))
    }

    private static func limited(_ count: Int, _ language: ConsoleLanguage) -> String? {
        count >= listLength ? Words.lists.limited.in(language, String(listLength)) : nil
    }
}

/// The filters of the lists without pages.
struct ListFilter {
    let destination: String?
    let states: [String]

    init(_ fields: FormFields, _ table: [(raw: String, tone: Tone, phrase: Phrase)]) {
        destination = fields["destination"]
        states = table.map(\.raw).filter(fields.all("state").contains)
    }
}
