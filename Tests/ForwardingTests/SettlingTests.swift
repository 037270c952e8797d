import DICOMVocabulary
import Foundation
import Journal
import Testing

@testable import Forwarding

@Suite struct SettlingTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let claimed = ClaimedInstance(
        id: 7, transferID: 1, studyID: 1, reportID: nil, destination: "sydney", profile: "pseudonymous",
        spoolKey: "key", sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: "2.25.1", studyUID: "2.25.2",
        series: "2.25.3", transferSyntax: .explicitVRLittleEndian, bytes: 100, digest: "d", marks: 0,
        tries: 1,
        failures: 1, rank: 2, pixelsReleased: false)

    private func outcome(
        _ code: Failure.Code, _ disposition: Failure.Disposition, _ scope: Failure.Scope
    ) -> Settlement.Outcome {
        Settling.outcome(
            of: Failure(code, disposition, scope, detail: ""), claimed: claimed, retry: RetrySettings(), at: now,
            draw: 1)
    }

    @Test(
        "A failure of the road gives the instance back without a mark, whatever its disposition",
        arguments: [
            Failure.Disposition.tryAgain, .refused, .person,
        ])
    func road(disposition: Failure.Disposition) {
        guard case .giveBack(_, mark: false, _) = outcome(.connectFailed, disposition, .destination) else {
            Issue.record("not given back")
            return
        }
    }

    @Test("A closed vault gives the instance back; one value of it that does not open holds its own")
    func vault() {
        guard case .giveBack(_, mark: false, _) = outcome(.vaultUnavailable, .person, .destination),
            case .held = outcome(.vaultUnavailable, .person, .instance)
        else {
            Issue.record("not so")
            return
        }
    }

    @Test(
        "A worker that died, hung or had no memory left marks what it held",
        arguments: [Failure.Code.workerDied, .workerTooSlow, .outOfResources])
    func worker(code: Failure.Code) {
        guard case .giveBack(_, mark: true, maximumMarks: 2) = outcome(code, .tryAgain, .instance) else {
            Issue.record("not marked")
            return
        }
    }

    @Test("An object that may go later is deferred by the back-off of its transfer")
    func later() {
        guard case .deferred(_, let until, let round) = outcome(.ioError, .tryAgain, .instance) else {
            Issue.record("not deferred")
            return
        }
        #expect(until == now.addingTimeInterval(10))
        #expect(round == claimed.failures, "lanes that fail together have failed once")
    }

    @Test(
        "A refused object, and one that needs a person, is held alone",
        arguments: [
            Failure.Disposition.refused, .person,
        ])
    func object(disposition: Failure.Disposition) {
        guard case .held = outcome(.cannotUnderstand, disposition, .instance) else {
            Issue.record("not held")
            return
        }
    }

    @Test("One that is out of resources for the same instance time and again makes its transfer wait, not the road")
    func refusedAgainAndAgain() {
        let failure = Failure(.outOfResources, .tryAgain, .destination, status: 0xA700, detail: "")
        func outcome(tries: Int) -> Settlement.Outcome {
            var claimed = claimed
            claimed.tries = tries
            return Settling.outcome(of: failure, claimed: claimed, retry: RetrySettings(), at: now, draw: 1)
        }
        guard case .giveBack(_, mark: false, _) = outcome(tries: 1), case .deferred = outcome(tries: 3) else {
            Issue.record("not given back at first, or not deferred at last")
            return
        }
    }
}
