// What every command that looks or acts has in common: where the configuration is, and how to answer.

import ArgumentParser
import Foundation
import Gateway

struct DeskOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The configuration file.", discussion: "Also from the environment as ANTIPODE_CONFIG."))
    var config = ProcessInfo.processInfo.environment["ANTIPODE_CONFIG"] ?? "/etc/antipode/antipode.toml"

    @Flag(name: .long, help: "One JSON document instead of text.")
    var json = false

    /// The daemon's desk, or for reading the journal's when the daemon is down.
    func withDesk<Result>(
        acting: Bool = false, _ body: (any OperatorDesk) async throws -> Result
    ) async throws -> Result {
        do {
            let configuration = try Configuration.load(path: config)
            let client = OperatorClient(path: configuration.socketPath)
            if client.isReachable { return try await body(RemoteDesk(client)) }
            guard !acting else {
                throw OperatorError(
                    .unavailable, "no daemon answers at \(configuration.socketPath); acting needs it running")
            }
            return try await body(try JournalDesk(settings: configuration.gateway))
        } catch {
            throw ending(error)
        }
    }

    /// Prints a value as JSON, or as the text that `text` makes of it.
    func show<Value: Encodable>(_ value: Value, _ text: (Value) -> String) throws {
        if json {
            print(String(decoding: try OperatorJSON.encoder(pretty: true).encode(value), as: UTF8.self))
        } else {
            print(text(value))
        }
    }
}
