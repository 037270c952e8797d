// All lanes of one destination.

package import DICOMVocabulary
import Foundation
import Journal
import Logging

/// Opens lanes while instances wait and the circuit allows, and sleeps otherwise. One slow or dead destination has its
/// own runner and its own lanes, so that it never delays another.
package actor DestinationRunner: LaneHost {
    /// What pages show.
    package struct Figures: Sendable {
        package var circuit: Circuit
        package var lanesActive: Int
        package var lastFailure: Failure?
    }

    private var settings: DestinationSettings
    private var ports: LanePorts
    private let session: String
    private var circuit: Circuit
    private var growth: LaneGrowth
    private var allowance = Allowance()
    private var lanes: [Int: Task<Void, Never>] = [:]
    /// Lanes whose association stands.
    private var standing: Set<Int> = []
    /// Lanes that wait for work, with what wakes each, longest first.
    private var resting: [(lane: Int, wake: @Sendable () -> Void)] = []
    /// Lanes that were opened by other settings than those of now, and lanes beyond those that are wanted.
    private var leaving: Set<Int> = []
    /// After a warm lane could not be kept.
    private var noWarmLaneBefore: ContinuousClock.Instant?
    private var lastFailure: Failure?
    /// The circuit has opened, and nothing was answered since.
    private var isDown = false
    private var draining = false
    private var opened = 0
    private let bell = Bell()
    /// When a lane was opened, or an instance answered.
    private var lastMovement = ContinuousClock.now
    private static let standstill = Duration.seconds(2)
    /// The least time between two turns: each wakes a thread, and may ask the journal, which costs as much as a claim.
    private static let turnsApart = Duration.milliseconds(10)
    /// From the end of a warm lane to the next try of one.
    private static let warmPause = Duration.seconds(10)

    /// - Parameter session: unique for this run of the daemon, so that an open mark names its claimant.
    package init(settings: DestinationSettings, ports: LanePorts, session: String) {
        self.settings = settings
        self.ports = ports
        self.session = session
        circuit = Self.circuit(settings)
        growth = LaneGrowth(bound: settings.lanes, compresses: settings.compression == .lossless)
    }

    package var figures: Figures { Figures(circuit: circuit, lanesActive: lanes.count, lastFailure: lastFailure) }

    /// Something may be waiting. May be called from anywhere, any number of times.
    nonisolated package func wake() { bell.ring() }

    /// An operator asks to try at once.
    package func tryNow() {
        circuit.tryNow()
        bell.ring()
    }

    /// New settings hold from the next lane on; those that are open end after the instance that they hold.
    package func reload(_ settings: DestinationSettings, ports: LanePorts) {
        if settings != self.settings {
            growth = LaneGrowth(bound: settings.lanes, compresses: settings.compression == .lossless)
            leaving.formUnion(lanes.keys)
            wakeAll()
        }
        if settings.retry != self.settings.retry || settings.peer != self.settings.peer {
            circuit = Self.circuit(settings)
        }
        self.settings = settings
        self.ports = ports
        bell.ring()
    }

    /// Lets running instances finish and takes no new ones. Returns when all lanes have ended.
    package func drain() async {
        draining = true
        bell.ring()
        wakeAll()
        for lane in lanes.values { await lane.value }
    }

    /// Ends running instances; their open marks are given back at the next start.
    package func stop() {
        draining = true
        for lane in lanes.values { lane.cancel() }
        bell.ring()
    }

    /// Until `drain` or `stop`.
    package func run() async {
        while !draining {
            ports.pulse("destination \(settings.name)", Self.patience)
            let pause = await openLanes()
            let turned = ContinuousClock.now
            await bell.wait(atMost: pause)
            // Whoever rings after a silence is heard at once; hundreds a second are heard together.
            let since = ContinuousClock.now - turned
            if since < Self.turnsApart, !draining { try? await Task.sleep(for: Self.turnsApart - since) }
        }
        ports.pulse("destination \(settings.name)", nil)
    }

    /// Opens what is allowed and wanted; gives the seconds until there is reason to look again.
    private func openLanes() async -> Double {
        let now = ports.now()
        let allowed = min(circuit.lanesAllowed(of: settings.lanes, at: now), max(growth.wanted, settings.warmLanes))
        if let retryAt = circuit.retryAt { return min(heartbeat, max(0.05, retryAt.timeIntervalSince(now))) }
        // All that may be open is at work, and takes what waits by itself: there is nothing to ask the journal, which each arrival
        // of a study that is sent at once would do.
        if lanes.count >= allowed, resting.isEmpty, ContinuousClock.now - lastMovement <= Self.standstill {
            return heartbeat
        }
        do {
            let (waiting, due) = try await ports.journal.outlook(
                destination: settings.name, at: now, limit: settings.lanes)
            guard waiting > 0 else {
                growth.rested()
                openWarmLanes()
                // What is due and cannot be claimed waits for another's end, which rings.
                guard let due, due > now else { return heartbeat }
                return min(heartbeat, max(0.05, due.timeIntervalSince(now)))
            }
            for rested in resting.prefix(waiting) { rested.wake() }
            // Lanes that are open take what waits, unless all of them hold an instance that does not come to its end.
            let isStuck = waiting > 0 && resting.isEmpty && ContinuousClock.now - lastMovement > Self.standstill
            if isStuck, lanes.count >= allowed { growth.stalled() }
            let wanted = isStuck ? max(waiting, lanes.count + 1) : waiting
            for _ in lanes.count..<max(lanes.count, min(allowed, wanted)) { openLane() }
        } catch {
            ports.logger.error(
                "The journal could not say what waits", metadata: ["destination": "\(settings.name)"])
            return 5
        }
        return heartbeat
    }

    /// Seconds from one turn to the next, at the very most.
    private static let patience: Double = 120

    /// Also without any event the loop turns, so that the watchdog sees it alive.
    private var heartbeat: Double { 5 }

    /// Associations that stand ready for what may come.
    private func openWarmLanes() {
        guard circuit.state == .closed, noWarmLaneBefore.map({ .now >= $0 }) ?? true else { return }
        let open = lanes.keys.count { $0 <= settings.warmLanes }
        for _ in open..<settings.warmLanes { openLane(isWarm: true) }
    }

    private func openLane(isWarm: Bool = false) {
        guard let number = (1...max(1, settings.lanes)).first(where: { lanes[$0] == nil }) else { return }
        opened += 1
        lastMovement = .now
        let lane = Lane(
            destination: settings, ports: ports, key: LaneKey(lane: number, session: "\(session).\(opened)"),
            host: self, isWarm: isWarm)
        lanes[number] = Task { [weak self] in
            let end = await lane.run()
            await self?.ended(number, end)
        }
    }

    // MARK: What lanes ask and tell

    func permission(of lane: Int) -> LanePermission {
        guard !draining, !leaving.contains(lane), circuit.lanesAllowed(of: settings.lanes, at: ports.now()) > 0
        else { return .nothing }
        if standing.count - leaving.count > max(growth.wanted, settings.warmLanes) {
            leaving.insert(lane)
            return .nothing
        }
        guard let cap = ports.bytesPerSecond(settings.name) else { return .any }
        let pause = allowance.take(bytesPerSecond: cap, at: .now)
        return pause > 0 ? .urgent(otherwiseIn: pause) : .any
    }

    func connected(_ lane: Int, roundTrip: Double) {
        growth.connected(roundTrip: roundTrip)
        // A long road wants more lanes than a short one, and their handshakes side by side.
        bell.ring()
    }

    func associated(_ lane: Int, seconds: Double) {
        standing.insert(lane)
        growth.opened(seconds: seconds)
        circuit.associated(standing: standing.count, at: ports.now())
        // A long road wants more lanes than a short one.
        bell.ring()
    }

    func took(_ claimed: ClaimedInstance?, _ lane: Int) -> Int64? {
        guard let cap = ports.bytesPerSecond(settings.name) else { return nil }
        let isUrgent = claimed?.rank == ClaimedInstance.urgentRank
        allowance.correct(to: isUrgent ? 0 : claimed?.bytes ?? 0, bytesPerSecond: cap, at: .now)
        return isUrgent ? nil : cap
    }

    func rests(_ lane: Int, after permission: LanePermission, wake: @escaping @Sendable () -> Void) -> LaneRest {
        guard !draining, !leaving.contains(lane) else { return .close(after: 0) }
        resting.append((lane, wake))
        // Something may have come to wait between the lane's look and this line.
        bell.ring()
        if case .urgent(let seconds) = permission { return .look(after: min(seconds, settings.keepAlive)) }
        return lane <= settings.warmLanes ? .keepAlive(after: settings.keepAlive) : .close(after: settings.keepOpen)
    }

    func awake(_ lane: Int) { resting.removeAll { $0.lane == lane } }

    private func wakeAll() {
        for rested in resting { rested.wake() }
    }

    func answered(_ lane: Int, _ claimed: ClaimedInstance, bytes: Int64) async {
        lastMovement = .now
        growth.answered(bytes: bytes, lanes: standing.count, at: .now)
        if claimed.rank != ClaimedInstance.urgentRank, let cap = ports.bytesPerSecond(settings.name) {
            allowance.sent(bytes, for: claimed.bytes, bytesPerSecond: cap, at: .now)
        }
        if growth.wanted > lanes.count { bell.ring() }
        let wasClosed = circuit.state == .closed
        circuit.succeeded()
        if !wasClosed {
            ports.logger.notice("The destination answers again", metadata: ["destination": "\(settings.name)"])
            bell.ring()
        }
        await noteCircuit()
    }

    /// One event when the circuit opens and one when the destination answers again, however often it was tried between.
    private func noteCircuit() async {
        let event: EventRecord
        switch circuit.state {
        case .open where !isDown:
            isDown = true
            let why = lastFailure.map { ": \($0.code.rawValue), \($0.detail)" } ?? ""
            event = EventRecord(at: ports.now(), kind: "circuitOpened", detail: settings.name + why)
        case .closed where isDown:
            isDown = false
            event = EventRecord(at: ports.now(), kind: "circuitClosed", detail: "\(settings.name) answers again")
        default: return
        }
        do throws(Failure) {
            try await ports.journal.record(event: event)
        } catch {
            ports.logger.error(
                "An event could not be written down", metadata: ["kind": "\(event.kind)", "detail": "\(error.detail)"])
        }
    }

    private func ended(_ number: Int, _ end: LaneEnd) async {
        lanes[number] = nil
        leaving.remove(number)
        awake(number)
        growth.closed()
        let stood = standing.remove(number) != nil
        if number <= settings.warmLanes { noWarmLaneBefore = .now + Self.warmPause }
        switch end {
        case .road(let failure):
            let isCrowded = !stood && !standing.isEmpty
            if failure.code.isOfPeer { lastFailure = failure }
            if isCrowded {
                circuit.crowded(standing: standing.count, at: ports.now(), draw: ports.draw())
            } else {
                circuit.failed(at: ports.now(), draw: ports.draw())
            }
            ports.logger.log(
                level: isCrowded ? .info : .warning,
                isCrowded ? "No further lane could be opened beside those that stand" : "A lane ended",
                metadata: [
                    "destination": "\(settings.name)", "code": "\(failure.code.rawValue)",
                    "detail": "\(failure.detail)", "circuit": "\(circuit.word)", "lanes": "\(standing.count)",
                ])
        case .idle:
            if stood, circuit.state == .halfOpen { circuit.succeeded() }
        case .stopped:
            break
        }
        bell.ring()
        await noteCircuit()
    }

    private static func circuit(_ settings: DestinationSettings) -> Circuit {
        Circuit(
            backoff: Backoff(minimum: settings.retry.minimum, maximum: settings.retry.maximum),
            threshold: settings.retry.circuitThreshold)
    }
}
