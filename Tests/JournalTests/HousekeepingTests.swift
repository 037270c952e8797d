import DICOMVocabulary
import Foundation
import Journal
import Testing

@Suite("Looking and keeping house")
struct HousekeepingTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private func found(_ change: (inout StudyQuery) -> Void) async throws -> [Int64] {
        var query = StudyQuery()
        change(&query)
        return try await journal.studies(query).map(\.id)
    }

    @Test("Studies are found by each of their sides, newest first")
    func search() async throws {
        let (one, _) = try await journal.plannedStudy(1)
        let (two, _) = try await journal.plannedStudy(2, to: ["partner"], at: 100)
        guard let three = try await journal.stored(.ct(1, study: 12, at: 200, modality: "M", source: "b"))
        else { return }
        #expect(try await found { _ in } == [three.id, two, one])
        #expect(try await found { $0.states = [.planned] } == [two, one])
        #expect(try await found { $0.states = [.planned, .receiving] } == [three.id, two, one])
        #expect(try await found { $0.source = "b" } == [three.id])
        #expect(try await found { $0.destination = "partner" } == [two])
        #expect(try await found { $0.modality = "CT" } == [two, one])
        #expect(try await found { $0.modality = "M" } == [three.id])
        #expect(try await found { $0.modality = "C" }.isEmpty)
        #expect(try await found { $0.uidPrefix = "1.2.1" } == [three.id, one])
        #expect(try await found { $0.uidPrefix = "1.2.12" } == [three.id])
        #expect(try await found { $0.uidPrefix = "%" }.isEmpty)
        #expect(try await found { $0.uids = ["1.2.2", "9"] } == [two])
        #expect(try await found { $0.uids = [] }.isEmpty)
        #expect(try await found { $0.ids = [one] } == [one])
        #expect(
            try await found {
                $0.since = time(100)
                $0.until = time(200)
            } == [two])
        #expect(
            try await found {
                $0.limit = 1
                $0.offset = 1
            } == [two])
    }

    @Test("Counts follow the states")
    func counts() async throws {
        _ = try await journal.plannedStudy(1)
        _ = try await journal.plannedStudy(2)
        _ = try await journal.record(.ct(1, study: 3))
        try await journal.sendEverything()
        let counts = try await journal.counts()
        #expect(counts.studies == [.delivered: 2, .receiving: 1])
        #expect(counts.transfers == [.acknowledged: 2] && counts.reports.isEmpty && counts.needsPerson == 0)
    }

    @Test("Files of finished studies are swept after their time, and what was swept may come again")
    func sweep() async throws {
        let (study, _) = try await journal.plannedStudy()
        #expect(try await journal.sweepable(before: time(9999), limit: 9).isEmpty)
        #expect(try await journal.markSwept(.study(study), at: time(9999)) == false)
        try await journal.sendEverything(at: 100)
        #expect(try await journal.sweepable(before: time(100), limit: 9).isEmpty)
        let candidates = try await journal.sweepable(before: time(101), limit: 9)
        let keys = try await journal.instances(study: study).map(\.spoolKey)
        #expect(candidates.map(\.subject) == [.study(study)])
        #expect(candidates.map(\.spoolKeys) == [keys])
        #expect(try journal.knows(spoolKey: keys[0]))
        #expect(try await journal.markSwept(.study(study), at: time(200)))
        #expect(try await journal.sweepable(before: time(9999), limit: 9).isEmpty)
        #expect(try !journal.knows(spoolKey: keys[0]))
        let added = try await journal.addTransfer(
            study: study, NewTransfer(destination: "x", profile: "p"), actor: "a", at: time(201))
        #expect(added.result == .notAllowed(state: "swept"))
        guard let again = try await journal.stored(.ct(1, at: 300)) else {
            Issue.record("what was swept is received anew")
            return
        }
        #expect(again.followUpOf == study)
    }

    @Test("A row without its file is held for a person, and its instance may come again")
    func missing() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 2)
        let key = try await journal.instances(study: study)[0].spoolKey
        #expect(try await journal.markMissing(spoolKey: key, at: time(50)))
        #expect(try await journal.markMissing(spoolKey: key, at: time(50)) == false)
        #expect(try await journal.sendEverything() == 1)
        #expect(try await journal.transfer(transfers[0].id)?.state == .held)
        let failures = try await journal.passages(transfer: transfers[0].id, states: [.held]).map(\.failure?.code)
        #expect(failures == [.missingFile])
        guard case .stored = try await journal.record(.ct(1, at: 300)) else {
            Issue.record("what is missing is received anew")
            return
        }
    }

    @Test("A study of which a file is missing is not sent as if it were whole; one without any is not planned")
    func missingBeforePlanning() async throws {
        let study = try await journal.completeStudy(instances: 2)
        let keys = try await journal.instances(study: study).map(\.spoolKey)
        try await journal.markMissing(spoolKey: keys[0], at: time(50))
        let new = NewTransfer(destination: "sydney", profile: "p")
        let transfers = try await journal.plan(study: study, transfers: [new], decision: [], rule: nil, at: time(60))
        #expect(transfers.map(\.held) == [1])
        try await journal.sendEverything()
        #expect(try await journal.transfer(transfers[0].id)?.state == .held)

        let empty = try await journal.completeStudy(2, instances: 1)
        try await journal.markMissing(spoolKey: try await journal.instances(study: empty)[0].spoolKey, at: time(50))
        let failure = await #expect(throws: Failure.self) {
            try await journal.plan(study: empty, transfers: [new], decision: [], rule: nil, at: time(60))
        }
        #expect(failure?.code == .missingFile)
        #expect(try await journal.study(empty)?.state == .complete)
    }

    @Test("Recovery meets the key of every file that should be here")
    func keys() async throws {
        for number in 1...7 { _ = try await journal.record(.ct(number, study: 1 + number % 2)) }
        let (swept, _) = try await journal.plannedStudy(3)
        try await journal.sendEverything()
        #expect(try await journal.markSwept(.study(swept), at: time(9000)))
        let lost = try await journal.instances(study: 1)[0].spoolKey
        try await journal.markMissing(spoolKey: lost, at: time(9001))
        var seen: [String] = []
        try journal.eachStoredKey { seen.append($0) }
        let all = try await journal.instances(study: 1) + journal.instances(study: 2)
        #expect(seen.sorted() == all.map(\.spoolKey).filter { $0 != lost }.sorted() && seen.count == 6)
    }

    @Test("Events that belong to no study are bounded; those of studies are not touched")
    func looseEvents() async throws {
        let (study, _) = try await journal.plannedStudy()
        let before = try await journal.kinds(study: study)
        for number in 0..<100 {
            let event = EventRecord(at: time(Double(number)), kind: "associationRefused", detail: "\(number)")
            try await journal.record(event: event, keeping: 20)
        }
        let events = try await journal.looseEvents(limit: 1000)
        #expect((20...23).contains(events.count) && events.first?.detail == "99")
        #expect(try await journal.kinds(study: study) == before)
    }

    @Test("Small settings outlive the process")
    func settings() async throws {
        try await journal.setSetting("quota", to: "1")
        try await journal.setSetting("quota", to: "2")
        #expect(try await journal.setting("quota") == "2")
        try await journal.setSetting("quota", to: nil)
        #expect(try await journal.setting("quota") == nil)
    }
}
