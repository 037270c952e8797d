// All lanes of one destination.

package import DICOMVocabulary
package import Foundation
import Journal
import Logging

/// Opens lanes while instances wait and the circuit allows, and sleeps otherwise. One slow or dead destination has its
/// own runner and its own lanes, so that it never delays another.
package actor DestinationRunner {
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
    private var lanes: [Int: Task<Void, Never>] = [:]
    /// Lanes whose association stands.
    private var standing: Set<Int> = []
    private var lastFailure: Failure?
    private var draining = false
    private var opened = 0
    private let bell = Bell()
    /// Set by every turn of the loop: what the watchdog looks at.
    package private(set) var lastTurn: Date

    /// - Parameter session: unique for this run of the daemon, so that an open mark names its claimant.
    package init(settings: DestinationSettings, ports: LanePorts, session: String) {
        self.settings = settings
        self.ports = ports
        self.session = session
        circuit = Self.circuit(settings)
        lastTurn = ports.now()
    }

    package var figures: Figures { Figures(circuit: circuit, lanesActive: lanes.count, lastFailure: lastFailure) }

    /// Something may be waiting. May be called from anywhere, any number of times.
    nonisolated package func wake() { bell.ring() }

    /// An operator asks to try at once.
    package func tryNow() {
        circuit.tryNow()
        bell.ring()
    }

    /// New settings hold from the next lane on.
    package func reload(_ settings: DestinationSettings, ports: LanePorts) {
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
            lastTurn = ports.now()
            let pause = await openLanes()
            await bell.wait(atMost: pause)
        }
    }

    /// Opens what is allowed and wanted; gives the seconds until there is reason to look again.
    private func openLanes() async -> Double {
        let now = ports.now()
        let allowed = circuit.lanesAllowed(of: settings.lanes, at: now)
        if let retryAt = circuit.retryAt { return min(heartbeat, max(0.05, retryAt.timeIntervalSince(now))) }
        do {
            guard let due = try await ports.journal.nextDue(destination: settings.name, at: now) else {
                return heartbeat
            }
            guard due <= now else { return min(heartbeat, max(0.05, due.timeIntervalSince(now))) }
            let waiting = try await ports.journal.claimable(
                destination: settings.name, at: now, limit: settings.lanes)
            for _ in lanes.count..<max(lanes.count, min(allowed, waiting)) { openLane() }
        } catch {
            ports.logger.error(
                "The journal could not say what waits", metadata: ["destination": "\(settings.name)"])
            return 5
        }
        return heartbeat
    }

    /// Also without any event the loop turns, so that the watchdog sees it alive.
    private var heartbeat: Double { 5 }

    private func openLane() {
        guard let number = (1...max(1, settings.lanes)).first(where: { lanes[$0] == nil }) else { return }
        opened += 1
        let lane = Lane(
            destination: settings, ports: ports, key: LaneKey(lane: number, session: "\(session).\(opened)"),
            mayGoOn: { [weak self] in await self?.mayGoOn() ?? false },
            associated: { [weak self] in await self?.associated(number) },
            roadWorks: { [weak self] in await self?.roadWorks() })
        lanes[number] = Task { [weak self] in
            let end = await lane.run()
            await self?.ended(number, end)
        }
    }

    private func mayGoOn() -> Bool {
        guard !draining else { return false }
        return circuit.lanesAllowed(of: settings.lanes, at: ports.now()) > 0
    }

    private func associated(_ number: Int) {
        standing.insert(number)
        circuit.associated(standing: standing.count, at: ports.now())
    }

    private func roadWorks() {
        let wasClosed = circuit.state == .closed
        circuit.succeeded()
        if !wasClosed {
            ports.logger.notice("The destination answers again", metadata: ["destination": "\(settings.name)"])
            bell.ring()
        }
    }

    private func ended(_ number: Int, _ end: LaneEnd) {
        lanes[number] = nil
        let stood = standing.remove(number) != nil
        switch end {
        case .road(let failure):
            let isCrowded = !stood && !standing.isEmpty
            lastFailure = failure
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
    }

    private static func circuit(_ settings: DestinationSettings) -> Circuit {
        Circuit(
            backoff: Backoff(minimum: settings.retry.minimum, maximum: settings.retry.maximum),
            threshold: settings.retry.circuitThreshold)
    }
}
