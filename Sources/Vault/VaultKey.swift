// The key that opens the vault, and the keys made from it.

import Crypto
package import DICOMVocabulary
import Glibc

/// 32 random bytes from a file that is kept apart from the vault's. It has no description, and nothing but its subkeys
/// is ever used.
package struct VaultKey: Sendable, CustomStringConvertible, CustomReflectable {
    static let length = 32

    private let master: SymmetricKey

    /// Reads a key file: exactly 32 bytes, no permissions for group and others. Blocks.
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
        var bytes = [UInt8](repeating: 0, count: Self.length + 1)
        guard read(descriptor, &bytes, bytes.count) == Self.length else {
            throw .vault("the key file does not hold exactly 32 bytes", hint: Self.hint)
        }
        self.init(bytes: bytes.prefix(Self.length))
    }

    /// For tests, and for a key that comes from elsewhere than a file.
    init(bytes: some Collection<UInt8>) { master = SymmetricKey(data: Array(bytes)) }

    package var description: String { "VaultKey" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// HKDF-SHA256 (RFC 5869): one key per purpose, so that what one gives away says nothing about the others.
    func subkey(_ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master, info: Array("antipode/vault/1/\(purpose)".utf8), outputByteCount: Self.length)
    }

    private static let hint =
        "The key is made once, at installation; without it no pseudonym leads back. Restore it from its backup."
}

extension VaultKey {
    static func create(at path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        guard descriptor >= 0 else {
            throw .vault("the key file cannot be made: \(String(cString: strerror(errno)))")
        }
        defer { Glibc.close(descriptor) }
        let written = SymmetricKey(size: .bits256).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == VaultKey.length, fsync(descriptor) == 0 else {
            unlink(path)
            throw .vault("the key file cannot be written")
        }
        let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/" : "."
        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if folderDescriptor >= 0 { Glibc.close(folderDescriptor) } }
        guard folderDescriptor >= 0, fsync(folderDescriptor) == 0 else {
            throw .vault("the key file's folder cannot be made durable")
        }
    }
}

extension VaultDatabase {
    /// Makes a new random key, 0400 and durable. Fails if the file is there already: a key is never written over.
    /// Blocks.
    package static func createKey(at path: String) throws(Failure) { try VaultKey.create(at: path) }
}

extension Failure {
    /// Nothing is sent without the vault, and a person must look.
    static func vault(_ detail: String, hint: String = "") -> Failure {
        Failure(.vaultUnavailable, .person, .destination, detail: detail, hint: hint)
    }
}
