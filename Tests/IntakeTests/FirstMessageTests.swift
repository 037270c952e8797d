import Glibc
import Testing

@testable import Intake

@Suite struct FirstMessageTests {
    @Test("The length of an association request is known from its head")
    func request() {
        #expect(FirstMessage.length([1, 0, 0, 0, 1, 2]) == 6 + 258)
    }

    @Test("The length of a ClientHello is known from its record")
    func hello() {
        #expect(FirstMessage.length([0x16, 3, 1, 2, 0, 1]) == 5 + 512)
    }

    @Test("A head that is not whole is waited for", arguments: [[UInt8(1)], [0x16, 3, 1], [0x47]])
    func head(bytes: [UInt8]) {
        #expect(FirstMessage.length(bytes[...]) == 6)
    }

    @Test(
        "What cannot become a request, or claims to be huge, is for a worker to judge",
        arguments: [
            [UInt8(0x47), 0x45, 0x54, 0x20, 0x2F, 0x20], [4, 0, 0, 0, 0, 9], [1, 0, 0xFF, 0xFF, 0xFF, 0xF0],
            [0, 0, 0, 0, 0, 0],
        ])
    func strange(bytes: [UInt8]) {
        #expect(FirstMessage.length(bytes[...]) == nil)
    }

    /// A connected pair; what is written to the second is looked at on the first.
    private func withPair(_ body: (CInt, CInt) -> Void) {
        var pair: [CInt] = [-1, -1]
        socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair)
        body(pair[0], pair[1])
        close(pair[0])
        if fcntl(pair[1], F_GETFD) >= 0 { close(pair[1]) }
    }

    private func say(_ bytes: [UInt8], on socket: CInt) { _ = write(socket, bytes, bytes.count) }

    @Test("A request is complete with its last byte")
    func lastByte() {
        withPair { ours, theirs in
            say([1, 0, 0, 0, 0, 2, 9], on: theirs)
            guard case .incomplete = FirstMessage.look(at: ours) else {
                Issue.record("complete too early")
                return
            }
            say([9], on: theirs)
            guard case .complete = FirstMessage.look(at: ours) else {
                Issue.record("not complete")
                return
            }
        }
    }

    @Test("A peer that ends in the middle of its request is for a worker to judge, one that said nothing is not")
    func ended() {
        withPair { ours, theirs in
            say([1, 0, 0], on: theirs)
            shutdown(theirs, CInt(SHUT_WR))
            guard case .complete = FirstMessage.look(at: ours) else {
                Issue.record("still waiting")
                return
            }
        }
        withPair { ours, theirs in
            shutdown(theirs, CInt(SHUT_WR))
            guard case .ended = FirstMessage.look(at: ours) else {
                Issue.record("not ended")
                return
            }
        }
    }
}
