// How much of the line to one destination may be used, by the clock on the wall.

package import Foundation

/// A cap in force from one time of day to another.
package struct BandwidthWindow: Sendable, Hashable {
    package var window: TimeWindow
    /// The day on which the window begins; empty is every day.
    package var weekdays: [Weekday]
    package var bytesPerSecond: Int64

    package init(window: TimeWindow, weekdays: [Weekday] = [], bytesPerSecond: Int64) {
        self.window = window
        self.weekdays = weekdays
        self.bytesPerSecond = bytesPerSecond
    }
}

extension [BandwidthWindow] {
    /// The lowest cap in force, in bytes a second; nil where there is none.
    package func bytesPerSecond(at instant: Date, _ clock: LocalClock) -> Int64? {
        filter { cap in
            let days = cap.weekdays.isEmpty ? Set(Weekday.allCases) : Set(cap.weekdays)
            return clock.isInside(cap.window, on: days, at: instant)
        }.map(\.bytesPerSecond).min()
    }
}
