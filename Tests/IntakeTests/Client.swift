import Glibc

/// A TCP peer that speaks no DICOM.
final class Client: Sendable {
    struct Refused: Error {}
    private let socket: CInt

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code != 0 {
            close(socket)
            throw Refused()
        }
    }

    deinit { close(socket) }

    /// Says enough to be heard: no request, but something that a worker is to judge.
    func speak() { _ = write(socket, "GET / ", 6) }

    /// Waits for the end.
    var isClosedByPeer: Bool {
        var byte: UInt8 = 0
        return read(socket, &byte, 1) <= 0
    }
}
