// Time that stands still until a test moves it.

package import Foundation
import Synchronization

/// The time of day for everything that is given `now`. Safe from any task.
package final class ManualClock: Sendable {
    private let instant: Mutex<Date>

    /// Sunday 1 March 2026, 22:15 in Stockholm, unless told otherwise.
    package init(_ start: Date = Date(timeIntervalSince1970: 1_772_399_700)) { instant = Mutex(start) }

    package var date: Date { instant.withLock { $0 } }

    /// What is handed to the parts of the gateway.
    package var now: @Sendable () -> Date { { self.date } }

    package func advance(by seconds: Double) { instant.withLock { $0.addTimeInterval(seconds) } }
}
