// Signs of life inside an object.

import DICOMVocabulary
import Glibc
import Synchronization
import WorkerProtocol

/// Tells the office once a second how many bytes have moved, while an object is under way for longer than that and only
/// when they have moved: a worker that hangs is silent. A thread of its own, made when it is first needed.
final class ProgressTicker: Sendable {
    private struct State {
        var bytes: (@Sendable () -> Int64)?
        var last: Int64 = -1
        var isRunning = false
    }

    private let channel: WorkerChannel
    private let state = Mutex(State())

    init(channel: WorkerChannel) { self.channel = channel }

    /// `bytes` is called from the ticker's thread, and never after `body` has returned.
    func during<R, E: Error>(bytes: @escaping @Sendable () -> Int64, _ body: () throws(E) -> R) throws(E) -> R {
        let mustStart = state.withLock { state in
            state.bytes = bytes
            state.last = -1
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if mustStart, !Thread.detach(named: "progress", { [self] in tick() }) {
            // Tried again with the next object.
            state.withLock { $0.isRunning = false }
        }
        defer { state.withLock { $0.bytes = nil } }
        return try body()
    }

    private func tick() {
        while true {
            sleep(1)
            let news: Int64? = state.withLock { state in
                guard let bytes = state.bytes?(), bytes != state.last else { return nil }
                state.last = bytes
                return bytes
            }
            if let news { try? channel.send(.progress(bytes: news)) }
        }
    }
}
