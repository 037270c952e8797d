// The outermost layer: the language, the headers of every answer, and refusals as pages.

import Foundation
import Gateway
import Hummingbird
import Logging

struct Envelope: RouterMiddleware {
    typealias Context = ConsoleContext

    let house: House

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let query = FormFields(request.uri.query ?? "")
        context.language = ConsoleLanguage.choose(
            query: query["lang"], cookie: request.cookies[CookieText.language]?.value,
            acceptLanguage: request.headers[.acceptLanguage], default: house.settings.language)
        // Known before a refusal is written, so that its page has the visitor's menu.
        context.visitor = house.visitor(of: request)
        var response: Response
        do {
            if !Self.isHealth(request), !house.hosts.answers(request.head.authority) {
                throw Refusal(.misdirectedRequest, Words.access.errorHost)
            }
            try house.checkBearer(request, &context)
            response = try await next(request, context)
        } catch {
            response = refuse(Self.refusal(for: error, logger: context.logger), request, context)
        }
        if let chosen = query["lang"].flatMap(ConsoleLanguage.init) {
            response.headers.append(
                .init(name: .setCookie, value: CookieText.remember(chosen, secure: house.settings.behindTLS)))
        }
        addHeaders(&response.headers)
        return response
    }

    /// Probes ask by address and see nothing but whether we live.
    private static func isHealth(_ request: Request) -> Bool {
        request.uri.path == "/healthz" || request.uri.path == "/readyz"
    }

    private func addHeaders(_ headers: inout HTTPFields) {
        headers[HeaderNames.contentSecurityPolicy] =
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
        headers[HeaderNames.frameOptions] = "DENY"
        headers[HeaderNames.contentTypeOptions] = "nosniff"
        // Not `no-referrer`: with it browsers send `Origin: null` with our own forms.
        headers[HeaderNames.referrerPolicy] = "same-origin"
        headers[HeaderNames.openerPolicy] = "same-origin"
        headers[HeaderNames.resourcePolicy] = "same-origin"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        if house.settings.behindTLS { headers[HeaderNames.transportSecurity] = "max-age=31536000" }
    }

    /// The one place that decides what becomes of an error, and so the one that logs it: by its type alone, since
    /// the text of an unknown error may say anything.
    private static func refusal(for error: any Error, logger: Logger) -> Refusal {
        switch error {
        case let refusal as Refusal:
            return refusal
        case let error as OperatorError:
            let (status, phrase): (HTTPResponse.Status, Phrase) =
                switch error.kind {
                case .notFound: (.notFound, Words.access.errorNotFound)
                case .notAllowed: (.forbidden, Words.access.errorNotAllowed)
                case .invalid: (.unprocessableContent, Words.access.errorInvalid)
                case .unavailable, .cannotCreate: (.serviceUnavailable, Words.access.errorUnavailable)
                }
            return Refusal(status, phrase, detail: error.message)
        case let error as any HTTPResponseError:
            switch error.status {
            case .notFound: return Refusal(.notFound, Words.access.errorNotFound)
            case .contentTooLarge: return Refusal(.contentTooLarge, Words.access.errorTooLarge)
            default: return Refusal(error.status, Words.access.errorInvalid)
            }
        default:
            logger.error("console request failed", metadata: ["error.type": "\(type(of: error))"])
            return Refusal(.internalServerError, Words.access.errorInternal)
        }
    }

    private func refuse(_ refusal: Refusal, _ request: Request, _ context: Context) -> Response {
        let path = request.uri.path
        let sentence = refusal.phrase.in(context.language)
        var response: Response
        if path.hasPrefix("/api/") {
            response = JSONAnswer.problem(refusal.status, title: sentence, detail: refusal.detail)
        } else if path == "/metrics" || path.hasPrefix("/fragments/") {
            response = Response(
                status: refusal.status, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: sentence + "\n")))
        } else if refusal.status == .unauthorized, request.headers[.authorization] == nil,
            request.method == .get || request.method == .head
        {
            var fields = FormFields()
            if path != "/" { fields.add("next", request.uri.string) }
            response = Response(status: .seeOther, headers: [.location: fields.address("/login")])
        } else {
            let writer = house.writer(request, context)
            let home = Link(
                address: context.visitor == nil ? "/login" : "/",
                word: (context.visitor == nil ? Words.access.signIn : Words.access.goNow).in(context.language))
            let model = MessageModel(
                heading: sentence, lines: refusal.detail.map { [$0] } ?? [], address: home.address, word: home.word)
            response = .html(writer.page("message", title: sentence, model), status: refusal.status)
        }
        if refusal.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"antipode\"" }
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}

enum HeaderNames {
    typealias Name = HTTPFields.Element.Name

    static let contentSecurityPolicy = named("Content-Security-Policy")
    static let frameOptions = named("X-Frame-Options")
    static let contentTypeOptions = named("X-Content-Type-Options")
    static let referrerPolicy = named("Referrer-Policy")
    static let openerPolicy = named("Cross-Origin-Opener-Policy")
    static let resourcePolicy = named("Cross-Origin-Resource-Policy")
    static let transportSecurity = named("Strict-Transport-Security")
    static let fetchSite = named("Sec-Fetch-Site")

    /// The names above are all valid; the fallback is never taken.
    private static func named(_ name: String) -> Name { Name(name) ?? .contentLanguage }
}

extension Response {
    static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8")
        -> Response
    {
        Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// 303: the browser asks for the address with GET, and reloading does nothing twice.
    static func seeOther(_ address: String) -> Response {
        Response(status: .seeOther, headers: [.location: address])
    }
}
