// The office: everything that `antipode serve` runs, but pages and sockets for people.

package import DICOMVocabulary
import Forwarding
package import Foundation
import Intake
import Journal
package import Logging
import Routing
import ServiceLifecycle
import Spool
import Synchronization
import Vault
import WorkerProtocol

/// The pipeline. `open` recovers, `run` works until it is asked to stop, and `desk` is what operators talk to.
///
/// ```swift
/// let gateway = try await AntipodeGateway.open(settings, logger: logger, notifier: notifier)
/// try await ServiceGroup(services: [gateway, console, control], logger: logger).run()
/// ```
///
/// Stages hand over through the journal alone: a bell only says that it is worth looking, so a lost ring delays and
/// never loses.
package final class AntipodeGateway: Service, Sendable {
    private struct Live: Sendable {
        var settings: GatewaySettings
        var runners: [String: DestinationRunner] = [:]
        var runnerTasks: [String: Task<Void, Never>] = [:]
        var ready = false
    }

    private let journal: JournalDatabase
    private let spool: SpoolDirectory
    private let door: VaultDoor
    private let intakePool: WorkerPool
    private let workPool: WorkerPool
    private let intake: IntakeDesk
    private let assembly: AssemblyDesk
    private let counters: Counters
    private let pulses: Pulses
    private let notifier: Notifier
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let startedAt: Date
    private let session: String
    private let live: Mutex<Live>
    private let plannerBell: Bell
    private let reportBell: Bell
    private let pollBell: Bell

    /// Opens journal, vault and spool and recovers. Fails when another daemon owns the state folder, or when the journal
    /// cannot promise durability. A vault that cannot be opened is an alarm, not a failure.
    package static func open(
        _ settings: GatewaySettings, logger: Logger, notifier: Notifier,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> AntipodeGateway {
        let journal = try JournalDatabase.open(path: settings.journalPath)
        let spool = SpoolDirectory(path: settings.spool, freeFloor: settings.freeFloor)
        try await Recovery(journal: journal, spool: spool, logger: logger, now: now).run()
        return AntipodeGateway(settings, journal, spool, logger, notifier, now)
    }

    private init(
        _ settings: GatewaySettings, _ journal: JournalDatabase, _ spool: SpoolDirectory, _ logger: Logger,
        _ notifier: Notifier, _ now: @escaping @Sendable () -> Date
    ) {
        let plannerBell = Bell()
        let reportBell = Bell()
        let counters = Counters()
        let program = WorkerProcess.Program(
            executable: settings.workerExecutable, arguments: ["worker"], memory: Int(settings.workerMemory))
        let door = VaultDoor(path: settings.vaultPath, keyFile: settings.vaultKeyFile, now: now)
        let intakePool = WorkerPool(settings: IntakeDesk.poolSettings(settings.intake), program: program)
        let assembly = AssemblyDesk(journal: journal, now: now, completed: { plannerBell.ring() }, logger: logger)
        let witness = IntakeWitness(journal: journal, counters: counters, logger: logger, now: now)
        let reception = Reception(
            journal: journal, door: door, logger: logger, now: now, reportArrived: { reportBell.ring() })
        intake = IntakeDesk(
            settings: settings.intake,
            spool: SpoolLocation(directory: settings.spool, freeFloor: settings.freeFloor), pool: intakePool,
            logger: logger, now: now,
            store: { instance, source, association in
                let (verdict, study) = await reception.store(
                    instance, from: source, calledAE: association.calledAE.string)
                if verdict.status == 0 {
                    counters.add("antipode_instances_received_total", ["source": source.name])
                    counters.add("antipode_received_bytes_total", ["source": source.name], instance.dataSetBytes)
                }
                if let study {
                    await assembly.arrived(
                        study, from: association, quiet: source.quietPeriod(modality: instance.header.modality))
                }
                return verdict
            },
            observe: { event in
                switch event {
                case .associationActive(let key): await assembly.active(key)
                case .associationEnded(let view, _, _): await assembly.closed(view.key)
                default: break
                }
                await witness.see(event)
            })
        self.journal = journal
        self.spool = spool
        self.door = door
        self.intakePool = intakePool
        workPool = WorkerPool(settings: Self.workPool(settings), program: program)
        self.assembly = assembly
        self.counters = counters
        self.plannerBell = plannerBell
        self.reportBell = reportBell
        self.reception = reception
        pollBell = Bell()
        pulses = Pulses()
        self.notifier = notifier
        self.logger = logger
        self.now = now
        startedAt = now()
        session = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        live = Mutex(Live(settings: settings))
    }

    /// Lanes, one for the reports, one for the questions, one for an operator's echo.
    private static func workPool(_ settings: GatewaySettings) -> WorkerPool.Settings {
        let lanes = settings.destinations.reduce(0) { $0 + $1.lanes }
        return WorkerPool.Settings(
            warm: min(settings.intake.warmWorkers, lanes + 3), maximum: lanes + 8,
            jobsPerWorker: settings.intake.jobsPerWorker)
    }

    /// Seconds without a beat after which a stage counts as stuck: longer than any one step may take by its own deadlines.
    private static let patience: Double = 400

    private let reception: Reception
    private let reportMarks = ReportMarks()
    private let pendingPolls = PendingPolls()

    private var settings: GatewaySettings { live.withLock { $0.settings } }
    private var runners: [String: DestinationRunner] { live.withLock { $0.runners } }

    private var planner: Planner {
        Planner(
            journal: journal, door: door, settings: settings,
            rescan: IdentityRescan(spool: spool, bounds: settings.intake.scan, pool: workPool), logger: logger,
            now: now)
    }

    private var reportFlow: ReportFlow {
        ReportFlow(
            journal: journal, door: door, pool: workPool, settings: settings, logger: logger, now: now,
            delivered: { [weak self] in self?.wakeRunners() }, marks: reportMarks,
            beat: { [pulses] in pulses.beat("reports") })
    }

    private var polling: Polling {
        Polling(
            journal: journal, door: door, pool: workPool, reception: reception, settings: settings, logger: logger,
            now: now, beat: { [pulses] in pulses.beat("polls") })
    }

    // MARK: Running

    package func run() async throws {
        try await intakePool.start()
        try await workPool.start()
        let sources = settings.intake.sources
        try await assembly.recover { study in
            let source = sources.first { $0.name == study.source }
            return study.modalities.compactMap { source?.quietPeriod(modality: $0) }.max() ?? 30
        }
        try await polling.recover(pendingPolls)
        startRunners()
        try await intake.start()
        live.withLock { $0.ready = true }
        notifier.ready("receiving and sending")
        logger.notice("Ready", metadata: ["version": "\(JournalDesk.version)"])
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.assemblyLoop() }
                group.addTask { await self.loop("planner", self.plannerBell) { try await self.planTurn() } }
                group.addTask { await self.loop("reports", self.reportBell) { try await self.reportTurn() } }
                group.addTask { await self.loop("polls", self.pollBell) { try await self.pollTurn() } }
                group.addTask { await self.loop("sweep", Bell()) { try await self.sweepTurn() } }
                group.addTask { try await self.watch() }
                group.addTask { try? await gracefulShutdown() }
                // The first that ends is the shutdown, or the watch that found the journal unusable.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            await stop()
            throw error
        }
        await stop()
    }

    private func stop() async {
        notifier.stopping()
        live.withLock { $0.ready = false }
        let seconds = settings.drain
        logger.notice("Stopping: running instances are finished", metadata: ["at_most_seconds": "\(Int(seconds))"])
        let runners = Array(runners.values)
        let deadline = Task {
            try await Task.sleep(for: .seconds(seconds))
            for runner in runners { await runner.stop() }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.intake.drain(within: seconds) }
            for runner in runners { group.addTask { await runner.drain() } }
        }
        deadline.cancel()
        await workPool.stop()
        do {
            try journal.close()
        } catch {
            logger.error("The journal did not close cleanly", metadata: ["detail": "\(error.detail)"])
        }
        logger.notice("Stopped")
    }

    private func assemblyLoop() async {
        while !Task.isCancelled {
            pulses.beat("assembly")
            await assembly.turn()
            await assembly.wait(atMost: 5)
        }
    }

    /// Turns until cancelled; `turn` gives the seconds until it wants to be called without a ring.
    private func loop(_ name: String, _ bell: Bell, _ turn: () async throws -> Double) async {
        while !Task.isCancelled {
            pulses.beat(name)
            var pause = 5.0
            do {
                pause = try await turn()
            } catch {
                let failure = error as? Failure
                logger.warning(
                    "A stage could not go on and will try again",
                    metadata: [
                        "stage": "\(name)", "code": "\(failure?.code.rawValue ?? "unexpected")",
                        "detail": "\(failure?.detail ?? "")",
                    ])
            }
            pulses.beat(name)
            await bell.wait(atMost: min(pause, 10))
        }
    }

    private func planTurn() async throws -> Double {
        try await planner.planComplete()
        wakeRunners()
        return 10
    }

    private func reportTurn() async throws -> Double {
        try await reportFlow.handleReceived()
        return 10
    }

    private func pollTurn() async throws -> Double {
        try await polling.schedule(pendingPolls)
        let next = try await polling.askDue()
        // Nobody rings for an acknowledgement: there may be hundreds a second, and one look a second sees them all.
        return min(1, next.map { max(0.2, $0.timeIntervalSince(now())) } ?? 1)
    }

    private func sweepTurn() async throws -> Double {
        let abandoned = try spool.sweepAbandoned(olderThan: 30, now: now().timeIntervalSince1970)
        if abandoned > 0 {
            logger.notice("Unfinished files of ended workers were deleted", metadata: ["count": "\(abandoned)"])
        }
        try await Sweeping(journal: journal, spool: spool, retention: settings.retention, now: now).turn()
        return 10
    }

    /// Feeds systemd's watchdog only while every stage moves, and ends the program when the journal takes no more writes:
    /// after a failed fsync only a new start can tell what is on disk.
    private func watch() async throws {
        let interval = min(notifier.watchdogInterval ?? 5, 5)
        var status = ""
        while !Task.isCancelled {
            if let failure = journal.failure { throw failure }
            let stuck = pulses.stuck(after: Self.patience)
            if stuck.isEmpty {
                notifier.watchdog()
            } else {
                logger.error("A stage does not move", metadata: ["stages": "\(stuck.joined(separator: ","))"])
            }
            let figures = try? await journal.counts()
            let text = "\(figures?.needsPerson ?? 0) need a person"
            if text != status { notifier.status(text) }
            status = text
            try await Task.sleep(for: .seconds(interval))
        }
    }

    // MARK: Destinations

    private func ports(_ settings: GatewaySettings) -> LanePorts {
        let pseudonyms = Pseudonyms(door: door, settings: settings)
        return LanePorts(
            journal: journal, pool: workPool, scan: settings.intake.scan, spoolDirectory: settings.spool, now: now,
            draw: { Double.random(in: 0..<1) },
            pseudonyms: { claimed throws(Failure) in try await pseudonyms.job(for: claimed) },
            remember: { pairs throws(Failure) in try await pseudonyms.remember(pairs) },
            acknowledged: { [counters, pendingPolls] claimed in
                let labels = ["destination": claimed.destination]
                counters.add("antipode_instances_acknowledged_total", labels)
                counters.add("antipode_acknowledged_bytes_total", labels, claimed.bytes)
                if claimed.reportID == nil { pendingPolls.add(claimed.transferID) }
            }, logger: logger)
    }

    private func startRunners() {
        let settings = settings
        for destination in settings.destinations { startRunner(destination, settings) }
    }

    private func startRunner(_ destination: DestinationSettings, _ settings: GatewaySettings) {
        let runner = DestinationRunner(settings: destination, ports: ports(settings), session: session)
        let task = Task { await runner.run() }
        live.withLock { live in
            live.runners[destination.name] = runner
            live.runnerTasks[destination.name] = task
        }
    }

    private func wakeRunners() { for runner in runners.values { runner.wake() } }

    /// Rules, sources and peers from a configuration that was found good. Open associations stay as they were admitted,
    /// running lanes end with the instance they hold. Folders and the vault's key stay as they were at the start.
    package func reload(_ new: GatewaySettings) async throws(Failure) {
        notifier.reloading()
        let settings = new.staying(where: self.settings)
        if !new.hasPlaces(of: settings) {
            logger.warning("State folder, spool, vault key or worker memory changed: that needs a restart")
        }
        do throws(Failure) {
            try await intake.reload(settings.intake)
        } catch {
            // systemd waits for the end of a reload, also of one that failed.
            notifier.ready("the old configuration goes on")
            throw error
        }
        let old = live.withLock { live in
            let old = live.runners
            live.settings = settings
            return old
        }
        await workPool.reload(Self.workPool(settings))
        for destination in settings.destinations {
            if let runner = old[destination.name] {
                await runner.reload(destination, ports: ports(settings))
            } else {
                startRunner(destination, settings)
            }
        }
        for (name, runner) in old where settings.destination(name) == nil {
            await runner.drain()
            live.withLock { $0.runners[name] = nil }
        }
        plannerBell.ring()
        notifier.ready("reloaded")
        logger.notice("Reloaded")
    }

    // MARK: Looking

    /// What pages and the control socket talk to.
    package var desk: any OperatorDesk {
        LiveDesk(
            looking: { [self] in
                JournalDesk(
                    journal: journal, settings: settings, now: now,
                    find: { [door] text in (try? await door.open().studies(identifier: text)) ?? [] })
            },
            journal: journal, settings: { [self] in settings }, planner: { [self] in planner },
            reportFlow: { [self] in reportFlow }, pool: workPool, figures: { [self] in await figures() },
            counters: { [counters] in counters.samples }, now: now, logger: logger,
            wake: { [self] names in
                plannerBell.ring()
                reportBell.ring()
                pollBell.ring()
                for (name, runner) in runners {
                    if names.contains(name) { Task { await runner.tryNow() } } else { runner.wake() }
                }
            })
    }

    private func figures() async -> LiveFigures {
        var runnerFigures: [String: DestinationRunner.Figures] = [:]
        for (name, runner) in runners { runnerFigures[name] = await runner.figures }
        let associations = Dictionary(grouping: intake.associations, by: \.key.listener).mapValues(\.count)
        let listeners = await intake.openListeners.map { one in
            ListenerView(
                name: one.settings.name, address: one.settings.address, port: one.port, tls: one.settings.tls != nil,
                associations: associations[one.settings.name] ?? 0)
        }
        var alarms: [Notice] = []
        if let failure = door.alarm { alarms.append(Notice(failure)) }
        if let failure = journal.failure { alarms.append(Notice(failure)) }
        if let free = try? spool.freeBytes(), free < settings.freeFloor {
            alarms.append(
                Notice(
                    code: Failure.Code.spoolFull.rawValue, detail: "the spool is below its floor of free space",
                    hint: "Objects are refused with A700 until space is free; sending goes on."))
        }
        let stuck = pulses.stuck(after: Self.patience)
        if !stuck.isEmpty {
            alarms.append(
                Notice(
                    code: "stuck", detail: "no progress in \(stuck.joined(separator: ", "))",
                    hint: "Restart the service."))
        }
        return LiveFigures(
            startedAt: startedAt, ready: live.withLock { $0.ready } && stuck.isEmpty && journal.failure == nil,
            listeners: listeners, runners: runnerFigures, alarms: alarms)
    }
}
