// The office: everything that `antipode serve` runs, but pages and sockets for people. Here: of what it is made.

import DICOMVocabulary
import Forwarding
package import Foundation
import Intake
import Journal
package import Logging
import Reports
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
        var ready = false
        var damage: [String] = []
        var certificates: [CertificateEnd] = []
    }
    /// What reload changes, for those that were made before the gateway was.
    private final class Shared: Sendable {
        let live: Mutex<Live>

        init(_ live: Live) { self.live = Mutex(live) }
    }

    let journal: JournalDatabase
    let spool: SpoolDirectory
    /// Held for as long as the gateway lives.
    private let spoolOwner: OwnerLock
    let timekeeper: Timekeeper
    let witness: IntakeWitness
    let door: VaultDoor
    let intakePool: WorkerPool
    let workPool: WorkerPool
    let intake: IntakeDesk
    let assembly: AssemblyDesk
    let counters: Counters
    let pulses: Pulses
    let quota: SpoolQuota
    let notifier: Notifier
    let logger: Logger
    let now: @Sendable () -> Date
    let startedAt: Date
    private let shared: Shared
    let committing: @Sendable () -> Committing
    let destinations: Destinations
    let reception: Reception
    let planDeferrals = Deferrals()
    private let earlyPlans: EarlyPlans
    let reportDeferrals = Deferrals()
    private let pollMemory = PollMemory()
    let relay: CommitmentRelay
    let pendingPolls = PendingPolls()
    let plannerBell: Bell
    let reportBell: Bell
    let pollBell: Bell
    let commitmentBell: Bell

    /// Opens journal, vault and spool and recovers. Fails when another daemon owns the state folder, or when the journal
    /// cannot promise durability. A vault that cannot be opened is an alarm, not a failure.
    package static func open(
        _ settings: GatewaySettings, logger: Logger, notifier: Notifier,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> AntipodeGateway {
        let spool = SpoolDirectory(path: settings.spool, freeFloor: settings.freeFloor)
        guard FileManager.default.fileExists(atPath: settings.journalPath) || !spool.holdsObjects else {
            throw Failure(
                .missingFile, .person, .instance, detail: "the spool holds objects, and there is no journal",
                hint: "Put the journal back from a backup, or name an empty spool folder to begin anew.")
        }
        let journal = try JournalDatabase.open(
            path: settings.journalPath, atEndOfTurn: { EventLoop.receiving.atEndOfTurn($0) })
        try journal.makeRoomInLog()
        try spool.prepare()
        let owner = try spool.own()
        let timekeeper = Timekeeper(journal: journal, logger: logger, now: now)
        try await timekeeper.start(settings)
        try await Recovery(
            journal: journal, spool: spool, logger: logger, now: now, maximumCrashes: settings.maximumCrashes
        ).run()
        return AntipodeGateway(settings, journal, spool, owner, timekeeper, logger, notifier, now)
    }

    private init(
        _ settings: GatewaySettings, _ journal: JournalDatabase, _ spool: SpoolDirectory, _ spoolOwner: OwnerLock,
        _ timekeeper: Timekeeper, _ logger: Logger, _ notifier: Notifier, _ now: @escaping @Sendable () -> Date
    ) {
        let plannerBell = Bell()
        let reportBell = Bell()
        let commitmentBell = Bell()
        let counters = Counters()
        let program = WorkerProcess.Program(
            executable: settings.workerExecutable, arguments: ["worker"], memory: Int(settings.workerMemory),
            usesPageCache: settings.usesPageCache)
        let door = VaultDoor(path: settings.vaultPath, keyFile: settings.vaultKeyFile, now: now)
        let intakePool = WorkerPool(
            settings: IntakeDesk.poolSettings(settings.intake), program: program, loop: .receiving)
        let assembly = AssemblyDesk(
            journal: journal, now: now, completed: { plannerBell.ring() }, logger: logger,
            patience: settings.intake.openPatience)
        let witness = IntakeWitness(journal: journal, counters: counters, logger: logger, now: now)
        var workProgram = program
        workProgram.warmsUp = true
        let workPool = WorkerPool(settings: Self.workPool(settings), program: workProgram)
        let pulses = Pulses()
        let shared = Shared(Live(settings: settings))
        let destinations = Destinations(session: String(UInt64.random(in: 0...UInt64.max), radix: 36))
        let earlyPlans = EarlyPlans()
        let quota = SpoolQuota(maximum: settings.spoolMaximum)
        let reception = Reception(
            journal: journal, door: door, spool: spool, quota: quota, logger: logger, now: now,
            rules: { shared.live.withLock { $0.settings.rules } }, reportArrived: { reportBell.ring() })
        let commitmentDeferrals = Deferrals()
        let committing: @Sendable () -> Committing = {
            Committing(
                journal: journal, door: door, pool: workPool, settings: shared.live.withLock { $0.settings },
                counters: counters, logger: logger, now: now, deferrals: commitmentDeferrals,
                draw: { Double.random(in: 0..<1) },
                beat: { pulses.beat("commitments") },
                changed: {
                    commitmentBell.ring()
                    destinations.wake()
                })
        }
        let relay = CommitmentRelay(
            journal: journal, pool: workPool, settings: { shared.live.withLock { $0.settings } }, counters: counters,
            logger: logger, now: now, draw: { Double.random(in: 0..<1) }, committing: committing,
            asked: { commitmentBell.ring() })
        intake = IntakeDesk(
            settings: settings.intake,
            spool: SpoolLocation(directory: settings.spool, freeFloor: settings.freeFloor), pool: intakePool,
            logger: logger, now: now, commitments: relay,
            store: { instance, source, association in
                let (verdict, study) = await reception.store(
                    instance, from: source, calledAE: association.calledAE.string)
                return IntakeDesk.StoreAnswer(verdict) {
                    if verdict.status == 0 {
                        counters.add("antipode_instances_received_total", ["source": source.name])
                        counters.add("antipode_received_bytes_total", ["source": source.name], instance.dataSetBytes)
                    }
                    if let study {
                        let isFirst = await assembly.arrived(
                            study, from: association, quiet: source.quietPeriod(modality: instance.header.modality))
                        if isFirst, shared.live.withLock({ $0.settings.rules.mayBeImmediate }) {
                            plannerBell.ring()
                        }
                        if earlyPlans.isPlanned(study) { destinations.wake() }
                    }
                }
            },
            observe: { event in
                switch event {
                case .associationActive(let key): await assembly.active(key)
                case .associationEnded(let view, _, _): await assembly.closed(view.key)
                case .instanceNotDurable(let spoolKey, _, _, _): await reception.takeBack(spoolKey)
                default: break
                }
                await witness.see(event)
            })
        self.journal = journal
        self.spool = spool
        self.spoolOwner = spoolOwner
        self.timekeeper = timekeeper
        self.witness = witness
        self.door = door
        self.intakePool = intakePool
        self.workPool = workPool
        self.assembly = assembly
        self.counters = counters
        self.plannerBell = plannerBell
        self.reportBell = reportBell
        self.reception = reception
        self.quota = quota
        self.earlyPlans = earlyPlans
        pollBell = Bell()
        self.pulses = pulses
        self.commitmentBell = commitmentBell
        self.relay = relay
        self.committing = committing
        self.notifier = notifier
        self.logger = logger
        self.now = now
        startedAt = now()
        self.destinations = destinations
        self.shared = shared
    }

    /// Lanes, one for the reports, one for the questions to each reader and about commitments to each destination, one for
    /// what modalities are told, one for an operator's echo.
    static func workPool(_ settings: GatewaySettings) -> WorkerPool.Settings {
        let lanes = settings.destinations.reduce(0) { $0 + $1.lanes }
        let readers = settings.reports.count { $0.method != .push }
        let committing = settings.destinations.count { $0.commitment != nil }
        var pool = WorkerPool.Settings(
            warm: min(settings.intake.warmWorkers, lanes + 3), maximum: lanes + readers + committing + 9,
            jobsPerWorker: settings.intake.jobsPerWorker)
        pool.lease = settings.workerLease
        pool.answer = settings.workerAnswer
        return pool
    }

    /// What holds from now on for every stage that asks. `reload` alone changes it.
    var settings: GatewaySettings {
        get { shared.live.withLock { $0.settings } }
        set { shared.live.withLock { $0.settings = newValue } }
    }

    /// Whether the listeners are open and the stages run.
    var isReady: Bool {
        get { shared.live.withLock { $0.ready } }
        set { shared.live.withLock { $0.ready = newValue } }
    }

    /// When the certificates in use end, by the last look.
    var certificates: [CertificateEnd] {
        get { shared.live.withLock { $0.certificates } }
        set { shared.live.withLock { $0.certificates = newValue } }
    }

    /// What the last check of the journal's pages found, in SQLite's words.
    var damage: [String] {
        get { shared.live.withLock { $0.damage } }
        set { shared.live.withLock { $0.damage = newValue } }
    }

    var planner: Planner {
        Planner(
            journal: journal, door: door, settings: settings,
            rescan: IdentityRescan(spool: spool, bounds: settings.intake.scan, pool: workPool),
            deferrals: planDeferrals, early: earlyPlans, logger: logger, now: now,
            beat: { [pulses] in pulses.beat("planner") })
    }

    var reportFlow: ReportFlow {
        ReportFlow(
            journal: journal, door: door, pool: workPool, settings: settings, logger: logger, now: now,
            delivered: { [destinations] in destinations.wake() }, deferrals: reportDeferrals,
            beat: { [pulses] in pulses.beat("reports") })
    }

    var polling: Polling {
        Polling(
            journal: journal, door: door, pool: workPool, reception: reception, settings: settings, logger: logger,
            now: now, memory: pollMemory, beat: { [pulses] in pulses.beat("polls") })
    }

    /// What a lane needs of the rest of the office.
    func ports(_ settings: GatewaySettings) -> LanePorts {
        let pseudonyms = Pseudonyms(journal: journal, door: door, settings: settings, now: now)
        return LanePorts(
            journal: journal, pool: workPool, scan: settings.intake.scan, spoolDirectory: settings.spool, now: now,
            draw: { Double.random(in: 0..<1) },
            pseudonyms: { claimed throws(Failure) in try await pseudonyms.job(for: claimed) },
            isFirst: { claimed in pseudonyms.isFirst(claimed) },
            departing: { claimed, pairs throws(Failure) in try await pseudonyms.departing(claimed, pairs) },
            acknowledged: { [counters, pendingPolls] claimed in
                let labels = ["destination": claimed.destination]
                counters.add("antipode_instances_acknowledged_total", labels)
                counters.add("antipode_acknowledged_bytes_total", labels, claimed.bytes)
                if claimed.reportID == nil { pendingPolls.add(claimed.transferID) }
            },
            bytesPerSecond: { [now] name in settings.bytesPerSecond(to: name, at: now()) },
            pulse: { [pulses] stage, seconds in
                if let seconds { pulses.beat(stage, within: seconds) } else { pulses.end(stage) }
            }, logger: logger)
    }
}
