// Signing in and out, and what a page needs before that.

import Foundation
import Hummingbird
import Logging

struct SignInRoutes: Sendable {
    let house: House

    func add(to router: Router<ConsoleContext>) {
        router.get("/login", use: page)
        router.post("/login", use: signIn)
        router.post("/logout", use: signOut)
        router.get("/assets/:name", use: asset)
    }

    @Sendable private func page(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let fields = FormFields(request.uri.query ?? "")
        let next = Self.local(fields["next"])
        if context.visitor != nil { return .seeOther(next) }
        let word = fields["out"] != nil ? Words.access.signedOut.in(context.language) : nil
        return login(request, context, .ok, LoginModel(complaint: nil, word: word, next: next))
    }

    private func login(
        _ request: Request, _ context: ConsoleContext, _ status: HTTPResponse.Status, _ model: LoginModel
    ) -> Response {
        var context = context
        context.visitor = nil
        let title = Words.access.loginTitle.in(context.language)
        return .html(house.writer(request, context).page("login", title: title, model), status: status)
    }

    @Sendable private func signIn(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        // A new session is opened, so that of an old cookie has no say here; the origin still has.
        var newcomer = context
        newcomer.visitor = nil
        let fields = try await house.form(request, newcomer)
        let next = Self.local(fields["next"])
        let now = house.now()
        if let seconds = house.logins.wait(context.peer, at: now) {
            let complaint = Words.access.loginSlow.in(context.language, String(seconds))
            var response = login(
                request, newcomer, .tooManyRequests, LoginModel(complaint: complaint, word: nil, next: next))
            response.headers[.retryAfter] = String(seconds)
            return response
        }
        guard let role = house.tokens.role(of: fields["token"] ?? "") else {
            house.logins.failed(context.peer, at: now)
            context.logger.notice("console sign-in refused", metadata: ["peer": "\(context.peer)"])
            let complaint = Words.access.loginWrong.in(context.language)
            return login(request, newcomer, .unauthorized, LoginModel(complaint: complaint, word: nil, next: next))
        }
        house.logins.succeeded(context.peer)
        if let old = context.visitor?.session { house.sessions.close(old) }
        let visitor = house.sessions.open(role: role, actor: Self.actor(fields["signature"], role), at: now)
        context.logger.info("console sign-in", metadata: ["peer": "\(context.peer)", "role": "\(role.rawValue)"])
        var response = Response.seeOther(next)
        response.headers[.setCookie] = CookieText.session(
            visitor.session ?? "", seconds: Int(house.settings.sessionLength), secure: house.settings.behindTLS)
        return response
    }

    @Sendable private func signOut(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let visitor = try house.requireLooking(context)
        _ = try await house.form(request, context)
        if let session = visitor.session { house.sessions.close(session) }
        var response = Response.seeOther("/login?out=1")
        response.headers[.setCookie] = CookieText.session("", seconds: 0, secure: house.settings.behindTLS)
        return response
    }

    @Sendable private func asset(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        guard let name = context.parameters.get("name"), let asset = Assets.byName[name] else {
            throw Refusal(.notFound, Words.access.errorNotFound)
        }
        // `no-cache` lets a browser keep it and makes it ask, so that an upgrade shows at once.
        var headers: HTTPFields = [.eTag: asset.tag, .cacheControl: "no-cache"]
        if request.headers[.ifNoneMatch] == asset.tag { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = asset.type
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: asset.text)))
    }

    /// A path of ours, or the first page: `//other.example` and `/\other.example` lead browsers elsewhere.
    static func local(_ address: String?) -> String {
        guard let address, address.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !address.contains("\\"),
            address.hasPrefix("/"), !address.hasPrefix("//")
        else { return "/" }
        return address
    }

    /// What stands in the journal beside an act: letters, digits and a few signs of what was given, else the role.
    static func actor(_ signature: String?, _ role: Role) -> String {
        let kept = (signature ?? "").filter { $0.isLetter || $0.isNumber || " .-_@".contains($0) }.prefix(40)
        let name = kept.trimmingCharacters(in: .whitespaces)
        return name.isEmpty ? role.rawValue : "\(name) (\(role.rawValue))"
    }
}
