// What a destination's answer about one object, or its silence, leads to: pure, time and chance passed in.

package import DICOMVocabulary
package import Foundation
package import Journal

package enum CommitmentPolicy {
    /// From a Failure Reason (PS3.3 C.14.1.1) to what is done. An object that is not there is sent again; what may pass is
    /// asked again; what will not pass is for a person.
    package static func verdict(
        reason: UInt16, sopInstance: UID, destination: String, _ settings: CommitmentSettings
    ) -> CommitmentVerdict {
        func failure(_ disposition: Failure.Disposition, _ hint: String) -> Failure {
            Failure(
                .notCommitted, disposition, .instance, status: reason,
                detail: "\(destination) does not commit to it: \(StorageCommitment.Reason.words(reason))", hint: hint)
        }
        switch reason {
        case StorageCommitment.Reason.noSuchObjectInstance:
            return .sendAgain(
                failure(
                    .person,
                    "It was acknowledged and is not there: the destination's log says why. Retry sends it once more,"
                        + " release does without a commitment."), maximum: settings.resends)
        case StorageCommitment.Reason.processingFailure, StorageCommitment.Reason.resourceLimitation,
            StorageCommitment.Reason.duplicateTransactionUID:
            return .askAgain(failure(.tryAgain, "It is asked again by itself."))
        default:
            return .held(
                failure(
                    .person,
                    "The destination's log says why. Retry sends it once more, release does without a commitment."))
        }
    }

    /// When the question is put again, or nil when the site's patience is over.
    /// - Parameter since: the acknowledgement.
    package static func next(
        after now: Date, since: Date, failures: Int, _ settings: CommitmentSettings, retry: RetrySettings, draw: Double
    ) -> Date? {
        guard now.timeIntervalSince(since) < settings.giveUp else { return nil }
        let backoff = Backoff(minimum: retry.minimum, maximum: retry.maximum)
        return now.addingTimeInterval(backoff.delay(failures: failures, draw: draw))
    }
}
