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
        #expect(deferrals.isDue(1, at: start))
        for wait in [2.5, 5, 10, 20, 40, 80, 160, 300, 300] {
            _ = deferrals.deaths(of: 1, adding: busy, at: start)
            #expect(!deferrals.isDue(1, at: start.addingTimeInterval(wait - 0.1)))
            #expect(deferrals.isDue(1, at: start.addingTimeInterval(wait)))
            #expect(deferrals.isDue(2, at: start))
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
        #expect(deferrals.isDue(1, at: start))
        #expect(deferrals.deaths(of: 1, adding: died, at: start) == 1)
    }

    @Test("what was put off by a clock that ran ahead is due once that was set back")
    func clock() {
        let deferrals = Deferrals(draw: { 0 })
        _ = deferrals.deaths(of: 1, adding: busy, at: start.addingTimeInterval(86_400))
        #expect(deferrals.isDue(1, at: start))
        #expect(!deferrals.isDue(1, at: start.addingTimeInterval(86_401)))
    }

    @Test("what could not be read eight times is a question to a person, whatever else kept it waiting")
    func hopeless() {
        let deferrals = Deferrals(draw: { 0 })
        let page = Failure(.vaultUnavailable, .tryAgain, .instance, detail: "SQLite 11", hint: "Look at the vault.")
        for _ in 1...20 { _ = deferrals.deaths(of: 1, adding: busy, at: start) }
        for turn in 1...8 {
            #expect(deferrals.hopeless(1, after: page) == nil, "try \(turn)")
            _ = deferrals.deaths(of: 1, adding: page, at: start)
        }
        let asked = deferrals.hopeless(1, after: page)
        #expect(asked?.code == .vaultUnavailable && asked?.disposition == .person && asked?.hint == page.hint)
        #expect(deferrals.hopeless(1, after: busy) == nil)
        let closed = Failure(.vaultUnavailable, .tryAgain, .destination, detail: "no key")
        #expect(deferrals.hopeless(1, after: closed) == nil, "the house's trouble is nobody's own")
        #expect(deferrals.waiting(at: start) == [1] && deferrals.waiting(at: start.addingTimeInterval(301)).isEmpty)
    }
}
