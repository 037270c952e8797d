// `antipode check`: everything that is wrong or odd, before the daemon finds out.

import DICOMVocabulary
import Foundation
import Gateway
import Routing

/// Looks at the configuration file and at what it points to, and changes nothing.
///
/// ```swift
/// let findings = Check.run(configurationPath: "/etc/antipode/antipode.toml")
/// for finding in findings { print(finding.text) }
/// exit(findings.contains { $0.level == .error } ? 78 : 0)
/// ```
struct Check {
    enum BindsPorts: Sendable { case never, always, unlessRunning }

    struct Options: Sendable {
        /// Whether every port is bound for a moment. A running daemon holds its own.
        var bindsPorts = BindsPorts.never
        /// Stops before certificates, keys, folders and space: what can change without the file.
        var onlyFile = false
        /// On what a folder lies; tests give their own.
        var fileSystem: @Sendable (String) -> FileSystem? = { FileSystem.holding($0) }
        var surroundings = Configuration.Surroundings.process
        var now = Date()
    }

    let configuration: AntipodeConfiguration
    let options: Options
    var findings: [Finding] = []

    /// Every finding, errors first. Blocking: it reads files and runs openssl.
    static func run(configurationPath path: String, _ options: Options = Options()) -> [Finding] {
        let configuration: AntipodeConfiguration
        do throws(ConfigurationFaults) {
            configuration = try Configuration.load(path: path, in: options.surroundings)
        } catch {
            return sorted(error.findings)
        }
        var check = Check(configuration: configuration, options: options)
        check.findings = configuration.warnings
        guard !options.onlyFile else { return sorted(check.findings) }
        check.folders()
        check.secrets()
        check.certificates()
        check.ports()
        return sorted(check.findings)
    }

    /// What is wrong or odd about the certificates and keys of a configuration that is put in force. Workers read these files
    /// for each connection, so a fault in one of them is no reason to refuse the rest.
    static func ofCertificates(_ configuration: AntipodeConfiguration) async -> [Finding] {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var check = Check(configuration: configuration, options: Options())
                check.certificates()
                continuation.resume(returning: sorted(check.findings))
            }
        }
    }

    /// The certificates that the configuration names, for `antipode certs`; those that cannot be read are left out.
    static func certificates(of configuration: AntipodeConfiguration) -> [(use: String, facts: CertificateFacts)] {
        guard let openssl = OpenSSLCommand() else { return [] }
        var list: [(use: String, facts: CertificateFacts)] = []
        for file in files(of: configuration) {
            for one in CertificateFacts.all(in: file.path, openssl) {
                list.append(("tls.\(file.set).\(file.role)" + (one.count == 1 ? "" : " \(one.number)"), one))
            }
        }
        return list
    }

    private static func files(of configuration: AntipodeConfiguration) -> [(set: String, role: String, path: String)] {
        configuration.tls.sorted { $0.key < $1.key }.flatMap { name, files in
            [(name, "certificate", files.certificate), (name, "trusted", files.trusted)]
        }
    }

    /// When the first certificate of each file ends; without those that cannot be read, and empty without openssl.
    static func certificateEnds(of configuration: AntipodeConfiguration) async -> [CertificateEnd] {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                guard let openssl = OpenSSLCommand() else { return continuation.resume(returning: []) }
                let ends = files(of: configuration).compactMap { file in
                    CertificateFacts.all(in: file.path, openssl).map(\.notAfter).min().map {
                        CertificateEnd(set: file.set, role: file.role, endsAt: $0)
                    }
                }
                continuation.resume(returning: ends)
            }
        }
    }

    private static func sorted(_ findings: [Finding]) -> [Finding] {
        findings.filter { $0.level == .error } + findings.filter { $0.level == .warning }
    }

    mutating func add(
        _ level: Finding.Level, _ key: String, _ file: String, _ problem: String, allowed: String? = nil,
        hint: String? = nil
    ) {
        findings.append(Finding(level, file: file, key: key, problem: problem, allowed: allowed, hint: hint))
    }
}
