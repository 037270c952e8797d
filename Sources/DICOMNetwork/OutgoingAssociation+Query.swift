// C-FIND, C-GET and C-MOVE as their user (PS3.4 Annex C).

internal import CDCMTK
package import DICOM
package import DICOMVocabulary

/// The data set of a C-GET sub-operation, to be received while its command is handled.
package struct SubOperationDataSet {
    let channel: AssociationChannel

    /// As `IncomingAssociation.receiveDataSet(into:maximumBytes:room:)`.
    package func receive(
        into sink: ObjectSink, maximumBytes: Int64, room: RoomCheck? = nil
    ) throws(Failure) -> (bytes: Int64, digest: String) {
        try channel.receiveDataSet(into: sink, maximumBytes: maximumBytes, room: room)
    }

    package func receive(maximumBytes: Int) throws(Failure) -> [UInt8] {
        try channel.receiveDataSet(maximumBytes: maximumBytes)
    }
}

extension OutgoingAssociation {
    /// Identifiers above this are not answers to our questions.
    private static let maximumIdentifier = 4 << 20

    /// Hands over each match and gives the final status.
    package func find(
        model: UID, identifier: DataSet, each: ([UInt8], TransferSyntax) throws(Failure) -> Void
    ) throws(Failure) -> UInt16 {
        let context = try anyContext(of: model)
        let messageID = try ask(.find, model, identifier, on: context)
        while true {
            let (status, command) = try channel.response(.findResponse, to: messageID, within: channel.limits.dimse)
            guard status == 0xFF00 || status == 0xFF01 else { return status }
            guard command.hasDataSet else { throw .protocolBreach("a match without an identifier") }
            try each(try channel.receiveDataSet(maximumBytes: Self.maximumIdentifier), context.transferSyntax)
        }
    }

    /// Objects come on this association. `onStore` receives each and gives the status to answer; what it leaves unread is
    /// read over. Storage contexts have to be proposed with `scpRole`.
    package func get(
        model: UID, identifier: DataSet,
        onStore: (StoreCommand, SubOperationDataSet) throws(Failure) -> UInt16
    ) throws(Failure) -> (status: UInt16, counts: SubOperations) {
        let context = try anyContext(of: model)
        let messageID = try ask(.get, model, identifier, on: context)
        while true {
            switch try channel.nextMessage(within: channel.limits.dimse) {
            case .released: throw .protocolBreach("the peer released the association instead of answering")
            case .aborted:
                throw Failure(.associationAborted, .tryAgain, .destination, detail: "the peer aborted the association")
            case .command(let context, let command) where command.field == .store:
                let store = try channel.storeCommand(command, on: context)
                let status = try onStore(store, SubOperationDataSet(channel: channel))
                try channel.respond(to: store, status: status)
            case .command(_, let command):
                guard command.field == .getResponse, command[number: .messageIDBeingRespondedTo] == messageID,
                    let status = command[number: .status]
                else { throw .protocolBreach("a response to another message came") }
                if status != 0xFF00 { return (status, command.counts) }
            }
        }
    }

    /// Objects go to `destination`, an AE that the peer knows. Between two responses `limits.idle` may pass: many peers
    /// report nothing before the end.
    package func move(
        model: UID, identifier: DataSet, destination: AETitle
    ) throws(Failure) -> (status: UInt16, completed: Int, failed: Int) {
        let context = try anyContext(of: model)
        let messageID = try ask(.move, model, identifier, on: context) {
            $0[text: .moveDestination] = destination.string
        }
        while true {
            let (status, command) = try channel.response(.moveResponse, to: messageID, within: channel.limits.idle)
            guard status != 0xFF00 else { continue }
            return (status, command.counts.completed, command.counts.failed)
        }
    }

    private func ask(
        _ field: CommandSet.Field, _ model: UID, _ identifier: DataSet, on context: AcceptedContext,
        edit: (inout CommandSet) -> Void = { _ in }
    ) throws(Failure) -> UInt16 {
        let bytes = try identifier.encoded(as: context.transferSyntax)
        let messageID = channel.nextMessageID()
        var command = CommandSet(field)
        command[uid: .affectedSOPClassUID] = model
        command[number: .messageID] = messageID
        command[number: .priority] = 0
        command[number: .dataSetType] = 1
        edit(&command)
        try channel.send(command, on: context)
        try channel.sendDataSet([.bytes(bytes)], on: context)
        return messageID
    }
}

extension CommandSet {
    var counts: SubOperations {
        SubOperations(
            remaining: Int(self[number: .remaining] ?? 0), completed: Int(self[number: .completed] ?? 0),
            failed: Int(self[number: .failed] ?? 0), warning: Int(self[number: .warning] ?? 0))
    }
}
