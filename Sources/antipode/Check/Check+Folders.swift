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
        freeSpace("spool.directory", gateway.spool, floor: gateway.freeFloor)
        if !FileManager.default.isExecutableFile(atPath: gateway.workerExecutable) {
            add(.error, "", gateway.workerExecutable, "is not a program that can be run, and workers need it")
        }
        if let group = configuration.socketGroup, getgrnam(group) == nil {
            add(.error, "gateway.socket_group", configuration.path, "there is no group \(group)")
        }
    }

    private mutating func folder(_ key: String, _ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let parent = Self.nearestFolder(path)
            if access(parent, W_OK | X_OK) == 0 {
                add(.warning, key, path, "is not there yet", hint: "It is made at the first start.")
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
        if Self.isRemote(status.st_dev) {
            add(
                .error, key, path, "is on a network file system",
                hint: "To survive a power loss, journal and spool need a local journalling file system.")
        }
    }

    private mutating func freeSpace(_ key: String, _ path: String, floor: Int64) {
        var status = statvfs()
        guard statvfs(Self.nearestFolder(path), &status) == 0 else { return }
        let free = Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
        guard free < floor else { return }
        add(
            .error, key, path, "has \(Units.describe(bytes: free & ~0xF_FFFF)) free, less than the floor",
            allowed: "spool.free_floor = \"\(Units.describe(bytes: floor))\" or more",
            hint: "Every object would be refused with A700.")
    }

    /// The folder itself, or the nearest one above it that exists.
    static func nearestFolder(_ path: String) -> String {
        var url = URL(fileURLWithPath: path).standardizedFileURL
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) { url.deleteLastPathComponent() }
        return url.path
    }

    /// SQLite's WAL does not work over a network, nor does fsync mean much there.
    private static func isRemote(_ device: dev_t) -> Bool {
        guard let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) else { return false }
        // `36 35 98:0 / /mnt rw … - ext4 …` (proc(5)); the kernel packs major and minor as makedev(3) does.
        let (major, minor) = ((device >> 8) & 0xFFF, (device & 0xFF) | ((device >> 12) & 0xFFF00))
        let mount = mounts.split(separator: "\n").first {
            $0.split(separator: " ").dropFirst(2).first == "\(major):\(minor)"
        }
        guard let mount, let dash = mount.range(of: " - ") else { return false }
        let type = mount[dash.upperBound...].prefix { $0 != " " }
        return ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph"].contains(String(type))
    }

    static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o777, radix: 8) }

    private static var userName: String {
        getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
    }

    /// Binds each port for a moment, without listening.
    mutating func ports() {
        var ports = configuration.gateway.intake.listeners.enumerated().map {
            (key: "listener[\($0 + 1)].port", address: $1.address, port: $1.port)
        }
        if let console = configuration.console { ports.append(("console.port", console.address, console.port)) }
        for (key, address, port) in ports {
            guard let reason = Self.bindFailure(address, port) else { continue }
            add(.error, key, configuration.path, "\(address) port \(port) cannot be bound: \(reason)")
        }
    }

    private static func bindFailure(_ address: String, _ port: Int) -> String? {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, "\(port)", &hints, &list) == 0, let first = list else { return "no such address" }
        defer { freeaddrinfo(list) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype, first.pointee.ai_protocol)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            return String(cString: strerror(errno))
        }
        return nil
    }
}
