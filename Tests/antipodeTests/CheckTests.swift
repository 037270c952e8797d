import Foundation
import Gateway
import Glibc
import Testing

@testable import antipode

@Suite("antipode check", .enabled(if: OpenSSLCommand() != nil, "needs the openssl command"))
struct CheckTests {
    private func findings(
        _ options: Check.Options = TrialFolder.options, after spoil: (URL) throws -> Void
    ) throws -> [Finding] {
        var findings: [Finding] = []
        try TrialFolder.withCopy { folder in
            try spoil(folder)
            findings = Check.run(configurationPath: folder.appendingPathComponent("antipode.toml").path, options)
        }
        return findings
    }

    private func expectOne(
        _ findings: [Finding], _ level: Finding.Level, _ key: String, _ problem: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(
            findings.contains { $0.level == level && $0.key == key && $0.problem.contains(problem) },
            "\(findings.map(\.text))", sourceLocation: location)
    }

    @Test("tells faults of the file before it looks at anything else")
    func faults() throws {
        let found = try findings { folder in
            try "[gateway]\nstate = 1\n".write(
                to: folder.appendingPathComponent("antipode.toml"), atomically: true, encoding: .utf8)
        }
        #expect(found.contains { $0.key == "gateway.state" })
        #expect(found.map(\.level.rawValue).sorted() == found.map(\.level.rawValue))
    }

    @Test(
        "tells folders on file systems that do not survive a power loss",
        arguments: [
            (FileSystem(type: "tmpfs", options: ["rw"]), Finding.Level.warning, "is in memory (tmpfs)"),
            (FileSystem(type: "ramfs", options: []), .warning, "is in memory"),
            (FileSystem(type: "nfs4", options: []), .error, "is on a network file system (nfs4)"),
            (FileSystem(type: "fuse.sshfs", options: []), .error, "is on a network file system"),
            (FileSystem(type: "xfs", options: ["rw", "nobarrier"]), .warning, "write barriers"),
            (FileSystem(type: "ext4", options: ["barrier=0"]), .warning, "write barriers"),
        ])
    func fileSystems(_ system: FileSystem, _ level: Finding.Level, _ problem: String) throws {
        var options = TrialFolder.options
        options.fileSystem = { _ in system }
        let found = try findings(options) { folder in
            for name in ["state", "spool"] {
                try FileManager.default.createDirectory(
                    at: folder.appendingPathComponent(name), withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            }
        }
        expectOne(found, level, "gateway.state", problem)
    }

    @Test("tells it before the first start too, while nothing lies there yet")
    func fileSystemOfTheFuture() throws {
        var options = TrialFolder.options
        options.fileSystem = { FileManager.default.fileExists(atPath: $0) ? FileSystem(type: "tmpfs") : nil }
        let found = try findings(options) { folder in
            try FileManager.default.removeItem(at: folder.appendingPathComponent("state"))
        }
        expectOne(found, .warning, "gateway.state", "is not there yet")
        expectOne(found, .warning, "gateway.state", "is in memory (tmpfs)")
    }

    @Test("says nothing of a disk of this machine, and reads mounts as the kernel writes them")
    func localDisk() throws {
        let mounts = """
            6 27 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
            9 30 259:3 / /srv rw,noatime shared:7 - xfs /dev/nvme0n1p3 rw,nobarrier
            """
        let plain = FileSystem.read(mounts, device: 254 << 8, path: "/var/lib/antipode")
        #expect(plain?.type == "ext4" && plain?.isWithoutBarriers == false)
        #expect(plain?.kind == .local)
        let bare = FileSystem.read(mounts, device: 259 << 8 | 3, path: "/srv/antipode")
        #expect(bare?.type == "xfs" && bare?.kind == .local && bare?.isWithoutBarriers == true)
        #expect(FileSystem.read(mounts, device: 5, path: "/srv/deep/folder") == bare)
        #expect(FileSystem.holding("/proc") != nil && FileSystem.holding("/nowhere") == nil)
    }

    @Test("tells certificates that expired, will soon, or are not valid yet")
    func validity() throws {
        var options = TrialFolder.options
        let day = 86_400.0
        options.now = Date().addingTimeInterval(400 * day)
        expectOne(try findings(options) { _ in }, .error, "tls.trial.certificate", "expired on")
        options.now = Date().addingTimeInterval(380 * day)
        let soon = try findings(options) { _ in }
        expectOne(soon, .warning, "tls.trial.certificate", "expires on")
        #expect(!soon.contains { $0.level == .error })
        options.now = Date().addingTimeInterval(-2 * day)
        expectOne(try findings(options) { _ in }, .error, "tls.trial.certificate", "is not valid before")
    }

    @Test("tells a key that belongs to another certificate, or is none")
    func keys() throws {
        let swapped = try findings { folder in
            let key = folder.appendingPathComponent("certs/gateway.key")
            try FileManager.default.removeItem(at: key)
            try FileManager.default.copyItem(at: folder.appendingPathComponent("certs/reader.key"), to: key)
        }
        expectOne(swapped, .error, "tls.trial.private_key", "does not belong to")
        let broken = try findings { folder in
            let key = folder.appendingPathComponent("certs/gateway.key")
            try Data("nonsense".utf8).write(to: key)
            try TrialFolder.setMode(0o600, key)
        }
        expectOne(broken, .error, "tls.trial.private_key", "is not a private key")
    }

    @Test("tells a certificate that chains to nothing trusted, and files that are none")
    func chain() throws {
        let stranger = try findings { folder in
            let trusted = folder.appendingPathComponent("certs/ca.pem")
            try FileManager.default.removeItem(at: trusted)
            try FileManager.default.copyItem(at: folder.appendingPathComponent("certs/reader.pem"), to: trusted)
        }
        expectOne(stranger, .warning, "tls.trial.certificate", "does not chain to")
        let broken = try findings { folder in
            try Data("nonsense".utf8).write(to: folder.appendingPathComponent("certs/gateway.pem"))
            try FileManager.default.removeItem(at: folder.appendingPathComponent("certs/ca.pem"))
        }
        expectOne(broken, .error, "tls.trial.certificate", "is not a certificate")
        expectOne(broken, .error, "tls.trial.trusted", "is not there")
    }

    @Test("tells secrets that others may read, a vault key of the wrong length, and one that is gone")
    func secrets() throws {
        let open = try findings { folder in
            try TrialFolder.setMode(0o644, folder.appendingPathComponent("vault.key"))
            try TrialFolder.setMode(0o640, folder.appendingPathComponent("certs/gateway.key"))
        }
        expectOne(open, .error, "vault.key_file", "open to everybody")
        expectOne(open, .warning, "tls.trial.private_key", "open to its group")
        let short = try findings { folder in
            let key = folder.appendingPathComponent("vault.key")
            try Data([1, 2, 3]).write(to: key)
            try TrialFolder.setMode(0o600, key)
        }
        expectOne(short, .error, "vault.key_file", "has 3 bytes")
        let gone = try findings { try FileManager.default.removeItem(at: $0.appendingPathComponent("vault.key")) }
        expectOne(gone, .error, "vault.key_file", "is not there")
    }

    @Test("tells tokens that are too short or the same, and shows neither")
    func tokens() throws {
        let found = try findings { folder in
            for name in ["viewer.token", "operator.token"] {
                let file = folder.appendingPathComponent(name)
                try Data("hush-hush".utf8).write(to: file)
                try TrialFolder.setMode(0o600, file)
            }
        }
        #expect(found.contains { $0.level == .error && $0.key.hasPrefix("console") })
        #expect(!found.map(\.text).joined().contains("hush-hush"))
    }

    @Test("tells folders that are open or missing, and too little space")
    func folders() throws {
        let found = try findings { folder in
            try TrialFolder.setMode(0o755, folder.appendingPathComponent("state"))
            try FileManager.default.removeItem(at: folder.appendingPathComponent("spool"))
            let file = folder.appendingPathComponent("antipode.toml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacingOccurrences(of: "512 MiB", with: "900 TiB").write(
                to: file, atomically: true, encoding: .utf8)
        }
        expectOne(found, .warning, "gateway.state", "can be entered by others")
        expectOne(found, .warning, "spool.directory", "is not there yet")
        expectOne(found, .error, "spool.directory", "less than the floor")
    }

    @Test("tries ports only when asked to")
    func ports() throws {
        var options = TrialFolder.options
        options.bindsPorts = .always
        let found = try findings(options) { folder in
            let file = folder.appendingPathComponent("antipode.toml")
            let text = try String(contentsOf: file, encoding: .utf8)
            // An address of the documentation range is nobody's.
            try text.replacingOccurrences(
                of: "name = \"modalities\"\n", with: "name = \"modalities\"\naddress = \"192.0.2.1\"\n"
            ).write(to: file, atomically: true, encoding: .utf8)
        }
        expectOne(found, .error, "listener[1].port", "cannot be bound")
    }

    @Test("tells a port that another program listens on, when no daemon of this configuration runs")
    func portInUse() throws {
        let listener = try Listener()
        defer { listener.close() }
        var options = TrialFolder.options
        options.bindsPorts = .unlessRunning
        let found = try findings(options) { folder in
            let file = folder.appendingPathComponent("antipode.toml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacingOccurrences(of: "port = 11112", with: "port = \(listener.port)").write(
                to: file, atomically: true, encoding: .utf8)
        }
        expectOne(found, .error, "listener[1].port", "cannot be bound: Address already in use")
        #expect(found.contains { $0.hint?.contains("Another program listens there") == true })
    }

    @Test("judges each certificate of a chain and of a list of authorities, not the first alone")
    func everyCertificate() throws {
        var options = TrialFolder.options
        options.now = Date().addingTimeInterval(400 * 86_400)
        let found = try findings(options) { folder in
            for (name, other) in [("gateway", "reader"), ("ca", "reader")] {
                let file = folder.appendingPathComponent("certs/\(name).pem")
                let text = try String(contentsOf: file, encoding: .utf8)
                let more = try String(contentsOf: folder.appendingPathComponent("certs/\(other).pem"), encoding: .utf8)
                try ("Words before it\n" + text + more).write(to: file, atomically: true, encoding: .utf8)
            }
        }
        expectOne(found, .error, "tls.trial.certificate", "certificate 2 of 2 (CN=reader,O=Antipode trial) expired on")
        expectOne(found, .warning, "tls.trial.trusted", "certificate 2 of 2 (CN=reader,O=Antipode trial) expired on")
        #expect(!found.contains { $0.key == "tls.trial.private_key" })
    }

    @Test("knows when the first certificate of each file ends")
    func ends() async throws {
        let configuration = try Configuration.load(
            path: try TrialFolder.original.get() + "/antipode.toml", in: TrialFolder.surroundings)
        let ends = await Check.certificateEnds(of: configuration)
        #expect(ends.map(\.role) == ["certificate", "trusted"] && ends.map(\.set) == ["trial", "trial"])
        #expect(ends.map(\.endsAt) == Check.certificates(of: configuration).map(\.facts.notAfter))
    }

    @Test("knows the certificates by name for a list of them")
    func certificates() throws {
        let path = try TrialFolder.original.get() + "/antipode.toml"
        let configuration = try Configuration.load(path: path, in: TrialFolder.surroundings)
        let certificates = Check.certificates(of: configuration)
        #expect(certificates.map(\.use) == ["tls.trial.certificate", "tls.trial.trusted"])
        #expect(certificates.first?.facts.subject == "CN=gateway,O=Antipode trial")
        #expect(certificates.first?.facts.fingerprint.count == 64)
    }
}

/// Another program, on a port of this machine.
private struct Listener {
    let port: Int
    private let descriptor: CInt

    init() throws {
        let new = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isGood = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(new, $0, length) == 0 && listen(new, 1) == 0
                    && getsockname(new, $0, &length) == 0
            }
        }
        try #require(isGood)
        descriptor = new
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func close() { _ = Glibc.close(descriptor) }
}
