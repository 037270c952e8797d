import Dispatch
import Glibc
import Synchronization
import Testing

@testable import WorkerProtocol

@Suite("The event loop")
struct EventLoopTests {
    private let loop = EventLoop(name: "tested")

    private func pair() throws -> (CInt, CInt) {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    @Test("A task that prefers it runs on its thread, also after it waited for another", .timeLimit(.minutes(5)))
    func executor() async {
        let thread = await withTaskExecutorPreference(loop) { currentThread() }
        let again = await withTaskExecutorPreference(loop) {
            await Task.detached {}.value
            return currentThread()
        }
        #expect(thread == again && thread != currentThread())
    }

    @Test("What can be read is told, again and again until it is read", .timeLimit(.minutes(5)))
    func readable() async throws {
        let (hears, says) = try pair()
        let bytes = AsyncStream<UInt8>.makeStream()
        let watch = loop.watch(hears, for: POLLIN) {
            var byte: UInt8 = 0
            if read(hears, &byte, 1) == 1 { bytes.continuation.yield(byte) }
        }
        write(says, "abc", 3)
        var iterator = bytes.stream.makeAsyncIterator()
        for expected in "abc".utf8 { #expect(await iterator.next() == expected) }
        loop.cancel(watch)
        close(says)
    }

    @Test("A watch that was cancelled is silent, and its descriptor is closed", .timeLimit(.minutes(5)))
    func cancelled() async throws {
        let (hears, says) = try pair()
        let notes = Notes()
        let watch = loop.watch(hears, for: POLLIN) { notes.endTurn() }
        loop.cancel(watch)
        signal(SIGPIPE, SIG_IGN)
        // Only when nobody reads any more does a write fail.
        while write(says, "x", 1) == 1 { await Task.yield() }
        #expect(errno == EPIPE && notes.turns.isEmpty)
        close(says)
    }

    @Test(
        "The end of a turn comes once for all tasks that were ready, and never on another thread",
        .timeLimit(.minutes(5)))
    func endOfTurn() async {
        #expect(!loop.atEndOfTurn {})
        let notes = Notes()
        let loop = self.loop
        let gate = DispatchSemaphore(value: 0)
        // Holds the loop until every task is ready.
        let holder = Task(executorPreference: loop) { holdThread(gate) }
        let tasks = (0..<5).map { number in
            Task(executorPreference: loop) {
                guard notes.add(number) == 1 else { return }
                #expect(loop.atEndOfTurn { notes.endTurn() })
            }
        }
        gate.signal()
        await holder.value
        for task in tasks { await task.value }
        // Runs behind the end of that turn.
        await withTaskExecutorPreference(loop) { await Task.yield() }
        while notes.turns.isEmpty { await Task.yield() }
        #expect(notes.turns == [Set(0..<5)])
    }
}

private final class Notes: Sendable {
    private struct State {
        var numbers: Set<Int> = []
        var turns: [Set<Int>] = []
    }
    private let state = Mutex(State())

    var turns: [Set<Int>] { state.withLock { $0.turns } }

    func add(_ number: Int) -> Int {
        state.withLock { state in
            state.numbers.insert(number)
            return state.numbers.count
        }
    }

    func endTurn() { state.withLock { $0.turns.append($0.numbers) } }
}

private func currentThread() -> UInt { UInt(pthread_self()) }

private func holdThread(_ gate: DispatchSemaphore) { gate.wait() }
