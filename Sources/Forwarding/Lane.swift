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
    /// Whether the circuit and the operator still let this lane take another instance.
    let mayGoOn: @Sendable () async -> Bool
    /// The association stands.
    let associated: @Sendable () async -> Void
    /// An instance was answered.
    let roadWorks: @Sendable () async -> Void

    func run() async -> LaneEnd {
        let contexts: [WaitingContext]
        do {
            contexts = try await ports.journal.distinctContexts(destination: destination.name, at: ports.now())
        } catch {
            return .road(Self.failure(error))
        }
        guard !contexts.isEmpty else { return .idle }
        let worker: WorkerProcess
        do {
            worker = try await ports.pool.lease(within: 30)
        } catch {
            return .road(error)
        }
        let (end, worn) = await drive(worker, contexts)
        if worn || !worker.isAlive { await ports.pool.discard(worker) } else { await ports.pool.giveBack(worker) }
        return end
    }

    /// Also says whether the worker is in an unknown state and must not be used again.
    private func drive(_ worker: WorkerProcess, _ contexts: [WaitingContext]) async -> (LaneEnd, worn: Bool) {
        let job = LaneJob(
            peer: destination.peer, limits: destination.limits, scan: ports.scan,
            proposals: contexts.map { .init(sopClass: $0.sopClass, transferSyntax: $0.transferSyntax) },
            spoolDirectory: ports.spoolDirectory)
        do throws(Failure) {
            try worker.send(.openLane(job))
            let patience = destination.limits.connect + destination.limits.negotiation + destination.limits.dimse + 10
            guard case .laneOpened = try await worker.reply(within: patience) else {
                throw worker.outOfTurn()
            }
        } catch {
            return (.road(error), worn: error.code == .workerDied || error.code == .workerTooSlow)
        }
        await associated()
        return await send(through: worker, Set(contexts))
    }

    private func send(through worker: WorkerProcess, _ contexts: Set<WaitingContext>) async -> (LaneEnd, worn: Bool) {
        var settlement: Settlement?
        var end: LaneEnd?
        var usable = true
        while true {
            let goOn: Bool
            if end == nil { goOn = await mayGoOn() } else { goOn = false }
            let claimed: ClaimedInstance?
            do throws(Failure) {
                claimed = try await settleAndClaim(settlement, claim: goOn)
            } catch {
                // The open mark stays in the journal; the next start gives the instance back.
                return (.road(error), worn: true)
            }
            settlement = nil
            guard let claimed else {
                if usable { try? worker.send(.closeLane) }
                return (end ?? (goOn ? .idle : .stopped), worn: !usable)
            }
            guard contexts.contains(.init(sopClass: claimed.sopClass, transferSyntax: claimed.transferSyntax)) else {
                settlement = Settlement(id: claimed.id, outcome: .giveBack(nil, mark: false, maximumMarks: .max))
                end = .idle
                continue
            }
            let outcome = await transmit(claimed, through: worker)
            settlement = settle(claimed, outcome)
            if let failure = outcome.failure, failure.scope == .destination || !outcome.laneUsable {
                usable = outcome.laneUsable
                // Deferred, it was the instance: the road is neither found good nor bad.
                if case .deferred = settlement?.outcome, usable { continue }
                end = failure.scope == .destination ? .road(failure) : .idle
            } else {
                await roadWorks()
            }
        }
    }

    /// An acknowledgement is written down as long as the journal can take any write: an instance whose acknowledgement
    /// were lost would be sent again. A full disk passes; a journal that has given up ends the daemon.
    private func settleAndClaim(_ settlement: Settlement?, claim: Bool) async throws(Failure) -> ClaimedInstance? {
        var pause = 0.5
        while true {
            do throws(Failure) {
                return try await ports.journal.settleAndClaim(
                    settlement, lane: key, destination: destination.name, claim: claim, at: ports.now())
            } catch {
                guard settlement != nil, ports.journal.failure == nil, !Task.isCancelled else { throw error }
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
        return Settlement(id: claimed.id, outcome: result, bytes: outcome.bytes, seconds: outcome.seconds)
    }

    private func transmit(_ claimed: ClaimedInstance, through worker: WorkerProcess) async -> SendOutcome {
        do throws(Failure) {
            let pseudonym = try await ports.pseudonyms(claimed)
            try worker.send(
                .send(
                    SendJob(
                        spoolKey: claimed.spoolKey, sopClass: claimed.sopClass, sopInstance: claimed.sopInstance,
                        transferSyntax: claimed.transferSyntax, pseudonym: pseudonym)))
            // On the wall clock, for the whole instance: a worker that hangs or drips is ended.
            let patience =
                destination.limits.dimse + destination.limits.minimumRateWindow + 30
                + Double(leaving(claimed)) / Double(max(destination.limits.minimumRate, 1))
            let deadline = ContinuousClock.now + .seconds(patience)
            while true {
                switch try await worker.reply(within: max(0, (deadline - .now) / .seconds(1))) {
                case .uidsMapped(let pairs):
                    try await ports.remember(pairs)
                    try worker.send(.proceed)
                case .sent(let outcome): return outcome
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

    static func failure(_ error: any Error) -> Failure {
        error as? Failure
            ?? Failure(.unexpected, .tryAgain, .destination, detail: "the journal could not be written")
    }
}
