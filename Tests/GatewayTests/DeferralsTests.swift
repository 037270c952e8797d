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
}
