import DICOMVocabulary
import Forwarding
import Foundation
import Gateway
import Intake
import Routing
import Testing

@testable import antipode

@Suite("antipode init", .enabled(if: OpenSSLCommand() != nil, "needs the openssl command"))
struct InitialiserTests {
    @Test("makes a configuration that loads and has nothing wrong or odd in it")
    func loads() throws {
        let path = try TrialFolder.original.get() + "/antipode.toml"
        let findings = Check.run(configurationPath: path, TrialFolder.options)
        #expect(findings == [], "\(findings.map(\.text))")
        let configuration = try Configuration.load(path: path, in: TrialFolder.surroundings)
        let reader = try #require(configuration.gateway.destination("reader"))
        #expect(reader.peer.port == 12_762 && reader.peer.calledAE.string == "READER" && reader.peer.tls != nil)
        let pacs = try #require(configuration.gateway.destination("pacs"))
        #expect(pacs.peer.port == 11_113 && pacs.peer.calledAE.string == "PACS" && pacs.peer.tls == nil)
        let listener = try #require(configuration.gateway.intake.listeners.first)
        #expect(listener.port == 11_112 && listener.aeTitles.map(\.string) == ["ANTIPODE"] && listener.tls == nil)
        #expect(configuration.gateway.intake.sources.first?.callingAEs.map(\.string) == ["MODALITY"])
        #expect(configuration.gateway.rules.fallback == .hold)
    }

    @Test("keeps secrets to their owner, and no two tokens are the same")
    func modes() throws {
        let folder = URL(fileURLWithPath: try TrialFolder.original.get())
        for name in [
            "vault.key", "viewer.token", "operator.token", "certs/gateway.key", "certs/reader.key", "certs/ca.key",
        ] {
            #expect(try TrialFolder.mode(folder.appendingPathComponent(name)) == 0o600, "\(name)")
        }
        for name in ["", "state", "spool", "certs"] {
            #expect(try TrialFolder.mode(folder.appendingPathComponent(name)) == 0o700, "\(name)")
        }
        #expect(try Data(contentsOf: folder.appendingPathComponent("vault.key")).count == 32)
        let tokens = try ["viewer.token", "operator.token"].map {
            try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
        }
        #expect(Set(tokens).count == 2)
    }

    @Test("lists what it wrote")
    func files() throws {
        let folder = URL(fileURLWithPath: try TrialFolder.original.get())
        let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        #expect(
            Set(found).subtracting(["state", "spool", "certs"])
                == [
                    "antipode.toml", "vault.key", "viewer.token", "operator.token", "certs/ca.pem", "certs/ca.key",
                    "certs/gateway.pem", "certs/gateway.key", "certs/reader.pem", "certs/reader.key",
                ])
    }

    @Test("overwrites nothing")
    func refuses() throws {
        let options = Initialiser.Options(directory: try TrialFolder.original.get())
        #expect(throws: ConfigurationFaults.self) { try Initialiser(options).run() }
    }

    @Test("takes other ports, and is told when two are the same")
    func ports() throws {
        var ports = Initialiser.Ports()
        ports.listener = 40_001
        ports.console = 40_002
        let text = TrialConfiguration.text(ports, timeZone: "Europe/Stockholm")
        #expect(try Sample.read(text).gateway.intake.listeners.first?.port == 40_001)
        #expect(try Sample.read(text).console?.port == 40_002)
        ports.console = 40_001
        #expect(throws: ConfigurationFaults.self) {
            try Sample.read(TrialConfiguration.text(ports, timeZone: "Europe/Stockholm"))
        }
    }

    @Test("carries the very script that lies in certs")
    func script() throws {
        let file = Sample.root.appendingPathComponent("certs/make-trial-ca.sh")
        #expect(try String(contentsOf: file, encoding: .utf8) == TrialAuthority.script)
    }

    @Test("for the service points to the folders of the unit and to the credential")
    func service() throws {
        let text = TrialConfiguration.text(.init(), timeZone: "Europe/Stockholm", forService: true)
        let configuration = try Configuration.read(text, path: "/etc/antipode/antipode.toml", in: Sample.surroundings)
        #expect(configuration.gateway.state == "/var/lib/antipode")
        #expect(configuration.gateway.spool == "/var/lib/antipode/spool")
        #expect(configuration.socketPath == "/run/antipode/control.sock")
        #expect(configuration.gateway.vaultKeyFile == "/run/credentials/antipode.service/vault.key")
        #expect(configuration.warnings.map(\.key) == ["vault.key_file"])
        let unit = try String(
            contentsOf: Sample.root.appendingPathComponent("systemd/antipode.service"), encoding: .utf8)
        #expect(unit.contains("LoadCredential=vault.key:/etc/antipode/vault.key"))
    }
}
