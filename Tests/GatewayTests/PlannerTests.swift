import DICOMVocabulary
import Foundation
import GatewayTesting
import Journal
import Routing
import Testing
import Vault

@testable import Gateway

@Suite("Planning")
struct PlannerTests {
    @Test("the first rule whose conditions are met decides")
    func firstMatch() async throws {
        var all = Rule(name: "everything", to: ["pacs"])
        all.sources = ["ct1"]
        let bench = try Bench { [all] in $0.rules.rules.append(all) }
        let ct = try await bench.planned(FakeStudy(1))
        let other = try await bench.planned(FakeStudy(2, modality: "PT"))
        #expect(try await bench.record(ct).rule == "ct")
        #expect(try await bench.record(ct).destinations == ["sydney"])
        #expect(try await bench.record(other).rule == "everything")
        let explanation = try await bench.desk.explain("S\(other)")
        #expect(explanation.lines.map(\.matched) == [false, false, true])
    }

    @Test("tokens and UIDs are in the vault when the journal names the transfer")
    func tokens() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        let transfer = try #require(try await bench.transfers(id).first)
        let vault = try bench.door.open()
        #expect(transfer.pseudonymousStudyUID == vault.pseudonym(FakeStudy().uid))
        let pair = try #require(try await vault.pairs(pseudonyms: [vault.pseudonym(FakeStudy().uid)]).first)
        #expect(pair.original == FakeStudy().uid)
        let tokens = try await vault.tokens(study: FakeStudy().uid, scope: PseudonymSpace.shared)
        #expect(try await vault.meaning(of: #require(Token(tokens.patientID))) != nil)
    }

    @Test("what no rule names is held, and a person may send it")
    func fallback() async throws {
        let bench = try Bench()
        let id = try await bench.planned(FakeStudy(modality: "US"))
        #expect(try await bench.record(id).state == .held)
        #expect(try await bench.record(id).hold?.code == HoldNotice.rule)
        #expect(try await bench.transfers(id).isEmpty)
        _ = try await bench.desk.act(.send(destination: "oslo"), on: "S\(id)", actor: "eva")
        #expect(try await bench.record(id).destinations == ["oslo"])
    }

    @Test("a study that names two patients is held until a person has seen it")
    func mixedPatients() async throws {
        let bench = try Bench()
        await bench.receive(FakeStudy().instance(1))
        let id = try await bench.complete(FakeStudy(patient: .agda), instances: 2..<3)
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .held)
        #expect(try await bench.record(id).hold?.code == "mixedPatients")
        _ = try await bench.desk.act(.release, on: "S\(id)", actor: "eva")
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).destinations == ["sydney"])
    }

    @Test("a study that names two patients is not sent by name either, once it was cancelled or before it is judged")
    func mixedPatientsByName() async throws {
        let bench = try Bench()
        await bench.receive(FakeStudy().instance(1))
        let id = try await bench.complete(FakeStudy(patient: .agda), instances: 2..<3)
        for isCancelled in [false, true] {
            if isCancelled { _ = try await bench.desk.act(.cancel, on: "S\(id)", actor: "eva") }
            let refusal = await #expect(throws: OperatorError.self) {
                try await bench.desk.act(.send(destination: "oslo"), on: "S\(id)", actor: "eva")
            }
            #expect(refusal?.kind == .notAllowed)
            #expect(try await bench.transfers(id).isEmpty)
        }
    }

    @Test("so is one that names two people under one number, or under none", arguments: ["19121212-1212", ""])
    func oneNumber(number: String) async throws {
        let bench = try Bench()
        let one = FakePatient(name: "Tolvansson^Tolvan", personnummer: number, accession: "ACC-1")
        let other = FakePatient(name: "Andersson^Agda", personnummer: number, accession: "ACC-1")
        await bench.receive(FakeStudy(patient: one).instance(1))
        let id = try await bench.complete(FakeStudy(patient: other), instances: 2..<3)
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).hold?.code == "mixedPatients")
        _ = try await bench.desk.act(.release, on: "S\(id)", actor: "eva")
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).destinations == ["sydney"])
    }

    @Test("a late part goes where its study went, whatever the rules say by now")
    func followUp() async throws {
        let bench = try Bench()
        let first = try await bench.planned(FakeStudy(modality: "MR"))
        var settings = bench.state.settings
        settings.rules.rules.removeAll()
        await bench.receive(FakeStudy(modality: "MR").instance(9))
        let late = try #require(try await bench.journal.receivingStudies().first)
        #expect(late.followUpOf == first)
        #expect(try await bench.journal.complete(study: late.id, at: bench.clock.date))
        try await bench.planner(settings).planComplete()
        #expect(try await bench.record(late.id).destinations == ["oslo"])
    }

    @Test("a late part never goes where a report was delivered")
    func followUpAfterReport() async throws {
        let bench = try Bench()
        let (first, transfer, report) = try await bench.sent()
        _ = try await bench.reception.storeReport(report.instance(), from: "sydney")
        let row = try #require(try await bench.journal.reports(ReportQuery()).first)
        _ = try await bench.journal.matchReport(
            row.id,
            ReportMatch(
                transferID: transfer.id, studyID: first, completion: "", verification: "", preliminary: "",
                predecessors: []), at: bench.clock.date)
        _ = try await bench.journal.restoreReport(
            row.id,
            restored: RestoredReport(
                spoolKey: FakeStudy.key(), bytes: 1, digest: "x", transferSyntax: .explicitVRLittleEndian),
            deliveries: [NewTransfer(destination: "pacs", profile: "identified")], at: bench.clock.date)
        try await bench.acknowledge("pacs")
        let late = try await bench.complete(FakeStudy(), instances: 9..<10)
        try await bench.planner.planComplete()
        #expect(try await bench.record(late).followUpOf == first)
        #expect(try await bench.record(late).destinations == ["sydney"])
    }

    @Test("a destination that the configuration no longer has is told to a person, and nothing is sent elsewhere")
    func unknownDestination() async throws {
        let bench = try Bench { $0.rules.rules[0].to = ["sydney", "perth"] }
        let id = try await bench.planned()
        #expect(try await bench.record(id).state == .held)
        #expect(try await bench.record(id).hold?.code == "profileMissing")
        #expect(try await bench.record(id).hold?.detail.contains("perth") == true)
        #expect(try await bench.transfers(id).isEmpty)
    }

    @Test(
        "what a person sent before it was planned does not keep the rules' destinations from getting it, and goes once")
    func sentBeforePlanned() async throws {
        let bench = try Bench { $0.rules.rules[0].to = ["sydney", "oslo"] }
        let id = try await bench.complete()
        _ = try await bench.desk.act(.send(destination: "oslo"), on: "S\(id)", actor: "eva")
        #expect(try await bench.record(id).state == .complete)
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .planned)
        #expect(try await bench.transfers(id).map(\.destination).sorted() == ["oslo", "sydney"])
    }

    @Test("nor does a send while it is held: a release plans it")
    func sentWhileHeld() async throws {
        let bench = try Bench { $0.rules.rules[0].to = ["sydney", "perth"] }
        let id = try await bench.planned()
        #expect(try await bench.record(id).hold?.code == "profileMissing")
        _ = try await bench.desk.act(.send(destination: "oslo"), on: "S\(id)", actor: "eva")
        #expect(try await bench.record(id).state == .held)
        _ = try await bench.desk.act(.release, on: "S\(id)", actor: "eva")
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .planned, "whoever sent it has answered for the one that is gone")
        #expect(try await bench.transfers(id).map(\.destination).sorted() == ["oslo", "sydney"])
    }

    @Test("what needs a person is held, and not tried again for ever")
    func unreadable() async throws {
        let bench = try Bench()
        let study = FakeStudy()
        let key = bench.state.settings.vaultKeyFile
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        await bench.receive(study.instance())
        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        bench.clock.advance(by: 11)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        // Its file is nowhere, and nobody has read whose it is.
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .held)
    }

    @Test("one study's trouble does not keep the others waiting")
    func isolation() async throws {
        let bench = try Bench()
        let ids = [
            try await bench.complete(FakeStudy(1, modality: "US")), try await bench.complete(FakeStudy(2)),
        ]
        try await bench.planner.planComplete()
        #expect(try await bench.record(ids[0]).state == .held)
        #expect(try await bench.record(ids[1]).state == .planned)
        // A second turn finds nothing to do.
        try await bench.planner.planComplete()
        #expect(try await bench.transfers(ids[1]).count == 1)
    }

    @Test("what an immediate rule names is sent while it arrives, and ends when it is complete")
    func immediate() async throws {
        let bench = try Bench { $0.rules.rules[0].immediate = true }
        await bench.receive(FakeStudy().instance(1))
        try await bench.planner.planArriving()
        let id = try #require(try await bench.journal.receivingStudies().first).id
        #expect(bench.early.isPlanned(id))
        let transfer = try #require(try await bench.transfers(id).first)
        #expect(transfer.destination == "sydney" && transfer.isGrowing && transfer.waiting == 1)
        await bench.receive(FakeStudy().instance(2))
        try await bench.acknowledge("sydney")
        #expect(try await bench.record(id).state == .receiving)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .delivered)
        #expect(try await bench.transfers(id).map(\.acknowledged) == [2])
        let uids = try await bench.door.open().pairs(
            pseudonyms: [bench.door.open().pseudonym(FakeStudy().series)])
        #expect(uids.map(\.original) == [FakeStudy().series])
    }

    @Test("what no immediate rule names waits until it is complete, and is judged again only when it looks otherwise")
    func notImmediate() async throws {
        var acute = Rule(name: "acute", to: ["sydney"])
        acute.modalities = ["MR"]
        acute.immediate = true
        let bench = try Bench { [acute] in $0.rules.rules.insert(acute, at: 0) }
        await bench.receive(FakeStudy().instance(1))
        try await bench.planner.planArriving()
        let id = try #require(try await bench.journal.receivingStudies().first).id
        #expect(try await bench.transfers(id).isEmpty)
        await bench.receive(FakeStudy(modality: "MR").instance(2))
        try await bench.planner.planArriving()
        #expect(try await bench.transfers(id).map(\.destination) == ["sydney"])
    }

    @Test("a second patient in a study that is sent while it arrives holds it")
    func immediateMixedPatients() async throws {
        let bench = try Bench { $0.rules.rules[0].immediate = true }
        await bench.receive(FakeStudy().instance(1))
        try await bench.planner.planArriving()
        let id = try await bench.complete(FakeStudy(patient: .agda), instances: 2..<3)
        #expect(try await bench.transfers(id).map(\.state) == [.held])
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).hold?.code == "mixedPatients")
        _ = try await bench.desk.act(.release, on: "S\(id)", actor: "eva")
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .planned)
        #expect(try await bench.transfers(id).map(\.waiting) == [2])
    }

    @Test("a late part is judged by its study's earlier parts, though the vault has forgotten them")
    func latePartAfterForgetting() async throws {
        let bench = try Bench()
        let (first, _, _) = try await bench.sent()
        _ = try await bench.door.open().forget(studies: [FakeStudy().uid], at: bench.clock.date)
        bench.door.turnGeneration()
        let late = try await bench.planned(FakeStudy(patient: .agda), instances: 7..<8)
        #expect(late != first)
        #expect(try await bench.record(late).hold?.code == "mixedPatients")
    }

    @Test("so does a second name under the same number")
    func immediateOneNumber() async throws {
        let bench = try Bench { $0.rules.rules[0].immediate = true }
        await bench.receive(FakeStudy().instance(1))
        try await bench.planner.planArriving()
        let other = FakePatient(
            name: "Andersson^Agda", personnummer: FakePatient.tolvan.personnummer, accession: "ACC-1")
        let id = try await bench.complete(FakeStudy(patient: other), instances: 2..<3)
        #expect(try await bench.transfers(id).map(\.state) == [.held])
        #expect(try await bench.transfers(id).map(\.waiting) == [1])
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).hold?.code == "mixedPatients")
    }

    @Test("with the vault closed nothing is planned early")
    func immediateWithoutVault() async throws {
        let bench = try Bench { settings in
            settings.rules.rules[0].immediate = true
            settings.vaultKeyFile += ".gone"
        }
        await bench.receive(FakeStudy().instance(1))
        try await bench.planner.planArriving()
        let id = try #require(try await bench.journal.receivingStudies().first).id
        #expect(try await bench.transfers(id).isEmpty && !bench.early.isPlanned(id))
    }
}
