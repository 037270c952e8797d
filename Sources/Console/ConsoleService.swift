// The console as a service of the process.

import DICOMVocabulary
package import Foundation
package import Gateway
import Hummingbird
import HummingbirdCore
package import Logging
import ServiceLifecycle
import Synchronization

/// Serves the console over HTTP/1.1 until graceful shutdown or cancellation.
///
/// ```swift
/// let console = ConsoleService(desk: gateway, settings: settings, logger: logger) { port in
///     logger.info("console is open", metadata: ["port": "\(port)"])
/// }
/// ```
/// TLS is a proxy's task: list its origin in `settings.origins`. Throws a `Failure` from `run()` if the port is taken.
package struct ConsoleService: Service {
    private let desk: any OperatorDesk
    private let settings: ConsoleSettings
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let onServerRunning: @Sendable (Int) async -> Void

    /// `onServerRunning` gets the bound port, once, when connections are accepted.
    package init(
        desk: any OperatorDesk, settings: ConsoleSettings, logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() },
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.desk = desk
        self.settings = settings
        self.logger = logger
        self.now = now
        self.onServerRunning = onServerRunning
    }

    package func run() async throws {
        let router = try ConsoleRouter.make(desk: desk, settings: settings, now: now)
        let onServerRunning = onServerRunning
        let port = settings.port
        let isOpen = Atomic(false)
        let application = Application(
            router: router,
            server: .http1(
                configuration: .init(
                    idleTimeout: .milliseconds(Int64(settings.requestDeadline * 1000)),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 64))),
            configuration: .init(
                address: .hostname(settings.address, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(settings.maximumConnections, logger: logger)),
            onServerRunning: { channel in
                isOpen.store(true, ordering: .relaxed)
                await onServerRunning(channel.localAddress?.port ?? port)
            },
            logger: logger)
        do {
            try await application.run()
        } catch  where !isOpen.load(ordering: .relaxed) && !(error is CancellationError) {
            throw Failure(
                .ioError, .person, .destination,
                detail: "the console cannot listen on \(settings.address) port \(port) (console.port)",
                hint: "antipode check says why; ss -ltnp names another program that has the port.")
        }
    }
}
