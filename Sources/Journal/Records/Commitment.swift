// Storage commitment: what is asked of destinations, and what modalities ask of us.

package import DICOMVocabulary
package import Foundation

/// What becomes of a transfer after its acknowledgement. The words stand in the journal.
package enum CommitmentWish: String, Sendable, Codable, Hashable, CaseIterable {
    case none
    /// The destination is asked to commit.
    case ask
    /// And until it has, the files stay.
    case keep
}

/// How the question for one transfer stands.
package enum CommitmentState: String, Sendable, Codable, Hashable, CaseIterable {
    case open, confirmed, givenUp
    /// Objects of it are sent again; it opens anew with their acknowledgement.
    case paused
    /// A person, or the site's settings, want no answer any more.
    case waived
}

/// The question for one transfer.
package struct CommitmentRecord: Sendable, Codable, Hashable {
    package var transferID: Int64
    package var destination: String
    package var profile: String
    package var state: CommitmentState
    /// Since its last acknowledgement.
    package var firstAt: Date
    package var nextAt: Date
    /// N-ACTIONs so far.
    package var asked: Int
    /// Tries since the last answer that said something.
    package var failures: Int
    package var failure: Failure?

    package init(
        transferID: Int64, destination: String, profile: String, state: CommitmentState, firstAt: Date, nextAt: Date,
        asked: Int, failures: Int, failure: Failure?
    ) {
        self.transferID = transferID
        self.destination = destination
        self.profile = profile
        self.state = state
        self.firstAt = firstAt
        self.nextAt = nextAt
        self.asked = asked
        self.failures = failures
        self.failure = failure
    }
}

/// An acknowledged object that its destination has not committed to. UIDs are those of the hospital.
package struct UnconfirmedPassage: Sendable, Codable, Hashable {
    package var id: Int64
    package var reference: SOPReference

    package init(id: Int64, reference: SOPReference) {
        self.id = id
        self.reference = reference
    }
}

/// What a destination's answer means for one object.
package enum CommitmentVerdict: Sendable, Codable, Hashable {
    case confirmed
    /// It has not got it: once more, and held when that was done `maximum` times.
    case sendAgain(Failure, maximum: Int)
    /// It could not say: the question stays open.
    case askAgain(Failure)
    case held(Failure)
}

/// A modality's question that is not answered yet, or was.
package struct CommitmentRequestRecord: Sendable, Codable, Hashable {
    package enum State: String, Sendable, Codable, Hashable, CaseIterable {
        /// Destinations have still to say.
        case open
        /// The answer is known and not delivered.
        case decided
        case answered
        /// The modality could not be told.
        case givenUp
    }
    package var id: Int64
    package var source: String
    package var transaction: UID
    /// As the modality called itself and us.
    package var callingAE: String
    package var calledAE: String
    /// From where it asked.
    package var address: String
    package var destinations: [String]
    package var state: State
    package var receivedAt: Date
    package var decidedAt: Date?
    package var answeredAt: Date?
    package var nextAt: Date
    /// To deliver the answer.
    package var attempts: Int
    package var failure: Failure?
    package var instances: Int
    package var committed: Int

    package init(
        id: Int64, source: String, transaction: UID, callingAE: String, calledAE: String, address: String,
        destinations: [String], state: State, receivedAt: Date, decidedAt: Date?, answeredAt: Date?, nextAt: Date,
        attempts: Int, failure: Failure?, instances: Int, committed: Int
    ) {
        self.id = id
        self.source = source
        self.transaction = transaction
        self.callingAE = callingAE
        self.calledAE = calledAE
        self.address = address
        self.destinations = destinations
        self.state = state
        self.receivedAt = receivedAt
        self.decidedAt = decidedAt
        self.answeredAt = answeredAt
        self.nextAt = nextAt
        self.attempts = attempts
        self.failure = failure
        self.instances = instances
        self.committed = committed
    }

    /// What people type: `C` and digits.
    package var key: String { "C\(id)" }
}

/// A modality's question as it came.
package struct NewCommitmentRequest: Sendable, Codable, Hashable {
    package var source: String
    package var request: CommitmentRequest
    package var callingAE: String
    package var calledAE: String
    package var address: String
    package var destinations: [String]

    package init(
        source: String, request: CommitmentRequest, callingAE: String, calledAE: String, address: String,
        destinations: [String]
    ) {
        self.source = source
        self.request = request
        self.callingAE = callingAE
        self.calledAE = calledAE
        self.address = address
        self.destinations = destinations
    }
}
