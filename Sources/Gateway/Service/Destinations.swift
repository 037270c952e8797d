// The destinations that are served, each by its own runner.

import DICOMVocabulary
import Forwarding
import Foundation
import Synchronization

/// Starts, wakes, changes and ends the runners. Safe from any task.
final class Destinations: Sendable {
    private let runners = Mutex([String: DestinationRunner]())
    /// Unique for this run of the daemon, so that a claim's open mark names its claimant.
    private let session: String

    init(session: String) {
        self.session = session
    }

    private var all: [String: DestinationRunner] { runners.withLock { $0 } }

    /// Runs what the settings name, changes what runs already, and ends what they no longer name once its running
    /// instances have ended.
    func serve(_ settings: [DestinationSettings], ports: LanePorts) async {
        let old = all
        for destination in settings {
            if let runner = old[destination.name] {
                await runner.reload(destination, ports: ports)
            } else {
                let runner = DestinationRunner(settings: destination, ports: ports, session: session)
                runners.withLock { $0[destination.name] = runner }
                Task { await runner.run() }
            }
        }
        for (name, runner) in old where !settings.contains(where: { $0.name == name }) {
            await runner.drain()
            runners.withLock { $0[name] = nil }
        }
    }

    /// Something may be waiting for anyone of them; those named are tried at once, whatever their circuit says.
    func wake(tryingNow names: [String] = []) {
        for (name, runner) in all {
            if names.contains(name) { Task { await runner.tryNow() } } else { runner.wake() }
        }
    }

    /// Lets running instances finish and takes no new ones.
    func drain() async {
        await withTaskGroup(of: Void.self) { group in
            for runner in all.values { group.addTask { await runner.drain() } }
        }
    }

    /// Ends running instances.
    func stop() async {
        for runner in all.values { await runner.stop() }
    }

    var figures: [String: DestinationRunner.Figures] {
        get async {
            var figures: [String: DestinationRunner.Figures] = [:]
            for (name, runner) in all { figures[name] = await runner.figures }
            return figures
        }
    }
}
