// How much of a connection's first message has come.

import Glibc

/// Looks without taking anything: a worker reads it all.
enum FirstMessage {
    enum Look {
        /// More is to come; the socket becomes readable again when it may be all.
        case incomplete
        /// A whole message, or something that cannot become one: a worker is to judge it.
        case complete
        /// Closed before a byte was said.
        case ended
    }

    /// An A-ASSOCIATE-RQ (PS3.8 9.3.2) with 128 contexts has some 20 kB. A longer one is not waited for.
    private static let maximum = 65_536

    static func look(at socket: CInt) -> Look {
        var head = [UInt8](repeating: 0, count: 6)
        let count = recv(socket, &head, head.count, CInt(MSG_PEEK | MSG_DONTWAIT))
        guard count > 0 else { return .ended }
        guard let length = length(head.prefix(count)) else { return readable(socket, from: 1, .complete) }
        if length <= waiting(on: socket) || hasEnded(socket) { return readable(socket, from: 1, .complete) }
        return readable(socket, from: length, .incomplete)
    }

    /// Of the whole message, as far as its first bytes tell: 6 until the head is there. Nil when it is no message that
    /// would be waited for.
    static func length(_ head: ArraySlice<UInt8>) -> Int? {
        let head = Array(head)
        guard head.count >= 6 else { return 6 }
        let length: Int
        switch head[0] {
        // A-ASSOCIATE-RQ: type, reserved, length.
        case 0x01: length = 6 + head[2..<6].reduce(0) { $0 << 8 | Int($1) }
        // A TLS record with the ClientHello: type, version, length (RFC 8446 5.1).
        case 0x16: length = 5 + head[3..<5].reduce(0) { $0 << 8 | Int($1) }
        default: return nil
        }
        return length <= maximum ? length : nil
    }

    /// Bytes that have come and nobody has read.
    static func waiting(on socket: CInt) -> Int {
        var count: CInt = 0
        return ioctl(socket, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Whether the peer says no more.
    private static func hasEnded(_ socket: CInt) -> Bool {
        // POLLRDHUP of <poll.h>, which Swift sees only with _GNU_SOURCE.
        let peerEnded: Int16 = 0x2000
        var watched = pollfd(fd: socket, events: peerEnded, revents: 0)
        return poll(&watched, 1, 0) > 0 && watched.revents & (peerEnded | Int16(POLLHUP | POLLERR)) != 0
    }

    /// SO_RCVLOWAT (socket(7)): so that a drip does not wake anybody byte by byte. It counts for `recv` too, so that it
    /// is 1 again before a worker gets the socket.
    private static func readable(_ socket: CInt, from count: Int, _ look: Look) -> Look {
        var bytes = CInt(count)
        setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &bytes, socklen_t(MemoryLayout<CInt>.size))
        return look
    }
}
