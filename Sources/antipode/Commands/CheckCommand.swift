// Everything that is wrong, before the daemon finds out; and the certificates.

import ArgumentParser
import Foundation
import Gateway

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Validates configuration, certificates, keys, folders and free space.",
        discussion: """
            Names file, line, key, value and allowed range of each fault. Exit code 0 without errors (warnings allowed), \
            78 with.

            Examples:
              antipode check --config /etc/antipode/antipode.toml --json
              antipode check --file-only
            """)

    @Option(name: .long, help: "The configuration file.")
    var config = ProcessInfo.processInfo.environment["ANTIPODE_CONFIG"] ?? "/etc/antipode/antipode.toml"
    @Flag(name: .long, help: "One JSON document instead of text.") var json = false
    @Flag(name: .long, help: "Only the file itself: whether the daemon would take it.") var fileOnly = false
    @Flag(name: .long, help: "Tries to bind every port even while the daemon runs; else only when none answers.")
    var ports = false

    func run() throws {
        var options = Check.Options()
        options.bindsPorts = ports ? .always : .unlessRunning
        options.onlyFile = fileOnly
        let findings = Check.run(configurationPath: config, options)
        let errors = findings.filter { $0.level == .error }.count
        if json {
            print(String(decoding: try OperatorJSON.encoder(pretty: true).encode(findings), as: UTF8.self))
        } else {
            for finding in findings { print(finding.text) }
            print("\(Pages.counted(errors, "error")), \(Pages.counted(findings.count - errors, "warning"))")
        }
        if errors > 0 { throw SysExit.configuration }
    }
}

struct CertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs", abstract: "The certificates in use, and when they end.",
        discussion: "Example:\n  antipode certs")

    @Option(name: .long, help: "The configuration file.")
    var config = ProcessInfo.processInfo.environment["ANTIPODE_CONFIG"] ?? "/etc/antipode/antipode.toml"
    @Flag(name: .long, help: "One JSON document instead of text.") var json = false

    struct Line: Codable {
        var use: String
        var file: String
        var subject: String
        var notAfter: Date
        var days: Int
        var fingerprint: String
    }

    func run() throws {
        let configuration: AntipodeConfiguration
        do {
            configuration = try Configuration.load(path: config)
        } catch {
            throw ending(error)
        }
        let lines = Check.certificates(of: configuration).map { use, facts in
            Line(
                use: use, file: facts.file, subject: facts.subject, notAfter: facts.notAfter,
                days: Int((facts.notAfter.timeIntervalSinceNow / 86_400).rounded(.down)),
                fingerprint: facts.fingerprint)
        }
        if json {
            print(String(decoding: try OperatorJSON.encoder(pretty: true).encode(lines), as: UTF8.self))
            return
        }
        var table = Table("USE", "SUBJECT", "ENDS", "DAYS", "SHA-256")
        for line in lines {
            table.add(line.use, line.subject, Humanised.time(line.notAfter), "\(line.days)", line.fingerprint)
        }
        print(table.text)
    }
}
