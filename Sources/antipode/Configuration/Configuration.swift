// From the configuration file to values.

import DICOMVocabulary
import Foundation
import Gateway
import Glibc
import Routing

enum Configuration {
    /// What a configuration depends on beside its file; tests give their own.
    struct Surroundings: Sendable {
        /// systemd's folder of credentials (`$CREDENTIALS_DIRECTORY`).
        var credentials: String?
        /// The program that is run as `antipode worker`.
        var executable: String
        /// Used where the file names none.
        var timeZone: TimeZone

        /// Where systemd puts them for the service of this tree; only its own processes can look there.
        static let credentialsOfService = "/run/credentials/antipode.service/"

        static var process: Surroundings {
            Surroundings(
                credentials: ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"],
                // Not its path: an upgrade may have put another version there, which speaks to workers otherwise.
                executable: "/proc/self/exe",
                timeZone: .current)
        }
    }

    /// No site's configuration comes near it.
    private static let maximumBytes = 4 << 20

    /// Reads and judges a file as a whole. Opens no other file: `Check` looks at certificates, keys and folders.
    /// Relative paths count from the folder of the file. Throws every fault at once, warnings included.
    static func load(path: String, in surroundings: Surroundings = .process) throws(ConfigurationFaults)
        -> AntipodeConfiguration
    {
        try read(try text(of: path), path: path, in: surroundings)
    }

    /// What looking at a gateway and asking its daemon need: where the state and the socket are. Errors elsewhere are
    /// given beside it, with defaults in their place; only faults of those two, or a file that is no TOML, are thrown.
    static func loadForDesk(path: String, in surroundings: Surroundings = .process) throws(ConfigurationFaults)
        -> (AntipodeConfiguration, errors: [Finding])
    {
        let (configuration, faults) = try parse(try text(of: path), path: path, in: surroundings)
        let errors = faults.findings.filter { $0.level == .error }
        let needed = errors.filter { ["gateway", "gateway.state", "gateway.control_socket"].contains($0.key) }
        guard needed.isEmpty else { throw ConfigurationFaults(findings: faults.findings) }
        return (configuration, errors)
    }

    private static func text(of path: String) throws(ConfigurationFaults) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            // Why it could not be read is asked afterwards: it is for a person, not for a decision.
            let reason = access(path, R_OK) == 0 ? "not a file" : String(cString: strerror(errno))
            throw fault(
                path, "cannot be read: \(reason)",
                hint: "Name the file with --config, or make one with antipode init.")
        }
        guard data.count <= maximumBytes else {
            throw fault(path, "has more than \(Units.describe(bytes: Int64(maximumBytes)))")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw fault(path, "is not UTF-8") }
        return text
    }

    /// The same for a text that is not in a file yet.
    static func read(_ text: String, path: String, in surroundings: Surroundings) throws(ConfigurationFaults)
        -> AntipodeConfiguration
    {
        let (configuration, faults) = try parse(text, path: path, in: surroundings)
        let errors = faults.findings.filter { $0.level == .error }
        guard errors.isEmpty else { throw ConfigurationFaults(findings: faults.findings) }
        var result = configuration
        result.warnings = faults.findings
        return result
    }

    /// Reads with defaults in the place of what is wrong.
    static func parse(_ text: String, path: String, in surroundings: Surroundings) throws(ConfigurationFaults)
        -> (AntipodeConfiguration, FaultCollector)
    {
        let document: TOMLDocument
        do throws(TOMLDocument.Fault) {
            document = try TOMLDocument(text)
        } catch {
            throw fault(path, line: error.line, "is not TOML: \(error.problem)")
        }
        let faults = FaultCollector(file: path, document: document)
        let root = TableReader(path: "", values: document.values, faults: faults)
        let base = URL(fileURLWithPath: path).deletingLastPathComponent()
        var reading = ConfigurationReading(root: root, base: base, surroundings: surroundings)
        let configuration = reading.configuration(path: path)
        root.finish()
        CrossChecks(configuration: configuration, faults: faults).run()
        return (configuration, faults)
    }

    private static func fault(_ path: String, line: Int? = nil, _ problem: String, hint: String? = nil)
        -> ConfigurationFaults
    {
        ConfigurationFaults(findings: [Finding(.error, file: path, line: line, problem: problem, hint: hint)])
    }
}
