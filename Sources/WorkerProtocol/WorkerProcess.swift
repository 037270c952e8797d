// One worker process, as the office sees it.

package import DICOMVocabulary
import Dispatch
import Glibc
import Synchronization

/// How a worker ended.
package enum WorkerExit: Sendable, Hashable, CustomStringConvertible {
    case status(CInt)
    case signal(CInt)

    package var description: String {
        switch self {
        case .status(let status): "ended with status \(status)"
        case .signal(let signal): "was ended by signal \(signal)"
        }
    }
}

/// A running worker: messages out and in, and a sure end. All members may be used from any task; messages have one
/// reader at a time.
///
///     let worker = try WorkerProcess(program: .init(executable: "/proc/self/exe", arguments: ["worker"]))
///     try worker.send(.echo(job))
///     for await message in worker.messages { … }
///     print(await worker.exit)
package final class WorkerProcess: Sendable {
    /// What is run. The worker finds its channel as descriptor 3.
    package struct Program: Sendable {
        package var executable: String
        package var arguments: [String]
        /// RLIMIT_AS in bytes, which the worker sets for itself.
        package var memory: Int
        /// Objects of the spool go through the page cache. Off, what is short enough goes past it.
        package var usesPageCache: Bool
        /// What its first data set would wait for is read while it stands ready.
        package var warmsUp: Bool

        package init(
            executable: String, arguments: [String], memory: Int = 2 << 30, usesPageCache: Bool = false,
            warmsUp: Bool = false
        ) {
            self.executable = executable
            self.arguments = arguments
            self.memory = memory
            self.usesPageCache = usesPageCache
            self.warmsUp = warmsUp
        }
    }

    /// A sequence over `receive`: ends with the process. Iterating again goes on where the last iteration stopped.
    package struct Messages: AsyncSequence, Sendable {
        package struct Iterator: AsyncIteratorProtocol {
            let channel: OfficeChannel

            package mutating func next() async -> WorkerMessage? {
                guard case .message(let message) = await channel.receive() else { return nil }
                return message
            }
        }
        let channel: OfficeChannel

        package func makeAsyncIterator() -> Iterator { Iterator(channel: channel) }
    }

    package let pid: CInt
    /// Where messages are read. Who answers at once does so there.
    package let loop: EventLoop
    private let channel: OfficeChannel
    private let ending: WorkerEnding

    /// Starts the process. Fails when the system has no room for another, or the executable cannot be run.
    package init(program: Program, loop: EventLoop = .working) throws(Failure) {
        let (pid, descriptor) = try WorkerSpawn.start(program)
        let ending = WorkerEnding(pid: pid)
        self.pid = pid
        self.ending = ending
        self.loop = loop
        channel = OfficeChannel(descriptor: descriptor, loop: loop) { ending.reap() }
    }

    deinit { ending.reap() }

    package var messages: Messages { Messages(channel: channel) }

    /// False from the moment the office has noticed the end.
    package var isAlive: Bool { !channel.isEnded }

    /// As `!isAlive`, asked of the system and not of what has been noticed.
    package var hasEnded: Bool { channel.hasHungUp }

    /// Whether the worker has yet to read something that it was sent.
    package var hasUnread: Bool { channel.hasUnread }

    package func receive(within seconds: Double? = nil) async -> Reception<WorkerMessage> {
        await channel.receive(within: seconds)
    }

    /// See `OfficeChannel.send`.
    package func send(_ message: OfficeMessage, descriptor: CInt? = nil) throws(Failure) {
        try channel.send(message, descriptor: descriptor)
    }

    /// SIGKILL, at once; nothing the worker does can prevent it. `receive` then gives what was said, and `.ended`.
    package func terminate() { ending.kill() }

    /// Waits for the end.
    package var exit: WorkerExit { get async { await ending.exit } }

    /// Called once, soon after the end.
    package func whenEnded(_ action: @escaping @Sendable (WorkerExit) -> Void) { ending.notify(action) }
}

/// The end of one process, reaped by its pid alone, so that other children of the program are left to their owners.
private final class WorkerEnding: Sendable {
    private struct State {
        var exit: WorkerExit?
        var reaping = false
        var actions: [@Sendable (WorkerExit) -> Void] = []
    }
    private static let queue = DispatchQueue(label: "antipode.worker.reaper")

    private let pid: pid_t
    private let state = Mutex(State())

    init(pid: pid_t) { self.pid = pid }

    /// Under the lock that `collect` takes the exit under: a pid that has been reaped may belong to a stranger.
    func kill() { state.withLock { state in if state.exit == nil { _ = Glibc.kill(pid, SIGKILL) } } }

    /// The channel has ended: whatever the process still does is of no use. A SIGKILL does not change the status of a
    /// process that is already on its way out.
    func reap() {
        let first = state.withLock { state in
            defer { state.reaping = true }
            return !state.reaping
        }
        guard first else { return }
        kill()
        Self.queue.async { self.collect(pause: 1) }
    }

    /// Never blocks: a process that hangs in the kernel is asked for again later. Pauses are milliseconds.
    private func collect(pause: Int) {
        let (exit, actions): (WorkerExit?, [@Sendable (WorkerExit) -> Void]) = state.withLock { state in
            var status: CInt = 0
            let result = waitpid(pid, &status, WNOHANG)
            if result == 0 || (result < 0 && errno == EINTR) { return (nil, []) }
            let signal = status & 0x7F
            let exit: WorkerExit =
                result < 0 ? .status(-1) : signal != 0 ? .signal(signal) : .status(status >> 8 & 0xFF)
            state.exit = exit
            defer { state.actions = [] }
            return (exit, state.actions)
        }
        guard let exit else {
            Self.queue.asyncAfter(deadline: .now() + .milliseconds(pause)) { self.collect(pause: min(pause * 2, 1000)) }
            return
        }
        for action in actions { action(exit) }
    }

    func notify(_ action: @escaping @Sendable (WorkerExit) -> Void) {
        let exit: WorkerExit? = state.withLock { state in
            if state.exit == nil { state.actions.append(action) }
            return state.exit
        }
        if let exit { action(exit) }
    }

    var exit: WorkerExit {
        get async {
            await withCheckedContinuation { continuation in notify { continuation.resume(returning: $0) } }
        }
    }
}
