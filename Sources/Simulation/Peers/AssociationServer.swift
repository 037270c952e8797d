// Accepting connections for a simulated peer: one named thread for each, and never more than a bound.

import DICOMVocabulary
import Foundation
import Glibc
import Synchronization

/// A listening socket. DICOMNetwork blocks, so that each association gets a thread of its own.
final class AssociationServer: Sendable {
    private let descriptor: CInt
    /// The port that was really bound; differs from the wish when that was 0.
    let port: Int
    private let maximum: Int
    private let active = Mutex(0)

    /// - Parameters:
    ///   - address: an IPv4 or IPv6 address, not a name.
    ///   - port: 0 asks the system for a free one.
    ///   - maximum: associations at once; further connections wait in the system's queue.
    init(address: String, port: Int, maximum: Int) throws(Failure) {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &found) == 0, let info = found else {
            throw Failure(
                .connectFailed, .person, .destination, detail: "\(address) is not an address to listen on",
                hint: "give a numeric IPv4 or IPv6 address")
        }
        defer { freeaddrinfo(info) }
        let descriptor = socket(info.pointee.ai_family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw FolderStore.failure("socket", errno) }
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0, listen(descriptor, 64) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(
                .connectFailed, .person, .destination,
                detail: "cannot listen on \(address) port \(port): \(String(cString: strerror(code)))",
                hint: "choose another port")
        }
        self.descriptor = descriptor
        self.port = Self.boundPort(descriptor) ?? port
        self.maximum = max(maximum, 1)
    }

    deinit { close(descriptor) }

    /// Serves until `stop`, then waits up to `grace` seconds for the associations that are still open.
    /// - Parameter serve: takes over the socket; runs on the association's thread.
    func run(until stop: StopSignal, grace: Double = 5, serve: @escaping @Sendable (CInt) -> Void) {
        while !stop.isStopped {
            guard active.withLock({ $0 < maximum }) else {
                usleep(20_000)
                continue
            }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 200) > 0 else { continue }
            let accepted = accept(descriptor, nil, nil)
            guard accepted >= 0 else { continue }
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            active.withLock { $0 += 1 }
            let thread = Thread { [self] in
                serve(accepted)
                active.withLock { $0 -= 1 }
            }
            thread.name = "association"
            thread.stackSize = 4 << 20
            thread.start()
        }
        var waited = 0.0
        while active.withLock({ $0 > 0 }), waited < grace {
            usleep(50_000)
            waited += 0.05
        }
    }

    private static func boundPort(_ descriptor: CInt) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let named = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard named == 0 else { return nil }
        return withUnsafePointer(to: &storage) { pointer -> Int? in
            switch CInt(pointer.pointee.ss_family) {
            case AF_INET:
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            case AF_INET6:
                pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin6_port))
                }
            default: nil
            }
        }
    }
}
