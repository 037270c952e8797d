import DICOMVocabulary
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Journal

@Suite("Lanes take instances and bring them back", .timeLimit(.minutes(3)))
struct ForwardingTests {
    let folder: TemporaryFolder
    let journal: JournalDatabase

    init() throws {
        folder = try TemporaryFolder()
        journal = try JournalDatabase.open(path: folder.journal)
    }

    private func transfer(_ id: Int64) async throws -> TransferRecord { try #require(try await journal.transfer(id)) }

    @Test("A claim brings all that a lane needs, and marks it as taken")
    func claim() async throws {
        let (study, transfers) = try await journal.plannedStudy()
        let claimed = try #require(try await journal.claim(at: 100))
        #expect(claimed.transferID == transfers[0].id && claimed.studyID == study && claimed.reportID == nil)
        #expect(claimed.sopInstance == "1.2.1.1.1" && claimed.studyUID == "1.2.1" && claimed.series == "1.2.1.1")
        #expect(claimed.bytes == 1000 && claimed.profile == "pseudonymous")
        #expect(claimed.tries == 1 && claimed.marks == 0 && !claimed.pixelsReleased)
        let record = try await transfer(transfers[0].id)
        #expect(record.state == .active && record.claimed == 1 && record.waiting == 1 && record.attempts == 1)
        #expect(record.startedAt == time(100))
        let marks = try await journal.openMarks()
        #expect(marks.map(\.claimedBy) == ["s1/1"] && marks[0].claimedAt == time(100))
    }

    @Test("A lane that goes on with a transfer does not wait for the flush, and at the transfer's end it does")
    func goesOnBeforeTheFlush() async throws {
        let folder = try TemporaryFolder()
        let flushes = Mutex(0)
        let isSlow = Mutex(false)
        let gate = DispatchSemaphore(value: 0)
        let journal = try JournalDatabase.open(
            path: folder.journal, commitsPerCheckpoint: 512,
            flushing: { flush in
                {
                    if isSlow.withLock({ $0 }) { gate.wait() }
                    try flush()
                    flushes.withLock { $0 += 1 }
                }
            })
        _ = try await journal.plannedStudy(instances: 3)
        /// How many flushes had been when the answer came.
        func settle(_ claimed: ClaimedInstance) async throws -> (ClaimedInstance?, Int) {
            let next = try await journal.settleAndClaim(
                Settlement(id: claimed.id, outcome: .acknowledged(status: 0)), lane: .first,
                destination: claimed.destination, claim: true, at: time(100))
            return (next, flushes.withLock { $0 })
        }
        let one = try #require(try await journal.claim(.first))
        let before = flushes.withLock { $0 }
        isSlow.withLock { $0 = true }
        let (two, atTwo) = try await settle(one)
        #expect(atTwo == before)
        gate.signal()
        let (three, atThree) = try await settle(try #require(two))
        #expect(atThree == before + 1)
        gate.signal()
        // The last: its transfer is acknowledged, and stays so whatever becomes of the machine.
        let isAnswered = Mutex(false)
        let last = try #require(three)
        async let end = {
            let (none, _) = try await settle(last)
            isAnswered.withLock { $0 = true }
            return none
        }()
        while try await journal.transfer(last.transferID)?.state != .acknowledged { await Task.yield() }
        #expect(!isAnswered.withLock { $0 } && flushes.withLock { $0 } == before + 2)
        gate.signal()
        #expect(try await end == nil)
        #expect(flushes.withLock { $0 } == before + 3)
    }

    @Test("A transfer whose lane goes on stays active, and otherwise is what its instances say")
    func stateOfALaneThatGoesOn() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 3)
        func settle(_ claimed: ClaimedInstance, claim: Bool) async throws -> ClaimedInstance? {
            try await journal.settleAndClaim(
                Settlement(id: claimed.id, outcome: .acknowledged(status: 0)), lane: .first,
                destination: claimed.destination, claim: claim, at: time(100))
        }
        let one = try #require(try await journal.claim(.first))
        let two = try #require(try await settle(one, claim: true))
        #expect(try await transfer(transfers[0].id).state == .active)
        // It stops with one left, which nobody holds.
        #expect(try await settle(two, claim: false) == nil)
        #expect(try await transfer(transfers[0].id).state == .waiting)
        let three = try #require(try await journal.claim(.first))
        // The last of one study, and the first of another.
        let (other, others) = try await journal.plannedStudy(2)
        let next = try #require(try await settle(three, claim: true))
        #expect(next.transferID == others[0].id)
        #expect(try await transfer(transfers[0].id).state == .acknowledged)
        #expect(try await transfer(others[0].id).state == .active)
        // What is urgent comes between, and each transfer has the lane's attempt once.
        let (urgent, _) = try await journal.plannedStudy(3, instances: 1, rank: 0)
        let between = try #require(try await settle(next, claim: true))
        #expect(between.studyID == urgent)
        let back = try #require(try await settle(between, claim: true))
        #expect(back.studyID == other)
        #expect(try await settle(back, claim: true) == nil)
        for (study, count) in [(study, 3), (other, 2), (urgent, 1)] {
            let attempts = try #require(try await journal.history(study: study)).attempts
            #expect(attempts.map(\.acknowledged) == [count])
        }
        #expect(try await transfer(others[0].id).attempts == 1)
    }

    @Test("Lanes of one destination share a study, and none gets what another has")
    func sharing() async throws {
        _ = try await journal.plannedStudy(instances: 3)
        let one = try await journal.claim(.first)
        let two = try await journal.claim(.second)
        let three = try await journal.claim(.first)
        #expect(Set([one, two, three].map { $0?.sopInstance }).count == 3)
        #expect(try await journal.claim(.second) == nil)
        #expect(try await journal.claim(.second, from: "elsewhere") == nil)
    }

    @Test("Urgency goes first, then age, then the order of arrival")
    func order() async throws {
        _ = try await journal.plannedStudy(1, rank: 2, at: 0)
        _ = try await journal.plannedStudy(2, rank: 2, at: 10)
        _ = try await journal.plannedStudy(3, rank: 0, at: 20)
        var order: [UID] = []
        while let claimed = try await journal.claim() { order.append(claimed.sopInstance) }
        #expect(order == ["1.2.3.1.1", "1.2.3.1.2", "1.2.1.1.1", "1.2.1.1.2", "1.2.2.1.1", "1.2.2.1.2"])
    }

    @Test("An instance that comes back does not stand before those that were never tried")
    func leastTriedFirst() async throws {
        _ = try await journal.plannedStudy(1, instances: 3)
        var order: [UID] = []
        var settlement: Settlement?
        for _ in 0..<4 {
            let claimed = try #require(
                try await journal.settleAndClaim(
                    settlement, lane: .first, destination: "sydney", claim: true, at: time(101)))
            order.append(claimed.sopInstance)
            settlement = Settlement(id: claimed.id, outcome: .giveBack(.later, mark: false, maximumMarks: 2))
        }
        #expect(order == ["1.2.1.1.1", "1.2.1.1.2", "1.2.1.1.3", "1.2.1.1.1"])
    }

    @Test("An acute study overtakes at the next instance")
    func overtaking() async throws {
        _ = try await journal.plannedStudy(1, instances: 3)
        let first = try #require(try await journal.claim())
        _ = try await journal.plannedStudy(2, rank: 0, at: 90)
        let next = try await journal.settleAndClaim(
            Settlement(id: first.id, outcome: .acknowledged(status: 0)), lane: .first, destination: "sydney",
            claim: true, at: time(101))
        #expect(next?.studyUID == "1.2.2")
    }

    @Test("When all is acknowledged the transfer is, and with the last transfer the study is delivered")
    func delivered() async throws {
        let (study, transfers) = try await journal.plannedStudy(to: ["sydney", "partner"])
        #expect(try await journal.sendEverything(to: "sydney", at: 100) == 2)
        let first = try await transfer(transfers[0].id)
        #expect(first.state == .acknowledged && first.acknowledged == 2 && first.bytesSent == 1800)
        #expect(first.finishedAt == time(100))
        #expect(try await journal.study(study)?.state == .planned)
        try await journal.sendEverything(to: "partner", at: 200)
        let record = try #require(try await journal.study(study))
        #expect(record.state == .delivered && record.finishedAt == time(200))
        #expect(try await journal.kinds(study: study).suffix(3) == ["acknowledged", "acknowledged", "delivered"])
    }

    @Test("One session of a lane is one attempt, with what it carried and how it ended")
    func attempts() async throws {
        let (study, _) = try await journal.plannedStudy(instances: 3)
        let first = try #require(try await journal.claim(at: 100))
        try await journal.settle(first, .acknowledged(status: 0), at: 101)
        let second = try #require(try await journal.claim(at: 102))
        try await journal.settle(second, .deferred(.later, until: time(110)), at: 103)
        _ = try await journal.claim(.second, at: 120)
        let attempts = try #require(try await journal.history(study: study)).attempts
        #expect(attempts.map(\.session) == ["s1", "s2"])
        #expect(attempts[0].acknowledged == 1 && attempts[0].bytes == 1800 && attempts[0].seconds == 1)
        #expect(attempts[0].failure == .later && attempts[0].startedAt == time(100) && attempts[0].endedAt == time(103))
        #expect(attempts[1].endedAt == nil)
        #expect(try await journal.transfers(TransferQuery()).first?.attempts == 2)
    }

    @Test("No attempt is without an end and a reason: one that gave its instance back at once was none")
    func attemptsWithoutAnything() async throws {
        let (study, _) = try await journal.plannedStudy(instances: 1)
        let claimed = try #require(try await journal.claim(at: 100))
        try await journal.settle(claimed, .giveBack(nil, mark: false, maximumMarks: 2), at: 100)
        #expect(try await journal.history(study: study)?.attempts.isEmpty == true)
        #expect(try await journal.transfers(TransferQuery()).first?.attempts == 0)
        // The daemon is killed while it sends.
        _ = try #require(try await journal.claim(.second, at: 110))
        let marks = try await journal.openMarks()
        try await journal.giveBack(marks, crashed: false, maximumCrashes: 1, at: time(120))
        let attempts = try #require(try await journal.history(study: study)).attempts
        #expect(attempts.map(\.endedAt) == [time(120)] && attempts[0].failure?.code == .cancelled)
        #expect(attempts[0].failure?.detail == "the daemon ended while it sent")
    }

    @Test("The last failure of a destination is the road's or the peer's, and never a hold of our own")
    func lastFailure() async throws {
        _ = try await journal.plannedStudy(instances: 3)
        func last() async throws -> Failure? { try await journal.figures(destination: "sydney").first?.lastFailure }
        let pixels = Failure(.pixelsMayIdentify, .person, .instance, detail: "ultrasound")
        try await journal.settle(try #require(try await journal.claim()), .held(pixels))
        #expect(try await last() == nil)
        try await journal.settle(try #require(try await journal.claim()), .held(.never))
        #expect(try await last() == .never)
        try await journal.settle(
            try #require(try await journal.claim()), .giveBack(.died, mark: true, maximumMarks: 1))
        #expect(try await last() == .never)
    }

    @Test("A deferred transfer waits until its time, lets others pass, and forgets its failures with a success")
    func deferral() async throws {
        let (_, transfers) = try await journal.plannedStudy(1)
        _ = try await journal.plannedStudy(2, at: 10)
        let claimed = try #require(try await journal.claim(at: 100))
        try await journal.settle(claimed, .deferred(.later, until: time(160)), at: 100)
        var record = try await transfer(transfers[0].id)
        #expect(record.state == .deferred && record.nextAttemptAt == time(160) && record.failure == .later)
        #expect(record.failures == 1 && record.waiting == 2 && record.claimed == 0)
        let other = try #require(try await journal.claim(at: 101))
        #expect(other.studyUID == "1.2.2")
        try await journal.settle(other, .acknowledged(status: 0))
        try await journal.sendEverything(at: 102)
        #expect(try await journal.outlook(destination: "sydney", at: time(103), limit: 1).due == time(160))
        #expect(try await journal.claim(at: 159) == nil)
        #expect(try await journal.outlook(destination: "sydney", at: time(160), limit: 1).due == time(160))
        // The one that was never tried comes first.
        let fresh = try #require(try await journal.claim(at: 160))
        #expect(fresh.id != claimed.id && fresh.tries == 1 && fresh.failures == 1)
        try await journal.settle(fresh, .giveBack(nil, mark: false, maximumMarks: 2), at: 160)
        let again = try #require(try await journal.claim(at: 160))
        #expect(again.id == claimed.id && again.tries == 2 && again.failures == 1)
        #expect(try await transfer(transfers[0].id).nextAttemptAt == nil)
        try await journal.settle(again, .acknowledged(status: 0), at: 161)
        record = try await transfer(transfers[0].id)
        #expect(record.failures == 0 && record.failure == nil)
        try await journal.sendEverything(at: 162)
        #expect(try await journal.outlook(destination: "sydney", at: time(163), limit: 1).due == nil)
    }

    @Test("A refused instance is held and the others go on; then the transfer is held, and the study is not delivered")
    func heldInstance() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 3)
        let bad = try #require(try await journal.claim())
        try await journal.settle(bad, .held(.never))
        #expect(try await transfer(transfers[0].id).state == .waiting)
        #expect(try await journal.sendEverything() == 2)
        let record = try await transfer(transfers[0].id)
        #expect(record.state == .held && record.held == 1 && record.acknowledged == 2 && record.failure == .never)
        #expect(try await journal.study(study)?.state == .planned)
        #expect(try await journal.study(study)?.heldInstances == 1)
        #expect(try await journal.counts().needsPerson == 1)
        var held = StudyQuery()
        held.states = [.held]
        #expect(try await journal.studies(held).map(\.id) == [study])
        let passages = try await journal.passages(transfer: record.id, states: [.held])
        #expect(passages.map(\.failure) == [.never] && passages[0].lastStatus == 0xC000)
        #expect(try await journal.kinds(study: study).suffix(2) == ["held", "held"])
        #expect(try await journal.claim() == nil)
    }

    @Test("An instance that kills two workers is set aside; one mark alone only gives it back")
    func marks() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 2)
        let first = try #require(try await journal.claim())
        try await journal.settle(first, .giveBack(.died, mark: true, maximumMarks: 2))
        let other = try #require(try await journal.claim())
        #expect(other.id != first.id && other.marks == 0)
        try await journal.settle(other, .acknowledged(status: 0))
        let second = try #require(try await journal.claim())
        #expect(second.id == first.id && second.marks == 1 && second.tries == 2)
        try await journal.settle(second, .giveBack(.died, mark: true, maximumMarks: 2))
        let passage = try await journal.passages(transfer: transfers[0].id, states: [.held])
        #expect(passage.map(\.failure?.code) == [.setAside] && passage[0].marks == 2)
        #expect(try await journal.kinds(study: study).suffix(2) == ["setAside", "held"])
        #expect(try await journal.claim() == nil)
    }

    @Test("Given back without a mark, an instance may be tried for ever")
    func noMark() async throws {
        _ = try await journal.plannedStudy(instances: 1)
        for _ in 0..<5 {
            let claimed = try #require(try await journal.claim())
            #expect(claimed.marks == 0)
            try await journal.settle(claimed, .giveBack(nil, mark: false, maximumMarks: 2))
        }
    }

    @Test("Open marks outlive a kill and are given back; the kill is counted, and is no mark")
    func openMarks() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 2)
        _ = try await journal.claim(.first)
        _ = try await journal.claim(.second)
        let after = try JournalDatabase.open(path: folder.afterKill())
        let marks = try await after.openMarks()
        #expect(marks.count == 2)
        try await after.giveBack(marks, crashed: true, maximumCrashes: 2, at: time(200))
        #expect(try await after.openMarks().isEmpty)
        let record = try #require(try await after.transfer(transfers[0].id))
        #expect(record.waiting == 2 && record.state == .waiting)
        #expect(try await after.claim(LaneKey(lane: 1, session: "s9"), at: 201)?.marks == 0)
    }

    /// One life of the daemon that ends without being asked to, with what `lanes` claim under way; gives their ids.
    private func crash(_ lanes: Int, maximum: Int = 3, at: Double) async throws -> [Int64] {
        var ids: [Int64] = []
        for lane in 1...lanes {
            let claimed = try await journal.claim(LaneKey(lane: lane, session: "s\(at)"), at: at)
            ids += claimed.map { [$0.id] } ?? []
        }
        try await journal.giveBack(
            try await journal.openMarks(), crashed: true, maximumCrashes: maximum, at: time(at + 1))
        return ids
    }

    @Test("What is under way at the set number of crashes is set aside with its reason; a retry begins anew")
    func crashes() async throws {
        let (study, transfers) = try await journal.plannedStudy(instances: 1)
        for life in 1...2 { #expect(try await crash(1, at: Double(life * 100)).count == 1) }
        #expect(try await journal.passages(transfer: transfers[0].id).map(\.state) == [.waiting])
        #expect(try await crash(1, at: 300).count == 1)
        let passage = try #require(try await journal.passages(transfer: transfers[0].id).first)
        #expect(passage.state == .held && passage.failure?.code == .setAside && passage.marks == 0)
        #expect(passage.failure?.detail.contains("the daemon ended 3 times without being asked to") == true)
        #expect(passage.failure?.hint.contains("retry") == true)
        #expect(try await journal.kinds(study: study).contains("setAside"))
        #expect(try await crash(1, at: 400).isEmpty)
        try await journal.retry(study: study, actor: "eva", at: time(500))
        for life in 6...7 { #expect(try await crash(1, at: Double(life * 100)).count == 1) }
        #expect(try await journal.sendEverything(at: 900) == 1)
    }

    @Test("Stops that were asked for count against nothing, and an acknowledgement forgets what was counted")
    func crashesForgotten() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 1)
        for life in 1...9 {
            _ = try #require(try await journal.claim(at: Double(life)))
            try await journal.giveBack(
                try await journal.openMarks(), crashed: life > 7, maximumCrashes: 3, at: time(Double(life)))
        }
        #expect(try await journal.sendEverything(at: 100) == 1)
        let transfer = transfers[0].id
        let counted = try await journal.read { db in
            try db.value("SELECT sum(crashes) FROM transfer_instances WHERE transferID = ?", [transfer], as: Int.self)
        }
        #expect(counted == 0)
    }

    @Test("Of those that were under way at two crashes only one is tried at a time, and the others go on beside it")
    func suspects() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 3)
        let all = try await crash(3, maximum: 9, at: 100)
        #expect(try await crash(3, maximum: 9, at: 200) == all)
        let other = try await journal.plannedStudy(2, at: 250).transfers[0].id
        let suspect = try #require(try await journal.claim(.first, at: 300))
        #expect(all.contains(suspect.id))
        // Neither another of them, nor their transfer before those that may go.
        #expect(try await journal.claim(.second, at: 300)?.transferID == other)
        #expect(try await journal.outlook(destination: "sydney", at: time(300), limit: 9).claimable == 1)
        try await journal.settle(suspect, .acknowledged(status: 0), at: 301)
        let next = try #require(try await journal.claim(.first, at: 302))
        #expect(next.transferID == transfers[0].id && all.contains(next.id) && next.id != suspect.id)
        // Nothing is due while only such wait, so that lanes do not spin.
        try await journal.sendEverything(at: 303)
        #expect(try await journal.claim(.second, at: 304) == nil)
        #expect(try await journal.outlook(destination: "sydney", at: time(304), limit: 1).due == nil)
        try await journal.settle(next, .acknowledged(status: 0), at: 305)
        #expect(try await journal.sendEverything(at: 306) == 1)
    }

    @Test("A settlement by a lane that lost its claim changes nothing, unless the instance did arrive")
    func staleSettlement() async throws {
        let (_, transfers) = try await journal.plannedStudy(instances: 1)
        let claimed = try #require(try await journal.claim(.first))
        try await journal.giveBack(
            try await journal.openMarks(), crashed: false, maximumCrashes: 1, at: time(101))
        let other = try #require(try await journal.claim(.second))
        #expect(other.id == claimed.id)
        try await journal.settle(claimed, .held(.never), lane: .first)
        try await journal.settle(claimed, .acknowledged(status: 0), lane: .first)
        #expect(try await transfer(transfers[0].id).claimed == 1)
        try await journal.settle(other, .giveBack(nil, mark: false, maximumMarks: 2), lane: .second)
        try await journal.settle(claimed, .acknowledged(status: 0), lane: .first)
        #expect(try await transfer(transfers[0].id).acknowledged == 1)
    }

    @Test("Contexts to propose are those of what could be claimed, each once, most urgent first, up to the limit")
    func contexts() async throws {
        _ = try await journal.record(.ct(1, study: 1, syntax: .jpegLossless))
        _ = try await journal.plannedStudy(1)
        _ = try await journal.plannedStudy(2, rank: 0)
        let lossless = WaitingContext(sopClass: "1.2.840.10008.5.1.4.1.1.2", transferSyntax: .jpegLossless)
        let plain = WaitingContext(sopClass: "1.2.840.10008.5.1.4.1.1.2", transferSyntax: .explicitVRLittleEndian)
        #expect(try await journal.distinctContexts(destination: "sydney", at: time(100)) == [plain, lossless])
        #expect(try await journal.distinctContexts(destination: "sydney", at: time(100), limit: 1) == [plain])
        #expect(try await journal.distinctContexts(destination: "nowhere", at: time(100)).isEmpty)
    }

    @Test(
        "A claim, and the wait for the next, read three indexes and sort nothing, so that their cost does not grow with history"
    )
    func claimPlan() async throws {
        let plans: [(sql: String, arguments: StatementArguments, index: String)] = [
            (Claim.next, ["sydney", 0, 3], "transfers_claimable"), (Claim.instance, [1], "transfer_instances_waiting"),
            (Claim.due, ["sydney"], "transfers_due"),
        ]
        for (sql, arguments, index) in plans {
            let steps = try await journal.read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: arguments).map {
                    $0["detail"] as String
                }
            }
            #expect(steps.allSatisfy { !$0.contains("TEMP B-TREE") && !$0.hasPrefix("SCAN") }, "\(steps)")
            #expect(steps.contains { $0.contains(index) }, "\(steps)")
        }
    }

    @Test("Figures tell what waits for a destination and when it last took something")
    func figures() async throws {
        _ = try await journal.plannedStudy(1, instances: 3)
        _ = try await journal.plannedStudy(2, at: 50)
        _ = try await journal.plannedStudy(3, to: ["partner"])
        let claimed = try #require(try await journal.claim(at: 100))
        try await journal.settle(claimed, .acknowledged(status: 0xB000), at: 105)
        let figures = try await journal.figures()
        #expect(figures.map(\.destination) == ["partner", "sydney"])
        #expect(figures[1].waitingInstances == 4 && figures[1].waitingTransfers == 2)
        #expect(figures[1].oldestWaitingSince == time(31) && figures[1].lastAcknowledgedAt == time(105))
        #expect(figures[1].acknowledgedInstances == 1 && figures[1].acknowledgedBytes == 900)
        #expect(try await journal.figures(destination: "partner").first?.lastAcknowledgedAt == nil)
    }
}
