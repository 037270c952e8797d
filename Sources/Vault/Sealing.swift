// How values are hidden in the vault's file, and found without being shown.

import Crypto
import DICOMVocabulary
import Foundation

/// The vault's subkeys at work. All of it is pure.
struct Sealing: Sendable {
    private let sealing: SymmetricKey
    private let index: SymmetricKey
    private let check: SymmetricKey
    private let uid: SymmetricKey
    private let tokens: [TokenKind: SymmetricKey]

    init(_ key: VaultKey) {
        sealing = key.subkey("sealing")
        index = key.subkey("index")
        check = key.subkey("check")
        uid = key.subkey("uid")
        tokens = Dictionary(uniqueKeysWithValues: TokenKind.allCases.map { ($0, key.subkey("token/\($0.rawValue)")) })
    }

    var uidKey: [UInt8] { uid.withUnsafeBytes { Array($0) } }

    // MARK: Values

    /// AES-256-GCM with a random nonce. Table, row and column are authenticated, so that a value that somebody moves to
    /// another row does not open there.
    func seal(_ value: some Encodable, table: String, row: String, column: String) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let box = try AES.GCM.seal(
            try encoder.encode(value), using: sealing, authenticating: Self.place(table, row, column))
        guard let combined = box.combined else { throw Failure.vault("a value could not be sealed") }
        return combined
    }

    func open<Value: Decodable>(
        _ data: Data, as: Value.Type = Value.self, table: String, row: String, column: String
    ) throws -> Value {
        do {
            let bytes = try AES.GCM.open(
                try AES.GCM.SealedBox(combined: data), using: sealing, authenticating: Self.place(table, row, column))
            return try JSONDecoder().decode(Value.self, from: bytes)
        } catch {
            throw Failure.vault(
                "a value of \(table) does not open: it was damaged or moved", hint: "Restore the vault from its backup."
            )
        }
    }

    private static func place(_ table: String, _ row: String, _ column: String) -> Data {
        Data("\(table)|\(row)|\(column)".utf8)
    }

    // MARK: Marks

    /// A blind index: equal for equal values, and without the key not to be guessed from a list of all patients.
    func mark(_ parts: String...) -> Data { Data(Self.code(parts, index)) }

    /// What the file must hold for this key to be the right one.
    var checkValue: Data { Data(Self.code(["antipode vault"], check)) }

    /// At least 16 pseudo-random bytes for a token or a UID.
    func material(_ kind: TokenKind, scope: String, subject: String, draw: Int) -> [UInt8] {
        guard let key = tokens[kind] else { return [] }
        return Self.code([kind.rawValue, scope, subject, String(draw)], key)
    }

    /// HMAC-SHA256 over the ASCII of the UID: workers do the same with `uidKey`.
    func pseudonym(_ original: UID) -> UID {
        UID(pseudonymousMaterial: HMAC<SHA256>.authenticationCode(for: Array(original.string.utf8), using: uid))
    }

    /// HMAC-SHA256 over the parts with their lengths, so that no two lists of parts look alike.
    private static func code(_ parts: [String], _ key: SymmetricKey) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            let length = UInt32(part.utf8.count)
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            bytes += Array(part.utf8)
        }
        return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
    }
}

extension Data {
    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
