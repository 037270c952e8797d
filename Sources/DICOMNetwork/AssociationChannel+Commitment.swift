// N-ACTION and N-EVENT-REPORT of storage commitment (PS3.7 10.1, PS3.4 J.3), which either side of an association may say.

internal import DICOM
internal import DICOMVocabulary

extension AssociationChannel {
    /// 50,000 references are 9 MB.
    static let maximumCommitment = 16 << 20

    func notification(_ command: CommandSet, on context: AcceptedContext) throws(Failure) -> NotificationCommand {
        let isAction = command.field == .action
        guard let messageID = command[number: .messageID],
            let sopClass = command[uid: isAction ? .requestedSOPClassUID : .affectedSOPClassUID],
            let sopInstance = command[uid: isAction ? .requestedSOPInstanceUID : .affectedSOPInstanceUID],
            let type = command[number: isAction ? .actionTypeID : .eventTypeID]
        else { throw .protocolBreach("a notification lacks what it must have") }
        return NotificationCommand(
            messageID: messageID, context: context, sopClass: sopClass, sopInstance: sopInstance, type: type,
            hasDataSet: command.hasDataSet)
    }

    /// What an N-EVENT-REPORT says; nil when it is not one of storage commitment that can be understood.
    func commitmentReport(of event: NotificationCommand, bounds: ScanBounds) throws(Failure) -> CommitmentReport? {
        guard event.hasDataSet else { return nil }
        let bytes = try receiveDataSet(maximumBytes: Self.maximumCommitment)
        guard event.sopClass == StorageCommitment.sopClass,
            [StorageCommitment.success, StorageCommitment.failuresExist].contains(event.type)
        else { return nil }
        // What cannot be read is the message's fault, and the association is as good as before.
        return try? CommitmentReport(
            bytes: bytes, transferSyntax: event.context.transferSyntax, bounds: bounds, event: event.type)
    }

    func respond(to command: NotificationCommand, isAction: Bool, status: UInt16) throws(Failure) {
        if pendingDataSet != nil { try receiveDataSet(maximumBytes: limits.maximumObject) { _ in } }
        try respond(
            isAction ? .actionResponse : .eventReportResponse, to: command.messageID, on: command.context,
            status: status
        ) {
            $0[uid: .affectedSOPClassUID] = command.sopClass
            $0[uid: .affectedSOPInstanceUID] = command.sopInstance
            $0[number: isAction ? .actionTypeID : .eventTypeID] = command.type
        }
    }

    /// N-EVENT-REPORT-RQ, and the status that the peer answers.
    func report(_ report: CommitmentReport, on context: AcceptedContext) throws(Failure) -> UInt16 {
        let bytes = try report.encoded(as: context.transferSyntax)
        let messageID = nextMessageID()
        var command = CommandSet(.eventReport)
        command[uid: .affectedSOPClassUID] = StorageCommitment.sopClass
        command[uid: .affectedSOPInstanceUID] = StorageCommitment.sopInstance
        command[number: .messageID] = messageID
        command[number: .eventTypeID] =
            report.refused.isEmpty ? StorageCommitment.success : StorageCommitment.failuresExist
        command[number: .dataSetType] = 1
        try send(command, on: context)
        try sendDataSet([.bytes(bytes)], on: context)
        return try response(.eventReportResponse, to: messageID, within: limits.dimse).status
    }
}
