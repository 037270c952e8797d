// Step 7, asked for: C-FIND and C-GET or C-MOVE at the reader, on the schedule of its settings.

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Logging
import Reports
import Synchronization
import WorkerProtocol

/// Asks what is due: each reader in a task of its own, so that one that does not answer delays no other. Used by one task.
struct Polling: Sendable {
    /// Questions to one reader in one turn.
    private static let perTurn = 20

    let journal: JournalDatabase
    let door: VaultDoor
    let pool: WorkerPool
    let reception: Reception
    let settings: GatewaySettings
    let logger: Logger
    let now: @Sendable () -> Date
    /// Called between questions: the stage moves.
    let beat: @Sendable () -> Void

    /// Opens a schedule for each transfer whose reader has all that it will get for now, and whose report is to be asked
    /// for. A few held instances, such as a dose screen, keep no report from being fetched, nor does a cancel.
    func schedule(_ pending: PendingPolls) async throws {
        for id in pending.transfers {
            guard let transfer = try await journal.transfer(id), transfer.pseudonymousStudyUID != nil,
                let reports = settings.reports(of: transfer.destination), reports.method != .push
            else {
                pending.forget(id)
                continue
            }
            guard transfer.waiting == 0, transfer.claimed == 0 else { continue }
            if transfer.acknowledged > 0 {
                try await journal.schedulePoll(
                    transfer: id, at: PollSchedule.first(acknowledgedAt: transfer.finishedAt ?? now(), reports))
            }
            pending.forget(id)
        }
    }

    /// After a start: what was acknowledged before it and is not asked for yet.
    func recover(_ pending: PendingPolls) async throws {
        let asked = settings.reports.filter { $0.method != .push }.map(\.reader)
        for id in try await journal.transfersWithoutPoll(destinations: asked) { pending.add(id) }
    }

    /// Gives when the next question is due.
    func askDue() async throws -> Date? {
        let due = Dictionary(grouping: try await journal.duePolls(at: now(), limit: 500), by: \.destination)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for polls in due.values {
                group.addTask {
                    for poll in polls.prefix(Self.perTurn) {
                        beat()
                        // A reader that cannot be reached is not asked for its other studies in this turn.
                        guard try await ask(poll) else { return try await postpone(polls, after: poll) }
                    }
                }
            }
            try await group.waitForAll()
        }
        return try await journal.nextPoll()
    }

    private func postpone(_ polls: [PollRecord], after failed: PollRecord) async throws {
        guard let reports = settings.reports(of: failed.destination) else { return }
        for poll in polls where poll.transferID != failed.transferID && poll.nextPollAt <= now() {
            try await journal.recordPoll(
                transfer: poll.transferID, next: now().addingTimeInterval(reports.interval), state: .open,
                failure: poll.lastFailure, at: now())
        }
    }

    /// False when the reader could not be reached.
    private func ask(_ poll: PollRecord) async throws -> Bool {
        guard let reports = settings.reports(of: poll.destination),
            let destination = settings.destination(poll.destination), let study = poll.pseudonymousStudyUID
        else {
            try await journal.recordPoll(
                transfer: poll.transferID, next: nil, state: .givenUp,
                failure: Failure(
                    .cancelled, .person, .instance, detail: "\(poll.destination) is no longer a reader that is asked"),
                at: now())
            return true
        }
        var query = ReportQuery()
        query.transferID = poll.transferID
        let known = try await journal.reports(query)
        var own: [UID] = []
        if let id = poll.studyID, let record = try await journal.study(id) {
            own = try await OwnDocuments(journal: journal, door: door).pseudonyms(study: record.studyUID)
        }
        let job = PollJob(
            peer: destination.peer, limits: destination.limits, scan: settings.intake.scan,
            spool: SpoolLocation(directory: settings.spool, freeFloor: settings.freeFloor),
            method: reports.method.word, moveDestination: reports.method.moveDestination, study: study,
            known: known.map(\.sopInstance) + own)
        var failure: Failure?
        var found = known.count
        do throws(Failure) {
            found += try await fetch(job, from: destination.name)
        } catch {
            failure = error
            logger.warning(
                "A reader could not be asked for a report",
                metadata: [
                    "destination": "\(destination.name)", "transfer": "T\(poll.transferID)",
                    "code": "\(error.code.rawValue)", "detail": "\(error.detail)",
                ])
        }
        let next = PollSchedule.next(after: now(), since: poll.firstAt, hasReport: found > 0, reports)
        let gaveUp = next == nil && found == 0
        try await journal.recordPoll(
            transfer: poll.transferID, next: next, state: next == nil ? (gaveUp ? .givenUp : .done) : .open,
            failure: failure, at: now())
        if gaveUp {
            logger.error("No report came in time", metadata: ["transfer": "T\(poll.transferID)"])
        }
        return failure?.scope != .destination
    }

    /// Gives how many reports came. Those that C-MOVE brings come through a listener.
    private func fetch(_ job: PollJob, from reader: String) async throws(Failure) -> Int {
        let worker = try await pool.lease(within: 30)
        do throws(Failure) {
            try worker.send(.poll(job))
            while true {
                // A question, or one report: the worker keeps the peer's deadlines, this one is for the worker.
                let answer = try await worker.reply(
                    within: job.limits.connect + job.limits.negotiation + 3 * job.limits.dimse + 30)
                beat()
                switch answer {
                case .instanceStored(let report):
                    let verdict = await verdict(on: report, from: reader)
                    try worker.send(.verdict(verdict))
                case .instanceRefused(let refusal):
                    logger.warning(
                        "A fetched object was refused",
                        metadata: ["destination": "\(reader)", "detail": "\(refusal.failure.detail)"])
                case .polled(let outcome):
                    await pool.giveBack(worker)
                    return outcome.fetched
                default: throw worker.outOfTurn()
                }
            }
        } catch {
            if worker.isAlive, error.code != .workerTooSlow {
                await pool.giveBack(worker)
            } else {
                await pool.discard(worker)
            }
            throw error
        }
    }

    private func verdict(on report: StoredInstance, from reader: String) async -> StoreVerdict {
        do {
            return try await reception.storeReport(report, from: reader)
        } catch {
            return StoreVerdict(status: DIMSE.outOfResources, keepFile: false)
        }
    }
}

extension ReportSettings.Method {
    fileprivate var word: PollJob.Method {
        switch self {
        case .move: .move
        case .get, .push: .get
        }
    }

    fileprivate var moveDestination: AETitle? {
        if case .move(let destination) = self { destination } else { nil }
    }
}

/// Transfers of which an instance was acknowledged, until it is known whether that was the last. A restart finds them
/// again by `Polling.recover`. Safe from any task.
final class PendingPolls: Sendable {
    private let ids = Mutex(Set<Int64>())

    var transfers: [Int64] { ids.withLock { $0.sorted() } }
    var isEmpty: Bool { ids.withLock(\.isEmpty) }

    func add(_ transfer: Int64) { ids.withLock { _ = $0.insert(transfer) } }
    func forget(_ transfer: Int64) { ids.withLock { _ = $0.remove(transfer) } }
}
