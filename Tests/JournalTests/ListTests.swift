// Lists answer as if all were read, and read what they show.

import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("Lists of a long history")
struct ListTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    /// Studies in every state, of several modalities, on their way to none, one or two destinations; some came by a clock that
    /// had been set back.
    private func fill() async throws {
        for number in 1...60 {
            let at = Double(number * 100 - (number % 7 == 0 ? 450 : 0))
            let modality = ["CT", "MR", "US"][number % 3]
            for image in 1...2 {
                _ = try await journal.record(
                    .ct(
                        image, study: number, at: at, modality: image == 2 && number % 5 == 0 ? "SR" : modality,
                        source: number % 4 == 0 ? "mr2" : "ct1"))
            }
            let id = Int64(number)
            guard number % 6 != 0 else { continue }
            try await journal.complete(study: id, at: time(at + 1))
            guard number % 6 != 1 else { continue }
            let roads = [["sydney"], ["sydney", "partner"], ["partner"]][number % 3]
            try await journal.plan(
                study: id, transfers: roads.map { NewTransfer(destination: $0, profile: "p") }, decision: [], rule: nil,
                at: time(at + 2))
            switch number % 6 {
            case 2:
                let notice = HoldNotice(code: HoldNotice.operator, detail: "", hint: "")
                try await journal.hold(study: id, notice: notice, actor: "me", at: time(at + 3))
            case 3: try await journal.cancel(study: id, actor: "me", at: time(at + 3))
            case 4: for road in roads { try await journal.sendEverything(to: road, at: at + 3) }
            default: break
            }
        }
    }

    private func meets(_ study: StudyRecord, _ query: StudyQuery, _ person: Set<Int64>) -> Bool {
        if !query.states.isEmpty, !query.states.contains(study.state) {
            guard query.states.contains(.held), person.contains(study.id) else { return false }
        }
        if let source = query.source, study.source != source { return false }
        if let modality = query.modality, !study.modalities.contains(modality) { return false }
        if let destination = query.destination, !study.destinations.contains(destination) { return false }
        if let since = query.since, study.firstInstanceAt < since { return false }
        if let until = query.until, study.firstInstanceAt >= until { return false }
        return !query.needsPerson || person.contains(study.id)
    }

    private func expect(_ query: StudyQuery, in all: [StudyRecord], _ person: Set<Int64>) async throws {
        let byTime = query.since != nil || query.until != nil
        let met = all.filter { meets($0, query, person) }
        let sorted = met.sorted { one, other in
            if byTime, one.firstInstanceAt != other.firstInstanceAt {
                return one.firstInstanceAt > other.firstInstanceAt
            }
            return one.id > other.id
        }
        let wanted = sorted.dropFirst(query.offset).prefix(query.limit).map(\.id)
        #expect(try await journal.studies(query).map(\.id) == wanted, "\(query)")
    }

    @Test("Whatever is asked for together, a list has what meets it, newest first, page by page")
    func combinations() async throws {
        try await fill()
        var everything = StudyQuery()
        everything.limit = 1000
        let all = try await journal.studies(everything)
        #expect(Set(all.map(\.state)).count >= 5)
        var person = everything
        person.needsPerson = true
        let needy = Set(try await journal.studies(person).map(\.id))
        let states: [[StudyState]] = [
            [], [.delivered], [.held], [.planned, .delivered], [.receiving, .held], StudyState.allCases,
        ]
        let times: [(Date?, Date?)] = [(nil, nil), (time(1000), nil), (time(700), time(3000))]
        for states in states {
            for modality in [nil, "CT", "SR", "XX"] {
                for destination in [nil, "partner", "nobody"] {
                    for (since, until) in times {
                        var query = StudyQuery()
                        query.states = states
                        query.modality = modality
                        query.destination = destination
                        query.since = since
                        query.until = until
                        query.limit = 4
                        try await expect(query, in: all, needy)
                        query.offset = 3
                        query.source = "ct1"
                        try await expect(query, in: all, needy)
                        query.needsPerson = true
                        query.offset = 0
                        try await expect(query, in: all, needy)
                    }
                }
            }
        }
    }

    @Test("Transfers and reports too")
    func transfers() async throws {
        try await fill()
        var everything = TransferQuery()
        everything.limit = 1000
        let all = try await journal.transfers(everything)
        let several: [[TransferState]] = [[.acknowledged], [.waiting, .held], [.cancelled, .acknowledged, .waiting]]
        for states in several {
            for destination in [nil, "partner"] {
                var query = TransferQuery()
                query.states = states
                query.destination = destination
                query.limit = 5
                query.offset = 2
                let wanted = all.filter { one in
                    states.contains(one.state) && (destination == nil || one.destination == destination)
                }
                #expect(try await journal.transfers(query).map(\.id) == wanted.dropFirst(2).prefix(5).map(\.id))
            }
        }
    }

    @Test("What is open is counted as it changes, and counted anew after damage to the counts")
    func openCounts() async throws {
        try await fill()
        #expect(try await journal.wrongCounts().isEmpty)
        let partner = try #require(try await journal.figures(destination: "partner").first)
        var query = TransferQuery()
        query.destination = "partner"
        query.limit = 1000
        let transfers = try await journal.transfers(query)
        let open = transfers.filter { [.waiting, .active, .deferred].contains($0.state) }
        #expect(partner.waitingTransfers == open.count && !open.isEmpty)
        #expect(partner.waitingInstances == open.reduce(0) { $0 + $1.waiting + $1.claimed })
        #expect(partner.oldestWaitingSince == open.map(\.createdAt).min())
        #expect(partner.heldTransfers == transfers.count { $0.state == .held })
        #expect(try await journal.unserved(served: ["sydney"]) == ["partner"])
        try await journal.write { db in try db.execute(sql: "UPDATE open_counts SET instances = instances + 1") }
        #expect(try await journal.wrongCounts().isEmpty == false)
        try await journal.recount()
        #expect(try await journal.wrongCounts().isEmpty)
        try await journal.write { db in try db.execute(sql: "DELETE FROM open_counts") }
        #expect(try await journal.wrongCounts().isEmpty == false)
    }

    @Test("A transfer that waits for its next try says when, whatever lies behind it")
    func due() async throws {
        let (_, transfers) = try await journal.plannedStudy()
        _ = try await journal.plannedStudy(2, to: ["partner"])
        let claimed = try #require(try await journal.claim())
        #expect(try await journal.outlook(destination: "sydney", at: time(100), limit: 1).due == time(100))
        try await journal.settle(claimed, .deferred(.later, until: time(500)))
        #expect(try await journal.transfer(transfers[0].id)?.state == .deferred)
        #expect(try await journal.outlook(destination: "sydney", at: time(102), limit: 1).due == time(500))
        #expect(try await journal.outlook(destination: "sydney", at: time(501), limit: 1).due == time(501))
        #expect(try await journal.outlook(destination: "nobody", at: time(501), limit: 1).due == nil)
    }
}
