// Who is signed in: random cookies for a bounded number of people, in memory only.

import Foundation
import Synchronization

/// What a visitor may do.
enum Role: String, Sendable, Hashable, Comparable {
    case viewer, `operator`

    static func < (left: Role, right: Role) -> Bool { left == .viewer && right == .operator }
}

/// Somebody who showed a token, now or when signing in.
struct Visitor: Sendable, Hashable {
    var role: Role
    /// How the journal names who acted.
    var actor: String
    /// Proves that a form was made by us for this session; nil for `Bearer`, which no browser adds by itself.
    var formToken: String?
    /// The cookie's value; nil for `Bearer`.
    var session: String?
}

/// Sessions by cookie value. Safe from any task; time is passed in.
final class Sessions: Sendable {
    private struct Session {
        var visitor: Visitor
        var expires: Date
        var used: Date
    }

    private let sessions = Mutex<[String: Session]>([:])
    private let limit: Int
    private let length: TimeInterval

    init(limit: Int, length: TimeInterval) {
        self.limit = limit
        self.length = length
    }

    func open(role: Role, actor: String, at now: Date) -> Visitor {
        let cookie = Secret.random()
        let visitor = Visitor(role: role, actor: actor, formToken: Secret.random(), session: cookie)
        let expires = now.addingTimeInterval(length)
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.expires > now }
            if sessions.count >= limit, let oldest = sessions.min(by: { $0.value.used < $1.value.used })?.key {
                sessions[oldest] = nil
            }
            sessions[cookie] = Session(visitor: visitor, expires: expires, used: now)
        }
        return visitor
    }

    func visitor(_ cookie: String, at now: Date) -> Visitor? {
        sessions.withLock { sessions in
            guard var session = sessions[cookie] else { return nil }
            guard session.expires > now else {
                sessions[cookie] = nil
                return nil
            }
            session.used = now
            sessions[cookie] = session
            return session.visitor
        }
    }

    func close(_ cookie: String) {
        sessions.withLock { $0[cookie] = nil }
    }

    var count: Int { sessions.withLock { $0.count } }
}

enum Secret {
    /// 256 bits of the system's generator (getrandom(2) on Linux) as hexadecimal digits.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in generator.next() }
        return words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Compares in a time that tells only the length of `given`.
    static func equal(_ given: String, _ expected: String) -> Bool {
        let given = Array(given.utf8)
        let expected = Array(expected.utf8)
        guard !expected.isEmpty else { return false }
        var difference: UInt8 = given.count == expected.count ? 0 : 1
        for (index, byte) in given.enumerated() {
            difference |= byte ^ expected[index % expected.count]
        }
        return difference == 0
    }
}

/// The two tokens.
struct Tokens: Sendable {
    let viewer: String
    let `operator`: String

    /// Both are always compared, so that the time does not tell which one was nearly right.
    func role(of token: String) -> Role? {
        let acts = Secret.equal(token, self.operator)
        let looks = Secret.equal(token, viewer)
        return acts ? .operator : looks ? .viewer : nil
    }
}
