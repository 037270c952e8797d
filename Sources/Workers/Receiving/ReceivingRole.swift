// A receiving worker: one incoming association.

import DICOMNetwork
import DICOMVocabulary
import WorkerProtocol

/// Speaks DICOM with a peer and messages with the office. One thread.
struct ReceivingRole {
    let job: ReceiveJob
    let channel: WorkerChannel
    let progress: ProgressTicker

    /// True when the worker may take another job: after hostile or broken input the state of a C++ library is in doubt.
    /// Throws when the office is gone.
    func run(socket: CInt) throws(Failure) -> Bool {
        let association: IncomingAssociation
        let request: AssociationRequest
        do throws(Failure) {
            association = try IncomingAssociation(socket: socket, tls: job.tls, limits: job.limits)
            request = try association.receiveRequest()
        } catch {
            try channel.send(.associationEnded(Self.end(error, instances: 0, bytes: 0)))
            return false
        }
        try channel.send(.associationRequested(request))
        switch try channel.receive()?.message {
        case .accept(let grant):
            let chosen = ContextChoice.accept(request.contexts, grant: grant)
            let conversation = Conversation(
                association: association, channel: channel, progress: progress,
                intake: InstanceIntake(spool: job.spool, scan: job.scan, maximumObject: grant.maximumObject))
            return try conversation.run(chosen)
        case .reject(let rejection):
            association.reject(rejection)
            try channel.send(
                .associationEnded(
                    AssociationEnd(outcome: .rejected, instances: 0, bytes: association.bytes, detail: "")))
            return true
        default:
            association.abort()
            return false
        }
    }

    /// How a failure of the association is told. Codes are those that DICOMNetwork gives.
    static func end(_ failure: Failure, instances: Int, bytes: Int64) -> AssociationEnd {
        let outcome: AssociationEnd.Outcome =
            switch failure.code {
            case .peerTimedOut: .timedOut
            case .workerTooSlow: .tooSlow
            case .tlsFailed, .certificateExpired, .certificateRefused: .tlsFailed
            case .associationAborted: .aborted
            case .protocolError: .garbage
            default: .connectionLost
            }
        return AssociationEnd(outcome: outcome, instances: instances, bytes: bytes, detail: failure.detail)
    }
}

/// An accepted association, command after command.
private final class Conversation {
    private let association: IncomingAssociation
    private let channel: WorkerChannel
    private let progress: ProgressTicker
    private let intake: InstanceIntake
    private var instances = 0

    init(
        association: IncomingAssociation, channel: WorkerChannel, progress: ProgressTicker, intake: InstanceIntake
    ) {
        self.association = association
        self.channel = channel
        self.progress = progress
        self.intake = intake
    }

    /// Failures of the channel are thrown; those of the association are its end.
    func run(_ chosen: [UInt8: TransferSyntax]) throws(Failure) -> Bool {
        do throws(Failure) {
            // Without a common context the peer is told so context by context, and not by a rejection.
            try association.accept(chosen)
        } catch {
            return try broken(error)
        }
        while true {
            let command: IncomingCommand
            do throws(Failure) {
                command = try association.nextCommand()
            } catch {
                return try broken(error)
            }
            switch command {
            case .store(let store):
                if let failure = try take(store) { return try broken(failure) }
            case .echo(let echo):
                do throws(Failure) {
                    try association.respond(to: echo)
                } catch {
                    return try broken(error)
                }
            case .cancel:
                continue
            case .find, .get, .move:
                // No context for them was accepted.
                return try broken(
                    Failure(.protocolError, .tryAgain, .instance, detail: "a query on a context for storage"))
            case .released:
                return try ended(chosen.isEmpty ? .noCommonContext : .released)
            case .aborted:
                return try ended(.aborted)
            }
        }
    }

    /// The failure that ends the association, if one does.
    private func take(_ command: StoreCommand) throws(Failure) -> Failure? {
        let taken: Intaken
        do throws(Failure) {
            let counter = ByteCounter(association)
            taken = try progress.during(bytes: { counter.value }) { () throws(Failure) in
                try intake.take(command) { (descriptor, maximum) throws(Failure) in
                    try association.receiveDataSet(into: descriptor, maximumBytes: maximum)
                }
            }
        } catch {
            return error
        }
        let status: UInt16
        switch taken {
        case .stored(let instance):
            try channel.send(.instanceStored(instance))
            guard case .verdict(let verdict) = try channel.receive()?.message else {
                association.abort()
                throw Failure(.unexpected, .tryAgain, .instance, detail: "the office gave no verdict")
            }
            if !verdict.keepFile { intake.remove(instance.spoolKey) }
            if verdict.keepFile { instances += 1 }
            status = verdict.status
        case .refused(let refusal):
            try channel.send(.instanceRefused(refusal))
            status = refusal.status
        }
        do throws(Failure) {
            try association.respond(to: command, status: status)
            return nil
        } catch {
            return error
        }
    }

    private func ended(_ outcome: AssociationEnd.Outcome) throws(Failure) -> Bool {
        try channel.send(
            .associationEnded(
                AssociationEnd(outcome: outcome, instances: instances, bytes: association.bytes, detail: "")))
        return true
    }

    private func broken(_ failure: Failure) throws(Failure) -> Bool {
        let end = ReceivingRole.end(failure, instances: instances, bytes: association.bytes)
        association.abort()
        try channel.send(.associationEnded(end))
        return false
    }
}

/// The one thing of an association that another thread may read: its counter is atomic (cdcmtk_association_bytes).
struct ByteCounter: @unchecked Sendable {
    // Unchecked because associations belong to one thread, but for this counter.
    private let read: () -> Int64

    init(_ association: IncomingAssociation) { read = { association.bytes } }
    init(_ association: OutgoingAssociation) { read = { association.bytes } }

    var value: Int64 { read() }
}
