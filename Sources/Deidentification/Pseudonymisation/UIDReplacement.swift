// One persistent map for every UID at every level.

internal import Crypto
internal import DICOMVocabulary

/// Replaces UIDs by a keyed function, so that the same UID gives the same pseudonym in every instance, study, restart and
/// machine that has the key, and nobody without the key can compute it (PS3.15 E.1.1, action U).
struct UIDReplacement {
    private let key: SymmetricKey
    private(set) var pairs: [UID: UID] = [:]

    init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    mutating func pseudonym(of uid: UID) -> UID {
        if let known = pairs[uid] { return known }
        let made = Self.pseudonym(of: uid, key: key)
        pairs[uid] = made
        return made
    }

    private static func pseudonym(of uid: UID, key: SymmetricKey) -> UID {
        UID(pseudonymousMaterial: HMAC<SHA256>.authenticationCode(for: Array(uid.string.utf8), using: key))
    }

    /// A value that names a patient's object: anything but a well-formed UID of the standard itself. Its arcs are short
    /// (PS3.6 Annex A); a longer one under its root is somebody's invention, and may be anything.
    static func isReplaced(_ uid: UID) -> Bool {
        guard !uid.string.isEmpty else { return false }
        guard uid.isStandard, uid.isValid else { return true }
        return uid.string.split(separator: ".").contains { $0.utf8.count > longestArc }
    }

    private static let longestArc = 5
}
