// A sending worker: one lane to one destination.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import WorkerProtocol

/// Opens an association and sends what the office hands over, instance by instance. One thread.
final class SendingRole {
    /// UID pairs that the office has made durable already; forgotten when there are many, and then told again.
    private static let maximumRemembered = 100_000
    /// Seconds between two looks at an association that rests.
    private static let look = 1.0

    private let job: LaneJob
    private let channel: WorkerChannel
    private let progress: ProgressTicker
    private let desk: DepartureDesk
    private var told: Set<Told> = []
    private var pseudonyms = PseudonymMemory()

    /// Many studies may name one UID, and the office keeps which.
    private struct Told: Hashable {
        var pair: UIDPair
        var study: String
    }

    init(job: LaneJob, channel: WorkerChannel, progress: ProgressTicker, staging: Staging?) {
        self.job = job
        self.channel = channel
        self.progress = progress
        desk = DepartureDesk(
            spoolDirectory: job.spoolDirectory, scan: job.scan, policy: job.policy, compresses: job.compresses,
            staging: staging)
    }

    /// True when the worker may take another job. Throws when the office is gone.
    func run() throws(Failure) -> Bool {
        let association: OutgoingAssociation
        do throws(Failure) {
            association = try OutgoingAssociation(
                to: job.peer, limits: job.limits,
                proposals: LaneProposals.make(
                    job.proposals, blanking: !job.policy.templates.isEmpty, compressing: job.compresses,
                    keepingAlive: job.keepsAlive)
            ) { [channel] roundTrip in
                // Whether the office is gone is seen at the next word to it.
                try? channel.send(.laneConnected(roundTrip: roundTrip))
            }
        } catch {
            // A peer that takes none of what waits is no broken road: each instance is told so, as beside accepted ones.
            if error.code == .noPresentationContext { return try decline() }
            try channel.send(.failed(error))
            return true
        }
        let accepted = job.proposals.filter { proposal in
            LaneProposals.sendable(proposal.transferSyntax) { association.context(for: proposal.sopClass, $0) } != nil
        }
        try channel.send(.laneOpened(LaneOpened(accepted: accepted)))
        var interrupting: OfficeMessage?
        while true {
            if interrupting == nil, try hasEnded(association) { return true }
            let next: OfficeMessage?
            if let interrupting { next = interrupting } else { next = try channel.receive()?.message }
            interrupting = nil
            switch next {
            case .send(let job):
                let (outcome, interruption) = try transmit(try pseudonyms.whole(job), over: association)
                guard let outcome else {
                    // The office is gone, or gave the instance up.
                    interrupting = interruption
                    continue
                }
                try channel.send(.sent(outcome))
                if !outcome.laneUsable { return true }
            case .keepAlive:
                do throws(Failure) {
                    _ = try association.echo()
                    try channel.send(.keptAlive)
                } catch {
                    association.abort()
                    try channel.send(.laneClosed)
                    return true
                }
            case .closeLane:
                association.release()
                return true
            default:
                association.abort()
                return false
            }
        }
    }

    /// Waits for the office; true when the peer says something first, which while nothing is under way can only be its
    /// leave: A-RELEASE-RQ, A-ABORT, or the end of the connection.
    private func hasEnded(_ association: OutgoingAssociation) throws(Failure) -> Bool {
        while !channel.hears(within: Self.look) {
            guard association.hasWord else { continue }
            association.answerLeave()
            try channel.send(.laneClosed)
            return true
        }
        return false
    }

    /// A lane without an association.
    private func decline() throws(Failure) -> Bool {
        try channel.send(.laneOpened(LaneOpened(accepted: [])))
        while case .send(let send) = try channel.receive()?.message {
            let failure = DepartureDesk.noContext(send)
            try channel.send(.sent(SendOutcome(status: nil, failure: failure, laneUsable: true, bytes: 0, seconds: 0)))
        }
        return true
    }

    /// The outcome; or, when the office gave the instance up while its UIDs waited, what the office said instead.
    private func transmit(
        _ send: SendJob, over association: OutgoingAssociation
    ) throws(Failure) -> (SendOutcome?, OfficeMessage?) {
        let start = ContinuousClock.now
        func outcome(_ status: UInt16?, _ failure: Failure?, usable: Bool, bytes: Int64 = 0) -> SendOutcome {
            SendOutcome(
                status: status, failure: failure, laneUsable: usable, bytes: bytes,
                seconds: (ContinuousClock.now - start) / .seconds(1))
        }
        let departure: Departure
        do throws(Failure) {
            departure = try desk.prepare(send) { association.context(for: send.sopClass, $0) }
        } catch {
            return (outcome(nil, error, usable: true), nil)
        }
        FaultPoint.pass("worker.send.prepared")
        if let interruption = try tell(departure.uids, of: send) { return (nil, interruption) }
        FaultPoint.pass("worker.send.before-object")
        do throws(Failure) {
            let counter = ByteCounter(association)
            let status = try progress.during(bytes: { counter.value }) { () throws(Failure) in
                try association.store(
                    sopClass: send.sopClass, sopInstance: departure.sopInstance,
                    transferSyntax: departure.transferSyntax, parts: departure.parts,
                    bytesPerSecond: send.bytesPerSecond)
            }
            FaultPoint.pass("worker.send.after-answer")
            desk.sent(departure, seconds: (ContinuousClock.now - start) / .seconds(1))
            let failure = DIMSEStatus.classify(status)
            if failure == nil { departure.file.leaveCache() }
            return (outcome(status, failure, usable: true, bytes: departure.bytes), nil)
        } catch {
            let usable = error.code == .noPresentationContext
            if !usable { association.abort() }
            return (outcome(nil, error, usable: usable), nil)
        }
    }

    /// Has new UID pairs made durable before anything leaves, and with `announces` says that something is about to.
    /// Anything but `.proceed` gives the instance up.
    private func tell(_ pairs: [UIDPair], of send: SendJob) throws(Failure) -> OfficeMessage? {
        let study = send.pseudonym?.tokens.studyID ?? ""
        let new = pairs.filter { !told.contains(Told(pair: $0, study: study)) }
        guard send.announces || !new.isEmpty else { return nil }
        try channel.send(.uidsMapped(new))
        guard let answer = try channel.receive()?.message else { return .stop }
        guard case .proceed = answer else { return answer }
        if told.count + new.count > Self.maximumRemembered { told.removeAll() }
        told.formUnion(new.map { Told(pair: $0, study: study) })
        return nil
    }
}
