// Workers that stand ready, and the bound on how many there are.

package import DICOMVocabulary

/// Warm workers up to a number, more on demand up to another. A worker is used for one job at a time and replaced after
/// a number of jobs, or when it dies.
///
///     let worker = try await pool.lease(within: 10)
///     …                                       // one job, to its last message but `.ready`
///     await pool.giveBack(worker)             // or `discard`, when its state is in doubt
package actor WorkerPool {
    package struct Settings: Sendable {
        package var warm: Int
        package var maximum: Int
        package var jobsPerWorker: Int
        /// Seconds from the start of a process, or from the end of its job, to `.ready`.
        package var readiness: Double = 20
        /// Seconds that a worker which is to stand ready, and for which nobody waits, is put off: while peers come one after the other
        /// the processor belongs to those that are here.
        package var calm: Double = 1
        /// Seconds that a job waits for a worker, and seconds that a worker may take over one question; unless said otherwise.
        package var lease: Double = 30
        package var answer: Double = 120

        package init(warm: Int, maximum: Int, jobsPerWorker: Int) {
            self.warm = warm
            self.maximum = maximum
            self.jobsPerWorker = jobsPerWorker
        }
    }

    package struct Counts: Sendable, Equatable {
        package var idle: Int
        package var busy: Int
        package var starting: Int
        package var waiting: Int
    }

    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Result<WorkerProcess, Failure>, Never>
        let timer: Task<Void, Never>
    }

    private var settings: Settings
    private let spawn: @Sendable () throws(Failure) -> WorkerProcess
    private let pause: @Sendable (Double) async -> Void
    private var idle: [WorkerProcess] = []
    private var busy: [ObjectIdentifier: WorkerProcess] = [:]
    private var jobs: [ObjectIdentifier: Int] = [:]
    /// Processes between their start, or the end of a job, and `.ready`.
    private var starting: [ObjectIdentifier: WorkerProcess] = [:]
    private var waiters: [Waiter] = []
    private var waits = 0
    /// Workers that died before they were ready, in a row: something is wrong with the executable or the machine.
    private var stillborn = 0
    private var resting = false
    /// Rests since a worker was ready, of which each is twice as long as the one before.
    private var rests = 0
    /// Somebody is waiting for a calm moment to start another.
    private var replenishing = false
    /// How often a worker was handed out.
    private var handed = 0
    private var stopped = false

    /// `spawn` and `pause` are seams for tests.
    package init(
        settings: Settings, spawn: @escaping @Sendable () throws(Failure) -> WorkerProcess,
        pause: @escaping @Sendable (Double) async -> Void = { try? await Task.sleep(for: .seconds($0)) }
    ) {
        self.settings = settings
        self.spawn = spawn
        self.pause = pause
    }

    package init(settings: Settings, program: WorkerProcess.Program, loop: EventLoop = .working) {
        self.init(settings: settings, spawn: { () throws(Failure) in try WorkerProcess(program: program, loop: loop) })
    }

    package var patience: Double { settings.answer }

    package var counts: Counts {
        Counts(idle: idle.count, busy: busy.count, starting: starting.count, waiting: waiters.count)
    }

    /// Starts the warm workers. Fails when the first cannot be started at all.
    package func start() throws(Failure) {
        while idle.count + starting.count < min(settings.warm, settings.maximum) { try startOne() }
    }

    /// Takes effect for the next worker; nothing that runs is touched.
    package func reload(_ settings: Settings) {
        self.settings = settings
        refill()
    }

    /// A worker that has said `.ready`. Waits in line when all are busy; fails with `outOfResources` after `seconds`.
    package func lease(within seconds: Double? = nil) async throws(Failure) -> WorkerProcess {
        guard !stopped else { throw Self.closed }
        let seconds = seconds ?? settings.lease
        while let worker = idle.popLast() {
            if !worker.hasEnded { return hand(out: worker) }
            drop(worker)
        }
        waits += 1
        let number = waits
        let result: Result<WorkerProcess, Failure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let timer = Task { [pause] in
                    await pause(seconds)
                    if !Task.isCancelled { self.giveUp(number) }
                }
                waiters.append(Waiter(number: number, continuation: continuation, timer: timer))
                refill()
            }
        } onCancel: {
            Task { await self.giveUp(number) }
        }
        return try result.get()
    }

    /// After a job that ended cleanly. The worker is used again when it says `.ready`.
    package func giveBack(_ worker: WorkerProcess) {
        let id = ObjectIdentifier(worker)
        guard busy.removeValue(forKey: id) != nil else { return }
        if stopped || !worker.isAlive || jobs[id, default: 0] >= settings.jobsPerWorker {
            try? worker.send(.stop)
            retire(worker)
        } else {
            awaitReadiness(worker)
        }
        refill()
    }

    /// After a job that did not end cleanly: the process is killed.
    package func discard(_ worker: WorkerProcess) {
        worker.terminate()
        busy.removeValue(forKey: ObjectIdentifier(worker))
        drop(worker)
        refill()
    }

    /// Ends the idle workers and those that come back; busy ones finish under their lease.
    package func stop() {
        stopped = true
        for worker in idle + Array(starting.values) { worker.terminate() }
        for worker in idle { drop(worker) }
        idle = []
        let left = waiters
        waiters = []
        for waiter in left {
            waiter.timer.cancel()
            waiter.continuation.resume(returning: .failure(Self.closed))
        }
    }

    private static let closed = Failure(
        .cancelled, .tryAgain, .instance, detail: "the gateway is stopping and starts no more work")

    private func hand(out worker: WorkerProcess) -> WorkerProcess {
        let id = ObjectIdentifier(worker)
        busy[id] = worker
        jobs[id, default: 0] += 1
        handed += 1
        refill()
        return worker
    }

    private func giveUp(_ number: Int) {
        guard let index = waiters.firstIndex(where: { $0.number == number }) else { return }
        let waiter = waiters.remove(at: index)
        waiter.timer.cancel()
        waiter.continuation.resume(
            returning: .failure(
                Failure(
                    .outOfResources, .tryAgain, .instance, detail: "no worker became free in time",
                    hint: "Raise the number of workers, or look for what keeps them busy.")))
    }

    private var total: Int { idle.count + busy.count + starting.count }

    /// One for each that waits, and one that stands ready, at once; the others when it is calm.
    private func refill() {
        guard !stopped, !resting else { return }
        do throws(Failure) {
            while total < settings.maximum, starting.count < waiters.count || isShort(of: min(1, settings.warm)) {
                try startOne()
            }
        } catch {
            return rest()
        }
        if isShort(of: settings.warm), total < settings.maximum { replenish() }
    }

    private func isShort(of warm: Int) -> Bool { idle.count + starting.count < waiters.count + warm }

    /// One after the other, each when nobody has come for a while.
    private func replenish() {
        guard !replenishing else { return }
        replenishing = true
        Task { [pause, settings, handed] in
            await pause(settings.calm)
            self.replenishing = false
            self.becameCalm(since: handed)
        }
    }

    private func becameCalm(since: Int) {
        guard !stopped, !resting else { return }
        if handed == since, isShort(of: settings.warm), total < settings.maximum {
            do throws(Failure) {
                try startOne()
            } catch {
                return rest()
            }
        }
        refill()
    }

    private func startOne() throws(Failure) {
        let worker = try spawn()
        worker.whenEnded { [weak self, weak worker] _ in
            guard let self, let worker else { return }
            Task { await self.noteEnd(of: worker) }
        }
        awaitReadiness(worker)
    }

    private func awaitReadiness(_ worker: WorkerProcess) {
        starting[ObjectIdentifier(worker)] = worker
        let seconds = settings.readiness
        Task {
            var reception = await worker.receive(within: seconds)
            // A sign of life, or the news that a peer has gone, may still have been on its way when the job ended.
            waiting: while true {
                switch reception {
                case .message(.progress), .message(.laneClosed): reception = await worker.receive(within: seconds)
                default: break waiting
                }
            }
            if case .message(.ready) = reception { self.becameReady(worker) } else { self.neverReady(worker) }
        }
    }

    private func becameReady(_ worker: WorkerProcess) {
        guard starting.removeValue(forKey: ObjectIdentifier(worker)) != nil else { return }
        (stillborn, rests) = (0, 0)
        if stopped {
            try? worker.send(.stop)
            retire(worker)
        } else if waiters.isEmpty {
            idle.append(worker)
        } else {
            let waiter = waiters.removeFirst()
            waiter.timer.cancel()
            waiter.continuation.resume(returning: .success(hand(out: worker)))
        }
    }

    private func neverReady(_ worker: WorkerProcess) {
        worker.terminate()
        starting.removeValue(forKey: ObjectIdentifier(worker))
        // After a job an end is that job's doing and says nothing about the next process.
        if jobs[ObjectIdentifier(worker)] == nil { stillborn += 1 }
        drop(worker)
        if stillborn > 2 { rest() } else { refill() }
    }

    private func noteEnd(of worker: WorkerProcess) {
        if let index = idle.firstIndex(where: { $0 === worker }) {
            idle.remove(at: index)
            drop(worker)
            refill()
        }
    }

    private func drop(_ worker: WorkerProcess) {
        jobs.removeValue(forKey: ObjectIdentifier(worker))
    }

    /// A worker that was told to stop does so when it reads it; one that does not is ended.
    private func retire(_ worker: WorkerProcess) {
        drop(worker)
        Task { [pause, settings] in
            let overdue = Task {
                await pause(settings.readiness)
                if !Task.isCancelled { worker.terminate() }
            }
            _ = await worker.exit
            overdue.cancel()
        }
    }

    /// No restart storm: a second, then twice as long each time, half a minute at most.
    private func rest() {
        guard !resting else { return }
        resting = true
        let seconds = min(30, Double(1 << min(5, rests)))
        rests += 1
        Task { [pause] in
            await pause(seconds)
            self.resting = false
            self.refill()
        }
    }
}
