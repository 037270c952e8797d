// What every command that looks or acts has in common: where the configuration is, and how to answer.

import ArgumentParser
import Foundation
import Gateway
import Glibc

struct DeskOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The configuration file.", discussion: "Also from the environment as ANTIPODE_CONFIG."))
    var config = ProcessInfo.processInfo.environment["ANTIPODE_CONFIG"] ?? "/etc/antipode/antipode.toml"

    @Flag(name: .long, help: "One JSON document instead of text.")
    var json = false

    /// The daemon's desk, or for reading the journal's when the daemon is down.
    func withDesk<Result>(
        acting: Bool = false, patience: Double = 60, _ body: (any OperatorDesk) async throws -> Result
    ) async throws -> Result {
        do {
            let configuration = try lookingConfiguration()
            let client = OperatorClient(path: configuration.socketPath, timeout: patience)
            if client.isReachable { return try await body(RemoteDesk(client)) }
            try requireAccess(to: configuration)
            guard !acting else {
                throw OperatorError(
                    .unavailable,
                    "no daemon answers at \(configuration.socketPath); acting needs it running. \(JournalDesk.downHint)"
                )
            }
            return try await body(try JournalDesk(settings: configuration.gateway))
        } catch {
            throw ending(error)
        }
    }

    /// For what works on the state folder itself.
    func gatewaySettings() throws -> GatewaySettings {
        do {
            return try lookingConfiguration().gateway
        } catch {
            throw ending(error)
        }
    }

    /// What a desk needs are the state folder and the socket: other faults of the file are told, and do no harm here.
    private func lookingConfiguration() throws -> AntipodeConfiguration {
        let (configuration, faults) = try Configuration.loadForDesk(path: config)
        for fault in faults { complain("warning: \(fault.text)") }
        return configuration
    }

    /// Says in words why there is nothing to look at, where the system would only give a number.
    private func requireAccess(to configuration: AntipodeConfiguration) throws {
        let socket = configuration.socketPath
        if access(socket, R_OK | W_OK) != 0, errno == EACCES {
            let others = configuration.socketGroup.map { "the group \($0)" } ?? "its group"
            throw OperatorError(
                .notAllowed, "this user may not open \(socket): it is for the daemon's user and \(others)")
        }
        let journal = configuration.gateway.journalPath
        if access(journal, R_OK) != 0 {
            throw errno == EACCES
                ? OperatorError(.notAllowed, "no daemon answers at \(socket), and this user may not read \(journal)")
                : OperatorError(
                    .unavailable,
                    "no daemon answers at \(socket), and there is no journal yet at \(journal). \(JournalDesk.downHint)"
                )
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
