// Why something did not work, as data: what to do next is decided from here, never from text.

/// A failure that knows what can help. It holds no patient data: `detail` is made of tags, UIDs, numbers and the words
/// of the library behind it.
package struct Failure: Error, Hashable, Sendable, Codable {
    /// What happened. Raw values are stable: they stand in the journal, in metrics and in `--json`.
    package enum Code: String, Sendable, Codable, CaseIterable {
        // Roads
        case connectFailed, connectTimedOut, tlsFailed, certificateExpired, certificateRefused
        case associationRejectedTransient, associationRejectedPermanent, associationAborted, peerTimedOut
        case connectionLost, protocolError
        // Objects
        case noPresentationContext, outOfResources, sopClassNotSupported, notAuthorized, dataSetMismatch
        case cannotUnderstand, refusedByPeer, unreadable, unwalkable, tooLarge, missingFile, damagedFile
        case identifiersMissing, notCommitted
        // Identity
        case identityFound, pixelsMayIdentify, documentMayIdentify, profileMissing, vaultUnavailable, mixedPatients
        case reportUnmatched, reportContradicts, reportIncomplete, tokenDamaged, patientDiffers
        case reportConflict, reportOverdue, characterSetMissing, characterSetUnfit, documentUnreadable, mapForgotten
        // House
        case workerDied, workerTooSlow, spoolFull, ioError, journalDamaged, setAside, cancelled, unexpected

        /// Whether the road or the other side failed. What we hold or cannot do ourselves says nothing about a destination.
        package var isOfPeer: Bool {
            switch self {
            case .connectFailed, .connectTimedOut, .tlsFailed, .certificateExpired, .certificateRefused,
                .associationRejectedTransient, .associationRejectedPermanent, .associationAborted, .peerTimedOut,
                .connectionLost, .protocolError, .noPresentationContext, .outOfResources, .sopClassNotSupported,
                .notAuthorized, .dataSetMismatch, .cannotUnderstand, .refusedByPeer, .notCommitted:
                true
            default: false
            }
        }
    }

    /// The three outcomes of docs/architecture.md apart from done.
    package enum Disposition: String, Sendable, Codable {
        /// Deferred: trying again later can help.
        case tryAgain
        /// The peer refused this object for good; the others go on, this one is held with the peer's reason.
        case refused
        /// A person must look before anything more happens.
        case person
    }

    /// Whether the failure says something about the road (and so slows the destination) or only about one object.
    package enum Scope: String, Sendable, Codable { case destination, instance }

    package let code: Code
    package let disposition: Disposition
    package let scope: Scope
    /// DIMSE status (PS3.7 Annex C), where a response carried one.
    package let status: UInt16?
    package let detail: String
    /// What an operator can do.
    package let hint: String

    package init(
        _ code: Code, _ disposition: Disposition, _ scope: Scope, status: UInt16? = nil, detail: String,
        hint: String = ""
    ) {
        self.code = code
        self.disposition = disposition
        self.scope = scope
        self.status = status
        self.detail = detail
        self.hint = hint
    }
}
