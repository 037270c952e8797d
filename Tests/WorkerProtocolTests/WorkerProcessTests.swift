import DICOMVocabulary
import Glibc
import Testing
import WorkerProtocol

@Suite struct WorkerProcessTests {
    @Test("a process that exits is seen with its last words and its status")
    func exits() async throws {
        let worker = try WorkerProcess(program: ScriptedWorker.brief)
        var said = 0
        for await message in worker.messages { if case .ready = message { said += 1 } }
        #expect(said == 1)
        #expect(await worker.exit == .status(7))
        #expect(!worker.isAlive)
    }

    @Test("a process that is terminated ends by SIGKILL and is reaped")
    func terminates() async throws {
        let worker = try WorkerProcess(program: ScriptedWorker.patient)
        guard case .message(.ready) = await worker.receive(within: 60) else {
            Issue.record("not ready")
            return
        }
        #expect(worker.isAlive)
        worker.terminate()
        guard case .ended = await worker.receive(within: 60) else {
            Issue.record("not ended")
            return
        }
        #expect(await worker.exit == .signal(SIGKILL))
        #expect(kill(worker.pid, 0) == -1)
        worker.terminate()
    }

    @Test("a worker that gives no sign of life is ended long before its time for the whole job is over")
    func silent() async throws {
        let worker = try WorkerProcess(program: ScriptedWorker.patient)
        guard case .message(.ready) = await worker.receive(within: 60) else {
            Issue.record("not ready")
            return
        }
        let failure = await #expect(throws: Failure.self) { _ = try await worker.reply(within: 3600, silence: 0.05) }
        #expect(failure?.code == .workerTooSlow && failure?.scope == .instance)
        #expect(failure?.detail.contains("no sign of life") == true)
        #expect(await worker.exit == .signal(SIGKILL))
    }

    @Test("one that has not read what it was sent is ended for standing still, and the job is not to blame")
    func deaf() async throws {
        let worker = try WorkerProcess(program: ScriptedWorker.deaf)
        guard case .message(.ready) = await worker.receive(within: 60) else {
            Issue.record("not ready")
            return
        }
        #expect(!worker.hasUnread)
        try worker.send(.closeLane)
        #expect(worker.hasUnread)
        let failure = await #expect(throws: Failure.self) { _ = try await worker.reply(within: 0.05) }
        #expect(failure?.code == .workerTooSlow && failure?.scope == .destination)
        #expect(await worker.exit == .signal(SIGKILL))
    }

    @Test("a process that nobody holds any more is ended")
    func forgotten() async throws {
        var worker: WorkerProcess? = try WorkerProcess(program: ScriptedWorker.patient)
        guard case .message(.ready) = await worker?.receive(within: 60) else {
            Issue.record("not ready")
            return
        }
        let exit = AsyncStream<WorkerExit>.makeStream()
        worker?.whenEnded { exit.continuation.yield($0) }
        worker = nil
        var ends = exit.stream.makeAsyncIterator()
        #expect(await ends.next() == .signal(SIGKILL))
    }

    @Test("a worker inherits its channel and three standard descriptors, its own group, and little environment")
    func inheritance() async throws {
        // As a library may leave one: open, and not marked to be closed. Numbers that low are the shell's own.
        let forgotten = fcntl(2, F_DUPFD, 50)
        try #require(forgotten >= 50)
        defer { close(forgotten) }
        let program = ScriptedWorker.script(
            """
            ok=no
            [ -e /proc/$$/fd/3 ] && ! [ -e /proc/$$/fd/\(forgotten) ] || exit 1
            [ "$TCP_NODELAY" = 1 ] && [ -z "$HOME" ] && [ -n "$ANTIPODE_WORKER_MEMORY" ] \
              && [ "$(ps -o pgid= $$ | tr -d ' ')" = $$ ] && [ "$(readlink /proc/self/fd/0)" = /dev/null ] && ok=yes
            [ $ok = yes ]
            """)
        let worker = try WorkerProcess(program: program)
        #expect(await worker.exit == .status(0))
    }

    @Test("an executable that is not there is a failure to start, or an end with status 127")
    func missing() async throws {
        #expect(throws: Failure.self) {
            _ = try WorkerProcess(program: .init(executable: "/nowhere/antipode", arguments: ["worker"]))
        }
    }
}
