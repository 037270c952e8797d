import DICOMVocabulary
import Foundation
import Testing

@testable import Intake

@Suite struct BusySignalTests {
    /// What the peer reads after it has said so many bytes and was rejected; ends with the connection.
    private func answer(to said: [UInt8], tls: TLSFiles? = nil) throws -> [UInt8] {
        var pair: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { close(pair[1]) }
        #expect(write(pair[1], said, said.count) == said.count)
        let listener = ListenerSettings(name: "lan", address: "127.0.0.1", port: 104, aeTitles: [], tls: tls)
        BusySignal.reject(Connection(socket: pair[0], address: "10.0.0.1", listener: listener))
        var heard = [UInt8](repeating: 0, count: 64)
        let count = read(pair[1], &heard, heard.count)
        return Array(heard.prefix(max(0, count)))
    }

    @Test("A request that no worker can take is rejected for a while, in the words of PS3.8 9.3.4")
    func rejected() throws {
        let request: [UInt8] = [1, 0, 0, 0, 0, 70] + [UInt8](repeating: 0, count: 70)
        #expect(try answer(to: request) == [3, 0, 0, 0, 0, 4, 0, 2, 3, 1])
    }

    @Test("What is no request, and what should have been a handshake, is closed without a word")
    func closed() throws {
        #expect(try answer(to: Array("GET / HTTP/1.1".utf8)) == [])
        let files = TLSFiles(certificate: "c", privateKey: "k", trusted: "t")
        #expect(try answer(to: [1, 0, 0, 0, 0, 4, 0, 0, 0, 0], tls: files) == [])
    }
}
