// Folders, space, ports and groups.

import Foundation
import Gateway
import Glibc
import Intake

extension Check {
    mutating func folders() {
        let gateway = configuration.gateway
        folder("gateway.state", gateway.state)
        folder("spool.directory", gateway.spool)
        freeSpace(
            "spool.directory", gateway.spool, .error, floor: ("spool.free_floor", gateway.freeFloor),
            hint: "Every object would be refused with A700.")
        freeSpace(
            "gateway.state", gateway.state, .warning, floor: ("gateway.state_floor", gateway.stateFloor),
            hint: "An alarm would be raised: without room for the journal nothing is received or sent.")
        if !FileManager.default.isExecutableFile(atPath: gateway.workerExecutable) {
            add(.error, "", gateway.workerExecutable, "is not a program that can be run, and workers need it")
        }
        socketGroup()
    }

    private mutating func socketGroup() {
        guard let name = configuration.socketGroup else { return }
        let key = "gateway.socket_group"
        guard let group = getgrnam(name)?.pointee.gr_gid else {
            return add(.error, key, configuration.path, "there is no group \(name)")
        }
        let folder = URL(fileURLWithPath: configuration.socketPath).deletingLastPathComponent().path
        var status = stat()
        guard stat(folder, &status) == 0 else { return }
        let isOpen = status.st_mode & 0o001 != 0 || (status.st_gid == group && status.st_mode & 0o010 != 0)
        guard !isOpen else { return }
        add(
            .warning, key, configuration.path,
            "the group \(name) cannot reach the socket: \(folder) is closed to it (mode \(Self.octal(status.st_mode)))",
            hint: "Set gateway.control_socket to a folder that the group may enter, such as /run/antipode.")
    }

    private mutating func folder(_ key: String, _ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let parent = Self.nearestFolder(path)
            if access(parent, W_OK | X_OK) == 0 {
                add(.warning, key, path, "is not there yet", hint: "It is made at the first start.")
                // Now it can still be put elsewhere.
                fileSystem(key, path, under: parent)
            } else {
                add(.error, key, path, "is not there, and \(parent) is not writable for this user")
            }
            return
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return add(.error, key, path, "is not a folder") }
        if access(path, R_OK | W_OK | X_OK) != 0 {
            add(.error, key, path, "is not readable and writable for this user (\(Self.userName))")
        }
        if status.st_mode & 0o077 != 0 {
            add(
                .warning, key, path, "can be entered by others (mode \(Self.octal(status.st_mode)))", allowed: "0700",
                hint: "chmod 700 \(path)")
        }
        fileSystem(key, path, under: path)
    }

    /// SQLite's WAL does not work over a network, nor does fsync mean much there or in memory. `folder` is the nearest that
    /// exists.
    private mutating func fileSystem(_ key: String, _ path: String, under folder: String) {
        guard let system = options.fileSystem(folder) else { return }
        let hint = "To survive a power loss, journal and spool need a local journalling file system: ext4 or XFS."
        switch system.kind {
        case .remote: add(.error, key, path, "is on a network file system (\(system.type))", hint: hint)
        case .memory:
            add(
                .warning, key, path, "is in memory (\(system.type)): all of it is gone when the machine stops",
                hint: hint)
        case .local:
            guard system.isWithoutBarriers else { return }
            add(
                .warning, key, path, "is mounted without write barriers",
                hint: "A disk with a cache may lose what was answered with Success. Mount it with barriers.")
        }
    }

    private mutating func freeSpace(
        _ key: String, _ path: String, _ level: Finding.Level, floor: (key: String, bytes: Int64), hint: String
    ) {
        var status = statvfs()
        guard statvfs(Self.nearestFolder(path), &status) == 0 else { return }
        let free = Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
        guard free < floor.bytes else { return }
        add(
            level, key, path, "has \(Units.describe(bytes: free & ~0xF_FFFF)) free, less than the floor",
            allowed: "\(floor.key) = \"\(Units.describe(bytes: floor.bytes))\" or more", hint: hint)
    }

    /// The folder itself, or the nearest one above it that exists.
    static func nearestFolder(_ path: String) -> String {
        var url = URL(fileURLWithPath: path).standardizedFileURL
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) { url.deleteLastPathComponent() }
        return url.path
    }

    static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o777, radix: 8) }

    private static var userName: String {
        getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
    }

    /// Binds each port for a moment, without listening.
    mutating func ports() {
        switch options.bindsPorts {
        case .never: return
        case .unlessRunning:
            guard !OperatorClient(path: configuration.socketPath, timeout: 2).isReachable else { return }
        case .always: break
        }
        var ports = configuration.gateway.intake.listeners.enumerated().map {
            (key: "listener[\($0 + 1)].port", address: $1.address, port: $1.port)
        }
        if let console = configuration.console { ports.append(("console.port", console.address, console.port)) }
        for (key, address, port) in ports {
            guard let failure = Self.bindFailure(address, port) else { continue }
            let hint: String? =
                switch failure.code {
                case EADDRINUSE: "Another program listens there; ss -ltnp names it."
                case EACCES: "The service may be allowed what this user is not: see systemd/antipode.service."
                default: nil
                }
            add(
                failure.code == EACCES ? .warning : .error, key, configuration.path,
                "\(address) port \(port) cannot be bound: \(failure.reason)", hint: hint)
        }
    }

    private static func bindFailure(_ address: String, _ port: Int) -> (code: Int32, reason: String)? {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, "\(port)", &hints, &list) == 0, let first = list else {
            return (EADDRNOTAVAIL, "no such address")
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype, first.pointee.ai_protocol)
        guard descriptor >= 0 else { return (errno, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            return (errno, String(cString: strerror(errno)))
        }
        return nil
    }
}
