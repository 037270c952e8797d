// Storage commitment on an association that we open (PS3.4 Annex J).

internal import CDCMTK
package import DICOMVocabulary

extension OutgoingAssociation {
    /// The one context that storage commitment needs.
    package static let commitmentProposals: [Proposal] = [
        (
            abstract: StorageCommitment.sopClass,
            transferSyntaxes: [.explicitVRLittleEndian, .implicitVRLittleEndian], scpRole: false
        )
    ]

    /// N-ACTION (PS3.4 J.3.2); then waits `seconds` for an answer on this association. `onReport` keeps what comes, also
    /// before the response and of other transactions, and gives the status to answer. Gives the status of the N-ACTION.
    package func requestCommitment(
        _ request: CommitmentRequest, bounds: ScanBounds, waiting seconds: Double,
        onReport: (CommitmentReport) throws(Failure) -> UInt16
    ) throws(Failure) -> UInt16 {
        let context = try anyContext(of: StorageCommitment.sopClass)
        let bytes = try request.encoded(as: context.transferSyntax)
        let messageID = channel.nextMessageID()
        var command = CommandSet(.action)
        command[uid: .requestedSOPClassUID] = StorageCommitment.sopClass
        command[uid: .requestedSOPInstanceUID] = StorageCommitment.sopInstance
        command[number: .messageID] = messageID
        command[number: .actionTypeID] = StorageCommitment.requestAction
        command[number: .dataSetType] = 1
        try channel.send(command, on: context)
        try channel.sendDataSet([.bytes(bytes)], on: context)
        var isAnswered = false
        var status: UInt16?
        let deadline = ContinuousClock.now + .seconds(seconds)
        while status == nil || (status == 0 && !isAnswered) {
            if status != nil, try !speaks(until: deadline) { break }
            switch try channel.nextMessage(within: channel.limits.dimse) {
            case .released:
                guard let status else {
                    throw .protocolBreach("the peer released the association instead of answering")
                }
                _ = cdcmtk_association_acknowledge_release(channel.handle)
                return status
            case .aborted:
                guard let status else {
                    throw Failure(
                        .associationAborted, .tryAgain, .destination, detail: "the peer aborted the association")
                }
                return status
            case .command(let context, let command) where command.field == .eventReport:
                let event = try channel.notification(command, on: context)
                let report = try channel.commitmentReport(of: event, bounds: bounds)
                // Processing failure (PS3.7 C.5.2) to what cannot be understood.
                let answer = try report.map { (report) throws(Failure) in try onReport(report) } ?? 0x0110
                try channel.respond(to: event, isAction: false, status: answer)
                isAnswered = isAnswered || report?.transaction == request.transaction
            case .command(_, let command):
                guard command.field == .actionResponse, command[number: .messageIDBeingRespondedTo] == messageID,
                    let answer = command[number: .status]
                else { throw .protocolBreach("a response to another message came") }
                if channel.pendingDataSet != nil {
                    try channel.receiveDataSet(maximumBytes: channel.limits.maximumObject) { _ in }
                }
                status = answer
            }
        }
        return status ?? 0
    }

    /// N-EVENT-REPORT (PS3.4 J.3.3); gives the status that the peer answers.
    package func reportCommitment(_ report: CommitmentReport) throws(Failure) -> UInt16 {
        try channel.report(report, on: try anyContext(of: StorageCommitment.sopClass))
    }

    private func speaks(until deadline: ContinuousClock.Instant) throws(Failure) -> Bool {
        let left = (deadline - .now) / .seconds(1)
        guard left > 0 else { return false }
        return try channel.speaks(within: left)
    }
}

extension AssociationChannel {
    /// Whether something comes within so many seconds. What it is, the next message tells.
    func speaks(within seconds: Double) throws(Failure) -> Bool {
        let status = cdcmtk_association_wait(handle, seconds)
        if status.code == CDCMTK_TIMED_OUT { return false }
        try status.check()
        return true
    }
}
