// A listening socket.

package import DICOMVocabulary
import Dispatch
import Glibc
import Synchronization
import WorkerProtocol

/// An accepted connection that has said its first byte.
struct Connection: Sendable {
    /// Owned by whoever holds the connection.
    var socket: CInt
    /// Numeric, as `getnameinfo` prints it, without a scope.
    var address: String
    var listener: ListenerSettings
}

/// Accepts without blocking a thread. Members may be used from anywhere.
package final class Listener: Sendable {
    package let address: String
    /// The port that the system gave, when 0 was asked for.
    package let port: Int
    private let socket: CInt
    private let queue = DispatchQueue(label: "antipode.intake.listener")
    private let state = Mutex(State.bound)

    private enum State {
        case bound, stopped
        /// The watch owns the socket.
        case accepting(DescriptorWatch)
    }

    /// Binds and listens; nothing is accepted before `start`. An IPv6 address also serves IPv4 when it is `::`.
    /// - Parameter backlog: connections that the kernel completes while we are busy; Linux bounds it by
    ///   net.core.somaxconn.
    package init(address: String, port: Int, backlog: Int) throws(Failure) {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard (0...65535).contains(port), getaddrinfo(address, String(port), &hints, &found) == 0, let found else {
            throw Self.failure(address, port, "not a numeric address and port")
        }
        defer { freeaddrinfo(found) }
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(found.pointee.ai_family, type, 0)
        guard socket >= 0 else { throw Self.failure(address, port, String(cString: strerror(errno))) }
        var yes: CInt = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard bind(socket, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0, listen(socket, CInt(backlog)) == 0
        else {
            let code = errno
            close(socket)
            throw Self.failure(address, port, String(cString: strerror(code)), hint: Self.hint(code, port))
        }
        self.socket = socket
        self.address = address
        self.port = Self.boundPort(of: socket) ?? port
    }

    deinit { stop() }

    /// `accepted` gets each connection and its peer's address, on the listener's queue, and owns the socket.
    /// `makeRoom` is asked when the process has no descriptor left; false pauses for a second.
    func start(
        makeRoom: @escaping @Sendable () -> Bool, accepted: @escaping @Sendable (CInt, String) -> Void
    ) {
        state.withLock { state in
            guard case .bound = state else { return }
            state = .accepting(
                .readable(socket, on: queue) { [weak self] in self?.accept(makeRoom: makeRoom, accepted) })
        }
    }

    /// listen(2) again changes the bound of a socket that listens.
    func reload(backlog: Int) {
        state.withLock { state in
            if case .stopped = state { return }
            _ = listen(socket, CInt(backlog))
        }
    }

    func whenItsTurnComes(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

    /// Connections that wait in the kernel are reset. A stopped listener stays so.
    package func stop() {
        state.withLock { state in
            switch state {
            case .bound: close(socket)
            case .accepting(let watch): watch.cancel()
            case .stopped: break
            }
            state = .stopped
        }
    }

    private func accept(makeRoom: @Sendable () -> Bool, _ accepted: @Sendable (CInt, String) -> Void) {
        // A turn has a bound, so that `stop` and other work get theirs.
        for _ in 0..<64 {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let connection = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.accept(socket, $0, &length) }
            }
            if connection < 0 {
                let code = errno
                guard code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM else {
                    if code == EINTR || code == ECONNABORTED { continue }
                    return
                }
                // The connection stays in the kernel's queue; this thread is the listener's own and may rest.
                if !makeRoom() { sleep(1) }
                return
            }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            var yes: CInt = 1
            setsockopt(connection, SOL_SOCKET, SO_KEEPALIVE, &yes, socklen_t(MemoryLayout<CInt>.size))
            accepted(connection, Self.name(of: &storage, length))
        }
    }

    private static func name(of storage: inout sockaddr_storage, _ length: socklen_t) -> String {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo($0, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard code == 0 else { return "" }
        let bytes = host.prefix { $0 != 0 && $0 != 0x25 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func boundPort(of socket: CInt) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        guard code == 0 else { return nil }
        return withUnsafeBytes(of: &storage) { bytes in
            // sin_port and sin6_port lie at the same place.
            Int(bytes[2]) << 8 | Int(bytes[3])
        }
    }

    private static func failure(_ address: String, _ port: Int, _ why: String, hint: String = "") -> Failure {
        Failure(
            .ioError, .person, .destination, detail: "cannot listen on \(address) port \(port): \(why)", hint: hint)
    }

    static func hint(_ code: CInt, _ port: Int) -> String {
        switch code {
        case EACCES, EPERM: "Ports below 1024 need CAP_NET_BIND_SERVICE, as in systemd/antipode.service."
        case EADDRINUSE: "Another program has the port: ss -ltnp 'sport = :\(port)' names it."
        case EADDRNOTAVAIL: "The address is not one of this machine's: ip address lists them."
        default: ""
        }
    }
}
