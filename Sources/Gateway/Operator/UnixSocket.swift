// Blocking stream sockets in the file system, with length-prefixed messages. Used on threads of their own only.

import DICOMVocabulary
import Foundation
import Glibc

/// One end of a connection. Not for concurrent use; `close` is the owner's.
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
                hint: "Set a shorter gateway.socket.")
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
        let count = UInt32(message.count).bigEndian
        var framed = withUnsafeBytes(of: count) { Data($0) }
        framed.append(message)
        var sent = 0
        while sent < framed.count {
            let written = framed.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Self.ioError("send") }
            sent += written
        }
    }

    /// nil when the other end closed before a message began.
    func receive() throws(Failure) -> Data? {
        guard let head = try receive(exactly: 4, mayEnd: true) else { return nil }
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        guard count <= Self.maximumMessage else {
            throw Failure(.protocolError, .person, .instance, detail: "a control message of \(count) bytes")
        }
        return try receive(exactly: count, mayEnd: false)
    }

    private func receive(exactly count: Int, mayEnd: Bool) throws(Failure) -> Data? {
        var data = Data(count: count)
        var got = 0
        while got < count {
            let read = data.withUnsafeMutableBytes { bytes in
                recv(descriptor, bytes.baseAddress?.advanced(by: got), count - got, 0)
            }
            if read < 0 && errno == EINTR { continue }
            if read == 0 && got == 0 && mayEnd { return nil }
            guard read > 0 else { throw Self.ioError("receive") }
            got += read
        }
        return data
    }

    func close() { Glibc.close(descriptor) }

    static func ioError(_ call: String) -> Failure {
        Failure(.ioError, .tryAgain, .instance, detail: "\(call): \(String(cString: strerror(errno)))")
    }
}
