// One lane: an association to a destination, through which one instance after another goes.

import DICOMVocabulary
import Foundation
import Journal
import Logging
import WorkerProtocol

/// Why a lane ended.
enum LaneEnd: Sendable {
    /// Nothing more to send, or the presentation contexts no longer fit what waits.
    case idle
    /// The road failed.
    case road(Failure)
    /// Asked to end.
    case stopped
}

/// Runs in one task. The journal holds all that must survive it: an open mark for the instance under way.
struct Lane: Sendable {
    let destination: DestinationSettings
    let ports: LanePorts
    let key: LaneKey
    let host: any LaneHost
    /// Opened though nothing waits, for what may come.
    let isWarm: Bool

    /// Bytes a second that a worker on a busy machine reads, checks and edits at least, pixels unpacked and packed again
    /// included.
    private static let slowestPreparing = 256.0 * 1024
    /// Fewer than the 128 of PS3.8 9.3.2.2, so that others have room.
    private static let maximumContexts = 110

    var stage: String { "lane \(key.lane) to \(destination.name)" }

    func run() async -> LaneEnd {
        defer { ports.pulse(stage, nil) }
        var contexts: [WaitingContext]
        do {
            contexts = try await ports.journal.distinctContexts(destination: destination.name, at: ports.now())
            if destination.warmLanes > 0, !contexts.isEmpty || isWarm {
                // A lane that stays is to fit what comes next, too.
                let usual = try await ports.journal.usualContexts(destination: destination.name)
                contexts = Self.contexts(waiting: contexts, usual: usual)
            }
        } catch {
            return .road(Self.failure(error))
        }
        guard !contexts.isEmpty else { return .idle }
        let worker: WorkerProcess
        do {
            worker = try await ports.pool.lease()
        } catch {
            return .road(error)
        }
        // Its messages are read on that thread. Its rows are committed elsewhere: whatever holds this thread up is not to hold up
        // the commits of others.
        let (end, worn) = await withTaskExecutorPreference(worker.loop) { await drive(worker, contexts) }
        if worn || !worker.isAlive { await ports.pool.discard(worker) } else { await ports.pool.giveBack(worker) }
        return end
    }

    /// All that waits, and of what lately went there as much as there is room for, each once.
    static func contexts(waiting: [WaitingContext], usual: [WaitingContext]) -> [WaitingContext] {
        waiting + usual.filter { !waiting.contains($0) }.prefix(max(0, maximumContexts - waiting.count))
    }

    /// What fails for no reason outside, whatever the object, may fail for good in that process and not in the next.
    static func blamesWorker(_ failure: Failure) -> Bool {
        failure.code == .unexpected && failure.scope == .destination
    }

    /// Also says whether the worker is in an unknown state and must not be used again.
    private func drive(_ worker: WorkerProcess, _ contexts: [WaitingContext]) async -> (LaneEnd, worn: Bool) {
        let job = LaneJob(
            peer: destination.peer, limits: destination.limits, scan: ports.scan,
            proposals: contexts.map { .init(sopClass: $0.sopClass, transferSyntax: $0.transferSyntax) },
            keepsAlive: destination.warmLanes > 0,
            spoolDirectory: ports.spoolDirectory, policy: destination.policy,
            compresses: destination.compression == .lossless)
        do throws(Failure) {
            let begin = ContinuousClock.now
            let patience = destination.limits.connect + destination.limits.negotiation + destination.limits.dimse + 10
            try await worker.openLane(job, within: patience) { await host.connected(key.lane, roundTrip: $0) }
            await host.associated(key.lane, seconds: (ContinuousClock.now - begin) / .seconds(1))
        } catch {
            return (.road(error), worn: error.code == .workerDied || error.code == .workerTooSlow)
        }
        FaultPoint.pass("lane.opened")
        return await send(through: worker, Set(contexts))
    }

    private func send(through worker: WorkerProcess, _ contexts: Set<WaitingContext>) async -> (LaneEnd, worn: Bool) {
        var settlement: Settlement?
        var told: PseudonymJob?
        var end: LaneEnd?
        var (usable, isBlamed) = (true, false)
        while true {
            let permission = end == nil ? await host.permission(of: key.lane) : .nothing
            let claimed: ClaimedInstance?
            do throws(Failure) {
                claimed = try await settleAndClaim(settlement, permission)
            } catch {
                // The open mark stays in the journal; the next start gives the instance back.
                return (.road(error), worn: true)
            }
            if settlement != nil { FaultPoint.pass("lane.after-row") }
            settlement = nil
            let bytesPerSecond = permission == .any ? await host.took(claimed, key.lane) : nil
            guard let claimed else {
                if permission != .nothing {
                    switch await rest(worker, after: permission) {
                    case .look: continue
                    case .close: break
                    case .gone(let reason, let worn): return (reason, worn)
                    }
                }
                if usable { try? worker.send(.closeLane) }
                return (end ?? (permission == .nothing ? .stopped : .idle), worn: !usable || isBlamed)
            }
            guard contexts.contains(.init(sopClass: claimed.sopClass, transferSyntax: claimed.transferSyntax)) else {
                settlement = Settlement(id: claimed.id, outcome: .giveBack(nil, mark: false, maximumMarks: .max))
                end = .idle
                continue
            }
            FaultPoint.pass(
                claimed.reportID == nil ? "lane.after-claim" : "deliver.after-claim", of: claimed.sopInstance.string)
            guard let outcome = await transmit(claimed, bytesPerSecond, &told, through: worker) else {
                // The peer had gone while the lane rested, and nothing was begun.
                settlement = Settlement(id: claimed.id, outcome: .giveBack(nil, mark: false, maximumMarks: .max))
                (usable, end) = (false, .idle)
                continue
            }
            FaultPoint.pass(
                claimed.reportID == nil ? "lane.after-ack-before-row" : "deliver.after-ack-before-row")
            settlement = settle(claimed, outcome)
            if let failure = outcome.failure, failure.scope == .destination || !outcome.laneUsable {
                usable = outcome.laneUsable
                isBlamed = Self.blamesWorker(failure)
                // Deferred, it was the instance: the road is neither found good nor bad.
                if case .deferred = settlement?.outcome, usable {
                    if isBlamed { end = .idle }
                    continue
                }
                end = failure.scope == .destination ? .road(failure) : .idle
            } else {
                await host.answered(key.lane, claimed, bytes: outcome.bytes)
            }
        }
    }

    /// An acknowledgement is written down as long as the journal can take any write: an instance whose acknowledgement
    /// were lost would be sent again. A full disk passes; a journal that has given up ends the daemon.
    private func settleAndClaim(
        _ settlement: Settlement?, _ permission: LanePermission
    ) async throws(Failure) -> ClaimedInstance? {
        let worst = if case .urgent = permission { ClaimedInstance.urgentRank } else { Int.max }
        var pause = 0.5
        while true {
            do throws(Failure) {
                return try await ports.journal.settleAndClaim(
                    settlement, lane: key, destination: destination.name, claim: permission != .nothing,
                    upToRank: worst, at: ports.now())
            } catch {
                // A page that cannot be read does not mend by waiting.
                guard settlement != nil, ports.journal.failure == nil, error.code != .journalDamaged,
                    !Task.isCancelled
                else { throw error }
                ports.logger.error(
                    "How an instance ended could not be written down yet",
                    metadata: ["destination": "\(destination.name)", "detail": "\(error.detail)"])
                try? await Task.sleep(for: .seconds(pause))
                pause = min(pause * 2, 10)
            }
        }
    }

    private func settle(_ claimed: ClaimedInstance, _ outcome: SendOutcome) -> Settlement {
        let result: Settlement.Outcome =
            if let failure = outcome.failure {
                Settling.outcome(
                    of: failure, claimed: claimed, retry: destination.retry, at: ports.now(), draw: ports.draw())
            } else {
                .acknowledged(status: outcome.status ?? 0)
            }
        if let failure = outcome.failure {
            ports.logger.warning(
                "An instance was not acknowledged",
                metadata: [
                    "transfer": "T\(claimed.transferID)", "destination": "\(destination.name)",
                    "code": "\(failure.code.rawValue)", "detail": "\(failure.detail)",
                ])
        } else {
            ports.acknowledged(claimed)
        }
        return Settlement(
            id: claimed.id, outcome: result, spoolKey: claimed.spoolKey, bytes: outcome.bytes, seconds: outcome.seconds)
    }

    /// nil when the peer ended the association before anything of the instance was done.
    private func transmit(
        _ claimed: ClaimedInstance, _ bytesPerSecond: Int64?, _ told: inout PseudonymJob?,
        through worker: WorkerProcess
    ) async -> SendOutcome? {
        do throws(Failure) {
            let pseudonym = try await ports.pseudonyms(claimed)
            var job = SendJob(
                spoolKey: claimed.spoolKey, sopClass: claimed.sopClass, sopInstance: claimed.sopInstance,
                transferSyntax: claimed.transferSyntax, digest: claimed.digest, pseudonym: pseudonym,
                announces: ports.isFirst(claimed), bytesPerSecond: bytesPerSecond, tellsSeries: claimed.isGrowing)
            if pseudonym != nil, pseudonym == told {
                job.pseudonym = nil
                job.pseudonymIsAsBefore = true
            }
            // What the worker was not told it would take for the study before.
            told = nil
            try worker.send(.send(job))
            told = pseudonym
            // On the wall clock, for the whole instance: a worker that hangs or drips is ended.
            let size = Double(leaving(claimed))
            let step = destination.limits.dimse + destination.limits.minimumRateWindow + destination.limits.workerMargin
            let patience = step + size / Double(max(destination.limits.minimumRate, 1))
            // While bytes move it says so every second; before, it reads and edits, which takes a while for a large one.
            let silence = step + size / Self.slowestPreparing
            ports.pulse(stage, patience + silence + 60)
            let deadline = ContinuousClock.now + .seconds(patience)
            while true {
                let left = max(0, (deadline - .now) / .seconds(1))
                switch try await worker.reply(within: left, silence: silence, onceMoving: step) {
                case .uidsMapped(let pairs):
                    FaultPoint.pass("lane.before-uids")
                    try await ports.departing(claimed, pairs)
                    FaultPoint.pass("lane.after-uids")
                    try worker.send(.proceed)
                case .sent(let outcome): return outcome
                case .laneClosed: return nil
                default: throw worker.outOfTurn()
                }
            }
        } catch {
            let alive = worker.isAlive && error.code != .workerTooSlow && error.code != .protocolError
            return SendOutcome(status: nil, failure: error, laneUsable: alive, bytes: 0, seconds: 0)
        }
    }

    /// Bytes that may leave: a deflated instance is sent unpacked.
    private func leaving(_ claimed: ClaimedInstance) -> Int64 {
        claimed.transferSyntax.isDeflated ? ports.scan.inflated(from: claimed.bytes) : claimed.bytes
    }

    private static func failure(_ error: any Error) -> Failure {
        error as? Failure
            ?? Failure(.unexpected, .tryAgain, .destination, detail: "the journal could not be written")
    }
}
