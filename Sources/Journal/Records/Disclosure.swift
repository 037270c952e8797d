// Who received what of an exam, where, and under which agreement.

package import DICOMVocabulary
package import Foundation

/// What was agreed and configured when instances left, written down before the first of them did.
package struct DisclosureTerms: Sendable, Codable, Hashable {
    package var destination: String
    package var role: String
    package var host: String
    package var aeTitle: String
    /// ISO 3166 code of the country where it is read.
    package var country: String
    package var agreement: String
    /// `pseudonymous` or `identified`; then `ground` says by which agreement or law.
    package var identity: String
    package var ground: String
    /// Codes of PS3.16 CID 7050.
    package var options: [String]
    /// Which table and which program.
    package var profileVersion: String
    package var space: String

    package init(
        destination: String, role: String, host: String, aeTitle: String, country: String, agreement: String,
        identity: String, ground: String, options: [String], profileVersion: String, space: String
    ) {
        self.destination = destination
        self.role = role
        self.host = host
        self.aeTitle = aeTitle
        self.country = country
        self.agreement = agreement
        self.identity = identity
        self.ground = ground
        self.options = options
        self.profileVersion = profileVersion
        self.space = space
    }
}

/// What became of a transfer's instances, in numbers.
package struct DisclosureResult: Sendable, Codable, Hashable {
    /// Acknowledged instances by SOP class; each passed the guard where the terms are `pseudonymous`.
    package var classes: [String: Int] = [:]
    /// Not acknowledged, though their bytes may have left: the road broke, or the peer refused them.
    package var unconfirmed = 0
    /// Held because the guard found an identifier.
    package var heldByGuard = 0
    /// Held because pixels or a document may show who the patient is.
    package var heldUnseen = 0
    package var heldOtherwise = 0

    package init() {}
}

/// One exam at one destination. Nothing here says who the patient is; only the vault ties `studyID` to a person.
package struct DisclosureRecord: Sendable, Codable, Hashable {
    package var id: Int64
    package var transferID: Int64
    package var studyID: Int64?
    /// When the first byte left, and when the last instance was acknowledged.
    package var firstAt: Date
    package var lastAt: Date?
    /// In the order in which they were in force; mostly one.
    package var terms: [DisclosureTerms]
    /// The rule, or who sent it by hand.
    package var rule: String?
    package var sentBy: String?
    package var modalities: [String]
    package var pseudonymousStudyUID: UID?
    package var acknowledged: Int
    package var bytes: Int64
    /// A person said of the pixels that they name nobody; who, and when.
    package var pixelsReleased: Bool
    package var releasedBy: String?
    package var releasedAt: Date?
    package var result: DisclosureResult

    package var left: Bool { acknowledged + result.unconfirmed > 0 }
}

/// Newest first; nil means any.
package struct DisclosureQuery: Sendable, Hashable {
    package var destination: String?
    package var country: String?
    package var agreement: String?
    package var studies: [Int64]?
    package var since: Date?
    package var until: Date?
    package var limit = 1000
    package var offset = 0

    package init() {}
}
