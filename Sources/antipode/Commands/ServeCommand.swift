// The daemon.

import ArgumentParser
import Console
import DICOMVocabulary
import Foundation
import Gateway
import Logging
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the gateway until SIGTERM; SIGHUP reads rules and peers anew.",
        discussion: "Example:\n  antipode serve --config /etc/antipode/antipode.toml")

    @Option(name: .long, help: "The configuration file.")
    var config = ProcessInfo.processInfo.environment["ANTIPODE_CONFIG"] ?? "/etc/antipode/antipode.toml"

    func run() async throws {
        do {
            let configuration = try Configuration.load(path: config)
            let environment = ProcessInfo.processInfo.environment
            let level = Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info
            LoggingSystem.bootstrap { _ in LineLogHandler(level: level, environment: environment) }
            let logger = Logger(label: "antipode")
            for warning in configuration.warnings { logger.warning("\(warning.text)") }
            try await serve(configuration, logger, Notifier(environment: environment))
        } catch {
            throw ending(error)
        }
    }

    private func serve(_ configuration: AntipodeConfiguration, _ logger: Logger, _ notifier: Notifier) async throws {
        try FileManager.default.createDirectory(
            atPath: configuration.gateway.state, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let gateway = try await AntipodeGateway.open(configuration.gateway, logger: logger, notifier: notifier)
        let desk = gateway.desk
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: gateway, successTerminationBehavior: .gracefullyShutdownGroup),
            .init(
                service: OperatorListener(
                    path: configuration.socketPath, group: configuration.socketGroup, desk: desk, logger: logger)),
            .init(service: Reloader(path: config, gateway: gateway, logger: logger)),
        ]
        if let console = configuration.console {
            let settings = try console.settings(timeZone: configuration.timeZone)
            services.append(
                .init(
                    service: ConsoleService(
                        desk: desk, settings: settings, logger: logger,
                        onServerRunning: { port in
                            logger.notice("The console listens", metadata: ["port": "\(port)"])
                        })))
        }
        // The console and the control socket are ended by the group; the gateway drains for its own time.
        let drain = Duration.seconds(configuration.gateway.drain + 20)
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = drain
        try await ServiceGroup(configuration: group).run()
    }
}

/// Reads the configuration anew on SIGHUP. A file with faults changes nothing.
private struct Reloader: Service {
    let path: String
    let gateway: AntipodeGateway
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                let configuration = try Configuration.load(path: path)
                try await gateway.reload(configuration.gateway)
            } catch let faults as ConfigurationFaults {
                logger.error("The configuration has faults; the old one goes on", metadata: ["faults": "\(faults)"])
            } catch {
                let detail = (error as? Failure)?.detail ?? "unexpected"
                logger.error("The configuration could not be put in force", metadata: ["detail": "\(detail)"])
            }
        }
    }
}
