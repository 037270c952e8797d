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

    /// SplitMix64, from one seed.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private func nonsense(_ dice: inout Dice) -> [UInt8] {
        var bytes = (0..<Int.random(in: 0...24, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
        // Mostly something that looks like one of the two messages.
        if !bytes.isEmpty, Int.random(in: 0..<4, using: &dice) > 0 {
            bytes[0] = [0x01, 0x16].randomElement(using: &dice) ?? 1
        }
        for place in 2..<4 where place < bytes.count && Bool.random(using: &dice) { bytes[place] = 0 }
        return bytes
    }

    @Test("Of half a million first bytes none traps, and none makes the office wait for more than its bound")
    func seededLengths() {
        var dice = Dice(state: 0xF1257)
        var awaited = 0
        for _ in 0..<500_000 {
            let bytes = nonsense(&dice)
            // Also as a part of something larger, whose indices do not begin at 0.
            let part = ([0, 0] + bytes)[2...]
            guard let length = FirstMessage.length(part) else { continue }
            awaited += 1
            if length < 5 || length > 65_536 || length != FirstMessage.length(bytes[...]) { Issue.record("\(bytes)") }
        }
        #expect(awaited > 10_000)
    }

    @Test("Whatever comes first, the office takes none of it, and the verdict is that of its length")
    func seededLooks() {
        var dice = Dice(state: 0x10_0C)
        withPair { ours, theirs in
            for _ in 0..<20_000 {
                let bytes = nonsense(&dice)
                guard !bytes.isEmpty else { continue }
                say(bytes, on: theirs)
                let whole = FirstMessage.length(bytes[...]).map { bytes.count >= $0 } ?? true
                switch FirstMessage.look(at: ours) {
                case .complete where whole, .incomplete where !whole: break
                default: Issue.record("\(bytes)")
                }
                var low = CInt(1)
                setsockopt(ours, SOL_SOCKET, SO_RCVLOWAT, &low, socklen_t(MemoryLayout<CInt>.size))
                var taken = [UInt8](repeating: 0, count: 64)
                let count = recv(ours, &taken, taken.count, CInt(MSG_DONTWAIT))
                if Array(taken.prefix(max(0, count))) != bytes { Issue.record("taken of \(bytes)") }
            }
        }
    }

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
