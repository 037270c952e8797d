import DICOMVocabulary
import Foundation
import GatewayTesting
import Intake
import Journal
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

@Suite("What a C-STORE is answered")
struct ReceptionTests {
    @Test("Success comes after the identity is in the vault and the row in the journal")
    func success() async throws {
        let bench = try Bench()
        let study = FakeStudy()
        let verdict = await bench.receive(study.instance())
        #expect(verdict.status == 0 && verdict.keepFile)
        let vault = try bench.door.open()
        #expect(try await vault.identities(study: study.uid) == [study.identity])
        let row = try #require(try await bench.journal.receivingStudies().first)
        #expect(row.studyUID == study.uid && row.source == "ct1")
        #expect(row.patientKeys == [vault.patientKey(study.identity)])
    }

    @Test("the vault comes first: without a journal nothing is kept, but the identity is known")
    func order() async throws {
        let bench = try Bench()
        try bench.journal.close()
        let verdict = await bench.receive(FakeStudy().instance())
        #expect(verdict.status == 0xA700 && !verdict.keepFile)
        #expect(try await bench.door.open().identities(study: FakeStudy().uid).count == 1)
    }

    @Test("the same again is Success, and its file is not kept")
    func duplicate() async throws {
        let bench = try Bench()
        #expect(await bench.receive(FakeStudy().instance()).keepFile)
        let verdict = await bench.receive(FakeStudy().instance())
        #expect(verdict.status == 0 && !verdict.keepFile)
        #expect(try await bench.journal.receivingStudies().map(\.instanceCount) == [1])
    }

    @Test("other content under a known UID is answered as the source's settings say", arguments: [0x0111, 0, 0xA700])
    func conflict(status: UInt16) async throws {
        let bench = try Bench { $0.intake.sources[0].conflictStatus = status }
        #expect(await bench.receive(FakeStudy().instance(digest: "first")).keepFile)
        let verdict = await bench.receive(FakeStudy().instance(digest: "other"))
        #expect(verdict.status == status && !verdict.keepFile)
        let row = try #require(try await bench.journal.receivingStudies().first)
        #expect(try await bench.journal.instances(study: row.id).map(\.digest) == ["first"])
        let kinds = try await bench.journal.history(study: row.id)?.events.map(\.kind) ?? []
        #expect(kinds.contains("conflict"))
    }

    @Test("with the vault closed everything is received, nothing is planned, and a header gives the identity later")
    func closedVault() async throws {
        let bench = try Bench()
        let study = FakeStudy(description: "CT BUK")
        let key = bench.state.settings.vaultKeyFile
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        let spooled = try bench.state.spooled(study.file())
        #expect(await bench.receive(study.instance(spoolKey: spooled)).status == 0)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        let error = await #expect(throws: Failure.self) { try await bench.planner.planComplete() }
        #expect(error?.code == .vaultUnavailable && error?.scope == .destination)
        #expect(try await bench.record(id).state == .complete)

        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        // It is not tried again at once.
        await #expect(throws: Failure.self) { try await bench.planner.planComplete() }
        bench.clock.advance(by: 11)
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).destinations == ["sydney"])
        let identity = try #require(try await bench.door.open().identities(study: study.uid).first)
        #expect(identity.text(.patientID) == study.patient.personnummer)
        #expect(identity.text(.studyDescription) == "CT BUK")
    }

    @Test("a deflated header is read in the workshop, for the office does not unpack")
    func closedVaultDeflated() async throws {
        let bench = try Bench()
        let study = FakeStudy()
        let key = bench.state.settings.vaultKeyFile
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        let instance = study.instance(syntax: .deflatedExplicitVRLittleEndian)
        #expect(await bench.receive(instance).status == 0)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        bench.clock.advance(by: 11)
        try bench.workers.answer(.identified(study.identity))
        try await bench.planner.planComplete()
        #expect(try await bench.door.open().identities(study: study.uid) == [study.identity])
        guard case .identify(let file) = try bench.workers.requests().first else {
            Issue.record("the workshop was not asked")
            return
        }
        #expect(file.spoolKey == instance.spoolKey)
    }

    @Test("a report of a reader is a report, once")
    func report() async throws {
        let bench = try Bench()
        var source = bench.state.source("sydney")
        source.role = .reader(destination: "sydney")
        let report = FakeReport(
            study: "2.25.1",
            tokens: .init(patientID: "APX", patientName: "APX", accessionNumber: "APY", studyID: "APZ"))
        for (digest, status, kept) in [("r", UInt16(0), true), ("r", 0, false), ("s", 0x0111, false)] {
            let (verdict, study) = await bench.reception.store(
                report.instance(digest: digest), from: source, calledAE: "ANTIPODE")
            #expect(verdict.status == status && verdict.keepFile == kept && study == nil)
        }
        #expect(try await bench.journal.reports(ReportQuery()).map(\.reader) == ["sydney"])
        #expect(try await bench.journal.receivingStudies().isEmpty)
    }
}
