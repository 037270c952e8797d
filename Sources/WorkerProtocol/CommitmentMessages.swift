// The dialogue about storage commitment (PS3.4 Annex J). Whatever a peer says is durable in the office before it is
// answered.

package import DICOMVocabulary

/// Ask a destination to commit (N-ACTION), and wait for its N-EVENT-REPORT on the same association for a while. Each
/// report comes as `commitmentReported` and waits for its verdict; `commitmentSettled` ends the job.
package struct CommitmentJob: Sendable, Codable {
    package var peer: PeerAddress
    package var limits: AssociationLimits
    package var scan: ScanBounds
    package var request: CommitmentRequest
    /// Seconds.
    package var wait: Double

    package init(
        peer: PeerAddress, limits: AssociationLimits, scan: ScanBounds, request: CommitmentRequest, wait: Double
    ) {
        self.peer = peer
        self.limits = limits
        self.scan = scan
        self.request = request
        self.wait = wait
    }
}

/// Tell a modality what came of its request (N-EVENT-REPORT), on an association of our own.
package struct CommitmentNews: Sendable, Codable {
    package var peer: PeerAddress
    package var limits: AssociationLimits
    package var report: CommitmentReport

    package init(peer: PeerAddress, limits: AssociationLimits, report: CommitmentReport) {
        self.peer = peer
        self.limits = limits
        self.report = report
    }
}
