// After step 6: destinations are asked to commit to what they have acknowledged (PS3.4 Annex J as SCU).

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Logging
import Vault
import WorkerProtocol

extension DestinationSettings {
    /// What is asked of this destination beside an acknowledgement.
    var commitmentWish: CommitmentWish { commitment.map { $0.keepFiles ? .keep : .ask } ?? .none }
}

/// Asks what is due, each destination in a task of its own, and takes what destinations answer, on whichever association
/// it comes. Safe from any task.
struct Committing: Sendable {
    /// Transfers asked about at one destination in one turn.
    private static let perTurn = 20
    /// Seconds until a destination that the configuration does not name is looked for again.
    private static let absence: Double = 300

    let journal: JournalDatabase
    let door: VaultDoor
    let pool: WorkerPool
    let settings: GatewaySettings
    let counters: Counters
    let logger: Logger
    let now: @Sendable () -> Date
    /// Counts the workers that died of a question.
    let deferrals: Deferrals
    /// A random number in 0..<1.
    let draw: @Sendable () -> Double
    /// Called between questions: the stage moves.
    let beat: @Sendable () -> Void
    /// Objects wait again, or transfers are confirmed: somebody may wait for that.
    let changed: @Sendable () -> Void

    /// Gives when the next question is due.
    func askDue() async throws -> Date? {
        let due = Dictionary(grouping: try await journal.dueCommitments(at: now(), limit: 500), by: \.destination)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for questions in due.values {
                group.addTask {
                    for question in questions.prefix(Self.perTurn) {
                        beat()
                        // A destination that cannot be reached is not asked about its other transfers in this turn.
                        guard try await ask(question) else { return try await postpone(questions, after: question) }
                    }
                }
            }
            try await group.waitForAll()
        }
        return try await journal.nextCommitment()
    }

    private func postpone(_ questions: [CommitmentRecord], after failed: CommitmentRecord) async throws {
        guard let destination = settings.destination(failed.destination) else { return }
        for one in questions where one.transferID != failed.transferID && one.nextAt <= now() {
            try await journal.deferCommitment(
                transfer: one.transferID, failure: nil, next: now().addingTimeInterval(destination.retry.maximum))
        }
    }

    /// False when the destination could not be reached.
    private func ask(_ question: CommitmentRecord) async throws -> Bool {
        guard let destination = settings.destination(question.destination) else {
            // Taken out, or renamed for a while: what it has not committed stays open, and its files with it, until a person is asked.
            let next = CommitmentPolicy.next(
                after: now(), since: question.firstAt, failures: question.failures + 1, CommitmentSettings(),
                retry: RetrySettings(), draw: draw())
            guard let next else {
                try await giveUp(question, "\(question.destination) is not in the configuration any more")
                return true
            }
            try await journal.deferCommitment(
                transfer: question.transferID, failure: nil,
                next: max(next, now().addingTimeInterval(Self.absence)))
            return true
        }
        guard let commitment = destination.commitment, let transfer = try await journal.transfer(question.transferID)
        else {
            try await journal.waiveCommitment(transfer: question.transferID, at: now())
            return true
        }
        let next = CommitmentPolicy.next(
            after: now(), since: question.firstAt, failures: question.failures + 1, commitment,
            retry: destination.retry, draw: draw())
        guard let next else {
            let why = question.failure.map { ": \($0.detail)" } ?? ""
            deferrals.forget(question.transferID)
            try await giveUp(
                question, "\(question.destination) did not commit in time, asked \(question.asked) times\(why)")
            return true
        }
        do throws(Failure) {
            let waiting = try await failing { try await journal.unconfirmed(transfer: transfer.id) }
            let vault = try self.vault(for: transfer)
            var start = 0
            while start < waiting.count {
                let part = waiting[start..<min(start + StorageCommitment.maximumReferences, waiting.count)]
                start = part.endIndex
                let request = CommitmentRequest(
                    transaction: Self.newTransaction(), references: part.map { vault($0.reference) })
                let goesOn = try await failing {
                    try await journal.beginCommitment(
                        transfer: transfer.id, transaction: request.transaction,
                        next: now().addingTimeInterval(commitment.answer), at: now())
                }
                guard goesOn else { return true }
                FaultPoint.pass("commit.after-row-before-request")
                try await put(request, to: destination, commitment)
                beat()
            }
            deferrals.forget(transfer.id)
            return true
        } catch {
            logger.warning(
                "A destination could not be asked to commit",
                metadata: [
                    "destination": "\(destination.name)", "transfer": "\(transfer.key)",
                    "code": "\(error.code.rawValue)", "detail": "\(error.detail)",
                ])
            try await journal.deferCommitment(transfer: transfer.id, failure: error, next: next)
            let deaths = deferrals.deaths(of: transfer.id, adding: error, at: now())
            if deaths >= settings.maximumDeaths {
                deferrals.forget(transfer.id)
                try await giveUp(
                    question, "\(deaths) workers died of asking \(destination.name) to commit: \(error.detail)")
            }
            return error.scope != .destination
        }
    }

    private func giveUp(_ question: CommitmentRecord, _ why: String) async throws {
        try await journal.giveUpCommitment(
            transfer: question.transferID,
            failure: Failure(
                .notCommitted, .person, .instance, status: question.failure?.status,
                detail: why,
                hint: "Ask the destination's operator; retry asks anew, release does without a commitment."),
            at: now())
        logger.error(
            "A destination is not asked to commit any more",
            metadata: [
                "destination": "\(question.destination)", "transfer": "T\(question.transferID)", "detail": "\(why)",
            ])
    }

    /// One N-ACTION, and what comes on its association.
    private func put(
        _ request: CommitmentRequest, to destination: DestinationSettings, _ commitment: CommitmentSettings
    ) async throws(Failure) {
        let job = CommitmentJob(
            peer: destination.peer, limits: destination.limits, scan: settings.intake.scan, request: request,
            wait: commitment.wait)
        let worker = try await pool.lease()
        do throws(Failure) {
            try worker.send(.askCommitment(job))
            while true {
                // The worker keeps the peer's deadlines; this one is for the worker.
                let answer = try await worker.reply(
                    within: job.limits.connect + job.limits.negotiation + 3 * job.limits.dimse + job.wait
                        + job.limits.workerMargin)
                switch answer {
                case .commitmentReported(let report):
                    let status = await take(report, from: destination.name)
                    try worker.send(.verdict(StoreVerdict(status: status, keepFile: false)))
                case .commitmentSettled(let status):
                    await pool.giveBack(worker)
                    guard status == 0 else {
                        throw Failure(
                            .refusedByPeer, .tryAgain, .instance, status: status,
                            detail: "the destination answered N-ACTION with \(Self.hex(status))",
                            hint: "The destination may not offer storage commitment; its log says why.")
                    }
                    return
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

    // MARK: Answers

    /// Makes an answer durable; gives the status of the N-EVENT-REPORT-RSP. A transaction is answered by the destination
    /// that was asked, or not at all.
    func take(_ report: CommitmentReport, from destination: String) async -> UInt16 {
        do {
            guard let transfer = try await journal.transfer(ofTransaction: report.transaction),
                transfer.destination == destination
            else {
                logger.warning(
                    "A commitment was reported that nobody waits for", metadata: ["destination": "\(destination)"])
                return Self.invalidArgument
            }
            let settled = settings.destination(destination)
            let commitment = settled?.commitment ?? CommitmentSettings()
            let verdicts = try await verdicts(on: report, transfer, commitment)
            FaultPoint.pass("commit.before-row")
            let retry = settled?.retry ?? RetrySettings()
            let next = CommitmentPolicy.next(
                after: now(), since: now(), failures: 1, commitment, retry: retry, draw: draw())
            let state = try await journal.recordCommitment(
                transfer: transfer.id, verdicts, next: next ?? now().addingTimeInterval(retry.maximum), at: now())
            FaultPoint.pass("commit.after-row-before-answer")
            count(report, transfer, state)
            changed()
            return 0
        } catch {
            logger.error(
                "A commitment could not be written down; the destination may report it again",
                metadata: ["destination": "\(destination)", "detail": "\((error as? Failure)?.detail ?? "")"])
            return StorageCommitment.Reason.processingFailure
        }
    }

    private func verdicts(
        on report: CommitmentReport, _ transfer: TransferRecord, _ settings: CommitmentSettings
    ) async throws -> [(passage: Int64, verdict: CommitmentVerdict)] {
        let vault = try vault(for: transfer)
        var waiting: [UID: (passage: Int64, sent: SOPReference)] = [:]
        for one in try await journal.unconfirmed(transfer: transfer.id) {
            let sent = vault(one.reference)
            waiting[sent.sopInstance] = (one.id, sent)
        }
        var verdicts: [(passage: Int64, verdict: CommitmentVerdict)] = []
        // Refused counts, should an object stand in both lists.
        for refusal in report.refused {
            guard let one = waiting.removeValue(forKey: refusal.reference.sopInstance) else { continue }
            verdicts.append(
                (
                    one.passage,
                    CommitmentPolicy.verdict(
                        reason: refusal.reason, sopInstance: one.sent.sopInstance, destination: transfer.destination,
                        settings)
                ))
        }
        for reference in report.committed {
            // A commitment to another class under our UID is none to our object.
            guard let one = waiting[reference.sopInstance], one.sent == reference else { continue }
            waiting[reference.sopInstance] = nil
            verdicts.append((one.passage, .confirmed))
        }
        return verdicts
    }

    private func count(_ report: CommitmentReport, _ transfer: TransferRecord, _ state: TransferState?) {
        let label = ["destination": transfer.destination]
        for (outcome, count) in [("committed", report.committed.count), ("refused", report.refused.count)] {
            counters.add(
                "antipode_commitments_total", label.merging(["outcome": outcome]) { $1 }, Int64(count))
        }
        logger.log(
            level: report.refused.isEmpty ? .info : .warning, "A destination answered about its commitment",
            metadata: [
                "destination": "\(transfer.destination)", "transfer": "\(transfer.key)",
                "committed": "\(report.committed.count)", "refused": "\(report.refused.count)",
                "state": "\(state?.rawValue ?? "")",
            ])
    }

    /// From an object as the hospital knows it to what the destination got.
    private func vault(for transfer: TransferRecord) throws(Failure) -> (SOPReference) -> SOPReference {
        // Reports go home under their own UIDs.
        guard transfer.reportID == nil, transfer.profile.hasPrefix("pseudonymous") else { return { $0 } }
        let vault = try door.open()
        return { reference in
            SOPReference(
                sopClass: reference.sopClass,
                sopInstance: vault.pseudonym(reference.sopInstance, scope: transfer.space))
        }
    }

    /// Under 2.25, of 122 random bits (PS3.5 B.2).
    private static func newTransaction() -> UID {
        UID(pseudonymousMaterial: (0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// Invalid Argument Value (PS3.7 C.4.3).
    private static let invalidArgument: UInt16 = 0x0115

    private static func hex(_ status: UInt16) -> String {
        let digits = String(status, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits + "H"
    }

    private func failing<Value>(_ body: () async throws -> Value) async throws(Failure) -> Value {
        do {
            return try await body()
        } catch {
            throw error as? Failure
                ?? Failure(.unexpected, .tryAgain, .destination, detail: "the journal could not be used")
        }
    }
}
