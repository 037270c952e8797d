// The associations that are open now.

package import DICOMVocabulary
package import Foundation
import Synchronization
import WorkerProtocol

/// One open association, as pages show it.
package struct AssociationView: Sendable {
    package var key: AssociationKey
    package var source: String
    package var openedAt: Date
    /// Instances whose rows are committed, and those refused.
    package var stored = 0
    package var refused = 0
    package var bytes: Int64 = 0
    /// Studies of which it has sent instances, the latest last.
    package var studies: [UID] = []
    /// SOP Instance UID of the object that is on its way right now, as its request has it.
    package var instance: UID?
    package var inTransit: Bool { instance != nil }
}

/// Judging and counting are one step here, so that two requests cannot both take the last place. May be used from
/// anywhere.
final class AssociationRegistry: Sendable {
    private struct Entry {
        var view: AssociationView
        let worker: WorkerProcess
        var lastActivity: ContinuousClock.Instant
    }
    private struct State {
        var last: UInt64 = 0
        var open: [UInt64: Entry] = [:]
        /// Workers that still negotiate.
        var negotiating: [ObjectIdentifier: WorkerProcess] = [:]
    }
    private let state = Mutex(State())

    var views: [AssociationView] {
        state.withLock { $0.open.values.map(\.view) }.sorted { $0.key.number < $1.key.number }
    }

    var isEmpty: Bool { state.withLock { $0.open.isEmpty && $0.negotiating.isEmpty } }

    func negotiates(_ worker: WorkerProcess) {
        state.withLock { $0.negotiating[ObjectIdentifier(worker)] = worker }
    }

    func negotiationEnded(_ worker: WorkerProcess) {
        state.withLock { _ = $0.negotiating.removeValue(forKey: ObjectIdentifier(worker)) }
    }

    /// Judges, and enters what is admitted.
    func judge(
        _ request: AssociationRequest, from connection: Connection, by policy: AdmissionPolicy, worker: WorkerProcess,
        at time: Date
    ) -> (Admission, AssociationView?) {
        state.withLock { state in
            let admission = policy.judge(
                request, from: connection.address, to: connection.listener,
                openFrom: { name in state.open.values.count { $0.view.source == name } }, open: state.open.count)
            guard case .admit(let source, _) = admission, let calling = AETitle(request.callingAE),
                let called = AETitle(request.calledAE)
            else { return (admission, nil) }
            state.last += 1
            let key = AssociationKey(
                number: state.last, listener: connection.listener.name, address: connection.address,
                callingAE: calling, calledAE: called)
            let view = AssociationView(key: key, source: source.name, openedAt: time)
            state.open[key.number] = Entry(view: view, worker: worker, lastActivity: .now)
            return (admission, view)
        }
    }

    func update(_ key: AssociationKey, _ change: (inout AssociationView) -> Void) {
        state.withLock { state in
            guard var entry = state.open[key.number] else { return }
            change(&entry.view)
            entry.lastActivity = .now
            state.open[key.number] = entry
        }
    }

    func close(_ key: AssociationKey) -> AssociationView? {
        state.withLock { $0.open.removeValue(forKey: key.number)?.view }
    }

    /// Ends associations in which nothing has happened for `seconds`; nil ends them all, and what negotiates.
    func terminate(idleFor seconds: Double?) {
        let workers: [WorkerProcess] = state.withLock { state in
            guard let seconds else { return state.open.values.map(\.worker) + Array(state.negotiating.values) }
            let limit = ContinuousClock.now - .seconds(seconds)
            return state.open.values.filter { !$0.view.inTransit && $0.lastActivity < limit }.map(\.worker)
        }
        for worker in workers { worker.terminate() }
    }
}
