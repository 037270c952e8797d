import DICOMVocabulary
import Forwarding
import Foundation
import GatewayTesting
import Journal
import Testing

@testable import Gateway

@Suite("A destination that the configuration no longer names", .timeLimit(.minutes(5)))
struct UnservedTests {
    @Test("is listed for as long as something waits for it, with its age, an alarm, and a person who needs to look")
    func waiting() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        bench.clock.advance(by: 7200)
        var settings = bench.state.settings
        settings.destinations.removeAll { $0.name == "sydney" }
        func desk() -> JournalDesk {
            JournalDesk(journal: bench.journal, settings: settings, now: bench.clock.now, find: nil)
        }
        let status = try await desk().status()
        let gone = try #require(status.destinations.last)
        #expect(gone.name == "sydney" && gone.circuit == "unconfigured" && !gone.isConfigured)
        #expect(try #require(gone.oldestWaitingSeconds) >= 7200 && gone.waitingTransfers == 1)
        #expect(status.alarms.map(\.code) == ["down", "unconfigured"])
        #expect(status.needsPerson == 1)
        let notice = try #require(status.attention.first?.notice)
        #expect(notice.code == "unconfigured" && notice.detail.contains("sydney"))
        #expect(notice.hint.contains("study cancel S\(id)") && notice.hint.contains("Put sydney back"))
        let samples = MetricSample.samples(of: status, now: bench.clock.date)
        func value(_ name: String) -> Double? {
            samples.first { $0.name == name && $0.labels == ["destination": "sydney"] }?.value
        }
        #expect(value("antipode_destination_up") == 0)
        #expect(try #require(value("antipode_oldest_waiting_seconds")) >= 7200)
        // Once it is back, or nothing waits any more, nobody needs to look.
        settings = bench.state.settings
        #expect(try await desk().status().needsPerson == 0)
        settings.destinations.removeAll { $0.name == "sydney" }
        #expect(try await bench.journal.cancel(study: id, actor: "anna", at: bench.clock.date) == .done)
        let quiet = try await desk().status()
        #expect(!quiet.destinations.contains { $0.name == "sydney" } && quiet.needsPerson == 0)
        #expect(quiet.alarms.map(\.code) == ["down"])
    }
}
