// A receiving worker: one incoming association.

import DICOMNetwork
import DICOMVocabulary
import Spool
import WorkerProtocol

/// Speaks DICOM with a peer and messages with the office. One thread.
struct ReceivingRole {
    let job: ReceiveJob
    let channel: WorkerChannel
    let progress: ProgressTicker
    let staging: Staging?

    /// True when the worker may take another job: after hostile or broken input the state of a C++ library is in doubt.
    /// Throws when the office is gone.
    func run(socket: CInt) throws(Failure) -> Bool {
        let association: IncomingAssociation
        let request: AssociationRequest
        do throws(Failure) {
            association = try IncomingAssociation(socket: socket, tls: job.tls, limits: job.limits)
            request = try association.receiveRequest()
        } catch {
            // At the end of its memory before the peer has said a word: the office gives the connection to another worker.
            if error.code == .outOfResources { throw error }
            try channel.send(.associationEnded(Self.end(error, instances: 0, bytes: 0)))
            return false
        }
        try channel.send(.associationRequested(request))
        switch try channel.receive()?.message {
        case .accept(let grant):
            let chosen = ContextChoice.accept(request.contexts, grant: grant)
            let conversation = Conversation(
                association: association, channel: channel, progress: progress, grant: grant, job: job,
                intake: InstanceIntake(
                    spool: job.spool, scan: job.scan, maximumObject: grant.maximumObject,
                    flushesFirst: grant.flushesFirst, staging: staging))
            return try conversation.run(chosen, of: request.contexts)
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
final class Conversation {
    let association: IncomingAssociation
    let channel: WorkerChannel
    let grant: AssociationGrant
    let job: ReceiveJob
    /// Transactions of which the peer waits for an answer here.
    var awaited: [AwaitedCommitment] = []
    private let progress: ProgressTicker
    private var intake: InstanceIntake
    private var instances = 0
    /// What the peer asked for, where nothing of it was accepted: then it does not matter how it takes its leave.
    private var nothingInCommon: String?

    init(
        association: IncomingAssociation, channel: WorkerChannel, progress: ProgressTicker, grant: AssociationGrant,
        job: ReceiveJob, intake: InstanceIntake
    ) {
        self.association = association
        self.channel = channel
        self.progress = progress
        self.grant = grant
        self.job = job
        self.intake = intake
    }

    /// Failures of the channel are thrown; those of the association are its end.
    func run(_ chosen: [UInt8: TransferSyntax], of proposed: [AssociationRequest.Context]) throws(Failure) -> Bool {
        if chosen.isEmpty { nothingInCommon = Self.refused(proposed) }
        do throws(Failure) {
            // Without a common context the peer is told so context by context, and not by a rejection.
            try association.accept(chosen, scpRoles: grant.commitmentReports ? association.offeredSCPRoles : [])
        } catch {
            return try broken(error)
        }
        while true {
            let command: IncomingCommand
            do throws(Failure) {
                try tellWhileWaiting()
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
            case .action(let action):
                if let failure = try takeCommitmentRequest(action) { return try broken(failure) }
            case .eventReport(let event):
                if let failure = try takeCommitmentReport(event) { return try broken(failure) }
            case .cancel:
                continue
            case .find, .get, .move:
                // No context for them was accepted.
                return try broken(
                    Failure(.protocolError, .tryAgain, .instance, detail: "a query on a context for storage"))
            case .released:
                return try ended(.released)
            case .aborted:
                return try ended(.aborted)
            }
        }
    }

    /// The failure that ends the association, if one does.
    private func take(_ command: StoreCommand) throws(Failure) -> Failure? {
        guard ContextChoice.stores(command.sopClass, grant) else {
            // Sent on a context that was agreed for another class; its data set is read over.
            try channel.send(.instanceRefused(Self.notStored(command)))
            return respond(command, DIMSEStatus.sopClassNotSupported)
        }
        try channel.send(.instanceBegun(command.sopInstance))
        let taken: Intaken
        do throws(Failure) {
            let counter = ByteCounter(association)
            taken = try progress.during(bytes: { counter.value }) { () throws(Failure) in
                try intake.take(command) { (sink, maximum, room) throws(Failure) in
                    try association.receiveDataSet(into: sink, maximumBytes: maximum, room: room)
                }
            }
        } catch {
            return error
        }
        let status: UInt16
        switch taken {
        case .stored(let instance, let file):
            try channel.send(.instanceStored(instance))
            FaultPoint.pass("worker.receive.after-word")
            // Beside the row: each takes a turn of the disk, and the sender waits for both.
            let lost = intake.flush(file, of: command)
            file.letGo()
            guard case .verdict(let verdict) = try channel.receive()?.message else {
                association.abort()
                throw Failure(.unexpected, .tryAgain, .instance, detail: "the office gave no verdict")
            }
            FaultPoint.pass("worker.receive.after-verdict")
            if let lost {
                try channel.send(.instanceNotDurable(spoolKey: instance.spoolKey, lost))
                return respond(command, lost.status)
            }
            if !verdict.keepFile { intake.remove(instance.spoolKey) }
            if verdict.keepFile { instances += 1 }
            status = verdict.status
        case .refused(let refusal):
            try channel.send(.instanceRefused(refusal))
            status = refusal.status
        }
        return respond(command, status)
    }

    private static func notStored(_ command: StoreCommand) -> InstanceRefusal {
        InstanceRefusal(
            sopClass: command.sopClass, sopInstance: command.sopInstance, status: DIMSEStatus.sopClassNotSupported,
            failure: Failure(
                .sopClassNotSupported, .refused, .instance, status: DIMSEStatus.sopClassNotSupported,
                detail: "the request's SOP class is none that this source may store",
                hint: "The sender uses a context that was agreed for another class; have it corrected there."))
    }

    private func respond(_ command: StoreCommand, _ status: UInt16) -> Failure? {
        do throws(Failure) {
            FaultPoint.pass("worker.receive.before-answer")
            try association.respond(to: command, status: status)
            FaultPoint.pass("worker.receive.after-answer")
            return nil
        } catch {
            return error
        }
    }

    private func ended(_ outcome: AssociationEnd.Outcome) throws(Failure) -> Bool {
        try channel.send(
            .associationEnded(
                AssociationEnd(
                    outcome: nothingInCommon == nil ? outcome : .noCommonContext, instances: instances,
                    bytes: association.bytes, detail: nothingInCommon ?? "")))
        return true
    }

    /// What was asked for, for a person who wonders; only what are UIDs, for the rest may say anything.
    private static func refused(_ proposed: [AssociationRequest.Context]) -> String {
        let classes = Set(proposed.map(\.abstractSyntax).filter(\.isValid).map(\.string)).sorted()
        return "asked for \(classes.prefix(5).joined(separator: ", "))\(classes.count > 5 ? " and others" : "")"
    }

    private func broken(_ failure: Failure) throws(Failure) -> Bool {
        var end = ReceivingRole.end(failure, instances: instances, bytes: association.bytes)
        association.abort()
        if let nothingInCommon, end.outcome == .connectionLost {
            (end.outcome, end.detail) = (.noCommonContext, nothingInCommon)
        }
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
