// One incoming connection, from its first byte to its end, as the office sees it.

import DICOMVocabulary
import Foundation
import WorkerProtocol

/// Speaks with the receiving worker that holds the socket. Each wait has an end on the office's own clock: a worker that
/// hangs in C++ is killed, and its socket closes with it.
struct AssociationDialogue: Sendable {
    /// What an fsync on a busy disk may take, in margins.
    private static let marginsForTheDisk = 4.0
    /// Refused: Not Authorized (PS3.7 C.5.4).
    private static let notAuthorized: UInt16 = 0x0124

    /// Workers that are tried for one connection: twice as many as stand ready by default, all of which the system may have ended.
    /// Of those that stand still fewer, because each takes its time.
    private static let maximumWorkers = 16
    private static let maximumStandstills = 2

    let connection: Connection
    let job: ReceiveJob
    let pool: WorkerPool
    let registry: AssociationRegistry
    let turns: NegotiationTurns
    let policy: @Sendable () -> AdmissionPolicy
    let store: IntakeDesk.Store
    let commitments: (any CommitmentDesk)?
    let observe: IntakeDesk.Observe
    /// Seconds in which a worker has begun to read what has come; one that has not stands still.
    let pickUp: Double
    let now: @Sendable () -> Date

    func run() async {
        let origin = NegotiationTurns.Origin(address: connection.address, listener: connection.listener.name)
        guard let turn = await turns.take(origin, within: job.limits.negotiation) else {
            return await refuse("too many connections from this address negotiate at once")
        }
        let (handed, why) = await handOver(turn)
        guard let (worker, reception) = handed else {
            turns.leave(turn)
            return await refuse(why)
        }
        switch reception {
        case .message(.associationRequested(let request)):
            await judge(request, worker, turn)
        case .message(.associationEnded(let end)):
            negotiationEnded(worker, turn)
            await failed(end)
            await settle(worker, after: end)
        case let reception:
            let gaveWay = turns.gaveWay(turn)
            negotiationEnded(worker, turn)
            if gaveWay {
                await failed(
                    AssociationEnd(
                        outcome: .timedOut, instances: 0, bytes: 0,
                        detail: "it stood still in the negotiation while many others of its address waited"))
            } else {
                let failure = await verdictOn(worker, reception)
                await failed(AssociationEnd(outcome: .connectionLost, instances: 0, bytes: 0, detail: failure.detail))
            }
            await pool.discard(worker)
        }
    }

    /// Gives the connection to a worker and waits for its first word; nil and why when none takes it. A worker that dies
    /// before it has read a byte, as one does that was idle too long or that the system ended, or that stands still, is
    /// nothing that the peer need notice: the next one gets the connection.
    private func handOver(_ turn: NegotiationTurns.Turn) async -> ((WorkerProcess, Reception<WorkerMessage>)?, String) {
        let said = FirstMessage.waiting(on: connection.socket)
        // However short a negotiation may be, two that stand still must not use it up.
        let deadline =
            ContinuousClock.now + .seconds(job.limits.negotiation + Double(Self.maximumStandstills) * pickUp)
        var standstills = 0
        for attempt in 1...Self.maximumWorkers {
            let worker: WorkerProcess
            do throws(Failure) {
                let left = max(0, (deadline - .now) / .seconds(1))
                worker = try await pool.lease(within: min(left, job.limits.negotiation))
            } catch {
                return (nil, error.detail)
            }
            registry.negotiates(worker)
            turns.hold(turn) { worker.terminate() }
            do throws(Failure) {
                try worker.send(.receive(job), descriptor: fcntl(connection.socket, F_DUPFD_CLOEXEC, 0))
            } catch {
                // Only a message that fits no frame; the worker then sees nothing of it.
            }
            var reception = await worker.receive(within: pickUp)
            if case .late = reception {
                if standstills < Self.maximumStandstills, FirstMessage.waiting(on: connection.socket) >= said {
                    standstills += 1
                    worker.terminate()
                }
                reception = await worker.receive(within: job.limits.negotiation + job.limits.workerMargin - pickUp)
            }
            if case .ended = reception, attempt < Self.maximumWorkers, .now < deadline, !turns.gaveWay(turn),
                FirstMessage.waiting(on: connection.socket) >= said
            {
                registry.negotiationEnded(worker)
                await pool.discard(worker)
                continue
            }
            // From here on the worker's descriptor is the only one, and the connection ends with the worker.
            close(connection.socket)
            return ((worker, reception), "")
        }
        return (nil, "")
    }

    private func refuse(_ reason: String) async {
        BusySignal.reject(connection)
        await observe(
            .connectionRefused(address: connection.address, listener: connection.listener.name, reason: reason))
    }

    private func negotiationEnded(_ worker: WorkerProcess, _ turn: NegotiationTurns.Turn) {
        registry.negotiationEnded(worker)
        turns.leave(turn)
    }

    private func failed(_ end: AssociationEnd) async {
        await observe(.connectionFailed(address: connection.address, listener: connection.listener.name, end))
    }

    private func judge(
        _ request: AssociationRequest, _ worker: WorkerProcess, _ turn: NegotiationTurns.Turn
    ) async {
        let (admission, view) = registry.judge(
            request, from: connection, by: policy(), worker: worker, at: now())
        negotiationEnded(worker, turn)
        switch (admission, view) {
        case (.admit(let source, let grant), let view?):
            try? worker.send(.accept(grant))
            await observe(.associationOpened(view))
            // Its messages are read on that thread, and its rows are committed there.
            await withTaskExecutorPreference(worker.loop) { await converse(worker, source, view.key) }
        case (.reject(let rejection, let reason), _):
            try? worker.send(.reject(rejection))
            await rejected(rejection, reason)
            if case .message(.associationEnded(let end)) = await worker.receive(within: job.limits.workerMargin) {
                await settle(worker, after: end)
            } else {
                await pool.discard(worker)
            }
        default:
            await pool.discard(worker)
        }
    }

    private func rejected(_ rejection: AssociationRejection, _ reason: String) async {
        await observe(
            .associationRejected(
                address: connection.address, listener: connection.listener.name, rejection, reason: reason))
    }

    private func converse(_ worker: WorkerProcess, _ source: SourceSettings, _ key: AssociationKey) async {
        let idle = job.limits.idle + job.limits.workerMargin
        // From the last sign of life inside an object: its rest at the minimum rate, and its way to the disk.
        let inside =
            job.limits.dimse + job.limits.minimumRateWindow + job.limits.workerMargin * Self.marginsForTheDisk
        var patience = idle
        var wasCountedAsStored = false
        var lastStored: String?
        while true {
            let reception = await worker.receive(within: patience)
            switch reception {
            case .message(.instanceBegun(let uid)):
                patience = inside
                registry.update(key) { $0.instance = uid }
            case .message(.progress(let bytes)):
                patience = inside
                registry.update(key) { $0.bytes = max($0.bytes, bytes) }
                await observe(.associationActive(key))
            case .message(.instanceStored(let instance)):
                // Its way to the disk may still be before it.
                patience = max(idle, inside)
                registry.update(key) { view in
                    view.instance = instance.sopInstance
                    if view.studies.last != instance.study {
                        view.studies.removeAll { $0 == instance.study }
                        view.studies.append(instance.study)
                    }
                }
                let answer = await store(instance, source, key)
                try? worker.send(.verdict(answer.verdict))
                lastStored = instance.spoolKey
                wasCountedAsStored = answer.verdict.keepFile || answer.verdict.status == 0
                registry.update(key) { [wasCountedAsStored] view in
                    view.instance = nil
                    if wasCountedAsStored {
                        view.stored += 1
                    } else {
                        view.refused += 1
                    }
                    view.bytes += instance.dataSetBytes
                }
                await answer.afterwards()
            case .message(.instanceRefused(let refusal)):
                patience = idle
                registry.update(key) { view in
                    view.instance = nil
                    view.refused += 1
                }
                await observe(.instanceRefused(refusal, source, key))
            case .message(.instanceNotDurable(let spoolKey, let refusal)) where spoolKey == lastStored:
                patience = idle
                if wasCountedAsStored {
                    registry.update(key) { view in
                        view.stored -= 1
                        view.refused += 1
                    }
                }
                await observe(.instanceNotDurable(spoolKey: spoolKey, refusal, source, key))
            case .message(.commitmentRequested(let request)):
                patience = idle
                let status = await commitments?.requested(request, by: source, on: key)
                try? worker.send(.verdict(StoreVerdict(status: status ?? Self.notAuthorized, keepFile: false)))
            case .message(.commitmentReported(let report)):
                patience = idle
                let status = await commitments?.reported(report, by: source)
                try? worker.send(.verdict(StoreVerdict(status: status ?? Self.notAuthorized, keepFile: false)))
            case .message(.commitmentAwaited(let transaction)):
                // The worker counts how long its peer has been silent.
                patience = idle
                try? worker.send(.commitmentAnswer(await commitments?.answer(to: transaction, of: source)))
            case .message(.commitmentTold(let transaction, let status)):
                await commitments?.told(transaction, status: status, to: source)
            case .message(.associationEnded(let end)):
                await ended(key, end, nil)
                return await settle(worker, after: end)
            default:
                let failure = await verdictOn(worker, reception)
                let view = registry.views.first { $0.key == key }
                let end = AssociationEnd(
                    outcome: .connectionLost, instances: view?.stored ?? 0, bytes: view?.bytes ?? 0,
                    detail: failure.detail)
                await ended(key, end, failure)
                return await pool.discard(worker)
            }
        }
    }

    private func ended(_ key: AssociationKey, _ end: AssociationEnd, _ failure: Failure?) async {
        guard let view = registry.close(key) else { return }
        await observe(.associationEnded(view, end, failure: failure))
    }

    /// What stopped the dialogue; kills what still runs.
    private func verdictOn(_ worker: WorkerProcess, _ reception: Reception<WorkerMessage>) async -> Failure {
        switch reception {
        case .late:
            worker.terminate()
            return Failure(
                .workerTooSlow, .tryAgain, .instance, detail: "the receiving worker gave no sign of life and was ended")
        case .message(.failed(let failure)):
            return failure
        case .message:
            worker.terminate()
            return Failure(.protocolError, .tryAgain, .instance, detail: "the receiving worker spoke out of turn")
        case .cancelled:
            worker.terminate()
            return Failure(.cancelled, .tryAgain, .instance, detail: "the association was ended by the gateway")
        case .ended:
            return Failure(.workerDied, .tryAgain, .instance, detail: "the receiving worker \(await worker.exit)")
        }
    }

    /// After hostile or broken input the state of a C++ library is in doubt, and a new process is cheap.
    private func settle(_ worker: WorkerProcess, after end: AssociationEnd) async {
        switch end.outcome {
        case .released, .aborted, .rejected, .noCommonContext: await pool.giveBack(worker)
        case .timedOut, .tooSlow, .garbage, .tlsFailed, .connectionLost: await pool.discard(worker)
        }
    }
}
