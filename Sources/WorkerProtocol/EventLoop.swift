// One thread that reads what workers say, and runs the tasks that answer them.

import DICOMVocabulary
import Glibc
import Synchronization

/// Waits for many descriptors at once, and is the executor of tasks that prefer it: a message that is read here, judged
/// here and answered from here is never handed from one thread to another, which costs more than all of these.
///
///     await withTaskExecutorPreference(worker.loop) { await converse(worker) }
///
/// It works in turns: everything that can be read is read, every task runs until it waits, and when nothing more is to
/// be done at this moment `atEndOfTurn` is done, once for all of them (the journal commits there). What runs here must
/// not wait for long, because all others wait with it.
///
/// There are two for the whole program, which never end, because a task does not keep its executor alive.
package final class EventLoop: TaskExecutor {
    /// For receiving workers: a sender waits for what is committed here.
    package static let receiving = EventLoop(name: "receiving")
    /// For all other workers, and the lanes that drive some of them.
    package static let working = EventLoop(name: "working")

    /// A turn ends after so many looks at the descriptors, also when there is always something to read.
    private static let looksPerTurn = 8

    private struct Watched: Sendable {
        let number: UInt64
        let descriptor: CInt
        let events: Int16
        let action: @Sendable () -> Void
    }
    private struct State {
        var jobs: [UnownedJob] = []
        var watched: [UInt64: Watched] = [:]
        var numbers: UInt64 = 0
        /// The loop's own list is not that of `watched` any more.
        var changed = true
        /// Of watches that were cancelled; the loop closes them when it looks at them no more.
        var abandoned: [CInt] = []
        var endOfTurn: [@Sendable () -> Void] = []
        var asleep = false
    }

    private let state = Mutex(State())
    private let thread = Atomic<UInt>(0)
    /// A pipe, to wake the loop up.
    private let bell: (hears: CInt, rings: CInt)

    init(name: String) {
        var ends: [CInt] = [-1, -1]
        let code = pipe(&ends)
        precondition(code == 0, "no descriptor is left for a program that has hardly begun")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        bell = (ends[0], ends[1])
        Thread.detach(named: name) { [self] in run() }
    }

    // MARK: From any thread

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        change { $0.jobs.append(job) }
    }

    /// On the loop's thread: `action` is done when nothing more is to be done at this moment, and the answer is true.
    /// On any other thread nothing is done.
    package func atEndOfTurn(_ action: @escaping @Sendable () -> Void) -> Bool {
        guard thread.load(ordering: .relaxed) == UInt(pthread_self()) else { return false }
        state.withLock { $0.endOfTurn.append(action) }
        return true
    }

    /// Calls `action` on the loop's thread whenever the descriptor has one of the events of poll(2). Takes over the
    /// descriptor, which is closed some time after `cancel`.
    func watch(_ descriptor: CInt, for events: Int32, _ action: @escaping @Sendable () -> Void) -> UInt64 {
        change { state in
            state.numbers += 1
            state.watched[state.numbers] = Watched(
                number: state.numbers, descriptor: descriptor, events: Int16(events), action: action)
            state.changed = true
            return state.numbers
        }
    }

    /// After this the action begins no more; one that has begun may still be running.
    func cancel(_ watch: UInt64) {
        change { state in
            guard let watched = state.watched.removeValue(forKey: watch) else { return }
            state.abandoned.append(watched.descriptor)
            state.changed = true
        }
    }

    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, wake): (Result, Bool) = state.withLock { state in
            let result = body(&state)
            defer { state.asleep = false }
            return (result, state.asleep)
        }
        if wake { _ = write(bell.rings, "!", 1) }
        return result
    }

    // MARK: The thread

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        var watched: [Watched] = []
        var polled: [pollfd] = []
        var looks = 0
        while true {
            while let jobs = takeJobs() {
                for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
            }
            let isEnd = look(&watched, &polled)
            looks = isEnd ? 0 : looks + 1
            guard isEnd || looks >= Self.looksPerTurn else { continue }
            looks = 0
            for action in takeEndOfTurn() { action() }
        }
    }

    private func takeJobs() -> [UnownedJob]? {
        state.withLock { state in
            guard !state.jobs.isEmpty else { return nil }
            defer { state.jobs = [] }
            return state.jobs
        }
    }

    private func takeEndOfTurn() -> [@Sendable () -> Void] {
        state.withLock { state in
            defer { state.endOfTurn = [] }
            return state.endOfTurn
        }
    }

    /// Sleeps if there is nothing to do, and calls the actions of what is ready. True if nothing was.
    private func look(_ watched: inout [Watched], _ polled: inout [pollfd]) -> Bool {
        let patience: CInt = state.withLock { state in
            if state.changed {
                for descriptor in state.abandoned { close(descriptor) }
                state.abandoned = []
                state.changed = false
                watched = Array(state.watched.values)
                polled = watched.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
                polled.append(pollfd(fd: bell.hears, events: Int16(POLLIN), revents: 0))
            }
            state.asleep = state.jobs.isEmpty && state.endOfTurn.isEmpty
            return state.asleep ? -1 : 0
        }
        let count = poll(&polled, nfds_t(polled.count), patience)
        state.withLock { $0.asleep = false }
        guard count > 0 else { return true }
        if polled[watched.count].revents != 0 { silenceBell() }
        var isQuiet = true
        for (one, result) in zip(watched, polled) where result.revents != 0 {
            guard state.withLock({ $0.watched[one.number] != nil }) else { continue }
            isQuiet = false
            one.action()
        }
        return isQuiet
    }

    private func silenceBell() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while read(bell.hears, buffer.baseAddress, buffer.count) == buffer.count {}
        }
    }
}
