// From the first listener to the last instance.

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Logging
import ServiceLifecycle
import WorkerProtocol

extension AntipodeGateway {
    package func run() async throws {
        try await intakePool.start()
        try await workPool.start()
        let sources = settings.intake.sources
        try await assembly.recover { study in
            sources.first { $0.name == study.source }?.quietPeriod(modalities: study.modalities) ?? 30
        }
        try await polling.recover(pendingPolls)
        await destinations.serve(settings.destinations, ports: ports(settings))
        try await intake.start()
        isReady = true
        notifier.ready("receiving and sending")
        logger.notice("Ready", metadata: ["version": "\(JournalDesk.version)"])
        await note(.started, "version \(JournalDesk.version)")
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.assemblyLoop() }
                group.addTask { await self.loop("planner", self.plannerBell) { try await self.planTurn() } }
                group.addTask { await self.loop("reports", self.reportBell) { try await self.reportTurn() } }
                group.addTask { await self.loop("polls", self.pollBell) { try await self.pollTurn() } }
                group.addTask {
                    await self.loop("commitments", self.commitmentBell) { try await self.commitmentTurn() }
                }
                group.addTask { await self.loop("sweep", Bell()) { try await self.sweepTurn() } }
                group.addTask { await self.damageLoop() }
                group.addTask { try await self.watch() }
                group.addTask { try? await gracefulShutdown() }
                // The first that ends is the shutdown, or the watch that found the journal unusable.
                let end = await group.nextResult()
                group.cancelAll()
                // At once, while a stage still ends what it has begun: a reader's report may take its time.
                await drain()
                try end?.get()
            }
        } catch {
            await close()
            throw error
        }
        await close()
    }

    private func drain() async {
        notifier.stopping()
        isReady = false
        let seconds = settings.drain
        logger.notice("Stopping: running instances are finished", metadata: ["at_most_seconds": "\(Int(seconds))"])
        let deadline = Task {
            try await Task.sleep(for: .seconds(seconds))
            await destinations.stop()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.intake.drain(within: seconds) }
            group.addTask { await self.destinations.drain() }
        }
        deadline.cancel()
    }

    private func close() async {
        await workPool.stop()
        await witness.settle(all: true)
        FaultPoint.pass("stop.drained")
        await note(.stopped, "")
        // Of no use where the journal takes no more writes: then the end was not the asked one.
        try? await journal.setSetting(Recovery.politeEnd, to: "yes")
        do {
            try journal.close()
        } catch {
            logger.error("The journal did not close cleanly", metadata: ["detail": "\(error.detail)"])
        }
        logger.notice("Stopped")
    }
}
