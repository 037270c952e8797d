// Which presentation contexts are accepted, and how.

import DICOMVocabulary
import WorkerProtocol

/// For each proposed context the transfer syntax to accept: the first of the requestor's list that we can keep, because
/// its order is its preference and what comes is stored as it comes (PS3.8 9.3.3.2 leaves the choice to the acceptor).
///
/// Deflated syntaxes are taken only from a source whose settings ask for them: 600 kB unpack to 600 MB. So are those
/// that nobody here knows: what is not explicit VR little endian in disguise is then refused object by object.
enum ContextChoice {
    private static let receivable = Set(TransferSyntax.receivable)
    private static let uncompressed: Set<TransferSyntax> = [.explicitVRLittleEndian, .implicitVRLittleEndian]

    static func accept(
        _ contexts: [AssociationRequest.Context], grant: AssociationGrant
    ) -> [UInt8: TransferSyntax] {
        var chosen: [UInt8: TransferSyntax] = [:]
        for context in contexts {
            let syntax: TransferSyntax?
            if context.abstractSyntax == SOPClass.verification {
                // A C-ECHO has no data set: its encoding does not matter.
                syntax = context.transferSyntaxes.first { !$0.isEncapsulated && !$0.isDeflated }
            } else if context.abstractSyntax == StorageCommitment.sopClass {
                let isAllowed = grant.commitmentRequests || grant.commitmentReports
                syntax = context.transferSyntaxes.first { isAllowed && uncompressed.contains($0) }
            } else if stores(context.abstractSyntax, grant) {
                syntax = context.transferSyntaxes.first {
                    receivable.contains($0) || grant.deflated && $0.isDeflated || grant.unknownSyntaxes && $0.isUnknown
                }
            } else {
                syntax = nil
            }
            if let syntax { chosen[context.id] = syntax }
        }
        return chosen
    }

    /// Whether objects of a class are kept for this peer.
    static func stores(_ sopClass: UID, _ grant: AssociationGrant) -> Bool {
        grant.storage && (SOPClass.isPatientStorage(sopClass) || grant.unknownSOPClasses && mayBeStorage(sopClass))
    }

    /// Private classes. Other services of the standard are not storage, whatever a source's settings say.
    private static func mayBeStorage(_ uid: UID) -> Bool { uid.isValid && !uid.isStandard }
}
