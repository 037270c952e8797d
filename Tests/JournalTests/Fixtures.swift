// A journal in a temporary folder, and what is put into it.

import DICOMVocabulary
import Foundation
import Journal
import Testing

/// Removes its folder when the test lets go of it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "antipode-journal-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var journal: String { path + "/journal.sqlite" }

    func logLength() throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: journal + "-wal")[.size] as? Int)
    }

    /// What a killed process leaves: a copy of the files as they are on disk at this moment, the log included.
    func afterKill() throws -> String {
        let copy = path + "/after-kill.sqlite"
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: journal + suffix, toPath: copy + suffix)
        }
        return copy
    }
}

/// The moment of a fixture: seconds after a fixed instant.
func time(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_800_000_000 + seconds) }

extension Arrival {
    /// Instance `number` of study `study`; everything else as a CT would send it.
    static func ct(
        _ number: Int, study: Int = 1, digest: String = "d", rank: Int = 2, patient: String = "p1", at: Double = 0,
        modality: String = "CT", source: String = "ct1", syntax: TransferSyntax = .explicitVRLittleEndian
    ) -> Arrival {
        Arrival(
            spoolKey: UUID().uuidString, sopClass: "1.2.840.10008.5.1.4.1.1.2",
            sopInstance: UID("1.2.\(study).1.\(number)"),
            study: UID("1.2.\(study)"), series: UID("1.2.\(study).1"), transferSyntax: syntax, bytes: 1000,
            digest: digest, modality: modality, bodyPart: "CHEST", source: source,
            calledAE: "ANTIPODE", patientKey: patient, rank: rank, priority: rank == 0 ? "STAT" : "ROUTINE",
            receivedAt: time(at))
    }
}

extension Failure {
    static let later = Failure(.connectFailed, .tryAgain, .destination, detail: "no road")
    static let never = Failure(.refusedByPeer, .refused, .instance, status: 0xC000, detail: "refused")
    static let died = Failure(.workerDied, .tryAgain, .instance, detail: "signal 11")
}

extension LaneKey {
    static let first = LaneKey(lane: 1, session: "s1")
    static let second = LaneKey(lane: 2, session: "s2")
}

extension JournalDatabase {
    /// Records an arrival and gives the row of its study; nil when it was not stored.
    func stored(_ arrival: Arrival) async throws -> StudyRecord? {
        guard case .stored(let id) = try await record(arrival) else { return nil }
        return try await study(id)
    }

    /// A study of so many instances that waits to be planned.
    func completeStudy(_ study: Int = 1, instances: Int = 2, rank: Int = 2, at: Double = 0) async throws -> Int64 {
        var id: Int64 = 0
        for number in 1...instances {
            if case .stored(let study) = try await record(.ct(number, study: study, rank: rank, at: at)) { id = study }
        }
        try await complete(study: id, at: time(at + 30))
        return id
    }

    /// A study on its way to each of the destinations.
    func plannedStudy(
        _ study: Int = 1, instances: Int = 2, rank: Int = 2, to destinations: [String] = ["sydney"], at: Double = 0
    ) async throws -> (study: Int64, transfers: [TransferRecord]) {
        let id = try await completeStudy(study, instances: instances, rank: rank, at: at)
        let transfers = try await plan(
            study: id,
            transfers: destinations.map {
                NewTransfer(destination: $0, profile: "pseudonymous", pseudonymousStudyUID: UID("2.25.\(study)"))
            }, decision: [7], rule: "night", at: time(at + 31))
        return (id, transfers)
    }

    func claim(_ lane: LaneKey = .first, from destination: String = "sydney", at: Double = 100) async throws
        -> ClaimedInstance?
    {
        try await settleAndClaim(nil, lane: lane, destination: destination, claim: true, at: time(at))
    }

    func settle(
        _ claimed: ClaimedInstance, _ outcome: Settlement.Outcome, lane: LaneKey = .first, at: Double = 101
    ) async throws {
        _ = try await settleAndClaim(
            Settlement(id: claimed.id, outcome: outcome, bytes: 900, seconds: 0.5), lane: lane,
            destination: claimed.destination, claim: false, at: time(at))
    }

    /// Claims and acknowledges all that waits for a destination.
    @discardableResult
    func sendEverything(to destination: String = "sydney", at: Double = 100) async throws -> Int {
        var sent = 0
        while let claimed = try await claim(from: destination, at: at) {
            try await settle(claimed, .acknowledged(status: 0), at: at)
            sent += 1
        }
        return sent
    }

    func kinds(study: Int64) async throws -> [String] {
        try await history(study: study)?.events.map(\.kind) ?? []
    }
}
