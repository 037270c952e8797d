// Storage commitment on an association that a peer opened: modalities ask, and archives answer.

package import DICOMVocabulary

extension IncomingAssociation {
    /// What an N-ACTION asks; nil when it is no request of storage commitment that can be understood. Failures are of the
    /// association.
    package func commitmentRequest(
        of action: NotificationCommand, bounds: ScanBounds
    ) throws(Failure) -> CommitmentRequest? {
        guard action.hasDataSet else { return nil }
        let bytes = try receiveDataSet(maximumBytes: AssociationChannel.maximumCommitment)
        guard action.sopClass == StorageCommitment.sopClass, action.type == StorageCommitment.requestAction else {
            return nil
        }
        return try? CommitmentRequest(bytes: bytes, transferSyntax: action.context.transferSyntax, bounds: bounds)
    }

    /// What an N-EVENT-REPORT says, likewise.
    package func commitmentReport(
        of event: NotificationCommand, bounds: ScanBounds
    ) throws(Failure) -> CommitmentReport? {
        try channel.commitmentReport(of: event, bounds: bounds)
    }

    package func respond(toAction action: NotificationCommand, status: UInt16) throws(Failure) {
        try channel.respond(to: action, isAction: true, status: status)
    }

    package func respond(toEvent event: NotificationCommand, status: UInt16) throws(Failure) {
        try channel.respond(to: event, isAction: false, status: status)
    }

    /// N-EVENT-REPORT on the association on which we were asked (PS3.4 J.3.3); gives the status that the peer answers.
    package func reportCommitment(
        _ report: CommitmentReport, on context: AcceptedContext
    ) throws(Failure) -> UInt16 {
        try channel.report(report, on: context)
    }

    /// Whether the peer says something within so many seconds.
    package func speaks(within seconds: Double) throws(Failure) -> Bool { try channel.speaks(within: seconds) }
}
