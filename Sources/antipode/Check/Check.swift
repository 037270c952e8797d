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
    struct Options: Sendable {
        /// Tries to bind every port. A running daemon holds its own, so this is for before the first start.
        var bindsPorts = false
        /// Stops before certificates, keys, folders and space: what can change without the file.
        var onlyFile = false
        var surroundings = Configuration.Surroundings.process
        var now = Date()
        /// Certificates that end within so many seconds are warned about.
        var expiryWarning: Double = 30 * 86_400
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
        if options.bindsPorts { check.ports() }
        return sorted(check.findings)
    }

    /// The certificates that the configuration names, for `antipode certs`; those that cannot be read are left out.
    static func certificates(of configuration: AntipodeConfiguration) -> [(use: String, facts: CertificateFacts)] {
        guard let openssl = OpenSSLCommand() else { return [] }
        return configuration.tls.sorted { $0.key < $1.key }.flatMap { name, files in
            [("tls.\(name).certificate", files.certificate), ("tls.\(name).trusted", files.trusted)].compactMap {
                use, path in
                CertificateFacts(file: path, openssl).map { (use, $0) }
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
