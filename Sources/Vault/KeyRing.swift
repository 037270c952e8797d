// The keys behind the key: what the key file opens, and all else is sealed with.

import Crypto
import DICOMVocabulary
import Foundation

/// The first key of all, from which pseudonyms and marks are made, and the keys that values are sealed with. A rotation adds
/// a data key and leaves the first key as it is. It stands in the vault's file only sealed under a key of a file.
struct KeyRing: Sendable, Codable {
    private(set) var root: Data
    private(set) var dataKeys: [Int: Data]
    private(set) var current: Int

    /// The ring of a vault that has none yet. Its data key is the one that vaults had before the ring.
    init(root: SymmetricKey) {
        self.root = root.withUnsafeBytes { Data($0) }
        dataKeys = [0: VaultKey.derive(root, "sealing").withUnsafeBytes { Data($0) }]
        current = 0
    }

    /// With a new data key, with which everything is sealed from now on.
    func turned() -> KeyRing {
        var new = self
        new.current += 1
        new.dataKeys[new.current] = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return new
    }

    /// Without the keys that no value is sealed with any more.
    func trimmed() -> KeyRing {
        var new = self
        new.dataKeys = dataKeys.filter { $0.key == current }
        return new
    }

    func sealed(under key: VaultKey) throws -> Data {
        let bytes = try JSONEncoder().encode(self)
        let box = try AES.GCM.seal(bytes, using: key.wrapping, authenticating: Data(key.name.utf8))
        guard let combined = box.combined else { throw Failure.vault("a value could not be sealed") }
        return combined
    }

    init(_ sealed: Data, under key: VaultKey) throws {
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            self = try JSONDecoder().decode(
                KeyRing.self, from: try AES.GCM.open(box, using: key.wrapping, authenticating: Data(key.name.utf8)))
        } catch {
            throw Failure.vault("the vault's ring of keys was damaged", hint: "Restore the vault from its backup.")
        }
    }
}
