// The command line's end of the control socket.

import DICOMVocabulary
import Foundation

/// Asks a running daemon. Each call opens a connection of its own and blocks its thread: for the command line only.
package struct OperatorClient: Sendable {
    private let path: String
    private let timeout: Double

    /// - Parameter timeout: seconds for one read or write; `echo` may take as long as a peer may.
    package init(path: String, timeout: Double = 60) {
        self.path = path
        self.timeout = timeout
    }

    /// Whether a daemon answers there.
    package var isReachable: Bool {
        guard let socket = try? UnixSocket.connect(to: path, timeout: timeout) else { return false }
        socket.close()
        return true
    }

    /// Throws `OperatorError`, with `.unavailable` when nobody answers.
    package func ask<Answer: Decodable>(_ request: OperatorRequest, for type: Answer.Type) throws -> Answer {
        let data: Data?
        do {
            let socket = try UnixSocket.connect(to: path, timeout: timeout)
            defer { socket.close() }
            let question = try OperatorJSON.encoder().encode(request)
            do {
                try socket.send(question)
            } catch {
                // A daemon that has no room for a question says so without reading it.
                guard let refusal = try? socket.receive() else { throw error }
                return try Self.result(refusal, of: type)
            }
            data = try socket.receive()
        } catch let failure as Failure {
            throw OperatorError(.unavailable, "no daemon answers at \(path) (\(failure.detail))")
        }
        guard let data else { throw OperatorError(.unavailable, "the daemon closed the connection without an answer") }
        return try Self.result(data, of: type)
    }

    private static func result<Answer: Decodable>(_ data: Data, of type: Answer.Type) throws -> Answer {
        let answer = try OperatorJSON.decoder().decode(OperatorAnswer.self, from: data)
        if let error = answer.error { throw error }
        guard let result = answer.result else { throw OperatorError(.unavailable, "the daemon's answer was empty") }
        return try OperatorJSON.decoder().decode(type, from: result)
    }
}
