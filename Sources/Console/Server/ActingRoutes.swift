// What an operator can do. Every one is a POST of a form that one of our pages made.

import Foundation
import Gateway
import Hummingbird
import Logging

struct ActingRoutes: Sendable {
    let house: House

    func add(to router: Router<ConsoleContext>) {
        router.post("/studies/:key/actions", use: act)
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
            guard let reason = fields["reason"] else { throw invalid(Words.access.errorReasonMissing) }
            guard !mayIdentify(reason) else { throw invalid(Words.access.errorReasonIdentifies) }
            return .hold(reason: String(reason.prefix(200)))
        case "release": return .release
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

    /// Whether a text that the journal would keep holds something shaped like a Swedish personal number: six or eight
    /// digits, perhaps `-` or `+`, and four more. A reserve number may have letters among the last four.
    static func mayIdentify(_ text: String) -> Bool {
        text.firstMatch(of: /(?:^|[^0-9.])(?:[0-9]{2})?[0-9]{6}\s?[-+]?\s?[0-9A-Za-z]{3}[0-9](?:$|[^0-9.])/) != nil
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
