// From how one instance ended to what the journal records: pure.

package import DICOMVocabulary
package import Foundation
package import Journal

package enum Settling {
    /// A failure of the road gives the instance back untouched: the circuit does the waiting. One of the object defers
    /// it or holds it, and the road stays open. A peer that refuses one and the same instance time and again, in words
    /// that speak of the road (A700), or ends the association each time it comes, may mean the instance: then its transfer
    /// waits, so that it blocks no other.
    package static func outcome(
        of failure: Failure, claimed: ClaimedInstance, retry: RetrySettings, at now: Date, draw: Double
    ) -> Settlement.Outcome {
        switch (failure.code, failure.scope, failure.disposition) {
        case (.workerDied, _, _), (.workerTooSlow, .instance, _), (.outOfResources, .instance, _):
            // The last is a worker at its memory limit: the next one meets the same instance.
            return .giveBack(failure, mark: true, maximumMarks: retry.maximumMarks)
        case (.vaultUnavailable, .destination, _), (.cancelled, _, _):
            return .giveBack(failure, mark: false, maximumMarks: retry.maximumMarks)
        case (_, .destination, _) where claimed.tries < retry.circuitThreshold:
            return .giveBack(failure, mark: false, maximumMarks: retry.maximumMarks)
        case (_, .instance, .tryAgain), (_, .destination, _):
            let backoff = Backoff(minimum: retry.minimum, maximum: retry.maximum)
            let delay = backoff.delay(failures: claimed.failures + 1, draw: draw)
            return .deferred(failure, until: now.addingTimeInterval(delay), round: claimed.failures)
        case (_, .instance, .refused), (_, .instance, .person):
            return .held(failure)
        }
    }
}
