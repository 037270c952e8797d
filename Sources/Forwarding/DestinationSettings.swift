// What the site says about a peer it sends to.

package import DICOMVocabulary
package import WorkerProtocol

/// Back-off between attempts, in seconds: doubles from `minimum` to `maximum`, with jitter.
package struct RetrySettings: Sendable, Hashable {
    package var minimum: Double = 5
    package var maximum: Double = 600
    /// Consecutive destination-wide failures that open the circuit.
    package var circuitThreshold = 3
    /// Tries of one instance that ended with a dead worker, before it is set aside.
    package var maximumMarks = 2

    package init() {}
}

/// Storage commitment by a destination (PS3.4 Annex J). Times in seconds.
package struct CommitmentSettings: Sendable, Hashable {
    /// For an answer on the association of the request.
    package var wait: Double = 10
    /// For an answer on an association that the destination opens; then it is asked again.
    package var answer: Double = 3600
    /// From the acknowledgement; then a person is asked.
    package var giveUp: Double = 7 * 86_400
    /// Files stay until the destination has committed.
    package var keepFiles = true
    /// How often an object is sent once more that the destination has not got after all, before a person is asked.
    package var resends = 2

    package init() {}
}

/// A reader or a PACS.
package struct DestinationSettings: Sendable, Hashable {
    package enum Role: String, Sendable, Hashable, CaseIterable { case reader, pacs }
    /// What happens to uncompressed pixels on the way.
    package enum Compression: String, Sendable, Hashable, CaseIterable {
        case none
        /// HTJ2K or JPEG-LS without loss, where the peer takes it and the line is slower than the codec.
        case lossless
    }
    package enum Profile: Sendable, Hashable {
        /// The identity goes along; `ground` says by which agreement or law.
        case identified(ground: String)
        /// Basic profile with these options of CID 7050, by code value.
        case pseudonymous(options: [String])
    }

    /// PS3.15 E.3 options recommended for remote reading: Clean Graphics 113103, Clean Structured Content 113104, Clean
    /// Descriptors 113105, Retain Longitudinal Full Dates 113106, Retain Patient Characteristics 113108, Retain Safe
    /// Private 113111.
    package static let recommendedOptions = ["113103", "113104", "113105", "113106", "113108", "113111"]

    package static let standardLanes = 48
    package static let standardKeepAlive: Double = 60
    package static let standardKeepOpen: Double = 2

    package var name: String
    package var role: Role
    package var peer: PeerAddress
    package var limits = AssociationLimits()
    package var lanes = Self.standardLanes
    /// Associations that stay open while nothing waits, and seconds between two C-ECHO on each.
    package var warmLanes = 0
    package var keepAlive = Self.standardKeepAlive
    /// Seconds that any other association stays open when nothing waits.
    package var keepOpen = Self.standardKeepOpen
    package var compression = Compression.none
    package var retry = RetrySettings()
    package var profile: Profile
    /// The name of the [[profile]] it came from, empty where the destination lists its options itself.
    package var profileName = ""
    package var policy = OutwardPolicy()
    /// ISO 3166 code of the country where images are read, for the disclosure record.
    package var country = ""
    /// nil: an acknowledgement is enough.
    package var commitment: CommitmentSettings?
    package var agreement = ""
    /// Destinations of one space see the same pseudonyms of a patient (`PseudonymSpace`).
    package var space = PseudonymSpace.shared

    package init(name: String, role: Role, peer: PeerAddress, profile: Profile) {
        self.name = name
        self.role = role
        self.peer = peer
        self.profile = profile
    }
}
