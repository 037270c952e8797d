import Foundation
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
        options.bindsPorts = true
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
