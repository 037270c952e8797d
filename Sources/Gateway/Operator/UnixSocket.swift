// Blocking stream sockets in the file system, with the frames of WorkerProtocol. Used on threads of their own only.

import DICOMVocabulary
import Foundation
import Glibc
import WorkerProtocol

/// One end of a connection, on which one message goes each way. Not for concurrent use; `close` is the owner's.
struct UnixSocket {
    let descriptor: CInt

    /// A request or an answer may not be larger.
    static let maximumMessage = 64 << 20

    static func address(_ path: String) throws(Failure) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(
                .ioError, .person, .instance, detail: "the path of the control socket is longer than 107 bytes",
                hint: "Set a shorter gateway.control_socket.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    static func connect(to path: String, timeout: Double) throws(Failure) -> UnixSocket {
        var address = try address(path)
        let socket = UnixSocket(
            descriptor: Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        guard socket.descriptor >= 0 else { throw ioError("socket") }
        socket.setTimeouts(timeout)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let error = ioError("connect")
            socket.close()
            throw error
        }
        return socket
    }

    func setTimeouts(_ seconds: Double) {
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int((seconds - seconds.rounded(.down)) * 1_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    /// The account at the other end, as the kernel knows it.
    func peerName() -> String {
        // struct ucred, which Swift's Glibc does not import: pid, uid, gid.
        var credentials: [UInt32] = [0, 0, 0]
        var size = socklen_t(3 * MemoryLayout<UInt32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return "unknown" }
        let user = credentials[1]
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.pw_name
        else { return "uid \(user)" }
        return String(cString: name)
    }

    func send(_ message: Data) throws(Failure) {
        let code = Framing.send(try Framing.frame(message, maximum: Self.maximumMessage), on: descriptor)
        guard code == 0 else { throw Self.ioError("send", code) }
    }

    /// The one message that comes this way; nil when the other end closed before it began.
    /// - Parameter seconds: until all of it is here; nil leaves it to `setTimeouts`, for each part anew.
    func receive(within seconds: Double? = nil) throws(Failure) -> Data? {
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        var frames = FrameBuffer(maximum: Self.maximumMessage)
        var began = false
        while true {
            if let body = try frames.next() { return Data(body) }
            if let end { try waitForBytes(until: end) }
            let (count, code) = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
                let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                let code = errno
                if count > 0 { frames.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
                return (count, code)
            }
            if count < 0 && code == EINTR { continue }
            if count == 0 && !began { return nil }
            guard count > 0 else { throw Self.ioError("receive", count == 0 ? ECONNRESET : code) }
            began = true
        }
    }

    private func waitForBytes(until end: ContinuousClock.Instant) throws(Failure) {
        while true {
            let left = end - .now
            guard left > .zero else { throw Self.ioError("receive", ETIMEDOUT) }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, CInt((left / .milliseconds(1)).rounded(.up)))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw Self.ioError("poll") }
        }
    }

    func close() { Glibc.close(descriptor) }

    static func ioError(_ call: String, _ code: CInt = errno) -> Failure {
        Failure(.ioError, .tryAgain, .instance, detail: "\(call): \(String(cString: strerror(code)))")
    }
}
