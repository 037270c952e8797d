// Another configuration while the daemon runs.

import DICOMVocabulary
import Foundation
import Gateway
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The configuration of the start, and the one that was put in force last.
final class InForce: Sendable {
    let atStart: AntipodeConfiguration
    private let newest: Mutex<AntipodeConfiguration>

    init(_ configuration: AntipodeConfiguration) {
        atStart = configuration
        newest = Mutex(configuration)
    }

    var configuration: AntipodeConfiguration {
        get { newest.withLock { $0 } }
        set { newest.withLock { $0 = newValue } }
    }
}

/// Reads the configuration anew on SIGHUP. A file with faults changes nothing.
struct Reloader: Service {
    let path: String
    let inForce: InForce
    let gateway: AntipodeGateway
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                let configuration = try Configuration.load(path: path)
                await tell(configuration, logger)
                try await gateway.reload(
                    configuration.gateway,
                    waiting: RestartNeeds.names(from: inForce.atStart, to: configuration))
                inForce.configuration = configuration
                await gateway.see(certificates: await Check.certificateEnds(of: configuration))
            } catch let faults as ConfigurationFaults {
                logger.error("The configuration has faults; the old one goes on", metadata: ["faults": "\(faults)"])
                let errors = faults.findings.filter { $0.level == .error }
                let first = errors.first.map { "\($0.key.isEmpty ? "the file" : $0.key) \($0.problem)" } ?? ""
                await gateway.noteRefusedReload("\(Pages.counted(errors.count, "fault")), first: \(first)")
            } catch {
                let detail = (error as? Failure)?.detail ?? "unexpected"
                logger.error("The configuration could not be put in force", metadata: ["detail": "\(detail)"])
            }
        }
    }
}

/// Looks at the certificates in use once an hour: a file can be replaced at any time, and time goes by.
struct CertificateWatch: Service {
    private static let pause = Duration.seconds(3600)

    let inForce: InForce
    let gateway: AntipodeGateway

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await gateway.see(certificates: await Check.certificateEnds(of: inForce.configuration))
                try? await Task.sleep(for: Self.pause)
            }
        }
    }
}
