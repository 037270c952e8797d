// A wait for a worker's word that somebody else may cut short.

import Synchronization
import WorkerProtocol

/// One wait. What the worker says meanwhile is lost by nothing: it is heard here, or by who waits next.
final class HearingTask: Sendable {
    private struct State {
        var task: Task<Reception<WorkerMessage>, Never>?
        var isCut = false
    }
    private let worker: WorkerProcess
    private let state = Mutex(State())

    init(_ worker: WorkerProcess) { self.worker = worker }

    /// May be called from anywhere, before `run` too.
    func cut() {
        state.withLock { state in
            state.isCut = true
            state.task?.cancel()
        }
    }

    /// `.cancelled` when it was cut short, or the calling task was cancelled.
    func run(within seconds: Double) async -> Reception<WorkerMessage> {
        let task = Task { [worker] in await worker.receive(within: seconds) }
        state.withLock { state in
            state.task = task
            if state.isCut { task.cancel() }
        }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
