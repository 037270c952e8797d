import DICOMNetwork
import DICOMVocabulary
import Foundation
import Glibc
import Testing

/// P-DATA-TF of one message leave several at a time; the peer must not see that in anything but its speed.
@Suite("Fragments", .serialized, .disabled(if: Tool.areMissing, "DCMTK's tools or openssl are missing"))
struct FragmentTests {
    private func files(_ isEncrypted: Bool) throws -> (server: TLSFiles?, client: TLSFiles?, Authority?) {
        guard isEncrypted else { return (nil, nil, nil) }
        let authority = try Authority("root")
        return (try authority.issue("gateway"), try authority.issue("modality"), authority)
    }

    @Test("of any size arrive in order, objects of all lengths one after the other", arguments: [false, true])
    func order(isEncrypted: Bool) throws {
        let (server, client, authority) = try files(isEncrypted)
        let lengths = [2, 4084, 4086, 16_372, 65_524, 65_536, 131_060, 131_074, 1_000_002]
        let memory = try #require(ObjectMemory(capacity: 1 << 20))
        for maximumPDU in [4096, 16_384, 131_072] {
            let listener = try Listener()
            let folder = try Folder()
            let path = folder.path
            let background = Background {
                try Recorder.run(
                    try listener.next(), folder: path, tls: server, limits: .quick { $0.maximumPDU = maximumPDU }
                ).stored
            }
            let association = try OutgoingAssociation(
                to: .local(listener.port, tls: client), limits: .quick(),
                proposals: [(Objects.mrStorage, [.htj2kLossless], false)])
            var sent: [[UInt8]] = []
            for length in lengths {
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: ($0 &* 131) >> 3) }
                // A head that was made, and the rest from where it was read to.
                let head = min(length, 3000)
                memory.bytes[7...].copyBytes(from: bytes[head...])
                let status = try association.store(
                    sopClass: Objects.mrStorage, sopInstance: UID("1.2.\(length)"), transferSyntax: .htj2kLossless,
                    parts: [
                        .bytes(Array(bytes[..<head])), .memory(memory, offset: 7, length: Int64(length - head)),
                    ])
                #expect(status == 0)
                sent.append(bytes)
            }
            association.release()
            let stored = try background.value()
            #expect(stored.map { Folder.read($0.path) } == sent, "PDUs of \(maximumPDU)")
        }
        _ = authority
    }

    @Test("of an object that cannot be read to its end are followed by an abort", arguments: [false, true])
    func abort(isEncrypted: Bool) throws {
        let (server, client, authority) = try files(isEncrypted)
        for length in [50_000, 500_000] {
            let listener = try Listener()
            let folder = try Folder()
            let path = folder.path
            let background = Background {
                try Recorder.run(
                    try listener.next(), folder: path, tls: server, limits: .quick { $0.maximumPDU = 16_384 })
            }
            let source = try folder.write([UInt8](repeating: 7, count: length), "source")
            let descriptor = open(source, O_RDONLY)
            defer { close(descriptor) }
            let association = try OutgoingAssociation(
                to: .local(listener.port, tls: client), limits: .quick(),
                proposals: [(Objects.mrStorage, [.htj2kLossless], false)])
            let failure = #expect(throws: Failure.self) {
                try association.store(
                    sopClass: Objects.mrStorage, sopInstance: "1.2.3", transferSyntax: .htj2kLossless,
                    parts: [.file(descriptor, offset: 0, length: Int64(length) + 10)])
            }
            #expect(failure?.code == .ioError)
            association.abort()
            let there = #expect(throws: Failure.self) { try background.value() }
            #expect(there?.code == .associationAborted)
        }
        _ = authority
    }
}
