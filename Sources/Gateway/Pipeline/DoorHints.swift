// What a person can do about what happened at the door.

import DICOMVocabulary
import Intake
import WorkerProtocol

enum DoorHints {
    static let refused = "Name the address in addresses of a [[source]], if it may send; else look who is there."

    static func hint(_ rejection: AssociationRejection) -> String {
        switch rejection {
        case .calledAENotRecognized:
            "Correct the called AE title at the sender, or name it in ae_titles of the listener."
        case .callingAENotRecognized:
            "Name the calling AE title (and certificate) in the [[source]] of this address, or correct the sender."
        case .localLimitExceeded, .temporaryCongestion:
            "The sender tries again by itself; if it happens often, raise maximum_associations."
        default: ""
        }
    }

    /// Of a connection that became no association.
    static func hint(failed outcome: AssociationEnd.Outcome) -> String {
        switch outcome {
        case .garbage: "What speaks there is no DICOM peer, or speaks TLS to a plain port."
        case .tlsFailed:
            "Compare both sides' certificates and authorities (antipode certs); a plain peer belongs elsewhere."
        case .timedOut, .tooSlow: "The peer connects and says too little; look at it and at the network."
        default: "The peer left; look at its log if it wanted to send."
        }
    }

    /// Of an association; empty for one that ended as it should.
    static func hint(ended outcome: AssociationEnd.Outcome, _ failure: Failure?) -> String {
        if let failure {
            return failure.hint.isEmpty
                ? "The sender was not answered and sends again; if it repeats, keep that object and report it."
                : failure.hint
        }
        return switch outcome {
        case .released: ""
        case .noCommonContext:
            "The sender offers nothing that is stored here: see unknown_sop_classes, unknown_transfer_syntaxes and deflated."
        case .aborted, .connectionLost: "The peer left; what was not answered it has to send again."
        case .timedOut, .tooSlow: "The peer stopped; what was not answered it has to send again. Look at the network."
        case .garbage: "The peer broke the protocol; what was not answered it has to send again. Look at its log."
        case .tlsFailed, .rejected: "Compare both sides' settings."
        }
    }
}
