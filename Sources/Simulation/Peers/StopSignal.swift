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
/// A stand-in shows what it got, patient's name and number included: that is its use. It is no part of the gateway.
package typealias SimulationReport = @Sendable (String) -> Void
