// The requestor's side of an association.

internal import CDCMTK
internal import DICOM
package import DICOMVocabulary

/// One association that we open. Blocking: it belongs to one thread of a worker.
///
/// ```swift
/// let association = try OutgoingAssociation(
///     to: peer, limits: limits, proposals: [(verification, [.implicitVRLittleEndian], false)])
/// let status = try association.echo()
/// association.release()
/// ```
///
/// After any failure but `.noPresentationContext` the association is in an unknown state: `abort` it.
package final class OutgoingAssociation {
    /// A presentation context that is offered; at most 128 of them (PS3.8 9.3.2.2). With `scpRole` we offer to be the SCP
    /// too, as the storage contexts of C-GET need it (PS3.7 D.3.3.4).
    package typealias Proposal = (abstract: UID, transferSyntaxes: [TransferSyntax], scpRole: Bool)

    let channel: AssociationChannel

    /// Connects (`limits.connect`), makes TLS with the peer's certificate checked against the pinned fingerprint before
    /// anything of DICOM is sent, and negotiates (ASC_requestAssociation).
    ///
    /// With `asSCP` every context is proposed with the SCP role alone: an SCP that has something to report opens an
    /// association of its own for it (PS3.4 J.3.3).
    ///
    /// `onConnected` is called once, on this thread, when the connection stands, with the seconds of a round trip, which is well
    /// before the negotiation that follows is over.
    package init(
        to peer: PeerAddress, limits: AssociationLimits, proposals: [Proposal], asSCP: Bool = false,
        onConnected: (Double) -> Void = { _ in }
    ) throws(Failure) {
        guard (1...128).contains(proposals.count) else {
            throw Failure(
                .unexpected, .person, .destination,
                detail: "\(proposals.count) presentation contexts, 1–128 are allowed")
        }
        channel = try AssociationChannel(limits: limits)
        if let tls = peer.tls {
            try channel.useTLS(tls, pinned: peer.pinnedCertificate, asServer: false)
        } else if peer.pinnedCertificate != nil {
            throw Failure(
                .certificateRefused, .person, .destination, detail: "a certificate is pinned and TLS is off",
                hint: "give the destination its TLS files")
        }
        for (index, proposal) in proposals.enumerated() {
            let role: cdcmtk_role = asSCP ? CDCMTK_ROLE_SCP : proposal.scpRole ? CDCMTK_ROLE_BOTH : CDCMTK_ROLE_DEFAULT
            try channel.propose(proposal, id: UInt8(index * 2 + 1), role)
        }
        let handle = channel.handle
        let status = withoutActuallyEscaping(onConnected) { onConnected in
            let call = ConnectedCall(onConnected)
            return withExtendedLifetime(call) {
                cdcmtk_association_request(
                    handle, peer.host, CInt(peer.port), peer.calledAE.string, peer.callingAE.string,
                    { context, roundTrip in
                        guard let context else { return }
                        Unmanaged<ConnectedCall>.fromOpaque(context).takeUnretainedValue().body(roundTrip)
                    },
                    Unmanaged.passUnretained(call).toOpaque())
            }
        }
        guard status.code != CDCMTK_REJECTED else {
            var rejection = AssociationRejection(result: 0, source: 0, reason: 0)
            cdcmtk_association_rejection(
                channel.handle, &rejection.result, &rejection.source, &rejection.reason)
            throw Failure(rejection: rejection)
        }
        try status.check()
        channel.rememberContexts()
    }

    /// Whether an object of this class in this syntax can be sent.
    package func context(for sopClass: UID, _ transferSyntax: TransferSyntax) -> Bool {
        channel.context(for: sopClass, transferSyntax) != nil
    }

    package var accepted: [AcceptedContext] { channel.contexts.values.sorted { $0.id < $1.id } }

    /// Protocol and cipher of TLS, or empty.
    package var tlsDescription: String { channel.tlsDescription }

    /// The peer's certificate, with TLS.
    package var certificate: AssociationRequest.Certificate? { channel.certificate }

    /// Read and written so far.
    package var bytes: Int64 { channel.bytes }

    /// C-ECHO (PS3.7 9.1.5).
    package func echo() throws(Failure) -> UInt16 {
        let context = try anyContext(of: "1.2.840.10008.1.1")
        let messageID = channel.nextMessageID()
        var command = CommandSet(.echo)
        command[uid: .affectedSOPClassUID] = context.abstractSyntax
        command[number: .messageID] = messageID
        command[number: .dataSetType] = 0x0101
        try channel.send(command, on: context)
        return try channel.response(.echoResponse, to: messageID, within: channel.limits.dimse).status
    }

    /// C-STORE (PS3.7 9.1.1) of a data set that is put together from parts, which have to be in `transferSyntax`. Files
    /// are read as they are sent, no faster than `bytesPerSecond`. Gives the peer's status, whatever it is.
    package func store(
        sopClass: UID, sopInstance: UID, transferSyntax: TransferSyntax, parts: [DataSetPart], priority: UInt16 = 0,
        moveOriginator: String? = nil, moveOriginatorMessageID: UInt16? = nil, bytesPerSecond: Int64? = nil
    ) throws(Failure) -> UInt16 {
        try channel.store(
            StoreRequest(
                sopClass: sopClass, sopInstance: sopInstance, priority: priority, moveOriginator: moveOriginator,
                moveOriginatorMessageID: moveOriginatorMessageID),
            transferSyntax: transferSyntax, parts: parts, bytesPerSecond: bytesPerSecond)
    }

    /// Whether the peer has said something that nobody has read, or has closed the connection (ASC_dataWaiting).
    package var hasWord: Bool { channel.hasWord }

    /// Reads what the peer says when nothing is under way, answers a release, and closes.
    package func answerLeave() {
        if case .released? = try? channel.nextMessage(within: 0) {
            _ = cdcmtk_association_acknowledge_release(channel.handle)
        } else {
            channel.abort()
        }
    }

    /// A-RELEASE-RQ, its answer, and close. What goes wrong with it does not matter any more.
    package func release() { _ = cdcmtk_association_release(channel.handle) }

    /// A-ABORT and close.
    package func abort() { channel.abort() }

    /// The first accepted context of an abstract syntax.
    func anyContext(of abstractSyntax: UID) throws(Failure) -> AcceptedContext {
        guard let context = accepted.first(where: { $0.abstractSyntax == abstractSyntax }) else {
            throw Failure(
                .noPresentationContext, .tryAgain, .destination,
                detail: "the peer accepted no presentation context for \(abstractSyntax)")
        }
        return context
    }
}

extension AssociationChannel {
    func propose(_ proposal: OutgoingAssociation.Proposal, id: UInt8, _ role: cdcmtk_role) throws(Failure) {
        // Held for the call by the array of arrays; C reads up to each NUL.
        let names = proposal.transferSyntaxes.map { Array($0.uid.string.utf8CString) }
        let status = withPointers(to: names) { pointers in
            cdcmtk_association_propose(
                handle, id, proposal.abstract.string, pointers.baseAddress, pointers.count, role)
        }
        try status.check()
    }

    private func withPointers<Result>(
        to strings: [[CChar]], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let joined = strings.flatMap { $0 }
        return joined.withUnsafeBufferPointer { buffer in
            var offset = 0
            let pointers = strings.map { string -> UnsafePointer<CChar>? in
                defer { offset += string.count }
                return buffer.baseAddress.map { $0 + offset }
            }
            return pointers.withUnsafeBufferPointer(body)
        }
    }
}

/// What C calls back when a connection stands.
private final class ConnectedCall {
    let body: (Double) -> Void

    init(_ body: @escaping (Double) -> Void) { self.body = body }
}
