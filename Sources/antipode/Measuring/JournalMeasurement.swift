// What one step costs in a journal, whatever its past, for Benchmarks/bench/parts/growth.py.

import DICOMVocabulary
import Foundation
import Journal

/// Takes studies through the journal as the office does, one call after the other, and times each: the rows of their images,
/// assembly, plan, and a lane that takes what waits. The journal has these studies afterwards, and some of what waited in
/// it counts as sent, so that it is to be a copy that nobody needs. Nothing but the journal is touched.
struct JournalMeasurement: Codable, Sendable {
    /// By name.
    var steps: [String: StepTimes] = [:]
    /// Reading, as status and lists do.
    var looks: [String: StepTimes] = [:]

    private static let imagesPerStudy = 20

    /// Until the time is over; at least one study.
    static func run(
        _ journal: JournalDatabase, destination: String, seconds: Double
    ) async throws -> JournalMeasurement {
        var record = Stopwatch()
        var complete = Stopwatch()
        var plan = Stopwatch()
        var claim = Stopwatch()
        var settle = Stopwatch()
        let end = ContinuousClock.now + .seconds(seconds)
        var number = 0
        let session = UUID().uuidString
        // A first study is not counted: it prepares the statements.
        repeat {
            if number == 1 {
                (record, complete, plan, claim, settle) = (
                    Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch()
                )
            }
            let study = random()
            var id: Int64 = 0
            var marks: [Int64] = []
            for image in 0..<imagesPerStudy {
                let arrival = arrival(image, of: study)
                if case .stored(let row) = try await record.time({ try await journal.record(arrival) }) { id = row }
                if let mark = random().pseudonymMark { marks.append(mark) }
            }
            _ = try await complete.time { try await journal.complete(study: id, at: Date()) }
            let transfer = NewTransfer(
                destination: destination, profile: "pseudonymous 113100", rule: "all", pseudonymousStudyUID: random(),
                instanceMarks: marks)
            _ = try await plan.time {
                try await journal.plan(study: id, transfers: [transfer], decision: [], rule: "all", at: Date())
            }
            let lane = LaneKey(lane: 1, session: "\(session)-\(number)")
            var claimed = try await claim.time {
                try await journal.settleAndClaim(nil, lane: lane, destination: destination, claim: true, at: Date())
            }
            for image in 1...imagesPerStudy {
                guard let one = claimed else { break }
                let settlement = Settlement(id: one.id, outcome: .acknowledged(status: 0), bytes: one.bytes)
                claimed = try await settle.time {
                    try await journal.settleAndClaim(
                        settlement, lane: lane, destination: destination, claim: image < imagesPerStudy, at: Date())
                }
            }
            number += 1
        } while ContinuousClock.now < end || number < 2
        var result = JournalMeasurement()
        result.steps = [
            "record": record.times(), "complete": complete.times(), "plan": plan.times(), "claim": claim.times(),
            "acknowledgeAndClaim": settle.times(),
        ]
        result.looks = try await looks(journal, destination)
        return result
    }

    /// Rows of images of one study after another, until then; gives how many.
    static func record(in journal: JournalDatabase, until end: ContinuousClock.Instant) async throws -> Int {
        var count = 0
        while ContinuousClock.now < end {
            let study = random()
            for image in 0..<imagesPerStudy { _ = try await journal.record(arrival(image, of: study)) }
            count += imagesPerStudy
        }
        return count
    }

    private static func looks(
        _ journal: JournalDatabase, _ destination: String
    ) async throws -> [String: StepTimes] {
        var result: [String: StepTimes] = [:]
        func look(_ name: String, _ body: () async throws -> Void) async throws {
            var watch = Stopwatch()
            for _ in 0..<5 { try await watch.time(body) }
            result[name] = watch.times()
        }
        try await look("counts") { _ = try await journal.counts() }
        try await look("figures") { _ = try await journal.figures() }
        try await look("unserved") { _ = try await journal.unserved(served: [destination]) }
        try await look("spoolBytes") { _ = try await journal.spoolBytes() }
        try await look("newest studies") { _ = try await journal.studies(StudyQuery()) }
        var planned = StudyQuery()
        planned.states = [.planned]
        try await look("planned studies") { _ = try await journal.studies(planned) }
        var person = StudyQuery()
        person.needsPerson = true
        try await look("studies that need a person") { _ = try await journal.studies(person) }
        var waiting = TransferQuery()
        waiting.states = [.waiting, .active, .deferred]
        try await look("waiting transfers") { _ = try await journal.transfers(waiting) }
        try await look("due polls") { _ = try await journal.duePolls(at: Date(), limit: 10) }
        try await look("claimable") { _ = try await journal.outlook(destination: destination, at: Date(), limit: 16) }
        try await look("contexts of a lane") {
            _ = try await journal.distinctContexts(destination: destination, at: Date())
        }
        try await look("sweepable") {
            _ = try await journal.sweepable(before: Date(timeIntervalSince1970: 0), limit: 100)
        }
        return result
    }

    private static func random() -> UID {
        UID("2.25.\(UInt64.random(in: 1...UInt64.max))\(UInt32.random(in: 0...UInt32.max))")
    }

    private static func arrival(_ image: Int, of study: UID) -> Arrival {
        Arrival(
            spoolKey: UUID().uuidString, sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: UID("\(study).\(image)"),
            study: study, series: UID("\(study).1"), transferSyntax: .explicitVRLittleEndian, bytes: 526_000,
            digest: String(repeating: "0123456789abcdef", count: 4), modality: "CT", bodyPart: "CHEST",
            source: "ct1", calledAE: "ANTIPODE", patientKey: "\(study)", rank: 2, priority: "ROUTINE",
            receivedAt: Date())
    }
}
