// The key that opens the vault.

import Crypto
package import DICOMVocabulary
import Foundation
import Glibc

/// A key file's content: 32 random bytes, kept apart from the vault's file. The file of a rotated key holds, behind its own
/// 32 bytes and sealed under them, the first key of all: pseudonyms are made from that one, so that they stay the same
/// through rotations and at a second node that has the key. It has no description.
package struct VaultKey: Sendable, CustomStringConvertible, CustomReflectable {
    static let length = 32
    /// Nonce and tag of AES-GCM around 32 bytes.
    static let rotatedLength = length + 12 + length + 16

    private let master: SymmetricKey
    /// What pseudonyms are made from, where the file tells; the key itself before any rotation.
    let root: SymmetricKey
    var rootBytes: Data { root.withUnsafeBytes { Data($0) } }
    /// The bytes of the key's file.
    package let fileContent: [UInt8]

    /// Reads a key file: no permissions for group and others. Blocks.
    package init(file path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .vault("the key file cannot be read: \(String(cString: strerror(errno)))", hint: Self.hint)
        }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw .vault("the key file can be read by others than its owner", hint: "chmod 0400 the key file.")
        }
        var bytes = [UInt8](repeating: 0, count: Self.rotatedLength + 1)
        let count = read(descriptor, &bytes, bytes.count)
        guard count == Self.length || count == Self.rotatedLength else {
            throw .vault("the key file does not hold exactly 32 bytes, nor a rotated key's 92", hint: Self.hint)
        }
        try self.init(content: Array(bytes.prefix(count)))
    }

    /// The content of a key file. Fails for a rotated key that was damaged.
    package init(content: [UInt8]) throws(Failure) {
        guard content.count == Self.length || content.count == Self.rotatedLength else {
            throw .vault("a key has 32 bytes, or 92 after a rotation")
        }
        fileContent = content
        master = SymmetricKey(data: content.prefix(Self.length))
        guard content.count == Self.rotatedLength else {
            root = master
            return
        }
        do {
            let box = try AES.GCM.SealedBox(combined: Data(content.dropFirst(Self.length)))
            root = SymmetricKey(data: try AES.GCM.open(box, using: Self.derive(master, "root")))
        } catch {
            throw .vault("the key file was damaged", hint: Self.hint)
        }
    }

    /// A new random key that carries the first key of all.
    package func successor() throws(Failure) -> VaultKey {
        let fresh = SymmetricKey(size: .bits256)
        do {
            let box = try AES.GCM.seal(
                root.withUnsafeBytes { Data($0) }, using: Self.derive(fresh, "root"))
            guard let sealed = box.combined else { throw Failure.vault("a key could not be sealed") }
            return try VaultKey(content: fresh.withUnsafeBytes { Array($0) } + Array(sealed))
        } catch {
            throw error as? Failure ?? .vault("a key could not be sealed")
        }
    }

    package var description: String { "VaultKey" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// Tells keys apart without saying anything about them.
    package var name: String {
        Self.derive(master, "name").withUnsafeBytes { Data($0.prefix(8)) }.hex
    }

    /// Opens the ring of data keys, and nothing else.
    var wrapping: SymmetricKey { Self.derive(master, "wrapping") }

    /// Of vaults from before the ring.
    var formerCheckValue: Data {
        Data(
            HMAC<SHA256>.authenticationCode(
                for: Sealing.joined(["antipode vault"]), using: Self.derive(master, "check")))
    }

    /// Shows that whoever asks for a change of keys holds this key.
    package func proof(of request: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: request, using: Self.derive(master, "proof")))
    }

    /// In constant time.
    package func verifies(_ proof: [UInt8], of request: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(proof, authenticating: request, using: Self.derive(master, "proof"))
    }

    /// HKDF-SHA256 (RFC 5869): one key per purpose, so that what one gives away says nothing about the others.
    static func derive(_ key: SymmetricKey, _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("antipode/vault/1/\(purpose)".utf8), outputByteCount: length)
    }

    private static let hint =
        "The key is made once, at installation; without it no pseudonym leads back. Restore it from its backup."
}

extension VaultKey {
    /// Makes a durable file of mode 0400 with this content. Fails if the file is there already. Blocks.
    package func write(to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        guard descriptor >= 0 else {
            throw .vault("the key file cannot be made: \(String(cString: strerror(errno)))")
        }
        defer { Glibc.close(descriptor) }
        let written = fileContent.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == fileContent.count, fsync(descriptor) == 0 else {
            unlink(path)
            throw .vault("the key file cannot be written")
        }
        try Self.syncFolder(of: path)
    }

    package static func syncFolder(of path: String) throws(Failure) {
        let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/" : "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if descriptor >= 0 { Glibc.close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw .vault("the key file's folder cannot be made durable")
        }
    }

    static func random() throws(Failure) -> VaultKey {
        try VaultKey(content: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }
}

extension VaultDatabase {
    /// Makes a new random key, 0400 and durable. Fails if the file is there already: a key is never written over.
    /// Blocks.
    package static func createKey(at path: String) throws(Failure) { try VaultKey.random().write(to: path) }
}

extension Failure {
    /// Nothing is sent without the vault, and a person must look.
    static func vault(_ detail: String, hint: String = "") -> Failure {
        Failure(.vaultUnavailable, .person, .destination, detail: detail, hint: hint)
    }
}
