import DICOMVocabulary
import Glibc
import Synchronization
import Testing
import WorkerProtocol

@Suite struct WorkerPoolTests {
    private func makePool(
        _ program: WorkerProcess.Program, warm: Int = 0, maximum: Int, jobs: Int = 100,
        pause: @escaping @Sendable (Double) async -> Void = { try? await Task.sleep(for: .seconds($0)) }
    ) -> WorkerPool {
        WorkerPool(
            settings: .init(warm: warm, maximum: maximum, jobsPerWorker: jobs),
            spawn: { () throws(Failure) in try WorkerProcess(program: program) }, pause: pause)
    }

    @Test("a lease waits until a worker is given back, and gets that one")
    func waitsInLine() async throws {
        let pool = makePool(ScriptedWorker.diligent, maximum: 1)
        let first = try await pool.lease(within: 60)
        async let second = pool.lease(within: 60)
        while await pool.counts.waiting == 0 { await Task.yield() }
        #expect(await pool.counts.busy == 1)
        try first.send(.closeLane)
        await pool.giveBack(first)
        let again = try await second
        #expect(again === first)
        await pool.discard(again)
        await pool.stop()
    }

    @Test("a lease that nobody can serve in time fails as out of resources")
    func deadline() async throws {
        let pool = makePool(ScriptedWorker.patient, maximum: 1)
        let only = try await pool.lease(within: 60)
        let error = await #expect(throws: Failure.self) { try await pool.lease(within: 0.01) }
        #expect(error?.code == .outOfResources)
        #expect(error?.disposition == .tryAgain)
        await pool.discard(only)
    }

    @Test("a lease and an answer have the time of the settings where none is given")
    func settings() async throws {
        var settings = WorkerPool.Settings(warm: 0, maximum: 1, jobsPerWorker: 100)
        settings.lease = 0.01
        settings.answer = 0.02
        let pool = WorkerPool(
            settings: settings, spawn: { () throws(Failure) in try WorkerProcess(program: ScriptedWorker.patient) })
        let only = try await pool.lease(within: 60)
        #expect(await #expect(throws: Failure.self) { try await pool.lease() }?.code == .outOfResources)
        await pool.discard(only)
        settings.lease = 60
        await pool.reload(settings)
        // The patient one never answers.
        #expect(await #expect(throws: Failure.self) { try await pool.ask(.closeLane) }?.code == .workerTooSlow)
        await pool.stop()
    }

    @Test("a dead worker is never handed out, and makes room for another")
    func replaced() async throws {
        let pool = makePool(ScriptedWorker.patient, maximum: 1)
        let first = try await pool.lease(within: 60)
        await pool.discard(first)
        let second = try await pool.lease(within: 60)
        #expect(second !== first)
        #expect(second.isAlive)
        await pool.discard(second)
        _ = await first.exit
    }

    @Test("a worker that has done its number of jobs is retired")
    func recycled() async throws {
        let pool = makePool(ScriptedWorker.patient, maximum: 1, jobs: 1)
        let first = try await pool.lease(within: 60)
        await pool.giveBack(first)
        let second = try await pool.lease(within: 60)
        #expect(second !== first)
        await pool.discard(second)
        first.terminate()
    }

    @Test("warm workers stand ready before anybody asks")
    func warm() async throws {
        let pool = makePool(ScriptedWorker.patient, warm: 2, maximum: 3)
        try await pool.start()
        while await pool.counts.idle < 2 { await Task.yield() }
        let worker = try await pool.lease(within: 60)
        while await pool.counts.idle < 2 { await Task.yield() }
        #expect(await pool.counts.busy == 1)
        await pool.discard(worker)
        await pool.stop()
        #expect(await pool.counts.idle == 0)
    }

    @Test("of idle workers that have died together none is handed out, however many the office has yet to notice")
    func diedTogether() async throws {
        let born = Mutex([WorkerProcess]())
        let pool = WorkerPool(
            settings: .init(warm: 3, maximum: 9, jobsPerWorker: 100),
            spawn: { () throws(Failure) in
                let worker = try WorkerProcess(program: ScriptedWorker.patient)
                born.withLock { $0.append(worker) }
                return worker
            })
        try await pool.start()
        while await pool.counts.idle < 3 { await Task.yield() }
        let ended = born.withLock { $0 }
        for worker in ended { kill(worker.pid, SIGKILL) }
        for worker in ended { while !worker.hasEnded { await Task.yield() } }
        let next = try await pool.lease(within: 60)
        #expect(!ended.contains { $0 === next } && !next.hasEnded)
        await pool.stop()
        next.terminate()
    }

    /// Those that stand ready, and those that will.
    private func ready(_ pool: WorkerPool) async -> [Int] {
        let counts = await pool.counts
        return [counts.idle, counts.starting]
    }

    @Test("while peers come one after the other one worker stands ready; others are started one by one when it is calm")
    func calm() async throws {
        let calls = AsyncStream<CheckedContinuation<Void, Never>>.makeStream()
        let pool = makePool(ScriptedWorker.patient, warm: 4, maximum: 9) { _ in
            await withCheckedContinuation { calls.continuation.yield($0) }
        }
        var pauses = calls.stream.makeAsyncIterator()
        try await pool.start()
        while await pool.counts.idle < 4 { await Task.yield() }
        for _ in 0..<3 { _ = try await pool.lease(within: 60) }
        #expect(await ready(pool) == [1, 0])
        // Some came meanwhile.
        await pauses.next()?.resume()
        let second = await pauses.next()
        #expect(await ready(pool) == [1, 0])
        second?.resume()
        let third = await pauses.next()
        while await pool.counts.idle < 2 { await Task.yield() }
        #expect(await ready(pool) == [2, 0])
        third?.resume()
        await pauses.next()?.resume()
        while await pool.counts.idle < 4 { await Task.yield() }
        #expect(await ready(pool) == [4, 0])
        for _ in 0..<4 { _ = try await pool.lease(within: 60) }
        #expect(await ready(pool).reduce(0, +) == 1, "another is on its way before anybody asks")
        await pool.stop()
        await pauses.next()?.resume()
    }

    @Test("workers that die before they are ready are started again with growing pauses, not in a storm")
    func noStorm() async throws {
        let pauses = AsyncStream<Double>.makeStream()
        let pool = makePool(ScriptedWorker.stillborn, warm: 1, maximum: 1) { seconds in
            pauses.continuation.yield(seconds)
        }
        try await pool.start()
        var seen: [Double] = []
        for await pause in pauses.stream {
            seen.append(pause)
            if seen.count == 4 { break }
        }
        #expect(seen == [1, 2, 4, 8])
        await pool.stop()
    }

    @Test("a stopped pool refuses those who wait and those who come")
    func stops() async throws {
        let pool = makePool(ScriptedWorker.patient, maximum: 1)
        let only = try await pool.lease(within: 60)
        let waiting = Task { try await pool.lease(within: 60) }
        while await pool.counts.waiting == 0 { await Task.yield() }
        await pool.stop()
        await #expect(throws: Failure.self) { try await waiting.value }
        await #expect(throws: Failure.self) { try await pool.lease(within: 60) }
        await pool.giveBack(only)
        only.terminate()
    }
}
