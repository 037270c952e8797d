import DICOMNetwork
import DICOMVocabulary
import Foundation
import Testing

@testable import Workers

@Suite("What the spool gives back") final class StoredBytesTests {
    private let path = NSTemporaryDirectory() + "antipode-stored-\(UUID().uuidString).dcm"
    private let meta = Part10.meta(
        sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: "1.2.3", transferSyntax: .explicitVRLittleEndian)
    private let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

    private func digest() throws -> String {
        let digest = try Digest()
        body.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }

    @Test("is believed when it is what came")
    func same() throws {
        try write(meta + body)
        try StoredBytes.check(path: path, digest: try digest())
    }

    @Test("is not when one bit is another, when it is shorter or longer, or when its head is spoilt")
    func other() throws {
        var flipped = meta + body
        flipped[flipped.count - 5] ^= 1
        let variants = [flipped, meta + body.dropLast(), meta + body + [0], Array(repeating: 0, count: 500)]
        for variant in variants {
            try write(variant)
            let failure = #expect(throws: Failure.self) {
                try StoredBytes.check(path: self.path, digest: self.digest())
            }
            #expect(failure?.code == .damagedFile && failure?.scope == .instance && failure?.disposition == .person)
        }
    }

    @Test("is missing when it is gone")
    func gone() throws {
        let failure = #expect(throws: Failure.self) { try StoredBytes.check(path: self.path, digest: "") }
        #expect(failure?.code == .missingFile)
    }
}
