// C-STORE as its user, which is the same in both roles (PS3.7 9.1.1; PS3.4 C.4.3 for C-GET's sub-operations).

internal import DICOMVocabulary

/// What a C-STORE-RQ says.
struct StoreRequest {
    var sopClass: UID
    var sopInstance: UID
    var priority: UInt16
    var moveOriginator: String?
    var moveOriginatorMessageID: UInt16?
}

extension AssociationChannel {
    func context(for abstractSyntax: UID, _ transferSyntax: TransferSyntax) -> AcceptedContext? {
        contexts.values.filter { $0.abstractSyntax == abstractSyntax && $0.transferSyntax == transferSyntax }
            .min { $0.id < $1.id }
    }

    /// Sends one object and waits for the status. After a failure other than `.noPresentationContext` the association is
    /// in an unknown state and has to be aborted.
    func store(
        _ request: StoreRequest, transferSyntax: TransferSyntax, parts: [DataSetPart], bytesPerSecond: Int64? = nil
    ) throws(Failure) -> UInt16 {
        guard let context = context(for: request.sopClass, transferSyntax) else {
            throw Failure(
                .noPresentationContext, .person, .instance,
                detail: "no presentation context for \(request.sopClass) in \(transferSyntax.name)")
        }
        let messageID = nextMessageID()
        var command = CommandSet(.store)
        command[uid: .affectedSOPClassUID] = request.sopClass
        command[number: .messageID] = messageID
        command[number: .priority] = request.priority
        command[number: .dataSetType] = 1
        command[uid: .affectedSOPInstanceUID] = request.sopInstance
        command[text: .moveOriginatorAE] = request.moveOriginator
        command[number: .moveOriginatorMessageID] = request.moveOriginatorMessageID
        try send(command, on: context)
        try sendDataSet(parts, on: context, bytesPerSecond: bytesPerSecond)
        return try response(.storeResponse, to: messageID, within: limits.dimse).status
    }

    /// The response to a message; C-CANCEL-RQ may come before it.
    func response(
        _ field: CommandSet.Field, to messageID: UInt16, within seconds: Double
    ) throws(Failure) -> (status: UInt16, command: CommandSet) {
        while true {
            let command: CommandSet
            switch try nextMessage(within: seconds) {
            case .released: throw .protocolBreach("the peer released the association instead of answering")
            case .aborted:
                throw Failure(
                    .associationAborted, .tryAgain, .destination, detail: "the peer aborted the association")
            case .command(_, let received): command = received
            }
            if command.field == .cancel {
                cancelled = command[number: .messageIDBeingRespondedTo]
                continue
            }
            guard command.field == field, command[number: .messageIDBeingRespondedTo] == messageID,
                let status = command[number: .status]
            else { throw .protocolBreach("a response to another message came") }
            return (status, command)
        }
    }

    func respond(
        _ field: CommandSet.Field, to messageID: UInt16, on context: AcceptedContext, status: UInt16,
        dataSet: [UInt8]? = nil, edit: (inout CommandSet) -> Void = { _ in }
    ) throws(Failure) {
        var command = CommandSet(field)
        command[uid: .affectedSOPClassUID] = context.abstractSyntax
        command[number: .messageIDBeingRespondedTo] = messageID
        command[number: .dataSetType] = dataSet == nil ? 0x0101 : 1
        command[number: .status] = status
        edit(&command)
        try send(command, on: context)
        if let dataSet { try sendDataSet([.bytes(dataSet)], on: context) }
    }

    func storeCommand(_ command: CommandSet, on context: AcceptedContext) throws(Failure) -> StoreCommand {
        guard command.hasDataSet, let messageID = command[number: .messageID],
            let sopClass = command[uid: .affectedSOPClassUID], let sopInstance = command[uid: .affectedSOPInstanceUID]
        else { throw .protocolBreach("a C-STORE-RQ lacks what it must have") }
        return StoreCommand(
            messageID: messageID, context: context, sopClass: sopClass, sopInstance: sopInstance,
            priority: command[number: .priority] ?? 0, moveOriginator: command[text: .moveOriginatorAE],
            moveOriginatorMessageID: command[number: .moveOriginatorMessageID])
    }

    func respond(to store: StoreCommand, status: UInt16) throws(Failure) {
        if pendingDataSet != nil { try receiveDataSet(maximumBytes: limits.maximumObject) { _ in } }
        try respond(.storeResponse, to: store.messageID, on: store.context, status: status) {
            $0[uid: .affectedSOPClassUID] = store.sopClass
            $0[uid: .affectedSOPInstanceUID] = store.sopInstance
        }
    }

    /// 0211H, unrecognised operation (PS3.7 C.5.9), to any other request.
    func refuseUnrecognised(_ field: UInt16, _ messageID: UInt16, on context: AcceptedContext) throws(Failure) {
        if pendingDataSet != nil { try receiveDataSet(maximumBytes: limits.maximumObject) { _ in } }
        var command = CommandSet(.echoResponse)
        command[number: .commandField] = field | 0x8000
        command[number: .messageIDBeingRespondedTo] = messageID
        command[number: .dataSetType] = 0x0101
        command[number: .status] = 0x0211
        try send(command, on: context)
    }
}
