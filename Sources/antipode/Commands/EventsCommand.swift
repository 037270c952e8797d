// What happened that belongs to no study: refused connections and the like.

import ArgumentParser
import Foundation
import Gateway

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Lists what happened at the door and in the house: refused connections, rejected associations, …",
        discussion: """
            Newest first. With --all also what happened to studies, transfers and reports. Kinds are \
            connectionRefused, connectionFailed, associationRejected, associationEnded, refused, conflict, started, stopped, \
            reloaded, reloadFailed, circuitOpened, circuitClosed, certificateEnds, clockSet, backup and those of \
            antipode study show.

            Examples:
              antipode events --since 2h
              antipode events --kind refused --since 2026-11-21 --json
            """)
    @OptionGroup var options: DeskOptions
    @Option(
        help: "Since when: 90s, 15min, 2h, 1d, a day (2026-11-21, of this terminal's clock) or a moment in RFC 3339.")
    var since: EventTime?
    @Option(help: "A kind of event; may be repeated.") var kind: [String] = []
    @Flag(help: "Those of studies, transfers and reports too.") var all = false
    @Option(help: "How many at most.") var limit = 100

    func validate() throws { try requireLimit(limit) }

    func run() async throws {
        var search = EventSearch()
        search.kinds = kind
        search.since = since?.date
        search.all = all
        search.limit = limit
        let found = try await options.withDesk { try await $0.events(search) }
        try options.show(found, Pages.events)
    }
}

/// A moment: so long ago, the beginning of a day, or a time.
struct EventTime: ExpressibleByArgument, Sendable {
    let date: Date

    init?(argument: String) {
        self.init(argument, now: Date(), timeZone: .current)
    }

    init?(_ text: String, now: Date, timeZone: TimeZone) {
        if let seconds = Units.duration(text) {
            date = now.addingTimeInterval(-seconds)
        } else if let moment = try? Date(text, strategy: .iso8601) {
            date = moment
        } else if let day = try? Date(text, strategy: Date.ISO8601FormatStyle(timeZone: timeZone).year().month().day())
        {
            date = day
        } else {
            return nil
        }
    }
}
