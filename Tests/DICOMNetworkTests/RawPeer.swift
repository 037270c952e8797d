// A peer that writes whatever bytes a test wants (PS3.8 section 9.3).

import DICOMNetwork
import DICOMVocabulary
import Foundation
import Glibc

final class RawPeer: Sendable {
    let descriptor: CInt

    init(_ port: Int) throws {
        descriptor = Listener.connect(port)
        guard descriptor >= 0 else { throw Stuck() }
    }

    /// With an association for images of MR, in context 1 and Explicit VR Little Endian.
    convenience init(storingAt port: Int) throws {
        try self.init(port)
        send(Self.associate([(1, Objects.mrStorage, [.explicitVRLittleEndian])]))
        _ = readPDU()
    }

    deinit { close(descriptor) }

    /// False when the other side is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    /// Everything up to the end of the connection, at most 10 s of silence.
    func readToEnd() -> [UInt8] {
        var all: [UInt8] = []
        while let next = read() { all += next }
        return all
    }

    /// What comes next, nil at the end.
    func read() -> [UInt8]? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 10_000) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// One whole PDU.
    func readPDU() -> [UInt8] {
        var all: [UInt8] = []
        while all.count < 6 || all.count < 6 + all[2..<6].reduce(0, { $0 << 8 | Int($1) }), let next = read() {
            all += next
        }
        return all
    }

    static func pdu(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type, 0] + big(UInt32(body.count)) + body }

    static func item(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        [type, 0, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }

    static func associate(_ contexts: [(UInt8, UID, [TransferSyntax])]) -> [UInt8] {
        func text(_ string: String) -> [UInt8] { Array(string.utf8) }
        func title(_ string: String) -> [UInt8] {
            text(string) + [UInt8](repeating: 0x20, count: 16 - string.utf8.count)
        }
        var body: [UInt8] = [0, 1, 0, 0] + title("ANTIPODE") + title("RAW") + [UInt8](repeating: 0, count: 32)
        body += item(0x10, text("1.2.840.10008.3.1.1.1"))
        for (id, abstract, syntaxes) in contexts {
            var context: [UInt8] = [id, 0, 0, 0] + item(0x30, text(abstract.string))
            for syntax in syntaxes { context += item(0x40, text(syntax.uid.string)) }
            body += item(0x20, context)
        }
        body += item(0x50, item(0x51, big(16_384)) + item(0x52, text("1.2.3")))
        return pdu(1, body)
    }

    static func value(_ context: UInt8, isCommand: Bool, isLast: Bool, _ bytes: [UInt8]) -> [UInt8] {
        let control: UInt8 = (isCommand ? 1 : 0) | (isLast ? 2 : 0)
        return pdu(4, big(UInt32(bytes.count + 2)) + [context, control] + bytes)
    }

    static func storeCommand() -> [UInt8] {
        var command = CommandSet(.store)
        command[uid: .affectedSOPClassUID] = Objects.mrStorage
        command[uid: .affectedSOPInstanceUID] = "1.2.3"
        command[number: .messageID] = 1
        command[number: .dataSetType] = 1
        return command.encoded
    }

    static func big(_ number: UInt32) -> [UInt8] {
        (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
