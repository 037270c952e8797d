// Modalities ask for storage commitment, and are told what destinations have said (PS3.4 Annex J as SCP).

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Logging
import Synchronization
import WorkerProtocol

/// A gateway is no archive: it never commits for itself. What it answers is made by the journal alone, of commitments
/// that destinations have given (`JournalDatabase.answer(toCommitmentRequest:)`). Safe from any task.
final class CommitmentRelay: Sendable {
    /// Seconds in which a modality that waits on its association is told there, before we open one of our own.
    private static let courtesy: Double = 3
    /// Seconds after which an answer that was begun on the modality's association counts as lost.
    private static let telling: Double = 60

    private let journal: JournalDatabase
    private let pool: WorkerPool
    private let settings: @Sendable () -> GatewaySettings
    private let counters: Counters
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let draw: @Sendable () -> Double
    private let committing: @Sendable () -> Committing
    /// Somebody asks: there may be something to decide.
    private let asked: @Sendable () -> Void
    /// Requests that are being answered on the association on which they came, and since when.
    private let told = Mutex([UID: Date]())
    private let forgottenAt = Mutex<Date?>(nil)

    init(
        journal: JournalDatabase, pool: WorkerPool, settings: @escaping @Sendable () -> GatewaySettings,
        counters: Counters, logger: Logger, now: @escaping @Sendable () -> Date,
        draw: @escaping @Sendable () -> Double, committing: @escaping @Sendable () -> Committing,
        asked: @escaping @Sendable () -> Void
    ) {
        self.journal = journal
        self.pool = pool
        self.settings = settings
        self.counters = counters
        self.logger = logger
        self.now = now
        self.draw = draw
        self.committing = committing
        self.asked = asked
    }

    /// Decides what can be decided and tells what is decided. Gives when there is reason to look again.
    func turn(beat: @escaping @Sendable () -> Void) async throws -> Date? {
        let due = try await journal.dueCommitmentRequests(at: now(), limit: 200)
        var decided: [CommitmentRequestRecord] = []
        for request in due {
            beat()
            if request.state == .decided { decided.append(request) } else { _ = try await decide(request) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for requests in Dictionary(grouping: decided, by: \.source).values {
                group.addTask {
                    for request in requests {
                        beat()
                        guard try await self.tell(request) else { return }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await forget()
        return try await journal.nextCommitmentRequest()
    }

    /// The objects of old requests, once an hour; the sums stay.
    private func forget() async throws(Failure) {
        let time = now()
        let isDue = forgottenAt.withLock { last in
            if let last, abs(time.timeIntervalSince(last)) < 3600 { return false }
            last = time
            return true
        }
        if isDue { try await journal.forgetCommitmentRequests(before: time.addingTimeInterval(-30 * 86_400)) }
    }

    private func decide(_ request: CommitmentRequestRecord) async throws -> CommitmentRequestRecord? {
        let relay = settings().intake.sources.first { $0.name == request.source }?.commitment
        let deadline = request.receivedAt.addingTimeInterval(relay?.deadline ?? 0)
        // A confirmation rings; this look is for what ends without one, and dearer for many objects.
        let pause = min(600, 10 + Double(request.instances) / 50)
        return try await journal.decideCommitmentRequest(
            request.id, last: now() >= deadline, next: min(deadline, now().addingTimeInterval(pause)),
            deliver: now().addingTimeInterval(Self.courtesy), at: now())
    }

    /// On an association of our own. False when the modality could not be reached.
    private func tell(_ request: CommitmentRequestRecord) async throws -> Bool {
        let since = told.withLock { $0[request.transaction] }
        if let since, now().timeIntervalSince(since) < Self.telling { return true }
        guard let relay = settings().intake.sources.first(where: { $0.name == request.source })?.commitment,
            let report = try await journal.answer(toCommitmentRequest: request.id),
            let called = AETitle(request.callingAE), let calling = AETitle(request.calledAE)
        else {
            let failure = Failure(
                .cancelled, .person, .instance, detail: "\(request.source) is not answered about commitments any more")
            try await journal.notAnswered(commitmentRequest: request.id, failure: failure, next: nil, at: now())
            return true
        }
        let peer = PeerAddress(
            host: relay.host ?? request.address, port: relay.port, calledAE: called, callingAE: calling, tls: relay.tls)
        let limits = settings().intake.limits
        do throws(Failure) {
            let answer = try await pool.ask(
                .tellCommitment(CommitmentNews(peer: peer, limits: limits, report: report)),
                within: limits.connect + limits.negotiation + 3 * limits.dimse + limits.workerMargin)
            guard case .commitmentSettled(let status) = answer else {
                throw Failure(.protocolError, .tryAgain, .destination, detail: "a worker answered out of turn")
            }
            guard status == 0 else {
                throw Failure(
                    .refusedByPeer, .tryAgain, .instance, status: status,
                    detail: "the modality did not take the answer")
            }
        } catch {
            try await notTold(request, error, relay)
            return error.scope != .destination
        }
        try await settle(request, report)
        return true
    }

    private func notTold(
        _ request: CommitmentRequestRecord, _ failure: Failure, _ relay: CommitmentRelaySettings
    ) async throws {
        let isOver = now().timeIntervalSince(request.decidedAt ?? request.receivedAt) >= relay.giveUp
        let delay = Backoff(minimum: 10, maximum: 600).delay(failures: request.attempts + 1, draw: draw())
        logger.log(
            level: isOver ? .error : .warning,
            isOver
                ? "A modality could not be told what came of its request for commitment"
                : "A modality could not be told yet what came of its request for commitment",
            metadata: [
                "source": "\(request.source)", "request": "\(request.key)", "code": "\(failure.code.rawValue)",
                "detail": "\(failure.detail)",
            ])
        try await journal.notAnswered(
            commitmentRequest: request.id, failure: failure,
            next: isOver ? nil : now().addingTimeInterval(delay), at: now())
    }

    private func settle(_ request: CommitmentRequestRecord, _ report: CommitmentReport) async throws {
        try await journal.answered(commitmentRequest: request.id, at: now())
        counters.add(
            "antipode_commitment_answers_total",
            ["source": request.source, "outcome": report.refused.isEmpty ? "committed" : "refused"])
        logger.info(
            "A modality was told what came of its request for commitment",
            metadata: [
                "source": "\(request.source)", "request": "\(request.key)", "committed": "\(report.committed.count)",
                "refused": "\(report.refused.count)",
            ])
    }
}

extension CommitmentRelay: CommitmentDesk {
    func requested(
        _ request: CommitmentRequest, by source: SourceSettings, on association: AssociationKey
    ) async -> UInt16 {
        guard let relay = source.commitment else { return 0x0124 }
        let new = NewCommitmentRequest(
            source: source.name, request: request, callingAE: association.callingAE.string,
            calledAE: association.calledAE.string, address: association.address, destinations: relay.by)
        do {
            switch try await journal.record(request: new, at: now()) {
            case .accepted(let record):
                logger.info(
                    "A modality asks for commitment",
                    metadata: [
                        "source": "\(source.name)", "request": "\(record.key)", "instances": "\(record.instances)",
                    ])
                asked()
                return 0
            // Invalid Argument Value (PS3.7 C.4.3).
            case .transactionInUse: return 0x0115
            }
        } catch {
            logger.error(
                "A request for commitment could not be journalled and was refused",
                metadata: ["source": "\(source.name)", "detail": "\(error.detail)"])
            return StorageCommitment.Reason.resourceLimitation
        }
    }

    func reported(_ report: CommitmentReport, by source: SourceSettings) async -> UInt16 {
        guard let destination = source.role.destination else { return 0x0124 }
        return await committing().take(report, from: destination)
    }

    func answer(to transaction: UID, of source: SourceSettings) async -> CommitmentReport? {
        guard let request = try? await journal.commitmentRequest(source: source.name, transaction: transaction),
            request.state == .decided,
            let report = try? await journal.answer(toCommitmentRequest: request.id)
        else { return nil }
        let time = now()
        told.withLock { told in
            // What was lost on its way is not remembered for ever.
            told = told.filter { time.timeIntervalSince($0.value) < Self.telling }
            told[transaction] = time
        }
        return report
    }

    func told(_ transaction: UID, status: UInt16, to source: SourceSettings) async {
        told.withLock { $0[transaction] = nil }
        guard status == 0,
            let request = try? await journal.commitmentRequest(source: source.name, transaction: transaction),
            let report = try? await journal.answer(toCommitmentRequest: request.id)
        else { return }
        do {
            try await settle(request, report)
        } catch {
            // It is told once more, on an association of our own.
            logger.warning(
                "That a modality was told could not be written down", metadata: ["request": "\(request.key)"])
        }
    }
}
