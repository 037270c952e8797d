// The whole of the office's receiving side.

package import DICOMVocabulary
package import Foundation
package import Logging
import Synchronization
package import WorkerProtocol

/// Listens, admits, and keeps a dialogue with a worker for each association. What happens is told to
/// `observe`, which writes log lines, counters and journal events.
///
///     let desk = IntakeDesk(settings: settings, spool: location, pool: pool, logger: logger, store: …, observe: …)
///     try await desk.start()
///     …
///     await desk.drain(within: 60)
package actor IntakeDesk {
    /// Makes an instance's row durable and says what to answer. Called for one instance at a time per association, for
    /// many associations at once.
    package typealias Store = @Sendable (StoredInstance, SourceSettings, AssociationKey) async -> StoreAnswer
    package typealias Observe = @Sendable (IntakeEvent) async -> Void

    package struct StoreAnswer: Sendable {
        package var verdict: StoreVerdict
        /// What nobody waits for: done when the verdict is on its way, before the association's next instance.
        package var afterwards: @Sendable () async -> Void

        package init(_ verdict: StoreVerdict, afterwards: @escaping @Sendable () async -> Void = {}) {
            self.verdict = verdict
            self.afterwards = afterwards
        }
    }

    package struct ListenerView: Sendable {
        package var settings: ListenerSettings
        /// The port that is open, which differs from the settings when those say 0.
        package var port: Int
    }

    /// What dialogues read without waiting for the actor.
    private struct Rules: Sendable {
        var settings: IntakeSettings
        var policy: AdmissionPolicy
        var listeners: [String: ListenerSettings]
    }

    private let rules: Mutex<Rules>
    private let spool: SpoolLocation
    private let pool: WorkerPool
    private let logger: Logger
    private let store: Store
    private let observe: Observe
    private let commitments: (any CommitmentDesk)?
    private let now: @Sendable () -> Date
    private let pickUp: Double
    private let registry = AssociationRegistry()
    private let silent: SilentConnections
    private let turns: NegotiationTurns
    private var listeners: [String: Listener] = [:]
    private var draining = false

    /// - Parameter pickUp: seconds after which a worker that has read nothing of its connection stands still.
    package init(
        settings: IntakeSettings, spool: SpoolLocation, pool: WorkerPool, logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }, pickUp: Double = 3, commitments: (any CommitmentDesk)? = nil,
        store: @escaping Store, observe: @escaping Observe
    ) {
        rules = Mutex(Self.rules(settings))
        turns = NegotiationTurns(bound: settings.negotiationsPerAddress)
        silent = SilentConnections(
            bound: settings.maximumSilentConnections, silence: settings.silence,
            negotiation: settings.limits.negotiation)
        self.spool = spool
        self.pool = pool
        self.logger = logger
        self.now = now
        self.pickUp = pickUp
        self.store = store
        self.observe = observe
        self.commitments = commitments
    }

    /// The bound of a pool of receiving workers: refusing an association also takes a worker for a moment.
    package static func poolSettings(_ settings: IntakeSettings) -> WorkerPool.Settings {
        WorkerPool.Settings(
            warm: settings.warmWorkers, maximum: settings.maximumAssociations + 8,
            jobsPerWorker: settings.jobsPerWorker)
    }

    package nonisolated var associations: [AssociationView] { registry.views }
    /// Connections that have not spoken yet.
    package nonisolated var silentConnections: Int { silent.count }

    package var openListeners: [ListenerView] {
        let settings = rules.withLock { $0.listeners }
        return listeners.compactMap { name, listener in
            settings[name].map { ListenerView(settings: $0, port: listener.port) }
        }.sorted { $0.settings.name < $1.settings.name }
    }

    /// Puts a question to the queue of each listener, and to that of the connections that have not spoken; `answered` is
    /// called with a name when its queue comes to it. Gives the names.
    package func askQueues(_ answered: @escaping @Sendable (String) -> Void) -> [String] {
        for (name, listener) in listeners { listener.whenItsTurnComes { answered(name) } }
        silent.whenItsTurnComes { answered("of silent connections") }
        return listeners.keys + ["of silent connections"]
    }

    /// Opens every listener, or none.
    package func start() throws(Failure) {
        let settings = rules.withLock { $0.settings }
        var opened: [String: Listener] = [:]
        for one in settings.listeners {
            opened[one.name] = try Listener(address: one.address, port: one.port, backlog: settings.backlog)
        }
        listeners = opened
        for (name, listener) in opened { open(listener, name) }
    }

    /// Sources, titles, bounds and certificates take effect for the next connection; what is open stays as it was
    /// admitted. Fails, and changes nothing, when a new listener cannot be opened.
    package func reload(_ settings: IntakeSettings) async throws(Failure) {
        let before = rules.withLock { $0.listeners }
        var kept: [String: Listener] = [:]
        var new: [String: Listener] = [:]
        for one in settings.listeners {
            if let old = before[one.name], let listener = listeners[one.name], old.address == one.address,
                old.port == one.port
            {
                kept[one.name] = listener
            } else {
                new[one.name] = try Listener(address: one.address, port: one.port, backlog: settings.backlog)
            }
        }
        for (name, listener) in listeners where kept[name] == nil { listener.stop() }
        for listener in kept.values { listener.reload(backlog: settings.backlog) }
        turns.reload(bound: settings.negotiationsPerAddress)
        rules.withLock { $0 = Self.rules(settings) }
        silent.reload(
            bound: settings.maximumSilentConnections, silence: settings.silence,
            negotiation: settings.limits.negotiation)
        listeners = kept.merging(new) { $1 }
        for (name, listener) in new where !draining { open(listener, name) }
        await pool.reload(Self.poolSettings(settings))
    }

    /// Accepts nothing more; waits until objects on their way have been answered, for `seconds` at most; then ends what is
    /// left. An association in which nothing moves is not waited for.
    package func drain(within seconds: Double) async {
        draining = true
        for listener in listeners.values { listener.stop() }
        silent.closeAll()
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !registry.isEmpty, ContinuousClock.now < deadline {
            registry.terminate(idleFor: 2)
            try? await Task.sleep(for: .milliseconds(100))
        }
        registry.terminate(idleFor: nil)
        await pool.stop()
    }

    private static func rules(_ settings: IntakeSettings) -> Rules {
        Rules(
            settings: settings, policy: AdmissionPolicy(settings),
            listeners: Dictionary(settings.listeners.map { ($0.name, $0) }) { first, _ in first })
    }

    private func open(_ listener: Listener, _ name: String) {
        listener.start(makeRoom: { [silent] in silent.dropOldest() }) { [weak self] socket, address in
            guard let self else {
                close(socket)
                return
            }
            self.accepted(socket, from: address, on: name)
        }
        logger.info(
            "Listening for associations",
            metadata: ["listener": "\(name)", "address": "\(listener.address)", "port": "\(listener.port)"])
    }

    /// On the listener's queue: nothing here waits.
    private nonisolated func accepted(_ socket: CInt, from address: String, on name: String) {
        let rules = rules.withLock { $0 }
        guard let listener = rules.listeners[name], rules.policy.admits(address: address, to: listener) else {
            close(socket)
            Task { [observe] in
                await observe(
                    .connectionRefused(
                        address: address, listener: name, reason: "no source may come from this address"))
            }
            return
        }
        silent.hold(
            socket,
            spoken: { [weak self] socket in
                guard let self else {
                    close(socket)
                    return
                }
                self.spoken(Connection(socket: socket, address: address, listener: listener))
            },
            unfinished: { [observe] unfinished in
                let end = AssociationEnd(
                    outcome: .timedOut, instances: 0, bytes: Int64(unfinished.bytes),
                    detail: "the first message did not come to its end in time")
                Task { await observe(.connectionFailed(address: address, listener: name, end)) }
            })
    }

    private nonisolated func spoken(_ connection: Connection) {
        let settings = rules.withLock { $0.settings }
        let dialogue = AssociationDialogue(
            connection: connection,
            job: ReceiveJob(
                tls: connection.listener.tls, limits: settings.limits, scan: settings.scan, spool: spool),
            pool: pool, registry: registry, turns: turns, policy: { [self] in rules.withLock { $0.policy } },
            store: store, commitments: commitments, observe: observe, pickUp: pickUp,
            now: now)
        Task { await dialogue.run() }
    }
}
