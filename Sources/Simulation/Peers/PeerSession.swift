// One association of a simulated peer, from its request to its end.

import DICOMNetwork
import DICOMVocabulary

/// Negotiates, answers C-ECHO by itself, and hands the other commands on. Lives on its association's thread.
struct PeerSession {
    let association: IncomingAssociation
    let callingAE: String

    /// Takes over the socket. Rejects what is not addressed to this peer.
    /// - Parameter archive: what can be asked for and fetched here; nil for a peer that only stores.
    init(socket: CInt, face: PeerFace, archive: HoldingIndex?) throws(Failure) {
        association = try IncomingAssociation(socket: socket, tls: face.tls, limits: face.limits)
        let request = try association.receiveRequest()
        callingAE = request.callingAE
        guard AETitle(request.calledAE) == face.aeTitle else {
            association.reject(.calledAENotRecognized)
            throw Failure(
                .associationRejectedPermanent, .refused, .destination,
                detail: "\(request.callingAE) asked for \(request.calledAE)")
        }
        let chosen = Self.choose(
            request.contexts, archive: archive, fetching: association.offeredSCPRoles)
        try association.accept(chosen, scpRoles: association.offeredSCPRoles.intersection(chosen.keys))
    }

    /// Storage in the sender's first syntax, so that objects stay as they are; where objects are fetched (the peer offers
    /// the SCP role), in a syntax in which they are held; queries in explicit VR.
    static func choose(
        _ contexts: [AssociationRequest.Context], archive: HoldingIndex?, fetching: Set<UInt8>
    ) -> [UInt8: TransferSyntax] {
        var chosen: [UInt8: TransferSyntax] = [:]
        for context in contexts {
            let isQuery = QueryModel.isModel(context.abstractSyntax)
            guard !isQuery || archive != nil else { continue }
            var preferred: [TransferSyntax] = []
            if fetching.contains(context.id), let archive {
                preferred = archive.transferSyntaxes(of: context.abstractSyntax) + QueryModel.plain
            } else if isQuery || context.abstractSyntax == QueryModel.verification {
                preferred = QueryModel.plain
            }
            chosen[context.id] =
                preferred.first { context.transferSyntaxes.contains($0) } ?? context.transferSyntaxes.first
        }
        return chosen
    }

    /// The next command that is not an echo; nil when the peer has released or aborted the association.
    func next() throws(Failure) -> IncomingCommand? {
        while true {
            switch try association.nextCommand() {
            case .echo(let echo): try association.respond(to: echo)
            case .released, .aborted: return nil
            case let command: return command
            }
        }
    }
}

/// SOP classes of query and retrieval (PS3.4 C.6), Patient Root and Study Root.
enum QueryModel {
    static let verification: UID = "1.2.840.10008.1.1"
    static let find: Set<UID> = ["1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.2.1"]
    static let move: Set<UID> = ["1.2.840.10008.5.1.4.1.2.1.2", "1.2.840.10008.5.1.4.1.2.2.2"]
    static let get: Set<UID> = ["1.2.840.10008.5.1.4.1.2.1.3", "1.2.840.10008.5.1.4.1.2.2.3"]
    static let plain: [TransferSyntax] = [.explicitVRLittleEndian, .implicitVRLittleEndian]

    static func isModel(_ uid: UID) -> Bool { find.contains(uid) || move.contains(uid) || get.contains(uid) }
}
