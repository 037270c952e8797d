// What happens at the door, for logs, counters and the journal's events.

package import DICOMVocabulary
package import WorkerProtocol

/// Told in the order in which it happened for one association. Holds no patient data; reasons repeat what a peer wrote
/// only as `AdmissionPolicy.printable` lets it through.
package enum IntakeEvent: Sendable {
    /// Before a byte was read, or without a worker to read it.
    case connectionRefused(address: String, listener: String, reason: String)
    /// It ended before it asked for an association: a bad handshake, garbage, silence.
    case connectionFailed(address: String, listener: String, AssociationEnd)
    case associationRejected(address: String, listener: String, AssociationRejection, reason: String)
    case associationOpened(AssociationView)
    /// Bytes are moving inside a large object; at most once a second.
    case associationActive(AssociationKey)
    case instanceRefused(InstanceRefusal, SourceSettings, AssociationKey)
    /// Its row was written beside its bytes, and these did not come as far as the disk: the sender is told so. Comes after the
    /// instance was stored, or found to be here already.
    case instanceNotDurable(spoolKey: String, InstanceRefusal, SourceSettings, AssociationKey)
    /// The last of an association. `failure` says why the office or a crash ended it, when that is so.
    case associationEnded(AssociationView, AssociationEnd, failure: Failure?)
}
