// What the command line asks the daemon over its Unix socket.

package import Foundation

/// One call of `OperatorDesk`. The answer is the call's result as JSON, or an `OperatorError`.
package enum OperatorRequest: Codable, Sendable {
    case status
    case studies(StudySearch)
    case study(String)
    case transfers(destination: String?, states: [String], limit: Int)
    case reports(states: [String], limit: Int)
    case reportText(String)
    case reportDocument(String, from: Int)
    case peers
    case explain(String)
    case act(StudyAction, on: String)
    case instances(String, held: Bool, limit: Int)
    case report(String)
    case actOnReport(ReportAction, on: String)
    case events(EventSearch)
    case echo(String)
    case vault(VaultRequest)
    case preview(String, destination: String, instance: Int)
    case sweep(dryRun: Bool)
    case backup(to: String)
}

/// What travels back: exactly one of the two.
struct OperatorAnswer: Codable, Sendable {
    var result: Data?
    var error: OperatorError?
}

/// JSON as the socket and `--json` write it: keys sorted, dates in RFC 3339 UTC with milliseconds.
package enum OperatorJSON {
    package static func encoder(pretty: Bool = false) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(style))
        }
        return encoder
    }

    package static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try Date(try decoder.singleValueContainer().decode(String.self), strategy: style)
        }
        return decoder
    }

    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

extension OperatorRequest {
    /// Carries the request out. `actor` is who asked, as the kernel told it.
    func answer(from desk: any OperatorDesk, actor: String) async -> OperatorAnswer {
        do {
            return try await OperatorActor.$current.withValue(actor) {
                OperatorAnswer(result: try await result(from: desk, actor: actor))
            }
        } catch let error as OperatorError {
            return OperatorAnswer(error: error)
        } catch {
            return OperatorAnswer(error: OperatorError(.unavailable, "the daemon could not answer; its log says why"))
        }
    }

    private func result(from desk: any OperatorDesk, actor: String) async throws -> Data {
        let encoder = OperatorJSON.encoder()
        switch self {
        case .status: return try encoder.encode(try await desk.status())
        case .studies(let search): return try encoder.encode(try await desk.studies(search))
        case .study(let key): return try encoder.encode(try await desk.study(key))
        case .transfers(let destination, let states, let limit):
            return try encoder.encode(try await desk.transfers(destination: destination, states: states, limit: limit))
        case .reports(let states, let limit):
            return try encoder.encode(try await desk.reports(states: states, limit: limit))
        case .reportText(let key): return try encoder.encode(try await desk.reportText(key))
        case .reportDocument(let key, let offset):
            return try encoder.encode(try await desk.reportDocument(key, from: offset))
        case .peers: return try encoder.encode(try await desk.peers())
        case .explain(let key): return try encoder.encode(try await desk.explain(key))
        case .act(let action, let key): return try encoder.encode(try await desk.act(action, on: key, actor: actor))
        case .instances(let study, let held, let limit):
            return try encoder.encode(try await desk.instances(study, held: held, limit: limit))
        case .report(let key): return try encoder.encode(try await desk.report(key))
        case .actOnReport(let action, let key):
            return try encoder.encode(try await desk.act(action, onReport: key, actor: actor))
        case .events(let search): return try encoder.encode(try await desk.events(search))
        case .echo(let peer): return try encoder.encode(try await desk.echo(peer))
        case .vault(let request): return try encoder.encode(try await desk.vault(request, actor: actor))
        case .sweep(let dryRun): return try encoder.encode(try await desk.sweep(dryRun: dryRun, actor: actor))
        case .backup(let folder): return try encoder.encode(try await desk.backup(to: folder, actor: actor))
        case .preview(let key, let destination, let instance):
            return try encoder.encode(
                try await desk.preview(key, destination: destination, instance: instance, actor: actor))
        }
    }
}
