// SHA-256 of what passes by.

internal import CDCMTK
package import DICOMVocabulary

/// A running SHA-256 (OpenSSL EVP). One thread at a time.
package final class Digest {
    private let handle: OpaquePointer

    package init() throws(Failure) {
        guard let handle = cdcmtk_digest_create() else {
            throw Failure(.outOfResources, .tryAgain, .instance, detail: "OpenSSL gives no digest")
        }
        self.handle = handle
    }

    deinit { cdcmtk_digest_destroy(handle) }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        _ = cdcmtk_digest_update(handle, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
    }

    /// Lower-case hex. Ends the digest.
    package func finish() -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            count = cdcmtk_digest_finish(handle, buffer.baseAddress) ? 32 : 0
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
