// Storage commitment on an incoming association (PS3.4 Annex J): modalities ask us, destinations answer us.

import DICOMNetwork
import DICOMVocabulary
import WorkerProtocol

/// A request that was taken on this association and is not answered yet.
struct AwaitedCommitment {
    var transaction: UID
    var context: AcceptedContext
}

extension Conversation {
    /// Seconds between two looks for an answer.
    private static let look = 1.0
    /// Not Authorized (PS3.7 C.5.4) and Processing Failure (C.5.2).
    private static let notAuthorized: UInt16 = 0x0124
    private static let processingFailure: UInt16 = 0x0110

    /// The failure that ends the association, if one does. Failures of the channel are thrown.
    func takeCommitmentRequest(_ action: NotificationCommand) throws(Failure) -> Failure? {
        let request: CommitmentRequest?
        do throws(Failure) {
            request = try association.commitmentRequest(of: action, bounds: job.scan)
        } catch {
            return error
        }
        var status = grant.commitmentRequests ? Self.processingFailure : Self.notAuthorized
        if let request, grant.commitmentRequests {
            try channel.send(.commitmentRequested(request))
            status = try verdict()
        }
        do throws(Failure) {
            try association.respond(toAction: action, status: status)
        } catch {
            return error
        }
        // Between images nobody expects our N-EVENT-REPORT; it then comes on an association of our own.
        if let request, status == 0, !storesToo {
            awaited.append(AwaitedCommitment(transaction: request.transaction, context: action.context))
        }
        return nil
    }

    func takeCommitmentReport(_ event: NotificationCommand) throws(Failure) -> Failure? {
        let report: CommitmentReport?
        do throws(Failure) {
            report = try association.commitmentReport(of: event, bounds: job.scan)
        } catch {
            return error
        }
        var status = grant.commitmentReports ? Self.processingFailure : Self.notAuthorized
        if let report, grant.commitmentReports {
            try channel.send(.commitmentReported(report))
            status = try verdict()
        }
        do throws(Failure) {
            try association.respond(toEvent: event, status: status)
            return nil
        } catch {
            return error
        }
    }

    /// While the peer says nothing and waits for answers, looks whether they have come, and tells it. Ends when the peer
    /// speaks, or has been silent for as long as it may.
    func tellWhileWaiting() throws(Failure) {
        let deadline = ContinuousClock.now + .seconds(job.limits.idle)
        while let next = awaited.first, ContinuousClock.now < deadline {
            if try association.speaks(within: Self.look) { return }
            try channel.send(.commitmentAwaited(next.transaction))
            guard case .commitmentAnswer(let report) = try channel.receive()?.message else { throw Self.officeIsGone }
            // The one that was asked for longest may be the one that comes last.
            awaited.removeFirst()
            guard let report else {
                awaited.append(next)
                continue
            }
            let status = try association.reportCommitment(report, on: next.context)
            try channel.send(.commitmentTold(report.transaction, status: status))
        }
    }

    private var storesToo: Bool {
        association.accepted.contains {
            $0.abstractSyntax != StorageCommitment.sopClass && $0.abstractSyntax != SOPClass.verification
        }
    }

    private func verdict() throws(Failure) -> UInt16 {
        guard case .verdict(let verdict) = try channel.receive()?.message else { throw Self.officeIsGone }
        return verdict.status
    }

    private static let officeIsGone = Failure(
        .unexpected, .tryAgain, .instance, detail: "the office gave no answer about a commitment")
}
