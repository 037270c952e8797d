import Foundation
import Gateway
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Console

@Suite struct MachineTests {
    @Test func `metrics are grouped, escaped and typed`() async throws {
        let visit = try Visit()
        let response = try await visit.get("/metrics", visit.bearer(Visit.viewerToken))
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            response.text == """
                # HELP antipode_transfers Transfers by state.
                # TYPE antipode_transfers gauge
                antipode_transfers{destination="sydney",state="waiting"} 31
                antipode_transfers{destination="pacs",state="a\\"b\\\\c\\nd"} +Inf
                # HELP antipode_instances_received_total Instances\\nstored \\\\ all.
                # TYPE antipode_instances_received_total counter
                antipode_instances_received_total 12.5

                """)
    }

    @Test func `names that Prometheus refuses are mended, and no series is written twice`() {
        func sample(_ name: String, _ labels: [String: String], _ value: Double) -> MetricSample {
            MetricSample(name: name, help: "h", kind: .gauge, labels: labels, value: value)
        }
        let text = MetricsText.write([
            sample("a b", ["x-y": "1"], 1), sample("a b", ["x-y": "1"], 2), sample("9z", [:], .nan),
            sample("c", [:], -.infinity),
            sample("d", [:], 1e20), sample("e", [:], 0.1),
        ])
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines == ["a_b{x_y=\"1\"} 1", "_9z NaN", "c -Inf", "d 1e+20", "e 0.1"])
    }

    @Test func `readiness tells why not, by code`() async throws {
        let visit = try Visit()
        #expect(try await visit.get("/readyz").status == .ok)
        visit.desk.state.withLock { $0.ready = false }
        visit.pass(2)
        let waiting = try await visit.get("/readyz")
        #expect(waiting.status == .serviceUnavailable)
        #expect(waiting.text == "not ready\nvaultUnavailable\n")
        visit.desk.state.withLock { $0.failure = OperatorError(.unavailable, "down") }
        visit.pass(2)
        #expect(try await visit.get("/readyz").status == .serviceUnavailable)
        #expect(try await visit.get("/healthz").status == .ok)
    }

    @Test func `the API gives the desk's own values`() async throws {
        let visit = try Visit()
        let headers = visit.bearer(Visit.viewerToken)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let status = try decoder.decode(
            GatewayStatus.self, from: Data(try await visit.get("/api/v1/status", headers).text.utf8))
        #expect(status.destinations.map(\.name) == ["sydney", "dagpartner", "pacs"])
        let studies = try decoder.decode(
            [StudyView].self,
            from: Data(try await visit.get("/api/v1/studies?state=held&limit=2&page=2", headers).text.utf8))
        #expect(studies.map(\.key) == ["S18", "S25"])
        let detail = try await visit.get("/api/v1/studies/S12", headers)
        #expect(try decoder.decode(StudyDetail.self, from: Data(detail.text.utf8)).study.key == "S12")
        let transfers = try await visit.get("/api/v1/transfers?destination=sydney&state=held", headers)
        #expect(try decoder.decode([TransferView].self, from: Data(transfers.text.utf8)).map(\.key) == ["T33"])
        let missing = try await visit.get("/api/v1/studies/S99", headers)
        #expect(missing.status == .notFound)
        #expect(missing.headers[.contentType]?.hasPrefix("application/problem+json") == true)
    }

    @Test func `a browser that has an asset is told so`() async throws {
        let visit = try Visit()
        let tag = try #require(try await visit.get("/assets/style.css").headers[.eTag])
        let again = try await visit.get("/assets/style.css", ["If-None-Match": tag])
        #expect(again.status == .notModified)
        #expect(again.body.readableBytes == 0)
        #expect(try await visit.get("/assets/..%2Fsecret").status == .notFound)
    }

    @Test(arguments: [
        ("a=1&a=2&b", ["1", "2"]), ("a=%C3%A5+b&x", ["å b"]), ("a=%zz%4", ["%zz%4"]), ("a=1%0d%0a2%00", ["12"]),
        ("%61=x", ["x"]),
        ("a=%FF", ["\u{FFFD}"]),
    ])
    func `fields are decoded and cleaned`(text: String, values: [String]) {
        #expect(FormFields(text).all("a") == values)
    }

    @Test func `fields survive their own encoding, and are bounded`() {
        var fields = FormFields()
        fields.add("näme&", "va=l ue+%/?#'\"<å>")
        #expect(FormFields(fields.encoded) == fields)
        #expect(FormFields(String(repeating: "a=1&", count: 1000)).fields.count == FormFields.maximumFields)
        #expect(FormFields("a=" + String(repeating: "x", count: 9000))["a"]?.count == FormFields.maximumValue)
    }
}
