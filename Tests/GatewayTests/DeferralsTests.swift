import DICOMVocabulary
import Foundation
import Testing

@testable import Gateway

@Suite struct DeferralsTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let died = Failure(.workerDied, .tryAgain, .instance, detail: "a worker ended by signal 11")
    private let busy = Failure(.outOfResources, .tryAgain, .instance, detail: "no worker became free in time")

    @Test("each failure puts it off for longer, up to the bound; others are due")
    func backoff() {
        let deferrals = Deferrals(draw: { 0 })
        #expect(!deferrals.waiting(at: start).contains(1))
        for wait in [2.5, 5, 10, 20, 40, 80, 160, 300, 300] {
            _ = deferrals.deaths(of: 1, adding: busy, at: start)
            #expect(deferrals.waiting(at: start.addingTimeInterval(wait - 0.1)).contains(1))
            #expect(!deferrals.waiting(at: start.addingTimeInterval(wait)).contains(1))
            #expect(!deferrals.waiting(at: start).contains(2))
        }
    }

    @Test("only dead workers count, and what went on begins anew")
    func deaths() {
        let deferrals = Deferrals()
        #expect(deferrals.deaths(of: 1, adding: busy, at: start) == 0)
        #expect(deferrals.deaths(of: 1, adding: died, at: start) == 1)
        #expect(deferrals.deaths(of: 1, adding: busy, at: start) == 1)
        #expect(deferrals.deaths(of: 1, adding: died, at: start) == 2)
        deferrals.forget(1)
        #expect(!deferrals.waiting(at: start).contains(1))
        #expect(deferrals.deaths(of: 1, adding: died, at: start) == 1)
    }

    @Test("what was put off by a clock that ran ahead is due once that was set back")
    func clock() {
        let deferrals = Deferrals(draw: { 0 })
        _ = deferrals.deaths(of: 1, adding: busy, at: start.addingTimeInterval(86_400))
        #expect(!deferrals.waiting(at: start).contains(1))
        #expect(deferrals.waiting(at: start.addingTimeInterval(86_401)).contains(1))
    }

    @Test("somebody is told of what was put off five times, until it went on")
    func overdue() {
        let deferrals = Deferrals(draw: { 0 })
        for _ in 1...4 { _ = deferrals.deaths(of: 7, adding: busy, at: start) }
        #expect(deferrals.overdue.isEmpty)
        for id: Int64 in [9, 7] { for _ in 1...5 { _ = deferrals.deaths(of: id, adding: busy, at: start) } }
        #expect(deferrals.overdue == [7, 9])
        deferrals.forget(9)
        #expect(deferrals.overdue == [7])
    }

    @Test("what was due for a day and not tried again was ended by somebody, and is forgotten beside the next failure")
    func ended() {
        let deferrals = Deferrals(draw: { 0 })
        for id: Int64 in 1...2 { for _ in 1...5 { _ = deferrals.deaths(of: id, adding: died, at: start) } }
        _ = deferrals.deaths(of: 3, adding: busy, at: start.addingTimeInterval(86_400))
        #expect(deferrals.overdue == [1, 2], "until it was due a while went by, too")
        #expect(deferrals.deaths(of: 2, adding: died, at: start.addingTimeInterval(86_600)) == 6, "it still waits")
        #expect(deferrals.overdue == [2])
    }

    @Test("what could not be read eight times is a question to a person, whatever else kept it waiting")
    func hopeless() {
        let deferrals = Deferrals(draw: { 0 })
        let unreadable = Failure(.unreadable, .tryAgain, .instance, detail: "errno 5", hint: "Look at the disk.")
        let locked = Failure(.ioError, .tryAgain, .instance, detail: "SQLite 5")
        for _ in 1...20 {
            _ = deferrals.deaths(of: 1, adding: busy, at: start)
            _ = deferrals.deaths(of: 1, adding: locked, at: start)
        }
        for turn in 1...8 {
            #expect(deferrals.hopeless(1, after: unreadable) == nil, "try \(turn)")
            _ = deferrals.deaths(of: 1, adding: unreadable, at: start)
        }
        let asked = deferrals.hopeless(1, after: unreadable)
        #expect(asked?.code == .unreadable && asked?.disposition == .person && asked?.hint == unreadable.hint)
        #expect(deferrals.hopeless(1, after: busy) == nil)
        let page = Failure(.vaultUnavailable, .tryAgain, .instance, detail: "SQLite 11")
        for _ in 1...20 { _ = deferrals.deaths(of: 2, adding: page, at: start) }
        #expect(deferrals.hopeless(2, after: page) == nil, "of the vault an alarm tells, and it may be put back")
    }
}
