// Which presentation contexts are accepted, and how.

import DICOMVocabulary
import WorkerProtocol

/// For each proposed context the transfer syntax to accept: the first of the requestor's list that we can keep, because
/// its order is its preference and what comes is stored as it comes (PS3.8 9.3.3.2 leaves the choice to the acceptor).
///
/// The deflated syntax is taken only from a source whose settings ask for it: 600 kB unpack to 600 MB.
enum ContextChoice {
    private static let receivable = Set(TransferSyntax.receivable)

    static func accept(
        _ contexts: [AssociationRequest.Context], grant: AssociationGrant
    ) -> [UInt8: TransferSyntax] {
        var chosen: [UInt8: TransferSyntax] = [:]
        for context in contexts {
            let syntax: TransferSyntax?
            if context.abstractSyntax == SOPClass.verification {
                // A C-ECHO has no data set: its encoding does not matter.
                syntax = context.transferSyntaxes.first { !$0.isEncapsulated && !$0.isDeflated }
            } else if SOPClass.isPatientStorage(context.abstractSyntax)
                || grant.unknownSOPClasses && mayBeStorage(context.abstractSyntax)
            {
                syntax = context.transferSyntaxes.first {
                    receivable.contains($0) || grant.deflated && $0.isDeflated
                }
            } else {
                syntax = nil
            }
            if let syntax { chosen[context.id] = syntax }
        }
        return chosen
    }

    /// Private classes. Other services of the standard are not storage, whatever a source's settings say.
    private static func mayBeStorage(_ uid: UID) -> Bool { uid.isValid && !uid.isStandard }
}
