// How a simulated peer is told to end.

import Synchronization

/// Set once, from any thread; loops look at it a few times a second.
package final class StopSignal: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package func stop() { flag.store(true, ordering: .releasing) }
    package var isStopped: Bool { flag.load(ordering: .acquiring) }
}

/// Takes one line about what a simulated peer did. Called from many threads.
///
/// Its lines end in files: they name the patient only where the options of the stand-in say so.
package typealias SimulationReport = @Sendable (String) -> Void
