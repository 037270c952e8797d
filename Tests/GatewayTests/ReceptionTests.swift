import DICOMVocabulary
import Foundation
import GatewayTesting
import Intake
import Journal
import Spool
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

    @Test(
        "another person under the same number, or under none, is another mark in the study",
        arguments: ["19121212-1212", ""])
    func twoNames(number: String) async throws {
        let bench = try Bench()
        let one = FakePatient(name: "Tolvansson^Tolvan", personnummer: number, accession: "ACC-1")
        let corrected = FakePatient(name: "TOLVANSSON^T", personnummer: number, accession: "ACC-1")
        let other = FakePatient(name: "Andersson^Agda", personnummer: number, accession: "ACC-1")
        let own = try bench.door.open().patientKey(FakeStudy(patient: one).identity)
        for (instance, patient) in [one, corrected, one].enumerated() {
            await bench.receive(FakeStudy(patient: patient).instance(instance))
        }
        #expect(try await bench.journal.receivingStudies().map(\.patientKeys) == [[own]])
        for instance in 3..<5 { await bench.receive(FakeStudy(patient: other).instance(instance)) }
        await bench.receive(FakeStudy(patient: one).instance(5))
        let keys = try #require(try await bench.journal.receivingStudies().first).patientKeys
        #expect(keys.count == 2 && keys.first == own)
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
        let (first, again) = (try bench.spooled(), try bench.spooled())
        #expect(await bench.receive(first).keepFile)
        let verdict = await bench.receive(again)
        #expect(verdict.status == 0 && !verdict.keepFile)
        #expect(try await bench.journal.receivingStudies().map(\.instanceCount) == [1])
    }

    @Test("the same again takes the place of a file that is gone or rotten", arguments: [true, false])
    func duplicateOfLostFile(isGone: Bool) async throws {
        let bench = try Bench()
        let (first, again, third) = (try bench.spooled(), try bench.spooled(), try bench.spooled())
        #expect(await bench.receive(first).keepFile)
        let path = bench.state.spool.path(of: first.spoolKey)
        if isGone {
            try FileManager.default.removeItem(atPath: path)
        } else {
            var content = try Data(contentsOf: URL(fileURLWithPath: path))
            content[content.count - 1] ^= 1
            try content.write(to: URL(fileURLWithPath: path))
        }
        let verdict = await bench.receive(again)
        #expect(verdict.status == 0 && verdict.keepFile, "Success is answered for a file that is here")
        let row = try #require(try await bench.journal.receivingStudies().first)
        #expect(row.instanceCount == 1)
        #expect(try await bench.journal.instances(study: row.id).map(\.spoolKey) == [again.spoolKey])
        let kinds = try await bench.journal.history(study: row.id)?.events.map(\.kind) ?? []
        #expect(kinds.contains("missing") && kinds.contains("cameAgain"))
        #expect(await !bench.receive(third).keepFile, "and that one is a good first copy")
    }

    @Test(
        "what comes again while its first copy is still on its way to the disk is refused for now, and not called a duplicate"
    )
    func duplicateOfUnflushed() async throws {
        let bench = try Bench()
        let study = FakeStudy()
        let first = try bench.spooled(study)
        let again = try bench.spooled(study)
        #expect(await bench.receive(first).keepFile)
        let path = bench.state.spool.path(of: first.spoolKey)
        let writer = open(path, O_RDWR)
        #expect(fchmod(writer, 0o1600) == 0 && flock(writer, LOCK_EX | LOCK_NB) == 0)
        let verdict = await bench.receive(again)
        #expect(verdict.status == 0xA700 && !verdict.keepFile)
        close(writer)
        #expect(await bench.receive(again) == StoreVerdict(status: 0, keepFile: false))
        #expect(bench.state.spool.isFinished(first.spoolKey))
    }

    /// As a worker leaves it that died between the row and the last byte.
    private func cutShort(_ instance: StoredInstance, in spool: SpoolDirectory) throws {
        let size = try #require(spool.size(instance.spoolKey))
        #expect(truncate(spool.path(of: instance.spoolKey), off_t(size - 1)) == 0)
        #expect(chmod(spool.path(of: instance.spoolKey), 0o1600) == 0)
    }

    @Test("of two contents the first is kept only where all of it was written")
    func conflictWithPart() async throws {
        let bench = try Bench()
        let first = try bench.spooled()
        var other = try bench.spooled()
        other.digest = "other"
        #expect(await bench.receive(first).keepFile)
        try cutShort(first, in: bench.state.spool)
        #expect(await bench.receive(other) == StoreVerdict(status: 0, keepFile: true))
        let row = try #require(try await bench.journal.receivingStudies().first)
        let instances = try await bench.journal.instances(study: row.id)
        #expect(instances.first { $0.state == .stored }?.spoolKey == other.spoolKey)
    }

    @Test("a part is no first copy of a study that nobody waits for either")
    func duplicateOfPartOfCancelled() async throws {
        let bench = try Bench()
        let (first, again) = (try bench.spooled(), try bench.spooled())
        #expect(await bench.receive(first).keepFile)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        #expect(try await bench.journal.cancel(study: id, actor: "test", at: bench.clock.date) == .done)
        try cutShort(first, in: bench.state.spool)
        #expect(await bench.receive(again) == StoreVerdict(status: 0, keepFile: true))
    }

    @Test("a copy that cannot be read now is not given up for one that is not on the disk, nor for other content")
    func unreadable() async throws {
        let bench = try Bench()
        let (first, again) = (try bench.spooled(), try bench.spooled())
        #expect(await bench.receive(first).keepFile)
        let path = bench.state.spool.path(of: first.spoolKey)
        try FileManager.default.removeItem(atPath: path)
        // Reading a folder is an error of the system, as a bad sector is.
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try FileManager.default.removeItem(atPath: bench.state.spool.path(of: again.spoolKey))
        #expect(await bench.receive(again) == StoreVerdict(status: 0xA700, keepFile: false))
        #expect(chmod(path, 0o1600) == 0)
        var other = try bench.spooled()
        other.digest = "other"
        #expect(await bench.receive(other) == StoreVerdict(status: 0xA700, keepFile: false))
        let row = try #require(try await bench.journal.receivingStudies().first)
        #expect(try await bench.journal.instances(study: row.id).map(\.state) == [.stored])
    }

    @Test("a lost file is given up for one that is on the disk, and waits until it is")
    func replacementOnItsWay() async throws {
        let bench = try Bench()
        let study = FakeStudy()
        let first = try bench.spooled(study)
        let again = try bench.spooled(study)
        #expect(await bench.receive(first).keepFile)
        try FileManager.default.removeItem(atPath: bench.state.spool.path(of: first.spoolKey))
        let path = bench.state.spool.path(of: again.spoolKey)
        #expect(chmod(path, 0o1600) == 0)
        async let verdict = bench.receive(again)
        await Task.yield()
        let row = try #require(try await bench.journal.receivingStudies().first)
        #expect(try await bench.journal.instances(study: row.id).map(\.state) == [.stored], "nothing is given up yet")
        #expect(chmod(path, 0o600) == 0)
        #expect(await verdict.keepFile)
        #expect(try await bench.journal.instances(study: row.id).map(\.spoolKey) == [again.spoolKey])
    }

    @Test("a first copy that its own association takes back meanwhile is no copy: the second takes the place")
    func firstTakenBack() async throws {
        let bench = try Bench()
        let (first, again) = (try bench.spooled(), try bench.spooled())
        #expect(await bench.receive(first).keepFile)
        try FileManager.default.removeItem(atPath: bench.state.spool.path(of: first.spoolKey))
        let path = bench.state.spool.path(of: again.spoolKey)
        #expect(chmod(path, 0o1600) == 0)
        async let verdict = bench.receive(again)
        await Task.yield()
        await bench.reception.takeBack(first.spoolKey)
        #expect(chmod(path, 0o600) == 0)
        #expect(await verdict == StoreVerdict(status: 0, keepFile: true), "Success is answered for a file that is here")
        let row = try #require(try await bench.journal.receivingStudies().first)
        #expect(try await bench.journal.instances(study: row.id).map(\.spoolKey) == [again.spoolKey])
    }

    @Test(
        "what comes again under the same UIDs and names another patient stops the study and its report until a person has looked"
    )
    func correction() async throws {
        let bench = try Bench()
        let (first, study) = (try bench.spooled(), FakeStudy(patient: .agda))
        #expect(await bench.receive(first).keepFile)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .planned)
        for _ in 1...2 { #expect(await bench.receive(study.instance(digest: "other")).status == 0x0111) }
        #expect(try await bench.record(id).hold?.code == Failure.Code.mixedPatients.rawValue)
        #expect(try await bench.transfers(id).map(\.state) == [.held])
        let kinds = try await bench.journal.history(study: id)?.events.map(\.kind) ?? []
        #expect(kinds.filter { $0 == "held" }.count == 1)
        // Every check is asked again at a retry, and this one only a person answers.
        #expect(try await bench.journal.retry(study: id, actor: "eva", at: bench.clock.date) != .done)
        #expect(try await bench.transfers(id).map(\.state) == [.held])
        #expect(try await bench.journal.release(study: id, actor: "eva", at: bench.clock.date) == .done)
        #expect(try await bench.transfers(id).map(\.state) == [.waiting])
        #expect(await bench.receive(study.instance(digest: "other")).status == 0x0111)
        #expect(try await bench.record(id).state == .planned, "a person has said that the patient is one and the same")
        let third = FakePatient(name: "Bengtsson^Bo", personnummer: "19300303-0003", accession: "ACC-3")
        // His name may be in the vault since a try that was not answered.
        try await bench.door.open().remember(FakeStudy(patient: third).identity, study: FakeStudy().uid)
        for digest in ["b1", "b2"] {
            #expect(await bench.receive(FakeStudy(patient: third).instance(digest: digest)).status == 0x0111)
        }
        let record = try await bench.record(id)
        #expect(record.hold?.code == Failure.Code.mixedPatients.rawValue, "a third was not there")
        #expect(record.released.isEmpty)
        #expect(try await bench.journal.release(study: id, actor: "eva", at: bench.clock.date) == .done)
        #expect(await bench.receive(FakeStudy(patient: third).instance(digest: "b3")).status == 0x0111)
        #expect(try await bench.record(id).state == .planned)
    }

    @Test("a correction is seen where a person holds the study for something else, and where an image was never read")
    func correctionOfHeld() async throws {
        let bench = try Bench()
        let (first, study) = (try bench.spooled(), FakeStudy(patient: .agda))
        #expect(await bench.receive(first).keepFile)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        let keys = try await bench.record(id).patientKeys
        try await bench.journal.setPatientKeys(
            keys + [PatientMark.unread], study: id, insteadOf: keys, at: bench.clock.date)
        let notice = HoldNotice(code: HoldNotice.operator, detail: "wait")
        #expect(try await bench.journal.hold(study: id, notice: notice, actor: "eva", at: bench.clock.date) == .done)
        #expect(await bench.receive(study.instance(digest: "other")).status == 0x0111)
        #expect(try await bench.record(id).hold?.code == Failure.Code.mixedPatients.rawValue)
    }

    @Test(
        "other content that comes while the vault is closed is to come again, and stops the study that is not done or released",
        arguments: ["planned", "released", "delivered"])
    func correctionWithoutVault(state: String) async throws {
        let bench = try Bench()
        #expect(await bench.receive(try bench.spooled()).keepFile)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        switch state {
        case "delivered":
            for destination in try await bench.record(id).destinations { try await bench.acknowledge(destination) }
        case "released":
            #expect(await bench.receive(FakeStudy(patient: .agda).instance(digest: "other")).status == 0x0111)
            #expect(try await bench.journal.release(study: id, actor: "eva", at: bench.clock.date) == .done)
        default: break
        }
        let away = VaultDoor(
            path: bench.state.settings.vaultPath, keyFile: bench.state.folder + "/no.key", now: bench.clock.now)
        let reception = Reception(
            journal: bench.journal, door: away, spool: bench.state.spool, logger: bench.state.logs.logger,
            now: bench.clock.now, rules: { [bench] in bench.state.settings.rules }, reportArrived: {})
        let other = FakeStudy(patient: .agda).instance(digest: "third")
        let (verdict, _) = await reception.store(other, from: bench.state.source("ct1"), calledAE: "ANTIPODE")
        #expect(verdict == StoreVerdict(status: 0xA700, keepFile: false))
        let hold = try await bench.record(id).hold
        #expect(hold?.code == (state == "planned" ? Failure.Code.mixedPatients.rawValue : nil))
    }

    @Test("somebody who had no number and has one now is nobody else: what leaves goes on")
    func numberThatCameLater() async throws {
        let bench = try Bench()
        let unknown = FakeStudy(patient: FakePatient(name: "Tolvansson^Tolvan", personnummer: "", accession: "ACC-1"))
        let first = try bench.spooled(unknown)
        #expect(await bench.receive(first).keepFile)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        #expect(await bench.receive(FakeStudy().instance(digest: "other")).status == 0x0111)
        #expect(try await bench.record(id).state == .planned)
        #expect(try await bench.transfers(id).map(\.state) == [.waiting])
    }

    @Test("the file of a study that is finished is not asked for: nobody waits for it")
    func duplicateOfFinished() async throws {
        let bench = try Bench()
        let study = FakeStudy()
        let first = try bench.spooled(study)
        #expect(await bench.receive(first).keepFile)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        for destination in try await bench.record(id).destinations { try await bench.acknowledge(destination) }
        try FileManager.default.removeItem(atPath: bench.state.spool.path(of: first.spoolKey))
        let verdict = await bench.receive(try bench.spooled(study))
        #expect(verdict.status == 0 && !verdict.keepFile)
        #expect(try await bench.journal.receivingStudies().isEmpty, "it is not sent a second time")
    }

    @Test("other content under a known UID is answered as the source's settings say", arguments: [0x0111, 0, 0xA700])
    func conflict(status: UInt16) async throws {
        let bench = try Bench { $0.intake.sources[0].conflictStatus = status }
        let first = try bench.spooled()
        #expect(await bench.receive(first).keepFile)
        let verdict = await bench.receive(FakeStudy().instance(digest: "other"))
        #expect(verdict.status == status && !verdict.keepFile)
        let row = try #require(try await bench.journal.receivingStudies().first)
        #expect(try await bench.journal.instances(study: row.id).map(\.digest) == [first.digest])
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

    @Test("an image that is lost before anybody read whose it is is judged when it comes again")
    func lostBeforeJudged() async throws {
        let bench = try Bench()
        let mine = FakeStudy()
        let another = FakeStudy(
            patient: FakePatient(name: "Andersson^Agda", personnummer: "19200101-0001", accession: "ACC-9"))
        let key = bench.state.settings.vaultKeyFile
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        #expect(await bench.receive(mine.instance(1, spoolKey: try bench.state.spooled(mine.file()))).keepFile)
        let lost = another.instance(2, digest: "d2", spoolKey: try bench.state.spooled(another.file()))
        #expect(await bench.receive(lost).keepFile)
        #expect(truncate(bench.state.spool.path(of: lost.spoolKey), 10) == 0)
        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        bench.clock.advance(by: 11)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .planned)
        #expect(try await bench.journal.markMissing(spoolKey: lost.spoolKey, at: bench.clock.date))
        let again = another.instance(2, digest: "d2", spoolKey: try bench.state.spooled(another.file()))
        #expect(await bench.receive(again).keepFile)
        let late = try #require(try await bench.journal.receivingStudies().first)
        #expect(late.id != id && late.followUpOf == id)
        #expect(try await bench.journal.complete(study: late.id, at: bench.clock.date))
        try await bench.planner.planComplete()
        #expect(try await bench.record(late.id).hold?.code == Failure.Code.mixedPatients.rawValue)
    }

    @Test("a header that cannot be read now is read later, and until then nothing of the study is planned")
    func unreadableNow() async throws {
        let bench = try Bench()
        let study = FakeStudy()
        let key = bench.state.settings.vaultKeyFile
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        let spooled = try bench.state.spooled(study.file())
        #expect(await bench.receive(study.instance(spoolKey: spooled)).status == 0)
        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        bench.clock.advance(by: 11)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        let path = bench.state.spool.path(of: spooled)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        // Reading a folder is an error of the system, as a bad sector is.
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .complete)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        bench.clock.advance(by: 700)
        try await bench.planner.planComplete()
        #expect(try await bench.record(id).state == .planned)
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

    @Test("a study whose header kills workers is put off, then held, and the next is planned meanwhile")
    func dyingWorkers() async throws {
        let bench = try Bench()
        let (bad, good) = (FakeStudy(1), FakeStudy(2))
        let key = bench.state.settings.vaultKeyFile
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")
        #expect(await bench.receive(bad.instance(syntax: .deflatedExplicitVRLittleEndian)).status == 0)
        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        bench.clock.advance(by: 11)
        let id = try #require(try await bench.journal.receivingStudies().first?.id)
        #expect(try await bench.journal.complete(study: id, at: bench.clock.date))
        let other = try await bench.complete(good)

        // No answer is left for the worker: it dies.
        for _ in 0..<3 { try await bench.planner.planComplete() }
        #expect(try bench.workers.requests().count == 1, "it is left alone for a while")
        #expect(try await bench.record(id).state == .complete)
        #expect(try await bench.record(other).state == .planned)

        bench.clock.advance(by: 3)
        try await bench.planner.planComplete()
        #expect(try bench.workers.requests().count == 2)
        #expect(try await bench.record(id).state == .held)
        #expect(try await bench.record(id).hold?.code == Failure.Code.setAside.rawValue)

        // A person lets it be tried again.
        #expect(try await bench.journal.release(study: id, actor: "test", at: bench.clock.date) == .done)
        try bench.workers.answer(.identified(bad.identity))
        try await bench.planner.planComplete()
        let last = try await bench.record(id)
        #expect(last.state == .planned, "\(last.state) \(String(describing: last.hold))")
    }

    @Test("a report of a reader is a report, once")
    func report() async throws {
        let bench = try Bench()
        var source = bench.state.source("sydney")
        source.role = .reader(destination: "sydney")
        let report = FakeReport(
            study: "2.25.1",
            tokens: .init(patientID: "APX", patientName: "APX", accessionNumber: "APY", studyID: "APZ"))
        for (digest, status, kept) in [("r", UInt16(0), true), ("r", 0, false), ("s", 0, true)] {
            let (verdict, study) = await bench.reception.store(
                report.instance(digest: digest), from: source, calledAE: "ANTIPODE")
            #expect(verdict.status == status && verdict.keepFile == kept && study == nil)
        }
        // What came under the UID of another with other content is kept too, for a person.
        let reports = try await bench.journal.reports(ReportQuery())
        #expect(reports.map(\.reader) == ["sydney", "sydney"])
        #expect(Set(reports.map(\.state)) == [.received, .held])
        #expect(try await bench.journal.receivingStudies().isEmpty)
    }
}
