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
    /// Seconds after which the rest of a slow reader's questions waits for the next turn, for other readers wait for its end.
    private static let turn = 60.0
    /// Seconds for a question that is under way at a stop.
    private static let grace = 10.0

    let journal: JournalDatabase
    let door: VaultDoor
    let pool: WorkerPool
    let reception: Reception
    let settings: GatewaySettings
    let logger: Logger
    let now: @Sendable () -> Date
    let memory: PollMemory
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
            guard transfer.waiting == 0, transfer.claimed == 0, !transfer.isGrowing else { continue }
            if transfer.acknowledged > 0 {
                FaultPoint.pass("poll.before-schedule")
                try await journal.schedulePoll(
                    transfer: id,
                    at: PollSchedule.first(acknowledgedAt: min(transfer.finishedAt ?? now(), now()), reports))
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
        let end = ContinuousClock.now + .seconds(Self.turn)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for polls in due.values {
                group.addTask {
                    for poll in polls.prefix(Self.perTurn) where ContinuousClock.now < end && !Task.isCancelled {
                        beat()
                        // A reader that cannot be reached is not asked for its other studies in this turn.
                        let isReached = try await finishing { try await ask(poll) }
                        guard isReached else { return try await postpone(polls, after: poll) }
                    }
                }
            }
            try await group.waitForAll()
        }
        return try await journal.nextPoll()
    }

    /// A report that is on its way at a stop is taken, as an instance is: otherwise half of it is left in the spool.
    private func finishing(_ question: @escaping @Sendable () async throws -> Bool) async throws -> Bool {
        let asking = Task { try await question() }
        let seconds = min(settings.drain, Self.grace)
        return try await withTaskCancellationHandler {
            try await asking.value
        } onCancel: {
            Task {
                try? await Task.sleep(for: .seconds(seconds))
                asking.cancel()
            }
        }
    }

    /// The others first, next time: whatever the road failed of, it may have been this question.
    private func postpone(_ polls: [PollRecord], after failed: PollRecord) async throws {
        guard let reports = settings.reports(of: failed.destination) else { return }
        let next = now().addingTimeInterval(reports.interval)
        let others = polls.filter { $0.transferID != failed.transferID }
        for poll in others { try await journal.deferPoll(transfer: poll.transferID, until: next) }
        if !others.isEmpty {
            try await journal.deferPoll(transfer: failed.transferID, until: next.addingTimeInterval(1))
        }
    }

    /// False when the reader could not be reached.
    private func ask(_ poll: PollRecord) async throws -> Bool {
        // One that is asked under another kind of name today never got the study by this one.
        guard let reports = settings.reports(of: poll.destination),
            let destination = settings.destination(poll.destination), let study = poll.pseudonymousStudyUID,
            let transfer = try await journal.transfer(poll.transferID),
            transfer.isIdentified == destination.profile.isIdentified
        else {
            try await journal.recordPoll(
                transfer: poll.transferID, next: nil, state: .givenUp,
                failure: Failure(
                    .cancelled, .person, .instance, detail: "\(poll.destination) is not asked for it any more"),
                at: now())
            return true
        }
        var query = ReportQuery()
        query.transferID = poll.transferID
        let known = try await journal.reports(query).filter(\.hasFile)
        let resting = memory.resting(poll.transferID, at: now())
        var own = OwnObjects()
        var elsewhere: [UID] = []
        if let id = poll.studyID, let record = try await journal.study(id) {
            // What came on the question of another transfer of the study, which the reader knows by the same UID.
            var ofStudy = ReportQuery()
            ofStudy.studyID = record.followUpOf ?? record.id
            ofStudy.reader = poll.destination
            elsewhere = try await journal.reports(ofStudy).filter(\.hasFile).map(\.sopInstance)
            // What came a moment ago, perhaps before a restart, and is not matched yet.
            var unmatched = ReportQuery()
            unmatched.states = [.received]
            unmatched.reader = poll.destination
            elsewhere += try await journal.reports(unmatched).map(\.sopInstance)
            own = try await OwnDocuments(journal: journal, door: door)
                .objects(study: record.studyUID, sentBy: transfer)
        }
        let job = PollJob(
            peer: destination.peer, limits: destination.limits, scan: settings.intake.scan,
            spool: SpoolLocation(directory: settings.spool, freeFloor: settings.freeFloor),
            method: reports.method.word, moveDestination: reports.method.moveDestination, study: study,
            known: known.map(\.sopInstance) + elsewhere + own.documents + resting, ownSeries: own.series,
            maximumReports: reports.maximumReports)
        var failure: Failure?
        var found = known.count
        var deaths = 0
        do throws(Failure) {
            let outcome = try await fetch(job, from: destination.name)
            found += outcome.fetched
            memory.note(outcome, of: poll.transferID, resting: resting, interval: reports.interval, at: now())
            // What rests has failed before, and that is still why it is not here.
            failure = outcome.refused.last?.failure ?? outcome.failure ?? (resting.isEmpty ? nil : poll.lastFailure)
            if let new = outcome.refused.last?.failure ?? outcome.failure {
                warn("A reader did not give all the reports that it has", poll, new)
            }
        } catch {
            failure = error
            deaths = memory.deaths(of: poll.transferID, adding: error)
            warn("A reader could not be asked for a report", poll, error)
        }
        FaultPoint.pass("poll.after-answer-before-row")
        let wentHome = known.compactMap(\.restoredAt).max()
        let standing: PollSchedule.Standing = wentHome.map { .wentHome($0) } ?? (found > 0 ? .here : .none)
        var next = PollSchedule.next(after: now(), since: poll.firstAt, report: standing, reports)
        if let last = failure, deaths >= settings.maximumDeaths {
            next = nil
            failure = Deferrals.setAside(deaths, after: last, hint: "Keep the log for the maintainers.")
        }
        let gaveUp =
            next == nil && (found == 0 || deaths >= settings.maximumDeaths || memory.isIncomplete(poll.transferID))
        if next == nil { memory.forget(poll.transferID) }
        try await journal.recordPoll(
            transfer: poll.transferID, next: next, state: next == nil ? (gaveUp ? .givenUp : .done) : .open,
            failure: failure, at: now())
        if gaveUp {
            logger.error("No report came in time", metadata: ["transfer": "T\(poll.transferID)"])
        }
        return failure?.scope != .destination
    }

    private func warn(_ what: Logger.Message, _ poll: PollRecord, _ failure: Failure) {
        logger.warning(
            what,
            metadata: [
                "destination": "\(poll.destination)", "transfer": "T\(poll.transferID)",
                "code": "\(failure.code.rawValue)", "detail": "\(failure.detail)",
            ])
    }

    /// Gives what came. Those that C-MOVE brings come through a listener.
    private func fetch(_ job: PollJob, from reader: String) async throws(Failure) -> PollOutcome {
        let worker = try await pool.lease()
        do throws(Failure) {
            try worker.send(.poll(job))
            while true {
                // A question, or one report: the worker keeps the peer's deadlines, this one is for the worker.
                let answer = try await worker.reply(
                    within: job.limits.connect + job.limits.negotiation + 3 * job.limits.dimse + job.limits.workerMargin
                )
                beat()
                switch answer {
                case .instanceStored(let report):
                    FaultPoint.pass("poll.after-receive-before-row")
                    let verdict = await verdict(on: report, from: reader)
                    try worker.send(.verdict(verdict))
                case .instanceRefused(let refusal):
                    logger.warning(
                        "A fetched object was refused",
                        metadata: ["destination": "\(reader)", "detail": "\(refusal.failure.detail)"])
                case .polled(let outcome):
                    await pool.giveBack(worker)
                    return outcome
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
