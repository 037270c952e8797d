// Sockets, threads and other people's tools for these tests. Every process is ended by the one that started it.

import DICOMNetwork
import DICOMVocabulary
import Foundation
import Glibc

/// Work on a thread of its own: associations block, and the test's thread is the other side.
final class Background<Value: Sendable>: @unchecked Sendable {
    // The semaphore orders the one write before the one read.
    private let done = DispatchSemaphore(value: 0)
    private var result: Result<Value, any Error>?

    init(_ body: @escaping @Sendable () throws -> Value) {
        let thread = Thread {
            self.result = Result { try body() }
            self.done.signal()
        }
        thread.start()
    }

    func value() throws -> Value {
        guard done.wait(timeout: .now() + 60) == .success, let result else { throw Stuck() }
        return try result.get()
    }
}

struct Stuck: Error {}

/// A listening socket on the loopback interface.
final class Listener: Sendable {
    let descriptor: CInt
    let port: Int

    init() throws {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var length = size
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard bound else { throw Stuck() }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// The next connection, at most 20 s away.
    func next() throws -> CInt {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20_000) == 1 else { throw Stuck() }
        let accepted = accept(descriptor, nil, nil)
        guard accepted >= 0 else { throw Stuck() }
        return accepted
    }

    /// A connected socket, or -1.
    static func connect(_ port: Int) -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if connected { return descriptor }
        close(descriptor)
        return -1
    }
}

/// A program of the system.
final class Tool {
    let process = Process()
    private let output: String

    static func isMissing(_ name: String) -> Bool { !FileManager.default.isExecutableFile(atPath: "/usr/bin/" + name) }

    static let areMissing = [
        "storescu", "echoscu", "storescp", "findscu", "getscu", "movescu", "dcmqrscp", "openssl",
    ].contains(where: isMissing)

    init(_ name: String, _ arguments: [String]) throws {
        output = NSTemporaryDirectory() + UUID().uuidString + ".log"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/" + name)
        process.arguments = arguments
        let handle = FileHandle(forWritingAtPath: output)
        process.standardOutput = handle
        process.standardError = handle
        process.environment = ProcessInfo.processInfo.environment.merging(["TCP_NODELAY": "1"]) { _, new in new }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: output)
    }

    func exitCode() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    var text: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// Starts a program that listens on `port` and waits until it does.
    static func server(_ name: String, _ arguments: [String], port: Int) throws -> Tool {
        let tool = try Tool(name, arguments)
        for _ in 0..<200 {
            let descriptor = Listener.connect(port)
            if descriptor >= 0 {
                close(descriptor)
                return tool
            }
            guard tool.process.isRunning else { break }
            usleep(20_000)
        }
        throw Stuck()
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> Int { try Listener().port }
}

/// A folder that goes with its owner.
final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    static func read(_ path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map { Array($0) } ?? [] }

    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

extension AETitle {
    static func named(_ text: String) -> AETitle {
        guard let title = AETitle(text) else { preconditionFailure("not an AE title") }
        return title
    }
}

extension PeerAddress {
    static func local(_ port: Int, tls: TLSFiles? = nil, pinned: String? = nil) -> PeerAddress {
        PeerAddress(
            host: "127.0.0.1", port: port, calledAE: .named("PEER"), callingAE: .named("ANTIPODE"), tls: tls,
            pinnedCertificate: pinned)
    }
}

extension AssociationLimits {
    /// Short enough for a test that waits for them.
    static func quick(_ edit: (inout AssociationLimits) -> Void = { _ in }) -> AssociationLimits {
        var limits = AssociationLimits()
        limits.negotiation = 5
        limits.dimse = 5
        limits.idle = 20
        edit(&limits)
        return limits
    }
}
