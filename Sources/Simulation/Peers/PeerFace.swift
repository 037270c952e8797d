// What the simulated peers that listen have in common.

package import DICOMVocabulary

/// Where a simulated peer listens and as whom.
package struct PeerFace: Sendable, Hashable {
    /// A numeric address.
    package var address: String
    /// 0 asks the system for a free port; the simulator's `port` tells which.
    package var port: Int
    package var aeTitle: AETitle
    /// nil is plain DICOM; otherwise TLS with a required client certificate.
    package var tls: TLSFiles?
    /// Associations at once, each on a thread of its own; further connections wait.
    package var maximumAssociations = 64
    package var limits = AssociationLimits()

    package init(address: String = "127.0.0.1", port: Int, aeTitle: AETitle, tls: TLSFiles? = nil) {
        self.address = address
        self.port = port
        self.aeTitle = aeTitle
        self.tls = tls
    }
}
