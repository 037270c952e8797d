// The acceptor's side of an association (PS3.8 section 7, PS3.7 section 9).

internal import CDCMTK
package import DICOMVocabulary
internal import Glibc

/// One association that a peer opened, from its accepted socket to its end. Blocking: it belongs to one thread of a
/// worker. Every wait has an end (`AssociationLimits`).
///
/// ```swift
/// let association = try IncomingAssociation(socket: accepted, tls: nil, limits: limits)
/// let request = try association.receiveRequest()
/// try association.accept([1: .explicitVRLittleEndian])
/// while case .store(let command) = try association.nextCommand() {
///     let (bytes, digest) = try association.receiveDataSet(into: sink, maximumBytes: 1 << 30)
///     if let failure = sink.finish() { throw failure }
///     try association.respond(to: command, status: 0)
/// }
/// ```
///
/// After any failure except those of `receiveDataSet(into:)` that tell of the file (`.spoolFull`, `.ioError`), the
/// association is in an unknown state: `abort` it.
package final class IncomingAssociation {
    let channel: AssociationChannel
    private var socket: CInt?
    /// Contexts in which the requestor offers to be the SCP of storage, as for C-GET (PS3.7 D.3.3.4).
    package private(set) var offeredSCPRoles: Set<UInt8> = []

    /// Takes over the connected socket, and closes it in every case. Fails with `.tlsFailed` if our own files are wrong.
    package init(socket: CInt, tls: TLSFiles?, limits: AssociationLimits) throws(Failure) {
        do throws(Failure) {
            channel = try AssociationChannel(limits: limits)
            if let tls { try channel.useTLS(tls, pinned: nil, asServer: true) }
            self.socket = socket
        } catch {
            close(socket)
            throw error
        }
    }

    deinit {
        if let socket { close(socket) }
    }

    /// TLS handshake and A-ASSOCIATE-RQ, within `limits.negotiation` on the wall clock (ASC_receiveAssociation).
    package func receiveRequest() throws(Failure) -> AssociationRequest {
        guard let socket else { throw .protocolBreach("the request was received already") }
        self.socket = nil
        try cdcmtk_association_receive(channel.handle, socket).check()
        var calling = [CChar](repeating: 0, count: 17)
        var called = [CChar](repeating: 0, count: 17)
        cdcmtk_association_titles(channel.handle, &calling, &called)
        let contexts = channel.negotiatedContexts()
        offeredSCPRoles = Set(contexts.filter(\.peer_offers_scp_role).map(\.identifier))
        return AssociationRequest(
            callingAE: string(calling), calledAE: string(called), certificate: channel.certificate,
            contexts: contexts.map { context in
                AssociationRequest.Context(
                    id: context.identifier, abstractSyntax: UID(text(of: context.abstract_syntax)),
                    transferSyntaxes: context.transferSyntaxes)
            })
    }

    /// A-ASSOCIATE-AC with these presentation contexts; all others are refused as unknown abstract syntaxes. In
    /// `scpRoles` the requestor is granted the SCP role that it offered.
    package func accept(_ chosen: [UInt8: TransferSyntax], scpRoles: Set<UInt8> = []) throws(Failure) {
        for (id, syntax) in chosen.sorted(by: { $0.key < $1.key }) {
            try cdcmtk_association_accept_context(channel.handle, id, syntax.uid.string, scpRoles.contains(id)).check()
        }
        try cdcmtk_association_acknowledge(channel.handle).check()
        channel.rememberContexts()
    }

    /// A-ASSOCIATE-RJ; the end of this association.
    package func reject(_ rejection: AssociationRejection) {
        _ = cdcmtk_association_reject(channel.handle, rejection.result, rejection.source, rejection.reason)
    }

    /// Presentation contexts as accepted.
    package var accepted: [AcceptedContext] { channel.contexts.values.sorted { $0.id < $1.id } }

    /// Waits for the peer, at most `limits.idle`. A data set that was announced and not received is read over. Commands
    /// that are not among ours are answered with 0211H (PS3.7 C.5.9) here.
    package func nextCommand() throws(Failure) -> IncomingCommand {
        while true {
            switch try channel.nextMessage(within: channel.limits.idle) {
            case .released:
                _ = cdcmtk_association_acknowledge_release(channel.handle)
                return .released
            case .aborted:
                return .aborted
            case .command(let context, let command):
                if let known = try interpret(command, on: context) { return known }
            }
        }
    }

    private func interpret(_ command: CommandSet, on context: AcceptedContext) throws(Failure) -> IncomingCommand? {
        func query() throws(Failure) -> QueryCommand {
            guard command.hasDataSet, let messageID = command[number: .messageID] else {
                throw .protocolBreach("a query lacks what it must have")
            }
            return QueryCommand(
                messageID: messageID, context: context, model: command[uid: .affectedSOPClassUID] ?? "",
                priority: command[number: .priority] ?? 0, destination: command[text: .moveDestination] ?? "")
        }
        switch command.field {
        case .echo:
            guard let messageID = command[number: .messageID] else { throw .protocolBreach("no message ID") }
            return .echo(EchoCommand(messageID: messageID, context: context))
        case .store: return .store(try channel.storeCommand(command, on: context))
        case .action: return .action(try channel.notification(command, on: context))
        case .eventReport: return .eventReport(try channel.notification(command, on: context))
        case .find: return .find(try query())
        case .get: return .get(try query())
        case .move: return .move(try query())
        case .cancel: return .cancel(command[number: .messageIDBeingRespondedTo] ?? 0)
        default:
            guard !command.isResponse, let messageID = command[number: .messageID],
                let number = command[number: .commandField]
            else { throw .protocolBreach("a response came to nothing that was asked") }
            try channel.refuseUnrecognised(number, messageID, on: context)
            return nil
        }
    }

    /// Writes the data set of the last command to `sink`, as it was sent: no preamble, no file meta information. Its last
    /// bytes may still be on their way to the file; `ObjectSink.finish` waits for them.
    /// The digest is XXH3-128 in lower-case hex (`Digest`). `.tooLarge` leaves the rest unread; `.spoolFull` and `.ioError` come
    /// after the whole data set was read over, so that the command can be answered.
    package func receiveDataSet(
        into sink: ObjectSink, maximumBytes: Int64, room: RoomCheck? = nil
    ) throws(Failure) -> (bytes: Int64, digest: String) {
        try channel.receiveDataSet(into: sink, maximumBytes: maximumBytes, room: room)
    }

    /// The data set of the last command in memory: identifiers of queries.
    package func receiveDataSet(maximumBytes: Int) throws(Failure) -> [UInt8] {
        try channel.receiveDataSet(maximumBytes: maximumBytes)
    }

    package func respond(to store: StoreCommand, status: UInt16) throws(Failure) {
        try channel.respond(to: store, status: status)
    }

    package func respond(to echo: EchoCommand, status: UInt16 = 0) throws(Failure) {
        try channel.respond(.echoResponse, to: echo.messageID, on: echo.context, status: status)
    }

    /// One C-FIND-RSP; `dataSet` is in the transfer syntax of the command's context.
    package func respondToFind(_ find: QueryCommand, dataSet: [UInt8]?, status: UInt16) throws(Failure) {
        try channel.respond(.findResponse, to: find.messageID, on: find.context, status: status, dataSet: dataSet)
    }

    package func respondToGet(_ get: QueryCommand, _ counts: SubOperations, status: UInt16) throws(Failure) {
        try channel.respond(.getResponse, to: get.messageID, on: get.context, status: status) { $0.set(counts) }
    }

    package func respondToMove(_ move: QueryCommand, _ counts: SubOperations, status: UInt16) throws(Failure) {
        try channel.respond(.moveResponse, to: move.messageID, on: move.context, status: status) { $0.set(counts) }
    }

    /// A sub-operation of C-GET on this association (PS3.4 C.4.3): gives the status that the requestor answers.
    package func store(
        sopClass: UID, sopInstance: UID, transferSyntax: TransferSyntax, parts: [DataSetPart], priority: UInt16 = 0
    ) throws(Failure) -> UInt16 {
        try channel.store(
            StoreRequest(sopClass: sopClass, sopInstance: sopInstance, priority: priority),
            transferSyntax: transferSyntax, parts: parts)
    }

    /// The message that a C-CANCEL-RQ named while sub-operations ran.
    package var cancelled: UInt16? { channel.cancelled }

    /// Protocol and cipher of TLS, or empty.
    package var tlsDescription: String { channel.tlsDescription }

    /// Read and written so far.
    package var bytes: Int64 { channel.bytes }

    /// A-ABORT and close.
    package func abort() { channel.abort() }
}

extension cdcmtk_context {
    /// What was proposed.
    var transferSyntaxes: [TransferSyntax] {
        withUnsafeBytes(of: syntaxes) { bytes in
            let size = bytes.count / Int(CDCMTK_MAXIMUM_SYNTAXES)
            return (0..<syntax_count).map { index in
                let text = bytes[index * size..<(index + 1) * size].prefix { $0 != 0 }
                return TransferSyntax(UID(String(decoding: text, as: UTF8.self)))
            }
        }
    }
}

extension CommandSet {
    mutating func set(_ counts: SubOperations) {
        self[number: .remaining] = UInt16(clamping: counts.remaining)
        self[number: .completed] = UInt16(clamping: counts.completed)
        self[number: .failed] = UInt16(clamping: counts.failed)
        self[number: .warning] = UInt16(clamping: counts.warning)
    }
}
