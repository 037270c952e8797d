// When to ask a reader for the report of one study: pure, time passed in.

package import Foundation

package enum PollSchedule {
    /// The first question after a study's last acknowledgement.
    package static func first(acknowledgedAt: Date, _ settings: ReportSettings) -> Date {
        acknowledgedAt.addingTimeInterval(settings.firstPoll)
    }

    /// What is known of a transfer's report.
    package enum Standing: Sendable, Hashable {
        case none
        /// It is here, and may be held, or partial.
        case here
        /// It is on its way to the hospital since then, or there.
        case wentHome(Date)
    }

    /// The next question after one at `now`, or nil when nobody asks any more. Once a report is here the questions thin
    /// out with the study's age; once it went home they end after a while, in which an addendum may still come.
    package static func next(
        after now: Date, since first: Date, report: Standing, _ settings: ReportSettings
    ) -> Date? {
        let age = now.timeIntervalSince(first)
        guard age < settings.giveUp else { return nil }
        switch report {
        case .none: return now.addingTimeInterval(settings.interval)
        case .here: break
        case .wentHome(let then):
            guard now.timeIntervalSince(then) < settings.afterReport else { return nil }
        }
        return now.addingTimeInterval(max(settings.interval, age / 10))
    }
}
