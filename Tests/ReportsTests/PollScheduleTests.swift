import Foundation
import Testing

@testable import Reports

@Suite struct PollScheduleTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private var settings: ReportSettings {
        var settings = ReportSettings(reader: "sydney", method: .get)
        settings.firstPoll = 30
        settings.interval = 60
        settings.giveUp = 3600
        return settings
    }

    @Test("The first question comes after the last acknowledgement by the reader's setting")
    func first() {
        #expect(PollSchedule.first(acknowledgedAt: start, settings) == start.addingTimeInterval(30))
    }

    @Test("Without a report the interval stays, until nobody asks any more")
    func waiting() {
        let late = start.addingTimeInterval(3000)
        #expect(PollSchedule.next(after: late, since: start, report: .none, settings) == late.addingTimeInterval(60))
        let tooLate = start.addingTimeInterval(3600)
        #expect(PollSchedule.next(after: tooLate, since: start, report: .none, settings) == nil)
    }

    @Test("With a report the questions thin out with age, for an addendum may come")
    func thinning() {
        let late = start.addingTimeInterval(3000)
        #expect(PollSchedule.next(after: late, since: start, report: .here, settings) == late.addingTimeInterval(300))
    }

    @Test("Once a report went home the questions end after the site's time, or at once")
    func ending() {
        var settings = settings
        settings.afterReport = 600
        let home = start.addingTimeInterval(1000)
        let soon = home.addingTimeInterval(599)
        #expect(
            PollSchedule.next(after: soon, since: start, report: .wentHome(home), settings)
                == soon.addingTimeInterval(159.9))
        #expect(
            PollSchedule.next(after: home.addingTimeInterval(600), since: start, report: .wentHome(home), settings)
                == nil)
        settings.afterReport = 0
        #expect(PollSchedule.next(after: home, since: start, report: .wentHome(home), settings) == nil)
    }
}
