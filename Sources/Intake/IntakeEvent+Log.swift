// The lines that the door writes into the log.

import DICOMVocabulary
import Logging
import WorkerProtocol

extension IntakeEvent {
    /// One line for each event but signs of life. What a peer wrote comes only in the forms that
    /// `AdmissionPolicy.printable` and `AETitle` let through.
    func log(to logger: Logger) {
        switch self {
        case .connectionRefused(let address, let listener, let reason):
            logger.notice(
                "Refused a connection",
                metadata: ["address": "\(address)", "listener": "\(listener)", "reason": "\(reason)"])
        case .connectionFailed(let address, let listener, let end):
            logger.notice(
                "A connection ended before it asked for an association",
                metadata: [
                    "address": "\(address)", "listener": "\(listener)", "outcome": "\(end.outcome.rawValue)",
                    "detail": "\(end.detail)",
                ])
        case .associationRejected(let address, let listener, let rejection, let reason):
            logger.notice(
                "Rejected an association",
                metadata: [
                    "address": "\(address)", "listener": "\(listener)", "reason": "\(reason)",
                    "permanent": "\(rejection.result == 1)",
                ])
        case .associationOpened(let view):
            logger.debug("An association is open", metadata: Self.metadata(view))
        case .associationActive:
            break
        case .instanceRefused(let refusal, let source, let key):
            logger.warning(
                "Refused an instance",
                metadata: [
                    "association": "\(key)", "source": "\(source.name)", "code": "\(refusal.failure.code.rawValue)",
                    "status": "\(String(refusal.status, radix: 16))", "detail": "\(refusal.failure.detail)",
                ])
        case .associationEnded(let view, let end, let failure):
            var metadata = Self.metadata(view)
            metadata["outcome"] = "\(end.outcome.rawValue)"
            metadata["stored"] = "\(view.stored)"
            metadata["refused"] = "\(view.refused)"
            metadata["bytes"] = "\(view.bytes)"
            if !end.detail.isEmpty { metadata["detail"] = "\(end.detail)" }
            if let failure {
                metadata["code"] = "\(failure.code.rawValue)"
                logger.error("An association was cut off", metadata: metadata)
            } else {
                logger.info("An association ended", metadata: metadata)
            }
        }
    }

    private static func metadata(_ view: AssociationView) -> Logger.Metadata {
        [
            "association": "\(view.key)", "source": "\(view.source)", "address": "\(view.key.address)",
            "calling": "\(view.key.callingAE)", "called": "\(view.key.calledAE)",
        ]
    }
}
