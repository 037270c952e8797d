// `antipode init DIR`: everything for a first try on one machine.

import Foundation
import Glibc

/// Writes a configuration that works out of the box, with folders, certificates, the vault's key and tokens.
///
/// ```swift
/// var options = Initialiser.Options(directory: "./trial")
/// options.ports.console = 9000
/// let made = try Initialiser(options).run()
/// print(made.configurationPath)
/// ```
///
/// Overwrites nothing. Blocking; call it from commands only.
struct Initialiser {
    /// Loopback ports. The reader's and the archive's are those of `antipode simulate reader` and `antipode simulate
    /// pacs`.
    struct Ports: Sendable, Hashable {
        /// Plain DICOM, for the modality.
        var listener = 11_112
        /// DICOM over TLS, for the reader's reports if it pushes them.
        var secureListener = 2762
        var console = 8080
        var reader = 12_762
        var pacs = 11_113
    }

    struct Options: Sendable {
        var directory: String
        var ports = Ports()
        /// State and spool where the unit of systemd/ has them, instead of in the folder.
        var forService = false
        var surroundings = Configuration.Surroundings.process
    }

    struct Result: Sendable {
        var configurationPath: String
        /// Everything that was written, from the folder's own point of view, in the order of writing.
        var files: [String]
    }

    private let options: Options
    private let folder: URL

    init(_ options: Options) {
        self.options = options
        folder = URL(fileURLWithPath: options.directory).standardizedFileURL
    }

    static let configurationName = "antipode.toml"
    private var folders: [String] { options.forService ? ["", "certs"] : ["", "state", "spool", "certs"] }
    private static let certificates = ["gateway", "reader"]

    /// Makes it all, and reads the configuration back as the daemon will. Throws before anything is written if a file
    /// is in the way or the openssl command is missing.
    func run() throws(ConfigurationFaults) -> Result {
        guard OpenSSLCommand() != nil else {
            throw fault(folder.path, "the openssl command is not installed", hint: "apt install openssl")
        }
        let present = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        guard present.isEmpty else {
            throw fault(
                folder.path, "is not empty",
                hint: "Nothing is ever overwritten. Name a new folder, or empty this one yourself.")
        }
        for name in folders { try makeFolder(name) }
        let files: [(name: String, bytes: [UInt8])] = [
            ("vault.key", Self.random(Check.vaultKeyLength)),
            ("viewer.token", Self.token()),
            ("operator.token", Self.token()),
            (Self.configurationName, Array(configuration.utf8)),
        ]
        for file in files { try write(file.bytes, to: file.name) }
        try makeCertificates()
        let path = folder.appendingPathComponent(Self.configurationName).path
        _ = try Configuration.load(path: path, in: options.surroundings)
        let certificates = Self.certificates.flatMap { ["certs/\($0).pem", "certs/\($0).key"] }
        return Result(
            configurationPath: path, files: files.map(\.name) + ["certs/ca.pem", "certs/ca.key"] + certificates)
    }

    private var configuration: String {
        TrialConfiguration.text(options.ports, timeZone: timeZoneName, forService: options.forService)
    }

    /// The machine's zone, where it has a name that rules can use.
    private var timeZoneName: String {
        let name = options.surroundings.timeZone.identifier
        return name.contains("/") ? name : "UTC"
    }

    private func makeFolder(_ name: String) throws(ConfigurationFaults) {
        let path = name.isEmpty ? folder.path : folder.appendingPathComponent(name).path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw fault(path, "cannot be made", hint: "Is its parent writable?")
        }
    }

    /// Mode 0600 from the first moment, and never through a link or over a file.
    private func write(_ bytes: [UInt8], to name: String) throws(ConfigurationFaults) {
        let path = folder.appendingPathComponent(name).path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw fault(path, "cannot be made: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count else {
            throw fault(path, "cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    private func makeCertificates() throws(ConfigurationFaults) {
        let certs = folder.appendingPathComponent("certs").path
        let answer = OpenSSLCommand.run(
            "/bin/sh", ["-s", "--", certs] + Self.certificates, input: TrialAuthority.script)
        guard answer.isGood else {
            throw fault(certs, "certificates could not be made", hint: String(answer.complaint.prefix(500)))
        }
    }

    private static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in .random(in: 0...255, using: &generator) }
    }

    /// 192 random bits in hex, and a line end for editors.
    private static func token() -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return random(24).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] } + [0x0A]
    }

    private func fault(_ path: String, _ problem: String, hint: String? = nil) -> ConfigurationFaults {
        ConfigurationFaults(findings: [Finding(.error, file: path, problem: problem, hint: hint)])
    }
}
