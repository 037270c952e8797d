// The disk at work while the network is read.

import DICOMVocabulary
import Dispatch
import Glibc
import Synchronization

/// Writes what stands in a `Staging` to a file, on a thread of its own that is made when it is first needed: whoever receives an
/// object goes on receiving while its beginning is on the way to the disk. One file at a time. What waits is written at once,
/// however often it was asked for, so that a slow disk gets fewer and longer writes.
final class StagedWriting: Sendable {
    /// Writes these bytes of the staging to these places of the file; why it could not.
    typealias Write = @Sendable (_ descriptor: CInt, Range<Int>) -> Failure?

    private struct State {
        var descriptor: CInt = -1
        /// So many bytes are written, or are being written.
        var begun = 0
        var wanted = 0
        var failure: Failure?
        var hasThread = false
        var isAsleep = true
        var isAwaited = false
        var isOver = false
    }

    private let write: Write
    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    init(_ write: @escaping Write) { self.write = write }

    /// A new file, which has no byte yet; its descriptor is the caller's, and stays open until `settle` has returned. Waits until
    /// what was asked for before has ended.
    func begin(_ descriptor: CInt) {
        _ = settle()
        state.withLock { state in
            state.descriptor = descriptor
            (state.begun, state.wanted, state.failure) = (0, 0, nil)
        }
    }

    /// Asks for all bytes up to `end`, and waits for nothing. Gives why an earlier write failed. False where there is no thread to
    /// do it: nothing is written then.
    func ask(upTo end: Int) -> (isTaken: Bool, failure: Failure?) {
        let (mustStart, mustWake): (Bool, Bool) = state.withLock { state in
            state.wanted = max(state.wanted, end)
            guard state.isAsleep else { return (false, false) }
            state.isAsleep = false
            defer { state.hasThread = true }
            return (!state.hasThread, state.hasThread)
        }
        if mustWake { work.signal() }
        if mustStart, !Thread.detach(named: "spool writer", { [self] in run() }) {
            state.withLock { state in
                state.wanted = state.begun
                (state.hasThread, state.isAsleep) = (false, true)
            }
            return (false, nil)
        }
        return (true, state.withLock { $0.failure })
    }

    /// Whoever is writing goes on up to `end`. Where nobody is, nobody is woken: to do the rest oneself costs less.
    func goOn(upTo end: Int) {
        state.withLock { state in
            if !state.isAsleep { state.wanted = max(state.wanted, end) }
        }
    }

    /// Waits until all that was asked for is written, or one write has failed; gives up to where all is written, and why not.
    func settle() -> (written: Int, failure: Failure?) {
        let mustWait = state.withLock { state in
            if !state.isAsleep { state.isAwaited = true }
            return !state.isAsleep
        }
        if mustWait { done.wait() }
        return state.withLock { ($0.begun, $0.failure) }
    }

    /// No more is asked for; the thread ends.
    func end() {
        _ = settle()
        let hasThread = state.withLock { state in
            state.isOver = true
            return state.hasThread
        }
        if hasThread { work.signal() }
    }

    private func run() {
        while true {
            let next: (descriptor: CInt, bytes: Range<Int>)? = state.withLock { state in
                guard state.wanted > state.begun, state.failure == nil else {
                    state.isAsleep = true
                    if state.isAwaited { done.signal() }
                    state.isAwaited = false
                    return nil
                }
                defer { state.begun = state.wanted }
                return (state.descriptor, state.begun..<state.wanted)
            }
            if let next {
                let failure = write(next.descriptor, next.bytes)
                if failure != nil { state.withLock { $0.failure = failure } }
                continue
            }
            work.wait()
            if state.withLock({ $0.isOver }) { return }
        }
    }
}
