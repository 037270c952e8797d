// What an operator can do. Every one is a POST of a form that one of our pages made.

import Foundation
import Gateway
import Hummingbird
import Logging

struct ActingRoutes: Sendable {
    let house: House

    func add(to router: Router<ConsoleContext>) {
        router.post("/studies/:key/actions", use: act)
        router.post("/reports/:key/actions", use: actOnReport)
        router.post("/destinations/echo", use: echo)
    }

    @Sendable private func act(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let visitor = try house.requireActing(context)
        let key = try LookingRoutes.key(context)
        let fields = try await house.form(request, context)
        let name = fields["action"] ?? ""
        let action = try Self.action(name, fields)
        _ = try await house.desk.act(action, on: key, actor: visitor.actor)
        await house.board.forget()
        context.logger.info(
            "console action", metadata: ["study": "\(key)", "action": "\(name)", "actor": "\(visitor.actor)"])
        return .seeOther("/studies/\(key)?done=\(FormFields.encoded(name))")
    }

    static func action(_ name: String, _ fields: FormFields) throws -> StudyAction {
        func invalid(_ phrase: Phrase) -> Refusal { Refusal(.unprocessableContent, phrase) }
        switch name {
        case "hold":
            return .hold(reason: try reason(fields))
        case "leave-out":
            guard fields["sure"] == "yes" else { throw invalid(Words.access.errorSure) }
            return .leaveOut
        case "release":
            guard fields["asks"] == nil || fields["sure"] == "yes" else { throw invalid(Words.access.errorSure) }
            return .release
        case "retry": return .retry
        case "cancel":
            guard fields["sure"] == "yes" else { throw invalid(Words.access.errorSure) }
            return .cancel
        case "send":
            guard let destination = fields["destination"] else { throw invalid(Words.access.errorDestination) }
            return .send(destination: destination)
        default: throw invalid(Words.access.errorInvalid)
        }
    }

    static func action(onReport name: String, _ fields: FormFields) throws -> ReportAction {
        switch name {
        case "release": return .release
        case "retry": return .retry
        case "discard": return .discard(reason: try reason(fields))
        case "bind":
            guard let study = fields["study"], StudyKey.isKey(study) else {
                throw Refusal(.unprocessableContent, Words.report.errorStudy)
            }
            return .bind(study: study, against: try fields["against"].map { _ in try reason(fields, "against") })
        default: throw Refusal(.unprocessableContent, Words.access.errorInvalid)
        }
    }

    /// Written by a person for the journal: no patient data.
    private static func reason(_ fields: FormFields, _ name: String = "reason") throws -> String {
        guard let reason = fields[name] else {
            throw Refusal(.unprocessableContent, Words.access.errorReasonMissing)
        }
        guard !OperatorText.mayIdentify(reason) else {
            throw Refusal(.unprocessableContent, Words.access.errorReasonIdentifies)
        }
        return String(reason.prefix(200))
    }

    @Sendable private func actOnReport(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let visitor = try house.requireActing(context)
        let key = try LookingRoutes.reportKey(context)
        let fields = try await house.form(request, context)
        let name = fields["action"] ?? ""
        _ = try await house.desk.act(try Self.action(onReport: name, fields), onReport: key, actor: visitor.actor)
        await house.board.forget()
        context.logger.info(
            "console action", metadata: ["report": "\(key)", "action": "\(name)", "actor": "\(visitor.actor)"])
        return .seeOther("/reports/\(key)?done=\(FormFields.encoded(name))")
    }

    @Sendable private func echo(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        _ = try house.requireActing(context)
        let fields = try await house.form(request, context)
        guard let peer = fields["peer"] else { throw Refusal(.unprocessableContent, Words.access.errorDestination) }
        let view = try await house.desk.echo(peer)
        let writer = house.writer(request, context)
        let scribe = writer.scribe
        let language = context.language
        let heading = Words.now.echoTitle.in(language, view.peer)
        let sentence =
            view.ok
            ? Words.now.echoWorked.in(language, scribe.readable.decimal(view.milliseconds, 0))
            : Words.now.echoFailed.in(language)
        let model = MessageModel(
            heading: heading,
            state: scribe.badge(view.ok ? .good : .attention, view.ok ? Words.study.went : Words.study.wentWrong),
            lines: [sentence] + (view.tls.isEmpty ? [] : [view.tls]), notice: view.failure.map(scribe.notice),
            address: "/",
            word: Words.now.back.in(language))
        return .html(writer.page("message", title: heading, model))
    }
}
