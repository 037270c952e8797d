// The dialogue with a sending worker: one lane, which is one outgoing association at a time.

package import DICOMVocabulary

package struct LaneJob: Sendable, Codable {
    package struct Proposal: Sendable, Codable, Hashable {
        package var sopClass: UID
        package var transferSyntax: TransferSyntax

        package init(sopClass: UID, transferSyntax: TransferSyntax) {
            self.sopClass = sopClass
            self.transferSyntax = transferSyntax
        }
    }
    package var peer: PeerAddress
    package var limits: AssociationLimits
    package var scan: ScanBounds
    /// At most 128 (PS3.8 9.3.2.2).
    package var proposals: [Proposal]
    package var spoolDirectory: String
    package var policy: OutwardPolicy
    /// Uncompressed grey pixels leave compressed without loss where the peer takes it and it pays.
    package var compresses: Bool
    /// Verification is proposed too, for `keepAlive`.
    package var keepsAlive: Bool

    package init(
        peer: PeerAddress, limits: AssociationLimits, scan: ScanBounds, proposals: [Proposal],
        keepsAlive: Bool = false, spoolDirectory: String, policy: OutwardPolicy = OutwardPolicy(),
        compresses: Bool = false
    ) {
        self.peer = peer
        self.limits = limits
        self.scan = scan
        self.proposals = proposals
        self.keepsAlive = keepsAlive
        self.spoolDirectory = spoolDirectory
        self.policy = policy
        self.compresses = compresses
    }
}

package struct LaneOpened: Sendable, Codable {
    package var accepted: [LaneJob.Proposal]

    package init(accepted: [LaneJob.Proposal]) { self.accepted = accepted }
}

/// All that a worker needs to take the identity out of one study's instances, and no more.
package struct PseudonymJob: Sendable, Codable, Hashable {
    /// Options of PS3.15 E.3 by the code values of CID 7050, beside the basic profile: "113105" and so on.
    package var options: [String]
    package var tokens: StudyTokens
    /// The key of the one UID map (32 bytes).
    package var uidKey: [UInt8]
    /// What the guard looks for, beside what the instance itself says.
    package var identity: StudyIdentity
    /// What other instances of the study said of its patient, for the guard alone.
    package var otherIdentities: [StudyIdentity]
    /// A person released these pixels (US, SC and the like), or the site's settings say they carry no text.
    package var pixelsReleased: Bool

    package init(
        options: [String], tokens: StudyTokens, uidKey: [UInt8], identity: StudyIdentity,
        otherIdentities: [StudyIdentity] = [], pixelsReleased: Bool
    ) {
        self.options = options
        self.tokens = tokens
        self.uidKey = uidKey
        self.identity = identity
        self.otherIdentities = otherIdentities
        self.pixelsReleased = pixelsReleased
    }
}

package struct SendJob: Sendable, Codable {
    package var spoolKey: String
    package var sopClass: UID
    package var sopInstance: UID
    package var transferSyntax: TransferSyntax
    /// XXH3-128 of the data set in the spool, lower-case hex: nothing else is sent.
    package var digest: String
    /// nil sends the instance as it is: a report to the hospital, or an `identified` destination.
    package var pseudonym: PseudonymJob?
    /// `pseudonym` is the one of the last job on this lane, which was not worth sending again: it is most of a message.
    package var pseudonymIsAsBefore = false
    /// The worker says `uidsMapped` before the first byte leaves even without a new pair, and waits for `proceed`.
    package var announces: Bool
    /// Bytes a second that the object keeps to; nil as fast as the line is.
    package var bytesPerSecond: Int64?
    /// The Series Instance UID is among those that the worker tells: the study still arrives, and the office knows only the
    /// series that were here when it was planned.
    package var tellsSeries: Bool

    package init(
        spoolKey: String, sopClass: UID, sopInstance: UID, transferSyntax: TransferSyntax, digest: String,
        pseudonym: PseudonymJob?, announces: Bool = false, bytesPerSecond: Int64? = nil, tellsSeries: Bool = false
    ) {
        self.spoolKey = spoolKey
        self.sopClass = sopClass
        self.sopInstance = sopInstance
        self.transferSyntax = transferSyntax
        self.digest = digest
        self.pseudonym = pseudonym
        self.announces = announces
        self.bytesPerSecond = bytesPerSecond
        self.tellsSeries = tellsSeries
    }
}

/// How one instance ended. `failure` nil means acknowledged; a warning status (Bxxx) is acknowledged too.
package struct SendOutcome: Sendable, Codable {
    package var status: UInt16?
    package var failure: Failure?
    /// False when the association is gone and the lane must be opened anew.
    package var laneUsable: Bool
    package var bytes: Int64
    package var seconds: Double

    package init(status: UInt16?, failure: Failure?, laneUsable: Bool, bytes: Int64, seconds: Double) {
        self.status = status
        self.failure = failure
        self.laneUsable = laneUsable
        self.bytes = bytes
        self.seconds = seconds
    }
}
