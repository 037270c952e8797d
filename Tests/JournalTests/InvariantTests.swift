import DICOMVocabulary
import Foundation
import GRDB
import Testing

@testable import Journal

/// xorshift64*: the same walk for the same seed on every machine.
private struct Dice {
    var state: UInt64

    mutating func roll(_ sides: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 2_685_821_657_736_338_717) >> 33) % sides
    }
}

@Suite("Whatever happens in whatever order")
struct InvariantTests {
    @Test("Counts agree with rows, nothing is lost, and what a person releases at last is sent", arguments: 1...8)
    func randomWalk(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let journal = try JournalDatabase.open(path: folder.journal)
        var dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15)
        var claimed: [(LaneKey, ClaimedInstance)] = []
        var now = 0.0
        for step in 0..<300 {
            now += 1
            let study = Int64(dice.roll(6) + 1)
            switch dice.roll(10) {
            case 0, 1:
                _ = try await journal.record(.ct(dice.roll(40), study: dice.roll(4), rank: dice.roll(3), at: now))
            case 2:
                try await journal.complete(study: study, at: time(now))
            case 3:
                guard let ready = try await journal.completedStudies(limit: 1).first else { break }
                let destinations = dice.roll(2) == 0 ? ["sydney"] : ["sydney", "partner"]
                try await journal.plan(
                    study: ready.id, transfers: destinations.map { NewTransfer(destination: $0, profile: "p") },
                    decision: [], rule: nil, at: time(now))
            case 4, 5, 6:
                let lane = LaneKey(lane: dice.roll(3), session: "s\(step / 50)")
                let destination = dice.roll(3) == 0 ? "partner" : "sydney"
                if let one = try await journal.claim(lane, from: destination, at: now) { claimed.append((lane, one)) }
            case 7, 8:
                guard !claimed.isEmpty else { break }
                let (lane, one) = claimed.remove(at: dice.roll(claimed.count))
                let outcomes: [Settlement.Outcome] = [
                    .acknowledged(status: 0), .acknowledged(status: 0), .deferred(.later, until: time(now + 20)),
                    .giveBack(.died, mark: true, maximumMarks: 2), .held(.never),
                ]
                try await journal.settle(one, outcomes[dice.roll(outcomes.count)], lane: lane, at: now)
            default:
                let notice = HoldNotice(code: "operator", detail: "")
                switch dice.roll(5) {
                case 0: try await journal.hold(study: study, notice: notice, actor: "a", at: time(now))
                case 1: try await journal.release(study: study, actor: "a", at: time(now))
                case 2: try await journal.retry(study: study, actor: "a", at: time(now))
                case 3 where dice.roll(4) == 0: try await journal.cancel(study: study, actor: "a", at: time(now))
                default:
                    let marks = try await journal.openMarks()
                    try await journal.giveBack(
                        marks, crashed: dice.roll(2) == 0, maximumCrashes: 2, at: time(now))
                }
            }
            try await check(journal)
        }
        try await finish(journal, from: now)
    }

    /// A person releases everything, and every lane succeeds.
    private func finish(_ journal: JournalDatabase, from now: Double) async throws {
        let marks = try await journal.openMarks()
        try await journal.giveBack(marks, crashed: false, maximumCrashes: 2, at: time(now))
        for study in try await journal.studies(StudyQuery()) {
            try await journal.release(study: study.id, actor: "a", at: time(now))
            try await journal.retry(study: study.id, actor: "a", at: time(now))
        }
        for destination in ["sydney", "partner"] { try await journal.sendEverything(to: destination, at: now + 1) }
        try await check(journal)
        let open = try await journal.transfers(TransferQuery()).filter {
            $0.state != .acknowledged && $0.state != .cancelled
        }
        #expect(open.isEmpty)
        #expect(try await journal.counts().needsPerson == 0)
        let states = Set(try await journal.studies(StudyQuery()).map(\.state))
        #expect(states.isSubset(of: [.receiving, .complete, .delivered, .cancelled]))
    }

    private func check(_ journal: JournalDatabase) async throws {
        let faults = try await journal.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT 'counts of T' || id FROM transfers AS t WHERE
                        (instances, waiting, claimed, acknowledged, held, cancelled) <> (SELECT count(*),
                        total(state = 'waiting'), total(state = 'claimed'), total(state = 'acknowledged'),
                        total(state = 'held'), total(state = 'cancelled') FROM transfer_instances
                            WHERE transferID = t.id)
                    UNION ALL SELECT 'T' || id || ' is finished with something open' FROM transfers
                        WHERE state = 'acknowledged' AND acknowledged + cancelled < instances
                    UNION ALL SELECT 'T' || id || ' waits for nobody' FROM transfers
                        WHERE state IN ('waiting', 'active', 'deferred') AND waiting = 0 AND claimed = 0
                    UNION ALL SELECT 'T' || id || ' is deferred without a time' FROM transfers
                        WHERE (state = 'deferred') <> (nextAttemptAt IS NOT NULL)
                    UNION ALL SELECT 'S' || id || ' is delivered with something open' FROM studies AS s
                        WHERE state = 'delivered' AND EXISTS (SELECT 1 FROM transfers WHERE studyID = s.id
                            AND state NOT IN ('acknowledged', 'cancelled'))
                    UNION ALL SELECT 'S' || id || ' is planned with nothing open' FROM studies AS s
                        WHERE state = 'planned' AND NOT EXISTS (SELECT 1 FROM transfers WHERE studyID = s.id
                            AND state NOT IN ('acknowledged', 'cancelled'))
                    UNION ALL SELECT 'S' || id || ' is held and sends' FROM studies AS s
                        WHERE state = 'held' AND EXISTS (SELECT 1 FROM transfers WHERE studyID = s.id
                            AND state IN ('waiting', 'active', 'deferred'))
                    UNION ALL SELECT 'S' || id || ' miscounts its instances' FROM studies AS s
                        WHERE instanceCount <> (SELECT count(*) FROM instances WHERE studyID = s.id)
                    UNION ALL SELECT 'states of studies: ' || state FROM state_counts WHERE subject = 'studies'
                        AND count <> (SELECT count(*) FROM studies WHERE studies.state = state_counts.state)
                    """)
        }
        #expect(faults.isEmpty)
        #expect(try await journal.wrongCounts().isEmpty)
    }
}
