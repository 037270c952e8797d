// Another configuration for a gateway that runs.

package import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Logging
import WorkerProtocol

extension AntipodeGateway {
    /// Rules, sources and peers from a configuration that was found good. Open associations stay as they were admitted,
    /// running lanes end with the instance they hold. Folders and the vault's key stay as they were at the start.
    /// - Parameter waiting: settings that differ from those of the start and need another one.
    package func reload(_ new: GatewaySettings, waiting: [String]) async throws(Failure) {
        notifier.reloading()
        let settings = new.staying(where: self.settings)
        do throws(Failure) {
            try await intake.reload(settings.intake)
        } catch {
            // systemd waits for the end of a reload, also of one that failed.
            notifier.ready("the old configuration goes on")
            await note(.reloadFailed, "\(error.code.rawValue): \(error.detail)")
            throw error
        }
        self.settings = settings
        quota.reload(maximum: settings.spoolMaximum)
        await workPool.reload(Self.workPool(settings))
        await assembly.reload(patience: settings.intake.openPatience)
        await destinations.serve(settings.destinations, ports: ports(settings))
        plannerBell.ring()
        let names = waiting.joined(separator: ", ")
        if !waiting.isEmpty {
            logger.warning(
                "Settings changed of which the change waits: that needs a restart", metadata: ["settings": "\(names)"])
        }
        await note(.reloaded, waiting.isEmpty ? "" : "still as at the start, until a restart: \(names)")
        notifier.ready("reloaded")
        logger.notice("Reloaded")
    }

    /// A configuration with faults was not put in force.
    package func noteRefusedReload(_ detail: String) async { await note(.reloadFailed, detail) }
}
