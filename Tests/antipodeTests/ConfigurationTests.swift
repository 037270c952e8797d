import Console
import DICOMVocabulary
import Forwarding
import Foundation
import Gateway
import Intake
import Reports
import Routing
import Testing

@testable import antipode

@Suite("The configuration")
struct ConfigurationTests {
    private let samplePath = Sample.root.appendingPathComponent("config/antipode.toml").path

    @Test("sample loads, says what the defaults are, and has nothing odd in it")
    func sample() throws {
        let configuration = try Configuration.load(path: samplePath, in: Sample.surroundings)
        #expect(configuration.warnings == [])
        let gateway = configuration.gateway
        let standard = IntakeSettings()
        #expect(gateway.intake.limits == standard.limits)
        #expect(gateway.intake.scan == standard.scan)
        #expect(gateway.intake.silence == standard.silence)
        #expect(gateway.intake.maximumAssociations == standard.maximumAssociations)
        #expect(gateway.intake.backlog == standard.backlog)
        #expect(gateway.intake.negotiationsPerAddress == standard.negotiationsPerAddress)
        #expect(gateway.intake.openPatience == standard.openPatience)
        #expect(gateway.intake.maximumSilentConnections == standard.maximumSilentConnections)
        #expect(gateway.intake.warmWorkers == standard.warmWorkers)
        #expect(gateway.intake.jobsPerWorker == standard.jobsPerWorker)
        let bare = GatewaySettings(
            state: "", spool: "", vaultKeyFile: "", rules: gateway.rules, workerExecutable: "")
        #expect(gateway.freeFloor == bare.freeFloor)
        #expect(gateway.usesPageCache == bare.usesPageCache)
        #expect(gateway.stateFloor == bare.stateFloor)
        #expect(gateway.drain == bare.drain)
        #expect(gateway.retention == bare.retention)
        #expect(gateway.workerMemory == bare.workerMemory)
        #expect(gateway.workerLease == bare.workerLease)
        #expect(gateway.workerAnswer == bare.workerAnswer)
        #expect(gateway.maximumDeaths == bare.maximumDeaths)
        #expect(gateway.maximumCrashes == bare.maximumCrashes)
        #expect(configuration.control == OperatorListener.Limits())
        let source = try #require(gateway.intake.sources.first)
        var plain = SourceSettings(name: "ct1", addresses: source.addresses, callingAEs: source.callingAEs)
        plain.listeners = ["modalities"]
        plain.quietPeriodByModality = ["US": 300]
        #expect(source == plain)
        let reader = try #require(gateway.destination("reader"))
        #expect(reader.retry == RetrySettings())
        #expect(reader.limits == AssociationLimits())
        #expect(reader.lanes == 48)
        #expect(reader.profile == .pseudonymous(options: DestinationSettings.recommendedOptions))
        var reports = ReportSettings(reader: "reader", method: .get)
        reports.deliverTo = ["pacs"]
        #expect(gateway.reports == [reports])
        #expect(gateway.rules.rules.first?.windows.first?.description == "20:00–07:00")
        #expect(gateway.rules.timeZone.identifier == "Europe/Stockholm")
        let console = try #require(configuration.console)
        #expect(
            console
                == ConsoleConfiguration(
                    viewerTokenFile: console.viewerTokenFile, operatorTokenFile: console.operatorTokenFile))
    }

    @Test("sample names every key that is known")
    func sampleIsWhole() throws {
        let text = try String(contentsOfFile: samplePath, encoding: .utf8)
        let (_, faults) = try Configuration.parse(text, path: samplePath, in: Sample.surroundings)
        for known in faults.knownKeys.sorted() {
            let name = known.split(separator: ".").last.map(String.init) ?? known
            #expect(text.contains(name), "\(known)")
        }
        #expect(faults.knownKeys.count > 80)
    }

    @Test("page has a row for every key that is known, below the heading of its table, and for no other")
    func page() throws {
        let text = try String(contentsOfFile: samplePath, encoding: .utf8)
        let (_, faults) = try Configuration.parse(text, path: samplePath, in: Sample.surroundings)
        let page = try String(
            contentsOf: Sample.root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
        var rows: Set<String> = []
        var table: String?
        for line in page.split(separator: "\n") {
            if line.hasPrefix("#") {
                table = line.split(separator: "`").dropFirst().first.map {
                    $0.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
                }
            } else if let table, line.hasPrefix("| `"), let key = line.split(separator: "`").dropFirst().first {
                rows.insert("\(table).\(key)")
            }
        }
        var known = Set(faults.knownKeys.map { $0.replacingOccurrences(of: "[]", with: "") })
        known = Set(
            known.filter { !$0.hasPrefix("destination.limits.") && !$0.hasPrefix("source.quiet_period_by_modality.") }
                .map { $0.replacingOccurrences(of: "tls.hospital", with: "tls.NAME") })
        // Tables have headings, not rows.
        let headings = Set(
            rows.flatMap { row in
                row.split(separator: ".").dropLast().indices.map { end in
                    row.split(separator: ".")[...end].joined(separator: ".")
                }
            } + ["destination.limits"])
        known.subtract(headings.subtracting(rows))
        #expect(known.subtracting(rows).sorted() == [])
        #expect(rows.subtracting(known).sorted() == [])
    }

    @Test("of the smallest kind takes paths from the file's folder and defaults elsewhere")
    func small() throws {
        let configuration = try Sample.read(Sample.small)
        #expect(configuration.warnings == [])
        #expect(configuration.gateway.state == "/etc/antipode/state")
        #expect(configuration.gateway.spool == "/etc/antipode/state/spool")
        #expect(configuration.gateway.vaultKeyFile == "/etc/antipode/vault.key")
        #expect(configuration.socketPath == "/etc/antipode/state/control.sock")
        #expect(configuration.gateway.workerExecutable == "/usr/bin/antipode")
        #expect(configuration.console == nil)
        #expect(configuration.gateway.intake.listeners.first?.address == "127.0.0.1")
    }

    @Test("tells every fault at once, each with line, key, value and what is allowed")
    func everyFault() throws {
        let findings = Sample.findings(
            replacing: "port = 11112", by: "port = 70000", adding: "weekdays = [\"Monday\"]\nhodl = 1\n")
        #expect(findings.map(\.key) == ["rule[1].weekdays[1]", "rule[1].hodl", "listener[1].port"])
        let port = try #require(findings.last)
        #expect(port.line == 10)
        #expect(
            port.text
                == "/etc/antipode/antipode.toml:10: error: listener[1].port = 70000: a number that is not allowed here "
                + "(allowed: 0 to 65535)")
        #expect(findings[0].value == "\"Monday\"")
        #expect(findings[1].hint == "Did you mean hold?")
        #expect(findings[1].line == 46)
    }

    @Test(
        "says of a key that nobody knows which was meant, or which there are",
        arguments: [
            ("[intake]\nmaximum = 5", "Did you mean maximum_associations or maximum_silent_connections?"),
            ("[spool]\ndirectory_of_studies = \"/x\"", "Did you mean directory?"),
            ("[spool]\nquota = 5", "Known here: directory, free_floor, maximum, orphan_retention, page_cache."),
            ("[routing]\nfalback = \"hold\"", "Did you mean fallback?"),
        ])
    func suggestions(table: String, hint: String) throws {
        let found = Sample.findings(adding: table + "\n")
        let one = try #require(found.first { $0.problem == "is not a key that Antipode knows" })
        #expect(one.hint == hint)
    }

    @Test("sets the bounds of console and polling, within their ranges")
    func bounds() throws {
        let console = "\n[console]\nviewer_token_file = \"v\"\noperator_token_file = \"o\"\n"
        let method = "method = \"get\""
        let text = Sample.small.replacingOccurrences(of: method, with: method + "\nmaximum_reports = 10000") + console
        let read = try Sample.read(text + "maximum_form_bytes = \"1 MiB\"\nmaximum_sessions = 1\n")
        #expect(read.console?.maximumFormBytes == 1 << 20 && read.console?.maximumSessions == 1)
        #expect(read.gateway.reports.first?.maximumReports == 10_000)
        let plain = try Sample.read(Sample.small + console)
        #expect(plain.console?.maximumFormBytes == 16 * 1024 && plain.console?.maximumSessions == 200)
        #expect(plain.gateway.reports.first?.maximumReports == 200)
        for (line, key) in [
            ("maximum_form_bytes = \"1023 B\"", "console.maximum_form_bytes"),
            ("maximum_form_bytes = 16384", "console.maximum_form_bytes"),
            ("maximum_sessions = 0", "console.maximum_sessions"),
            ("maximum_sessions = 10001", "console.maximum_sessions"),
        ] {
            #expect(Sample.findings(adding: console + line + "\n").map(\.key) == [key])
        }
        for number in [0, 10_001] {
            let found = Sample.findings(replacing: method, by: method + "\nmaximum_reports = \(number)")
            #expect(found.map(\.key) == ["reports[1].maximum_reports"])
        }
    }

    @Test("hands what it says of the console on to it")
    func consoleSettings() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("antipode-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var console = ConsoleConfiguration(
            viewerTokenFile: folder + "/viewer", operatorTokenFile: folder + "/operator")
        try Data("a-viewer-of-20-letters\n".utf8).write(to: URL(fileURLWithPath: console.viewerTokenFile))
        try Data("an-operator-of-more\n".utf8).write(to: URL(fileURLWithPath: console.operatorTokenFile))
        console.maximumFormBytes = 4096
        console.maximumSessions = 3
        let settings = try console.settings(timeZone: .gmt)
        #expect(settings.maximumFormBytes == 4096 && settings.maximumSessions == 3)
        #expect(settings.maximumConnections == 128)
    }

    @Test("with a syntax error says where")
    func syntax() {
        let findings = Sample.findings(replacing: "port = 11112", by: "port = = 1")
        #expect(findings.count == 1)
        #expect(findings.first?.line == 10)
        #expect(findings.first?.problem.hasPrefix("is not TOML") == true)
    }

    @Test("with a time of day without seconds, or a number that is none, names the key and says how it is written")
    func syntaxOfValues() {
        let time = Sample.findings(replacing: "port = 11112", by: "port = 11112\nwindows = [{ until = 07:00 }]")
        #expect(time.first?.problem.contains("windows: until: a time of day without its seconds") == true)
        #expect(time.first?.problem.contains("07:00:00") == true)
        let number = Sample.findings(replacing: "port = 11112", by: "port = 0x")
        #expect(number.first?.problem.contains("port: a value that is no number") == true)
    }

    @Test("that is not there, or not text, is a fault and no crash")
    func unreadable() throws {
        #expect(throws: ConfigurationFaults.self) { try Configuration.load(path: "/nowhere/antipode.toml") }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("antipode-\(UUID()).toml")
        try Data([0xFF, 0xFE, 0x00]).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(throws: ConfigurationFaults.self) { try Configuration.load(path: file.path) }
        #expect(throws: ConfigurationFaults.self) { try Sample.read("") }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let old: String
        let new: String
        let key: String
        init(_ old: String, _ new: String, _ key: String) {
            self.old = old
            self.new = new
            self.key = key
        }
        var testDescription: String { "\(new.isEmpty ? "without \(old)" : new)" }
    }

    @Test(
        "is refused with",
        arguments: [
            Wrong("state = \"state\"", "", "gateway.state"),
            Wrong("state = \"state\"", "state = 5", "gateway.state"),
            Wrong("state = \"state\"", "state = \"state\"\ndrain = 60", "gateway.drain"),
            Wrong("state = \"state\"", "state = \"state\"\ndrain = \"60\"", "gateway.drain"),
            Wrong("state = \"state\"", "state = \"state\"\nlog_level = \"loud\"", "gateway.log_level"),
            Wrong("state = \"state\"", "state = \"state\"\nworker_lease = \"0s\"", "gateway.worker_lease"),
            Wrong("state = \"state\"", "state = \"state\"\nworker_answer = \"2h\"", "gateway.worker_answer"),
            Wrong("state = \"state\"", "state = \"state\"\nmaximum_deaths = 0", "gateway.maximum_deaths"),
            Wrong("state = \"state\"", "state = \"state\"\nmaximum_crashes = 1001", "gateway.maximum_crashes"),
            Wrong("state = \"state\"", "state = \"state\"\ncontrol_connections = 1", "gateway.control_connections"),
            Wrong("state = \"state\"", "state = \"state\"\ncontrol_deadline = \"0s\"", "gateway.control_deadline"),
            Wrong("[[listener]]", "[intake]\nbacklog = 0\n[[listener]]", "intake.backlog"),
            Wrong("[[listener]]", "[intake]\nopen_patience = 0\n[[listener]]", "intake.open_patience"),
            Wrong(
                "[[listener]]", "[intake]\nnegotiations_per_address = 2000\n[[listener]]",
                "intake.negotiations_per_address"),
            Wrong("\"Europe/Stockholm\"", "\"Europe/Stokholm\"", "gateway.time_zone"),
            Wrong("\"Europe/Stockholm\"", "\"CET\"", "gateway.time_zone"),
            Wrong("key_file = \"vault.key\"", "", "vault.key_file"),
            Wrong("key_file = \"vault.key\"", "key_file = \"credential:../x\"", "vault.key_file"),
            Wrong("ae_titles = [\"ANTIPODE\"]", "", "listener[1].ae_titles"),
            Wrong("ae_titles = [\"ANTIPODE\"]", "ae_titles = []", "listener[1].ae_titles"),
            Wrong("ae_titles = [\"ANTIPODE\"]", "ae_titles = [\"A\\\\B\"]", "listener[1].ae_titles[1]"),
            Wrong("ae_titles = [\"ANTIPODE\"]", "ae_titles = \"ANTIPODE\"", "listener[1].ae_titles"),
            Wrong("ae_titles = [\"ANTIPODE\"]", "ae_titles = [\"A\"]\ntls = \"x\"", "listener[1].tls"),
            Wrong("[\"127.0.0.1\"]", "[\"localhost\"]", "source[1].addresses[1]"),
            Wrong("name = \"ct\"", "name = \"ct\"\nrole = \"reader\"", "source[1].destination"),
            Wrong("name = \"ct\"", "name = \"ct\"\nrole = \"reader\"\ndestination = \"pacs\"", "source[1].destination"),
            Wrong("name = \"ct\"", "name = \"ct\"\nlisteners = [\"out\"]", "source[1].listeners"),
            Wrong("name = \"ct\"", "name = \"ct\"\ncalled_ae_titles = [\"X\"]", "source[1].called_ae_titles"),
            Wrong("name = \"ct\"", "name = \"ct\"\ncertificate_sha256 = \"12\"", "source[1].certificate_sha256"),
            Wrong("name = \"ct\"", "name = \"ct\"\nconflict_status = 65536", "source[1].conflict_status"),
            Wrong("name = \"pacs\"", "name = \"reader\"", "destination[2].name"),
            Wrong("identity = \"pseudonymous\"", "", "destination[1].identity"),
            Wrong("identity = \"pseudonymous\"", "identity = \"identified\"", "destination[1].ground"),
            Wrong(
                "identity = \"pseudonymous\"", "identity = \"pseudonymous\"\noptions = [\"9\"]",
                "destination[1].options[1]"),
            Wrong(
                "identity = \"pseudonymous\"", "identity = \"pseudonymous\"\ncountry = \"Sweden\"",
                "destination[1].country"),
            Wrong("ground = \"own archive\"", "", "destination[2].ground"),
            Wrong("method = \"get\"", "method = \"push\"", "reports[1].method"),
            Wrong("method = \"get\"", "method = \"move\"", "reports[1].move_destination"),
            Wrong("reader = \"reader\"\nmethod", "reader = \"pacs\"\nmethod", "reports[1].reader"),
            Wrong("deliver_to = [\"pacs\"]", "deliver_to = [\"reader\"]", "reports[1].deliver_to"),
            Wrong("deliver_to = [\"pacs\"]", "", "reports[1].deliver_to"),
            Wrong("to = [\"reader\"]", "to = [\"raeder\"]", "rule[1].to"),
            Wrong("to = [\"reader\"]", "", "rule[1].to"),
            Wrong("to = [\"reader\"]", "to = [\"reader\"]\nsources = [\"mr\"]", "rule[1].sources"),
            Wrong(
                "to = [\"reader\"]", "to = [\"reader\"]\nwindows = [{ from = \"20:00\", until = 07:00:00 }]",
                "rule[1].windows[1].from"),
            Wrong(
                "to = [\"reader\"]", "to = [\"reader\"]\nwindows = [{ from = 20:00:00 }]", "rule[1].windows[1].until"),
            Wrong("[[listener]]", "[[listner]]", "listner"),
        ])
    func refused(_ wrong: Wrong) throws {
        #expect(Sample.small.contains(wrong.old))
        let errors = Sample.findings(replacing: wrong.old, by: wrong.new).filter { $0.level == .error }
        #expect(errors.contains { $0.key == wrong.key }, "\(errors.map(\.text))")
    }

    @Test("that gives one port to two listeners is refused, also across every address")
    func ports() {
        let second = "\n[[listener]]\nname = \"b\"\naddress = \"0.0.0.0\"\nport = 11112\nae_titles = [\"B\"]\n"
        #expect(Sample.findings(adding: second).contains { $0.key == "listener[2].port" && $0.level == .error })
    }

    @Test("that is allowed but odd is warned about")
    func warnings() {
        func keys(_ old: String, _ new: String, _ more: String = "") -> [String] {
            Sample.findings(replacing: old, by: new, adding: more).filter { $0.level == .warning }.map(\.key)
        }
        #expect(keys("name = \"in\"", "name = \"in\"\naddress = \"0.0.0.0\"") == ["listener[1].address"])
        #expect(
            keys("host = \"127.0.0.1\"\nport = 104", "host = \"reader.example\"\nport = 104") == ["destination[1].host"]
        )
        #expect(keys("host = \"127.0.0.1\"\nport = 105", "host = \"pacs\"\nport = 105") == ["destination[2].host"])
        #expect(keys("to = [\"reader\"]", "to = [\"pacs\"]") == ["destination[1].name"])
        #expect(keys("", "", "\n[[rule]]\nname = \"late\"\nto = [\"reader\"]\n") == ["rule[1]"])
        #expect(
            keys("method = \"get\"\ndeliver_to = [\"pacs\"]", "method = \"get\"\ndeliver_to = []") == [
                "reports[1].deliver_to"
            ])
        #expect(keys("key_file = \"vault.key\"", "key_file = \"credential:vault.key\"") == ["vault.key_file"])
    }

    @Test("with a destination that says too little blames that alone, not all that points at it")
    func followOns() {
        for (key, line) in [
            ("ground", "ground = \"own archive\"\n"), ("port", "port = 105\n"), ("role", "role = \"pacs\"\n"),
        ] {
            let errors = Sample.findings(replacing: line, by: "").filter { $0.level == .error }
            #expect(errors.map(\.key) == ["destination[2].\(key)"], "\(errors.map(\.text))")
        }
    }

    @Test(
        "warns of a modality that nobody has, and says which was meant",
        arguments: [("MRI", "MR"), ("ct", "CT"), ("PET", "PT"), ("XRAY", nil)])
    func modalities(word: String, meant: String?) throws {
        let found = Sample.findings(
            replacing: "name = \"all\"\n", by: "name = \"all\"\nmodalities = [\"CT\", \"\(word)\"]\n")
        let one = try #require(found.first { $0.key == "rule[1].modalities" })
        #expect(one.level == .warning && one.value == "\"\(word)\"")
        if let meant { #expect(one.hint == "Did you mean \(meant)?") } else { #expect(one.hint == nil) }
        let quiet = Sample.findings(
            replacing: "calling_ae_titles = [\"CT1\"]\n",
            by: "calling_ae_titles = [\"CT1\"]\nquiet_period_by_modality = { \(word) = \"5min\" }\n")
        #expect(quiet.contains { $0.key == "source[1].quiet_period_by_modality" && $0.level == .warning })
    }

    @Test(
        "warns of a reader that is reached over the network without TLS, whatever goes there",
        arguments: ["192.0.2.7", "reader.example", "127.example.org"])
    func plainReader(host: String) {
        func problems(_ identity: String) -> [String] {
            let text = Sample.small.replacingOccurrences(of: "identity = \"pseudonymous\"", with: identity)
                .replacingOccurrences(of: "host = \"127.0.0.1\"\nport = 104", with: "host = \"\(host)\"\nport = 104")
            do throws(ConfigurationFaults) {
                return try Sample.read(text).warnings.filter { $0.key == "destination[1].host" }.map(\.problem)
            } catch {
                return error.findings.filter { $0.key == "destination[1].host" }.map(\.problem)
            }
        }
        #expect(problems("identity = \"pseudonymous\"") == ["sends to a reader over the network without TLS"])
        #expect(
            problems("identity = \"identified\"\nground = \"one hospital\"") == [
                "sends identities over the network without TLS"
            ])
    }

    @Test("shows no value that could be a secret")
    func secrets() {
        let more = "\n[console]\nviewer_token = \"s3cret-token\"\noperator_token_file = [\"s3cret-token\"]\n"
        let text = ConfigurationFaults(findings: Sample.findings(adding: more)).description
        #expect(text.contains("console.viewer_token"))
        #expect(!text.contains("s3cret"))
    }

    @Test("takes the vault's key from systemd's folder of credentials")
    func credential() throws {
        var surroundings = Sample.surroundings
        surroundings.credentials = "/run/credentials/antipode.service"
        let text = Sample.small.replacingOccurrences(
            of: "key_file = \"vault.key\"", with: "key_file = \"credential:vault.key\"")
        let configuration = try Configuration.read(text, path: "/etc/a.toml", in: surroundings)
        #expect(configuration.gateway.vaultKeyFile == "/run/credentials/antipode.service/vault.key")
        #expect(configuration.warnings == [])
    }
}

@Suite("Units in the configuration")
struct UnitsTests {
    @Test(
        "read durations",
        arguments: [("30s", 30.0), ("10min", 600), ("2h", 7200), ("14d", 1_209_600), ("500ms", 0.5), ("1.5 h", 5400)])
    func durations(text: String, seconds: Double) {
        #expect(Units.duration(text) == seconds)
    }

    @Test(
        "refuse what has no unit, a wrong one, or no number",
        arguments: ["30", "", "s", "1 week", "-1s", "1..2s", "٣s", "1m"])
    func wrong(text: String) {
        #expect(Units.duration(text) == nil)
        #expect(Units.size(text) == nil)
    }

    @Test(
        "read sizes",
        arguments: [("2 GiB", Int64(2) << 30), ("64KiB", 65_536), ("500 MB", 500_000_000), ("512 B", 512)])
    func sizes(text: String, bytes: Int64) {
        #expect(Units.size(text) == bytes)
    }

    @Test("refuse sizes that no disk has")
    func overflow() {
        #expect(Units.size("99999999999 TiB") == nil)
    }

    @Test("write what they read")
    func written() {
        #expect(Units.describe(seconds: 86_400) == "1d")
        #expect(Units.describe(seconds: 90) == "90s")
        #expect(Units.describe(seconds: 0) == "0s")
        #expect(Units.describe(bytes: 2 << 30) == "2 GiB")
        #expect(Units.describe(bytes: 1000) == "1000 B")
    }
}
