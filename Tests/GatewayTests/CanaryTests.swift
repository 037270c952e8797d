import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

@Suite("Patient data", .timeLimit(.minutes(5)))
struct CanaryTests {
    /// What a person or a machine may get to see, each with where it is shown.
    private func shown(_ bench: Bench, studies: [Int64]) async throws -> [(String, String)] {
        let desk = bench.desk
        let encoder = OperatorJSON.encoder()
        func text(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        var shown = bench.state.logs.lines.map { ("the log", $0) }
        shown += bench.state.names().map { ("a file name", $0) }
        shown.append(("the journal", String(decoding: try bench.state.journalBytes(), as: UTF8.self)))
        shown.append(("the metrics", try text(try await desk.metrics())))
        shown.append(("the status", try text(try await desk.status())))
        shown.append(("the studies", try text(try await desk.studies(StudySearch()))))
        shown.append(("the transfers", try text(try await desk.transfers(destination: nil, states: [], limit: 100))))
        shown.append(("the reports", try text(try await desk.reports(states: [], limit: 100))))
        var search = EventSearch()
        search.all = true
        shown.append(("the events", try text(try await desk.events(search))))
        shown.append(("the vault's record", try text(try await bench.door.open().accesses(limit: 100))))
        shown.append(("the peers", try text(try await desk.peers())))
        for id in studies {
            shown.append(("a study", try text(try await desk.study("S\(id)"))))
            shown.append(("an explanation", try text(try await desk.explain("S\(id)"))))
        }
        return shown
    }

    @Test("stand in no log line, metric, view, journal byte or file name, whatever happens to a study")
    func nowhere() async throws {
        let bench = try Bench()
        let marked = FakePatient(name: "Zebrasson^Qvintus", personnummer: "19340229-9876", accession: "ZACC7719")
        // Delivered, with a report that comes home.
        let (first, _, report) = try await bench.sent(
            FakeStudy(1, patient: marked, description: "CT Zebrasson thorax"))
        _ = try await bench.reception.storeReport(report.instance(), from: "sydney")
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy(1).uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        // Held by the rules, by mixed patients, and by a report that contradicts.
        let second = try await bench.planned(FakeStudy(2, patient: marked, modality: "US"))
        await bench.receive(FakeStudy(3, patient: marked).instance(1))
        let third = try await bench.planned(FakeStudy(3, patient: .agda), instances: 2..<3)
        var stranger = report
        (stranger.sopInstance, stranger.patientID) = ("1.2.826.1.2", marked.personnummer)
        _ = try await bench.reception.storeReport(stranger.instance(), from: "sydney")
        var named = stranger.contents
        named.patientName = marked.name
        named.accessionNumber = marked.accession
        try bench.workers.answer(.inspected(named))
        try await bench.reportFlow(Deferrals()).handleReceived()
        // In each word of a header that somebody might type into, or map wrongly.
        let words: [DICOMVocabulary.Tag: String] = [
            .modality: "ZEBRASSON", .bodyPartExamined: "QVINTUS ARM", .imageType: "ORIGINAL\\ZEBRASSON",
            .manufacturer: "Zebrasson AB", .stationName: "ZEBRASSON1", .studyDescription: "Zebrasson, arm",
            .seriesDescription: "Qvintus arm", .protocolName: "Zebrasson 1", .requestedProcedurePriority: "ZEBRASSON",
            .conversionType: "QVINTUS", .burnedInAnnotation: "ZACC7719",
        ]
        let fourthStudy = FakeStudy(4, patient: marked)
        let verdict = await bench.receive(try fourthStudy.scanned(words: words))
        #expect(verdict.status == 0)
        let fourth = try await bench.planned(fourthStudy, instances: 2..<4)
        #expect(try await bench.record(fourth).modalities == ["?", "CT"])
        #expect(try await bench.record(fourth).bodyParts == ["?", "CHEST"])
        // Whoever acts says why.
        for reason in ["Zebrasson Qvintus wrong arm", "see zacc-7719", "1934-02-29 9876 called"] {
            _ = try? await bench.desk.act(.hold(reason: reason), on: "S\(first)", actor: "eva")
            _ = try? await bench.desk.act(.discard(reason: reason), onReport: "R1", actor: "eva")
            _ = try? await bench.desk.act(.bind(study: "S\(first)", against: reason), onReport: "R2", actor: "eva")
            _ = try? await bench.desk.vault(.show(study: "S\(first)", reason: reason), actor: "eva")
        }
        #expect(try await bench.record(first).hold == nil)
        // A conflict, a search, an action that fails.
        #expect(await bench.receive(FakeStudy(1, patient: marked).instance(1, digest: "other")).status == 0x0111)
        #expect(try await bench.desk.studies(StudySearch(text: marked.accession)).count == 4)
        _ = try? await bench.desk.act(.send(destination: "perth"), on: "S\(first)", actor: "eva")

        let canaries = marked.canaries + FakePatient.agda.canaries
        let everything = try await shown(bench, studies: [first, second, third, fourth])
        #expect(everything.count > 20)
        for (place, text) in everything {
            let folded = text.lowercased()
            for canary in canaries {
                #expect(!folded.contains(canary.lowercased()), "\(canary) stands in \(place)")
            }
        }
    }

    @Test("stand in the vault only sealed")
    func sealed() async throws {
        let bench = try Bench()
        _ = try await bench.planned()
        for suffix in ["", "-wal"] {
            let path = bench.state.settings.vaultPath + suffix
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
            for canary in FakePatient.tolvan.canaries { #expect(!text.contains(canary)) }
        }
    }
}
