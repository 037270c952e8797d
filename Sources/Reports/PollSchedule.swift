// When to ask a reader for the report of one study: pure, time passed in.

package import Foundation

package enum PollSchedule {
    /// The first question after a study's last acknowledgement.
    package static func first(acknowledgedAt: Date, _ settings: ReportSettings) -> Date {
        acknowledgedAt.addingTimeInterval(settings.firstPoll)
    }

    /// The next question after one at `now`, or nil when nobody asks any more. Once a report is here the questions thin
    /// out with the study's age, for an addendum may come days later.
    package static func next(after now: Date, since first: Date, hasReport: Bool, _ settings: ReportSettings) -> Date? {
        let age = now.timeIntervalSince(first)
        guard age < settings.giveUp else { return nil }
        let gap = hasReport ? max(settings.interval, age / 10) : settings.interval
        return now.addingTimeInterval(gap)
    }
}
