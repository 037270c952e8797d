import DICOMVocabulary
import Forwarding
import Foundation
import GatewayTesting
import Journal
import Testing
import Vault
import WorkerProtocol

@testable import Gateway

@Suite("The vault, for people", .timeLimit(.minutes(5)))
struct VaultDeskTests {
    private func accesses(_ bench: Bench) async throws -> [VaultAccess] {
        try await bench.door.open().accesses(limit: 100)
    }

    private func pseudonyms(_ bench: Bench) -> Pseudonyms {
        Pseudonyms(journal: bench.journal, door: bench.door, settings: bench.state.settings, now: bench.clock.now)
    }

    private func claimed(_ bench: Bench, _ destination: String = "sydney") async throws -> ClaimedInstance {
        let lane = LaneKey(lane: 1, session: "vault")
        return try #require(
            try await bench.journal.settleAndClaim(
                nil, lane: lane, destination: destination, claim: true, at: bench.clock.date))
    }

    private func found(_ answer: VaultAnswer) -> [DisclosureRecord] {
        if case .disclosures(let records) = answer { records } else { [] }
    }

    @Test("when the first image leaves, and not before, its terms and the look at the identity are written down, once")
    func sending() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        let pseudonyms = pseudonyms(bench)
        let claimed = try await claimed(bench)
        var query = DisclosureQuery()
        query.studies = [id]
        for _ in 1...3 { #expect(try await pseudonyms.job(for: claimed) != nil) }
        // A worker may still hold it: nothing has left.
        #expect(try await bench.journal.disclosures(query).isEmpty)
        #expect(try await accesses(bench).isEmpty && pseudonyms.isFirst(claimed))
        bench.clock.advance(by: 60)
        for _ in 1...3 { try await pseudonyms.departing(claimed, []) }
        #expect(!pseudonyms.isFirst(claimed))
        let record = try #require(try await bench.journal.disclosures(query).first)
        #expect(record.firstAt == bench.clock.date)
        #expect(record.terms.count == 1 && record.terms[0].destination == "sydney")
        #expect(record.terms[0].identity == "pseudonymous" && record.terms[0].options.first == "113100")
        #expect(record.terms[0].profileVersion.hasPrefix("PS3.15 2026d"))
        let looks = try await accesses(bench)
        #expect(looks.map(\.action) == [.send] && looks[0].subject == "S\(id)" && looks[0].actor == "antipode")
        for canary in FakePatient.tolvan.canaries {
            #expect(try bench.state.journalBytes().range(of: Data(canary.utf8)) == nil)
        }
    }

    @Test("with the vault closed nothing leaves, not even where the identity may go along")
    func closed() async throws {
        let bench = try Bench { settings in
            settings.destinations[0].profile = .identified(ground: "one hospital")
        }
        _ = try await bench.planned()
        let closed = VaultDoor(
            path: bench.state.settings.vaultPath, keyFile: bench.state.folder + "/none", now: bench.clock.now)
        let pseudonyms = Pseudonyms(
            journal: bench.journal, door: closed, settings: bench.state.settings, now: bench.clock.now)
        let claimed = try await claimed(bench)
        let failure = await #expect(throws: Failure.self) { try await pseudonyms.job(for: claimed) }
        #expect(failure?.code == .vaultUnavailable && failure?.scope == .destination)
    }

    @Test("a transfer that was planned under a pseudonym goes on under no name, nor the other way round")
    func profileOfAnotherKind() async throws {
        let bench = try Bench()
        _ = try await bench.planned()
        let claimed = try await claimed(bench)
        var settings = bench.state.settings
        settings.destinations[0].profile = .identified(ground: "one hospital")
        let identified = Pseudonyms(journal: bench.journal, door: bench.door, settings: settings, now: bench.clock.now)
        let failure = await #expect(throws: Failure.self) { try await identified.job(for: claimed) }
        #expect(failure?.code == .profileMissing && failure?.disposition == .person)
        var named = claimed
        named.profile = "identified"
        let other = await #expect(throws: Failure.self) { try await pseudonyms(bench).job(for: named) }
        #expect(other?.code == .profileMissing)
        #expect(try await identified.job(for: named) == nil)
    }

    @Test("what a later image says of its patient is looked for from then on")
    func moreOfThePatient() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        let pseudonyms = pseudonyms(bench)
        let claimed = try await claimed(bench)
        for _ in 1...2 { #expect(try await pseudonyms.job(for: claimed)?.otherIdentities.isEmpty == true) }
        let later = FakeStudy(patient: .agda).instance(2)
        try await bench.door.open().remember(later.identity, study: FakeStudy().uid)
        let job = try #require(try await pseudonyms.job(for: claimed))
        #expect(job.otherIdentities == [later.identity], "of study \(id)")
    }

    @Test("two spaces of pseudonyms share none, and a report finds its way in its own")
    func spaces() async throws {
        let bench = try Bench { settings in settings.destinations[0].space = "partner" }
        let id = try await bench.planned()
        let transfer = try #require(try await bench.transfers(id).first)
        #expect(transfer.space == "partner")
        let vault = try bench.door.open()
        #expect(transfer.pseudonymousStudyUID == vault.pseudonym(FakeStudy().uid, scope: "partner"))
        #expect(transfer.pseudonymousStudyUID != vault.pseudonym(FakeStudy().uid))
        let job = try #require(try await pseudonyms(bench).job(for: try await claimed(bench)))
        #expect(job.tokens == (try await vault.tokens(study: FakeStudy().uid, scope: "partner")))
        #expect(job.uidKey == vault.uidKey(scope: "partner"))
        try await bench.acknowledge("sydney")
        let report = FakeReport(study: try #require(transfer.pseudonymousStudyUID), tokens: job.tokens)
        #expect(try await bench.reception.storeReport(report.instance(), from: "sydney").status == 0)
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        #expect(try await bench.journal.reports(ReportQuery()).first?.state == .restored)
    }

    @Test("who a patient is, is told only with a reason, and the look stands in the record under who asked")
    func shown() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        await #expect(throws: OperatorError.self) {
            try await bench.desk.vault(.show(study: "S\(id)", reason: ""), actor: "anna")
        }
        await #expect(throws: OperatorError.self) {
            try await bench.desk.vault(.show(study: "S\(id)", reason: "19121212-1212 called"), actor: "anna")
        }
        let answer = try await bench.desk.vault(.show(study: "S\(id)", reason: "asked by telephone"), actor: "anna")
        guard case .identity(let patient) = answer else {
            Issue.record("no identity")
            return
        }
        #expect(patient.patientID == FakePatient.tolvan.personnummer)
        let looks = try await accesses(bench)
        #expect(looks.count == 1 && looks[0].actor == "anna" && looks[0].action == .show)
        #expect(looks[0].reason == "asked by telephone" && looks[0].subject == "S\(id)")
        #expect(!bench.state.logs.lines.joined().contains(FakePatient.tolvan.personnummer))
    }

    @Test("a UID that the images of two studies name is kept for both of them")
    func shared() async throws {
        let bench = try Bench()
        let vault = try bench.door.open()
        let pair = UIDPair(original: "1.2.752.99.777", pseudonym: vault.pseudonym("1.2.752.99.777"))
        let pseudonyms = pseudonyms(bench)
        for study in [FakeStudy(), FakeStudy(2, patient: .agda)] {
            let (id, transfer, _) = try await bench.sent(study)
            var claimed = ClaimedInstance.of(transfer, id)
            claimed.studyUID = study.uid
            try await pseudonyms.departing(claimed, [pair])
            let key = vault.patientKey(study.identity)
            #expect(try await vault.standing(of: [pair.pseudonym], patientKey: key).own == [pair.pseudonym])
        }
        let nobody = try await vault.standing(of: [pair.pseudonym], patientKey: "x")
        #expect(nobody.own.isEmpty && nobody.others == [pair.pseudonym])
    }

    @Test("disclosures are tied to a patient through the vault alone, and that is recorded")
    func tied() async throws {
        let bench = try Bench()
        let (id, _, _) = try await bench.sent()
        try await pseudonyms(bench).departing(ClaimedInstance.of(try await bench.transfers(id)[0], id), [])
        var search = DisclosureSearch()
        #expect(found(try await bench.desk.vault(.disclosures(search), actor: "dpo")).map(\.studyID) == [id])
        let before = try await accesses(bench).count
        search.identifier = "121212+1212"
        await #expect(throws: OperatorError.self) { try await bench.desk.vault(.disclosures(search), actor: "dpo") }
        search.reason = "request 14"
        #expect(found(try await bench.desk.vault(.disclosures(search), actor: "dpo")).map(\.studyID) == [id])
        search.identifier = "nobody"
        #expect(found(try await bench.desk.vault(.disclosures(search), actor: "dpo")).isEmpty)
        let looks = try await accesses(bench)
        #expect(looks.count == before + 2 && looks[1].found == 1 && looks[0].found == 0)
        #expect(looks[0].action == .disclosures && looks[1].subject == "S\(id)")
    }

    @Test("a forgotten patient's later report is refused, not guessed, and the files are gone")
    func forgotten() async throws {
        let bench = try Bench()
        let (id, _, report) = try await bench.sent()
        let answer = try await bench.desk.vault(.forget(studies: ["S\(id)"], reason: "request 14"), actor: "dpo")
        guard case .forgotten(let forgotten, _) = answer else {
            Issue.record("nothing forgotten")
            return
        }
        #expect(forgotten.studies == 1 && forgotten.identities >= 1 && forgotten.tokens == 4)
        #expect(try await bench.record(id).sweptAt != nil)
        #expect(try await bench.door.open().identities(study: FakeStudy().uid).isEmpty)
        #expect(try await bench.reception.storeReport(report.instance(), from: "sydney").status == 0)
        try bench.workers.answer(.inspected(report.contents))
        try await bench.reportFlow(Deferrals()).handleReceived()
        let row = try #require(try await bench.journal.reports(ReportQuery()).first)
        #expect(row.state == .held && row.hold?.code == "mapForgotten" && !row.isReleasable)
        #expect(try await accesses(bench).first?.action == .forget)
        let show = await #expect(throws: OperatorError.self) {
            try await bench.desk.vault(.show(study: "S\(id)", reason: "again"), actor: "anna")
        }
        #expect(show?.message.contains("was erased") == true)
    }

    @Test("an exam on its way cannot be forgotten")
    func underWay() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        let error = await #expect(throws: OperatorError.self) {
            try await bench.desk.vault(.forget(studies: ["S\(id)"], reason: "request 14"), actor: "dpo")
        }
        #expect(error?.kind == .notAllowed)
        #expect(try await bench.door.open().identities(study: FakeStudy().uid).count == 1)
    }

    @Test("the key of a running vault is changed only by who holds it, and stays good until the new one is adopted")
    func rotation() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        let present = try VaultKey(file: bench.state.settings.vaultKeyFile)
        let new = try present.successor()
        await #expect(throws: OperatorError.self) {
            try await bench.desk.vault(.addKey(content: new.fileContent, proof: [1, 2, 3]), actor: "mallory")
        }
        let tokens = try await bench.door.open().tokens(study: FakeStudy().uid, scope: "site")
        let proof = present.proof(of: new.fileContent)
        _ = try await bench.desk.vault(.addKey(content: new.fileContent, proof: proof), actor: "root")
        #expect(try bench.door.open().keyName == present.name)
        let adopt = VaultRequest.adoptKey(content: new.fileContent, proof: new.proof(of: new.fileContent))
        _ = try await bench.desk.vault(adopt, actor: "root")
        let vault = try bench.door.open()
        #expect(vault.keyName == new.name)
        #expect(try await vault.tokens(study: FakeStudy().uid, scope: "site") == tokens)
        guard case .facts(let facts) = try await bench.desk.vault(.facts, actor: "anna") else { return }
        #expect(facts.keys.count == 2 && facts.studies == 1)
        _ = id
    }

    // MARK: Versions

    @Test("other content under the same UID is held beside the first, and let go under a UID of its own")
    func conflict() async throws {
        let bench = try Bench()
        let (_, _, report) = try await bench.sent()
        for digest in ["r", "other"] {
            #expect(try await bench.reception.storeReport(report.instance(digest: digest), from: "sydney").status == 0)
        }
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        let rows = try await bench.journal.reports(ReportQuery()).sorted { $0.id < $1.id }
        #expect(rows.map(\.state) == [.restored, .held] && rows[1].hold?.code == "reportConflict")
        #expect(try await bench.journal.releaseReport(rows[1].id, actor: "anna", at: bench.clock.date) == .done)
        try bench.workers.answer(.inspected(report.contents))
        try bench.workers.answer(.restored(report.restored(to: FakeStudy().uid)))
        try await bench.reportFlow(Deferrals()).handleReceived()
        guard case .restore(let job) = try bench.workers.requests().last else {
            Issue.record("nothing was restored")
            return
        }
        #expect(job.policy.newInstance?.isValid == true && job.policy.newInstance != report.sopInstance)
        let released = try #require(try await bench.journal.report(rows[1].id))
        #expect(released.restored?.sopInstance == job.policy.newInstance)
    }

    @Test("an addendum is linked to what it follows; one that follows another patient's report is held")
    func predecessors() async throws {
        let bench = try Bench()
        let (id, _, report) = try await bench.sent()
        let other = FakeStudy(2, patient: .agda)
        let (_, _, strangers) = try await bench.sent(other)
        func handle(_ one: FakeReport, study: UID, follows: [UID] = [], restored: Bool = true) async throws
            -> ReportRecord
        {
            #expect(try await bench.reception.storeReport(one.instance(), from: "sydney").status == 0)
            var contents = one.contents
            contents.predecessors = follows
            contents.isAddendum = true
            try bench.workers.answer(.inspected(contents))
            if restored { try bench.workers.answer(.restored(one.restored(to: study))) }
            try await bench.reportFlow(Deferrals()).handleReceived()
            return try #require(try await bench.journal.reports(ReportQuery()).first)
        }
        let first = try await handle(report, study: FakeStudy().uid)
        var addendum = report
        addendum.sopInstance = "1.2.826.1.2"
        let second = try await handle(addendum, study: FakeStudy().uid, follows: [report.sopInstance])
        #expect(first.state == .restored && second.state == .restored && second.predecessors == [report.sopInstance])
        let events = try #require(try await bench.journal.history(study: id)).events
        #expect(events.contains { $0.kind == "reportFollows" && $0.detail == "it comes as addendum to R\(first.id)" })
        #expect(events.contains { $0.kind == "reportFollowed" && $0.reportID == first.id })
        var wrong = strangers
        wrong.sopInstance = "1.2.826.1.3"
        let third = try await handle(wrong, study: other.uid, follows: [report.sopInstance], restored: false)
        #expect(third.state == .held && third.hold?.code == "reportContradicts")
    }
}

extension ClaimedInstance {
    /// As a lane would claim it.
    fileprivate static func of(_ transfer: TransferRecord, _ study: Int64) -> ClaimedInstance {
        ClaimedInstance(
            id: 1, transferID: transfer.id, studyID: study, reportID: nil, destination: transfer.destination,
            profile: transfer.profile, spoolKey: "k", sopClass: FakeStudy.sopClass, sopInstance: "1.2.3",
            studyUID: FakeStudy().uid, series: nil, transferSyntax: .explicitVRLittleEndian, bytes: 1, digest: "d",
            marks: 0, tries: 1, failures: 0, rank: 1, pixelsReleased: false)
    }
}
