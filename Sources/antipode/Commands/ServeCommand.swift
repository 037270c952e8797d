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

    @Flag(name: .long, help: "The log as one JSON document a line instead of text.") var json = false

    func run() async throws {
        do {
            let configuration = try Configuration.load(path: config)
            let environment = ProcessInfo.processInfo.environment
            ProcessLimits.raiseDescriptors()
            ProcessLimits.keepFreedMemory()
            let level = Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info
            LoggingSystem.bootstrap { [json] _ in
                LineLogHandler(level: level, environment: environment, asJSON: json)
            }
            let logger = Logger(label: "antipode")
            await tell(configuration, logger)
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
        let inForce = InForce(configuration)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: gateway, successTerminationBehavior: .gracefullyShutdownGroup),
            .init(
                service: OperatorListener(
                    path: configuration.socketPath, group: configuration.socketGroup, desk: desk, logger: logger,
                    limits: configuration.control)),
            .init(service: Reloader(path: config, inForce: inForce, gateway: gateway, logger: logger)),
            .init(service: CertificateWatch(inForce: inForce, gateway: gateway)),
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

/// What a person should know of a configuration that is put in force all the same.
func tell(_ configuration: AntipodeConfiguration, _ logger: Logger) async {
    for finding in configuration.warnings + (await Check.ofCertificates(configuration)) {
        logger.log(level: finding.level == .error ? .error : .warning, "\(finding.text)")
    }
}
