import Foundation
import Gateway
import Testing

@testable import antipode

@Suite("What commands that look need of the configuration, and what they take")
struct DeskConfigurationTests {
    private func load(_ text: String) throws -> (AntipodeConfiguration, errors: [Finding]) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).toml")
        defer { try? FileManager.default.removeItem(at: file) }
        try text.write(to: file, atomically: true, encoding: .utf8)
        return try Configuration.loadForDesk(path: file.path)
    }

    @Test("faults elsewhere are told and do not keep anybody from looking")
    func faultsElsewhere() throws {
        let (configuration, errors) = try load(
            """
            [gateway]
            state = "/var/lib/antipode"
            control_socket = "/run/antipode/control.sock"
            drain = 7
            [[destination]]
            name = "sydney"
            """)
        #expect(configuration.gateway.state == "/var/lib/antipode")
        #expect(configuration.socketPath == "/run/antipode/control.sock")
        #expect(errors.contains { $0.key == "gateway.drain" } && errors.allSatisfy { $0.level == .error })
    }

    @Test(
        "without the places of state and socket there is nothing to look at",
        arguments: [
            "[gateway]\nstate = 1\n", "[gateway]\n", "", "[gateway\n", "[gateway]\nstate=\"s\"\ncontrol_socket=1\n",
        ])
    func places(text: String) {
        #expect(throws: ConfigurationFaults.self) { try load(text) }
    }

    @Test("since takes a length of time, a day and a moment, and nothing else")
    func since() throws {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let zone = try #require(TimeZone(identifier: "Europe/Stockholm"))
        #expect(EventTime("2h", now: now, timeZone: zone)?.date == now.addingTimeInterval(-7200))
        #expect(
            EventTime("2026-11-21", now: now, timeZone: zone)?.date == Date(timeIntervalSince1970: 1_795_215_600))
        #expect(
            EventTime("2026-11-21T10:00:00Z", now: now, timeZone: zone)?.date
                == Date(timeIntervalSince1970: 1_795_255_200))
        for word in ["", "yesterday", "2", "2026-13-01"] { #expect(EventTime(word, now: now, timeZone: zone) == nil) }
    }
}
