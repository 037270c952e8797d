// What all routes share: the desk, the settings, who is signed in.

import Foundation
import Gateway
import Hummingbird
import Logging
import Mustache

final class House: Sendable {
    let desk: any OperatorDesk
    let settings: ConsoleSettings
    let now: @Sendable () -> Date
    let board: NowBoard
    let hosts: HostPolicy
    let sessions: Sessions
    let tokens: Tokens
    let logins = AttemptLimiter()
    /// Apart from `logins`: a scraper with an old token must not lock people out.
    let bearers = AttemptLimiter()
    private let library: MustacheLibrary

    init(desk: any OperatorDesk, settings: ConsoleSettings, now: @escaping @Sendable () -> Date) throws {
        self.desk = desk
        self.settings = settings
        self.now = now
        board = NowBoard(desk: desk)
        hosts = HostPolicy(origins: settings.origins)
        sessions = Sessions(limit: settings.maximumSessions, length: settings.sessionLength)
        tokens = Tokens(viewer: settings.viewerToken, operator: settings.operatorToken)
        library = try Templates.library()
    }

    // MARK: Who asks

    func visitor(of request: Request) -> Visitor? {
        let name = CookieText.sessionName(secure: settings.behindTLS)
        guard let cookie = request.cookies[name]?.value else { return nil }
        return sessions.visitor(cookie, at: now())
    }

    /// A token in the header goes before a cookie; a wrong one is refused, and not too often.
    func checkBearer(_ request: Request, _ context: inout ConsoleContext) throws {
        guard let header = request.headers[.authorization] else { return }
        let moment = now()
        if let seconds = bearers.wait(context.peer, at: moment) {
            throw Refusal(.tooManyRequests, Words.access.errorNotAllowed, retryAfter: seconds)
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let role = tokens.role(of: String(parts[1])) else {
            bearers.failed(context.peer, at: moment)
            throw Refusal(.unauthorized, Words.access.loginWrong)
        }
        bearers.succeeded(context.peer)
        context.visitor = Visitor(role: role, actor: "\(role.rawValue) (token)")
    }

    func requireLooking(_ context: ConsoleContext) throws -> Visitor {
        guard let visitor = context.visitor else { throw Refusal(.unauthorized, Words.access.errorSignIn) }
        return visitor
    }

    func requireActing(_ context: ConsoleContext) throws -> Visitor {
        let visitor = try requireLooking(context)
        guard visitor.role == .operator else { throw Refusal(.forbidden, Words.access.errorNeedsOperator) }
        return visitor
    }

    // MARK: What they send

    /// The fields of a form that one of our pages sent. Throws 403 for a forged one.
    ///
    /// A browser adds cookies by itself, so a cookie alone proves nothing: the form must come from our origin and
    /// carry the session's own token. `Bearer` is added by nobody but its holder; if a browser's headers come with
    /// it, they must be ours.
    func form(_ request: Request, _ context: ConsoleContext) async throws -> FormFields {
        let origin = request.headers[.origin]
        let referer = request.headers[.referer]
        let fetchSite = request.headers[HeaderNames.fetchSite]
        let isBearer = context.visitor != nil && context.visitor?.session == nil
        let isBare = origin == nil && referer == nil && fetchSite == nil
        if !(isBearer && isBare) {
            guard
                hosts.isOurs(authority: request.head.authority, origin: origin, referer: referer, fetchSite: fetchSite)
            else { throw Refusal(.forbidden, Words.access.errorForged) }
        }
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
        guard type == "application/x-www-form-urlencoded" else {
            throw Refusal(.unsupportedMediaType, Words.access.errorInvalid)
        }
        let fields = FormFields(String(buffer: try await body(of: request)))
        if let expected = context.visitor?.formToken {
            guard Secret.equal(fields["csrf"] ?? "", expected) else {
                throw Refusal(.forbidden, Words.access.errorForged)
            }
        }
        return fields
    }

    /// Bounded in size and in time: a drip would otherwise hold the request for as long as it likes.
    private func body(of request: Request) async throws -> ByteBuffer {
        let limit = settings.maximumFormBytes
        let deadline = settings.requestDeadline
        return try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask {
                var request = request
                return try await request.collectBody(upTo: limit)
            }
            group.addTask {
                try await Task.sleep(for: .seconds(deadline))
                return nil
            }
            defer { group.cancelAll() }
            guard let buffer = try await group.next() ?? nil else {
                throw Refusal(.requestTimeout, Words.access.errorTooSlow)
            }
            return buffer
        }
    }

    // MARK: What they get

    func writer(_ request: Request, _ context: ConsoleContext) -> PageWriter {
        // The page behind a form is the one that its address shows with GET.
        let query = request.method == .post ? FormFields() : FormFields(request.uri.query ?? "").with("done", nil)
        return PageWriter(
            library: library, language: context.language, visitor: context.visitor, path: request.uri.path,
            query: query,
            timeZone: settings.timeZone, now: now())
    }

    /// Names of destinations, for the choices of a form. The page is of use without them.
    func destinationNames(_ logger: Logger) async -> [String] {
        do {
            return try await desk.peers().map(\.name)
        } catch {
            logger.warning("console cannot list peers", metadata: ["error.type": "\(type(of: error))"])
            return []
        }
    }
}
