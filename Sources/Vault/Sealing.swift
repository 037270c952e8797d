// How values are hidden in the vault's file, and found without being shown.

import Crypto
import DICOMVocabulary
import Foundation
import Synchronization

/// A value under AES-256-GCM, and the number of the data key that opens it.
struct SealedValue: Sendable {
    var bytes: Data
    var key: Int
}

/// The vault's keys at work. What it answers depends on nothing else.
struct Sealing: Sendable {
    private let data: [Int: SymmetricKey]
    private let current: Int
    private let root: SymmetricKey
    private let index: SymmetricKey
    private let tokens: [TokenKind: SymmetricKey]
    private let uidKeys = UIDKeys()

    init(_ ring: KeyRing) {
        data = ring.dataKeys.mapValues { SymmetricKey(data: $0) }
        current = ring.current
        let root = SymmetricKey(data: ring.root)
        self.root = root
        index = VaultKey.derive(root, "index")
        tokens = Dictionary(
            uniqueKeysWithValues: TokenKind.allCases.map { ($0, VaultKey.derive(root, "token/\($0.rawValue)")) })
    }

    // MARK: Values

    /// AES-256-GCM with a random nonce. Table, row and column are authenticated, so that a value that somebody moves to
    /// another row does not open there.
    func seal(_ value: some Encodable, table: String, row: String, column: String) throws -> SealedValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try seal(bytes: try encoder.encode(value), table: table, row: row, column: column)
    }

    private func seal(bytes: Data, table: String, row: String, column: String) throws -> SealedValue {
        guard let key = data[current] else { throw Failure.vault("the vault's ring has no key to seal with") }
        let box = try AES.GCM.seal(bytes, using: key, authenticating: Self.place(table, row, column))
        guard let combined = box.combined else { throw Failure.vault("a value could not be sealed") }
        return SealedValue(bytes: combined, key: current)
    }

    func open<Value: Decodable>(
        _ value: SealedValue, as: Value.Type = Value.self, table: String, row: String, column: String
    ) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: try bytes(of: value, table, row, column))
        } catch {
            // Whose it is waits; everybody else goes on.
            throw Failure(
                .vaultUnavailable, .person, .instance,
                detail: "a value of \(table) does not open: it was damaged or moved",
                hint: "Restore the vault from its backup; then retry what waits.")
        }
    }

    /// The same value under the current key.
    func reseal(_ value: SealedValue, table: String, row: String, column: String) throws -> SealedValue {
        do {
            return try seal(bytes: try bytes(of: value, table, row, column), table: table, row: row, column: column)
        } catch {
            throw Failure.vault("a value of \(table) could not be sealed anew: it was damaged or moved")
        }
    }

    private func bytes(of value: SealedValue, _ table: String, _ row: String, _ column: String) throws -> Data {
        guard let key = data[value.key] else { throw Failure.vault("a value's key is not in the ring") }
        return try AES.GCM.open(
            try AES.GCM.SealedBox(combined: value.bytes), using: key, authenticating: Self.place(table, row, column))
    }

    private static func place(_ table: String, _ row: String, _ column: String) -> Data {
        Data("\(table)|\(row)|\(column)".utf8)
    }

    // MARK: Marks

    /// A blind index: equal for equal values, and without the key not to be guessed from a list of all patients.
    func mark(_ parts: String...) -> Data { Data(Self.code(parts, index)) }

    /// At least 16 pseudo-random bytes for a token.
    func material(_ kind: TokenKind, scope: String, subject: String, draw: Int) -> [UInt8] {
        guard let key = tokens[kind] else { return [] }
        return Self.code([kind.rawValue, scope, subject, String(draw)], key)
    }

    /// The key of the map of UIDs in one space of pseudonyms: workers compute with it what `pseudonym` computes.
    func uidKey(_ scope: String) -> SymmetricKey {
        uidKeys.key(of: scope) { VaultKey.derive(root, scope == PseudonymSpace.shared ? "uid" : "uid/\(scope)") }
    }

    /// HMAC-SHA256 over the ASCII of the UID.
    func pseudonym(_ original: UID, scope: String) -> UID {
        UID(
            pseudonymousMaterial: HMAC<SHA256>.authenticationCode(
                for: Array(original.string.utf8), using: uidKey(scope)))
    }

    private static func code(_ parts: [String], _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: joined(parts), using: key))
    }

    /// The parts with their lengths, so that no two lists of parts look alike.
    static func joined(_ parts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            let length = UInt32(part.utf8.count)
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            bytes += Array(part.utf8)
        }
        return bytes
    }
}

/// Derived once for each space of pseudonyms: each image of a study asks for several. Safe to use from any thread.
private final class UIDKeys: Sendable {
    /// A site has a few spaces.
    private static let bound = 100
    private let keys = Mutex([String: SymmetricKey]())

    func key(of scope: String, derive: () -> SymmetricKey) -> SymmetricKey {
        keys.withLock { keys in
            if let key = keys[scope] { return key }
            if keys.count >= Self.bound { keys.removeAll() }
            let key = derive()
            keys[scope] = key
            return key
        }
    }
}

extension Data {
    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
