// One incoming connection, from its first byte to its end, as the office sees it.

import DICOMVocabulary
import Foundation
import WorkerProtocol

/// Speaks with the receiving worker that holds the socket. Each wait has an end on the office's own clock: a worker that
/// hangs in C++ is killed, and its socket closes with it.
struct AssociationDialogue: Sendable {
    /// Beyond what the worker itself waits, before the office believes that it hangs.
    private static let margin = 30.0
    /// From the last sign of life inside an object: its rest at the minimum rate, and fsync on a busy disk.
    private static let durability = 120.0

    let connection: Connection
    let job: ReceiveJob
    let pool: WorkerPool
    let registry: AssociationRegistry
    let turns: NegotiationTurns
    let policy: @Sendable () -> AdmissionPolicy
    let store: IntakeDesk.Store
    let observe: IntakeDesk.Observe
    let now: @Sendable () -> Date

    func run() async {
        guard await turns.take(connection.address, within: job.limits.negotiation) else {
            return await refuse("too many connections from this address negotiate at once")
        }
        let worker: WorkerProcess
        do throws(Failure) {
            worker = try await pool.lease(within: job.limits.negotiation)
        } catch {
            turns.leave(connection.address)
            return await refuse(error.detail)
        }
        registry.negotiates(worker)
        do throws(Failure) {
            try worker.send(.receive(job), descriptor: connection.socket)
        } catch {
            // Only a message that fits no frame; the worker then sees nothing of it.
        }
        let patience = job.limits.negotiation + Self.margin
        switch await worker.receive(within: patience) {
        case .message(.associationRequested(let request)):
            await judge(request, worker)
        case .message(.associationEnded(let end)):
            negotiationEnded(worker)
            await failed(end)
            await settle(worker, after: end)
        case let reception:
            negotiationEnded(worker)
            let failure = await verdictOn(worker, reception)
            await failed(AssociationEnd(outcome: .connectionLost, instances: 0, bytes: 0, detail: failure.detail))
            await pool.discard(worker)
        }
    }

    private func refuse(_ reason: String) async {
        close(connection.socket)
        await observe(
            .connectionRefused(address: connection.address, listener: connection.listener.name, reason: reason))
    }

    private func negotiationEnded(_ worker: WorkerProcess) {
        registry.negotiationEnded(worker)
        turns.leave(connection.address)
    }

    private func failed(_ end: AssociationEnd) async {
        await observe(.connectionFailed(address: connection.address, listener: connection.listener.name, end))
    }

    private func judge(_ request: AssociationRequest, _ worker: WorkerProcess) async {
        let (admission, view) = registry.judge(
            request, from: connection, by: policy(), worker: worker, at: now())
        negotiationEnded(worker)
        switch (admission, view) {
        case (.admit(let source, let grant), let view?):
            try? worker.send(.accept(grant))
            await observe(.associationOpened(view))
            await converse(worker, source, view.key)
        case (.reject(let rejection, let reason), _):
            try? worker.send(.reject(rejection))
            await rejected(rejection, reason)
            if case .message(.associationEnded(let end)) = await worker.receive(within: Self.margin) {
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
        let idle = job.limits.idle + Self.margin
        let inside = job.limits.dimse + job.limits.minimumRateWindow + Self.durability
        var patience = idle
        while true {
            let reception = await worker.receive(within: patience)
            switch reception {
            case .message(.progress(let bytes)):
                patience = inside
                registry.update(key) { view in
                    view.inTransit = true
                    view.bytes = max(view.bytes, bytes)
                }
                await observe(.associationActive(key))
            case .message(.instanceStored(let instance)):
                patience = idle
                registry.update(key) { view in
                    view.inTransit = true
                    view.studies.removeAll { $0 == instance.study }
                    view.studies.append(instance.study)
                }
                let verdict = await store(instance, source, key)
                registry.update(key) { view in
                    view.inTransit = false
                    if verdict.keepFile || verdict.status == 0 { view.stored += 1 } else { view.refused += 1 }
                    view.bytes += instance.dataSetBytes
                }
                try? worker.send(.verdict(verdict))
            case .message(.instanceRefused(let refusal)):
                patience = idle
                registry.update(key) { view in
                    view.inTransit = false
                    view.refused += 1
                }
                await observe(.instanceRefused(refusal, source, key))
            case .message(.associationEnded(let end)):
                await ended(key, end, nil)
                return await settle(worker, after: end)
            default:
                let failure = await verdictOn(worker, reception)
                let view = registry.views.first { $0.key == key }
                let end = AssociationEnd(
                    outcome: .connectionLost, instances: view?.stored ?? 0, bytes: view?.bytes ?? 0,
                    detail: failure.detail + (view?.inTransit == true ? ", with an object on its way" : ""))
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
