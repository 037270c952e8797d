// What the site says about a peer it sends to.

package import DICOMVocabulary

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

/// A reader or a PACS.
package struct DestinationSettings: Sendable, Hashable {
    package enum Role: String, Sendable, Hashable, CaseIterable { case reader, pacs }
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

    package var name: String
    package var role: Role
    package var peer: PeerAddress
    package var limits = AssociationLimits()
    package var lanes = 4
    package var retry = RetrySettings()
    package var profile: Profile
    /// ISO 3166 code of the country where images are read, for the disclosure record.
    package var country = ""
    package var agreement = ""

    package init(name: String, role: Role, peer: PeerAddress, profile: Profile) {
        self.name = name
        self.role = role
        self.peer = peer
        self.profile = profile
    }
}
