// The loops of the stages, and the watch over them.

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Logging
import Spool
import Vault

extension AntipodeGateway {
    func assemblyLoop() async {
        while !Task.isCancelled {
            pulses.beat("assembly")
            await assembly.turn()
            await assembly.wait(atMost: 5)
        }
    }

    /// Turns until cancelled; `turn` gives the seconds until it wants to be called without a ring.
    func loop(_ name: String, _ bell: Bell, _ turn: () async throws -> Double) async {
        await Self.loop(name, bell, pulses, logger, turn)
    }

    static func loop(
        _ name: String, _ bell: Bell, _ pulses: Pulses, _ logger: Logger, _ turn: () async throws -> Double
    ) async {
        while !Task.isCancelled {
            pulses.beat(name)
            var pause = 5.0
            do {
                pause = try await turn()
            } catch {
                // A stop cuts short what waits for the journal, the vault or a worker; the next start does it.
                guard !Task.isCancelled else { return }
                let failure = error as? Failure
                logger.warning(
                    "A stage could not go on and will try again",
                    metadata: [
                        "stage": "\(name)", "code": "\(failure?.code.rawValue ?? "unexpected")",
                        "detail": "\(failure?.detail ?? "")",
                    ])
            }
            pulses.beat(name)
            await bell.wait(atMost: min(pause, 10))
        }
    }

    func planTurn() async throws -> Double {
        let planner = planner
        try await planner.planArriving()
        try await planner.planComplete()
        destinations.wake()
        return 10
    }

    func reportTurn() async throws -> Double {
        try await reportFlow.handleReceived()
        return 10
    }

    func pollTurn() async throws -> Double {
        try await polling.schedule(pendingPolls)
        let next = try await polling.askDue()
        // Nobody rings for an acknowledgement: there may be hundreds a second, and one look a second sees them all.
        return min(1, next.map { max(0.2, $0.timeIntervalSince(now())) } ?? 1)
    }

    func commitmentTurn() async throws -> Double {
        let question = try await committing().askDue()
        let answer = try await relay.turn { [pulses] in pulses.beat("commitments") }
        let next = [question, answer].compactMap { $0 }.min()
        // Nobody rings for an acknowledgement, as with reports.
        return min(2, next.map { max(0.2, $0.timeIntervalSince(now())) } ?? 2)
    }

    func sweepTurn() async throws -> Double {
        await witness.settle()
        quota.recount(try await journal.spoolBytes())
        try await settleAbandoned()
        guard timekeeper.isTrusted else { return 10 }
        let forgotten = try spool.sweepOrphans(olderThan: settings.orphanRetention, now: now().timeIntervalSince1970)
        if forgotten > 0 {
            logger.notice("Files that were set aside long ago were deleted", metadata: ["count": "\(forgotten)"])
            try await journal.record(
                event: EventRecord(at: now(), kind: "orphansDeleted", detail: "\(forgotten) files of orphans/"))
        }
        // After a rotation of the vault's key; nothing else waits for it.
        _ = try? await door.open().sealAnew(limit: 2000)
        let isBehind = try await Sweeping(
            journal: journal, spool: spool, retention: settings.retention, imageHistory: settings.imageHistory, now: now
        ).turn()
        return isBehind ? 0.5 : 10
    }

    /// Files of workers that were ended in the middle of an object, or between its row and its last flush.
    private func settleAbandoned() async throws {
        let files = try spool.sweepAbandoned(
            olderThan: 30, now: now().timeIntervalSince1970, row: journal.rowOfFile)
        for key in files.lost { await reception.takeBack(key) }
        guard !files.isEmpty else { return }
        logger.notice(
            "Unfinished files of ended workers were settled",
            metadata: [
                "deleted": "\(files.deleted)", "finished": "\(files.finished)", "lost": "\(files.lost.count)",
                "postponed": "\(files.postponed)",
            ])
    }

    /// Looks through every page of the journal, at the start and once a day.
    func damageLoop() async {
        while !Task.isCancelled {
            do throws(Failure) {
                damage = try await journal.damage()
            } catch {
                logger.error("The journal's pages could not be checked", metadata: ["detail": "\(error.detail)"])
            }
            if !damage.isEmpty {
                logger.error(
                    "The journal is damaged", metadata: ["found": "\(damage.joined(separator: "; "))"])
            }
            try? await Task.sleep(for: .seconds(86_400))
        }
    }

    /// Asks those that have no loop of their own whether they still take work. Each answers when its turn comes.
    private func ask() async {
        pulses.expect("journal")
        Task { [journal, pulses] in
            // Written or refused, it was taken up. That the file takes nothing is an alarm, and not ready, until it does again
            // (`JournalDatabase.trouble`): a restart would free neither a lock nor a disk.
            try? await journal.turn()
            pulses.beat("journal", within: Pulses.shortPatience)
        }
        let asked = await intake.askQueues { [pulses] name in
            pulses.beat("listener \(name)", within: Pulses.shortPatience)
        }
        for name in asked { pulses.expect("listener \(name)") }
        let stages = Set(asked.map { "listener \($0)" })
        for gone in pulses.stages where gone.hasPrefix("listener ") && !stages.contains(gone) { pulses.end(gone) }
    }

    /// Feeds systemd's watchdog only while every stage moves, and ends the program when the journal takes no more writes:
    /// after a failed fsync only a new start can tell what is on disk.
    func watch() async throws {
        let interval = min(notifier.watchdogInterval ?? 5, 5)
        var status = ""
        while !Task.isCancelled {
            if let failure = journal.failure { throw failure }
            if await timekeeper.look() { destinations.wake(tryingNow: settings.destinations.map(\.name)) }
            await ask()
            let stuck = pulses.stuck
            if stuck.isEmpty {
                notifier.watchdog()
            } else {
                logger.error("A stage does not move", metadata: ["stages": "\(stuck.joined(separator: ","))"])
            }
            let unserved = try? await journal.unserved(served: settings.destinations.map(\.name))
            let figures = try? await journal.counts(unserved: unserved ?? [])
            let text = "\(figures?.needsPerson ?? 0) need a person"
            if text != status { notifier.status(text) }
            status = text
            try await Task.sleep(for: .seconds(interval))
        }
    }
}
