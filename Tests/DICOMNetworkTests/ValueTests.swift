import DICOMNetwork
import DICOMVocabulary
import Foundation
import Glibc
import Testing

/// PS3.8 9.3.5: how values lie in P-DATA-TF PDUs is the sender's choice, and the network cuts them as it likes.
@Suite("Presentation data values")
struct ValueTests {
    /// Values in one PDU.
    private static func pdu(_ values: [(bytes: [UInt8], isLast: Bool)]) -> [UInt8] {
        RawPeer.pdu(
            4,
            values.flatMap { value in
                RawPeer.big(UInt32(value.bytes.count + 2)) + [1, value.isLast ? 2 : 0] + value.bytes
            })
    }

    /// What the receiving side makes of a data set that is sent in these pieces.
    private func received(
        _ pieces: [[UInt8]], isStaged: Bool, pause: UInt32 = 0
    ) throws -> (bytes: [UInt8], failure: Failure?) {
        let listener = try Listener()
        let port = listener.port
        let background = Background {
            let raw = try RawPeer(storingAt: port)
            raw.send(RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()))
            for piece in pieces {
                raw.send(piece)
                if pause > 0 { usleep(pause) }
            }
            shutdown(raw.descriptor, CInt(SHUT_WR))
            _ = raw.readToEnd()
        }
        let folder = try Folder()
        let descriptor = open(folder.file("object"), O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
        _ = try association.receiveRequest()
        try association.accept([1: .explicitVRLittleEndian])
        guard case .store(let command) = try association.nextCommand() else { throw Stuck() }
        var failure: Failure?
        do throws(Failure) {
            let sink = ObjectSink(descriptor, staging: isStaged ? Staging() : nil)
            _ = try association.receiveDataSet(into: sink, maximumBytes: 64 << 20)
            if let failure = sink.finish() { throw failure }
            try association.respond(to: command, status: 0)
        } catch {
            failure = error
        }
        association.abort()
        try background.value()
        return (Folder.read(folder.file("object")), failure)
    }

    private static func object(_ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: ($0 &* 131) >> 3) }
    }

    @Test("that share a PDU make one object", arguments: [true, false])
    func several(isStaged: Bool) throws {
        let all = Self.object(30_000)
        let cuts = [0, 2, 2, 1000, 5000, 5002, 30_000]
        let values = zip(cuts, cuts.dropFirst()).map { (bytes: Array(all[$0..<$1]), isLast: $1 == 30_000) }
        for inFirst in 0...values.count {
            let pieces = [Array(values[..<inFirst]), Array(values[inFirst...])].filter { !$0.isEmpty }.map(Self.pdu)
            let (bytes, failure) = try received(pieces, isStaged: isStaged)
            #expect(failure == nil)
            #expect(bytes == all, "\(inFirst) values in the first PDU")
        }
    }

    @Test("that the network cuts anywhere are put together again", arguments: [true, false])
    func cut(isStaged: Bool) throws {
        let all = Self.object(900)
        let sent = Self.pdu([(Array(all[..<400]), false)]) + Self.pdu([(Array(all[400...]), true)])
        for size in [1, 5, 7, 11, 13] {
            let pieces = stride(from: 0, to: sent.count, by: size).map { Array(sent[$0..<min($0 + size, sent.count)]) }
            let (bytes, failure) = try received(pieces, isStaged: isStaged, pause: 100)
            #expect(failure == nil)
            #expect(bytes == all, "pieces of \(size)")
        }
    }

    @Test("of an object that outgrows its staging go on to the file")
    func outgrown() throws {
        let all = Self.object(Staging.capacity + 300_000)
        let size = 131_060
        let pieces = stride(from: 0, to: all.count, by: size).map { start in
            Self.pdu([(Array(all[start..<min(start + size, all.count)]), start + size >= all.count)])
        }
        let (bytes, failure) = try received(pieces, isStaged: true)
        #expect(failure == nil)
        #expect(bytes == all)
    }

    @Test(
        "that do not fill their PDU, or overrun it, are an offence against the protocol",
        arguments: [
            // Too short for a head; longer than the PDU; too short for context and control header; a rest behind the last.
            [0, 0, 0, 6, 1], [0, 0, 0, 9, 1, 2, 7, 7], [0, 0, 0, 1, 1, 2, 7, 7], [0, 0, 0, 4, 1, 0, 7, 7, 0, 0, 0, 3],
            [0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 7, 7], [], [0, 0, 0, 0],
        ] as [[UInt8]])
    func overrun(body: [UInt8]) throws {
        let (_, failure) = try received([RawPeer.pdu(4, body)], isStaged: true)
        #expect(failure?.code == .protocolError || failure?.code == .connectionLost, "\(String(describing: failure))")
    }
}
