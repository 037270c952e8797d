// A sending worker: one lane to one destination.

import DICOMNetwork
import DICOMVocabulary
import WorkerProtocol

/// Opens an association and sends what the office hands over, instance by instance. One thread.
final class SendingRole {
    /// UID pairs that the office has made durable already; forgotten when there are many, and then told again.
    private static let maximumRemembered = 100_000

    private let job: LaneJob
    private let channel: WorkerChannel
    private let progress: ProgressTicker
    private let desk: DepartureDesk
    private var told: Set<UIDPair> = []

    init(job: LaneJob, channel: WorkerChannel, progress: ProgressTicker) {
        self.job = job
        self.channel = channel
        self.progress = progress
        desk = DepartureDesk(spoolDirectory: job.spoolDirectory, scan: job.scan)
    }

    /// True when the worker may take another job. Throws when the office is gone.
    func run() throws(Failure) -> Bool {
        let association: OutgoingAssociation
        do throws(Failure) {
            association = try OutgoingAssociation(
                to: job.peer, limits: job.limits, proposals: LaneProposals.make(job.proposals))
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
        var next = try channel.receive()?.message
        while true {
            switch next {
            case .send(let send):
                let (outcome, interruption) = try transmit(send, over: association)
                guard let outcome else {
                    next = interruption
                    continue
                }
                try channel.send(.sent(outcome))
                if !outcome.laneUsable { return true }
                next = try channel.receive()?.message
            case .closeLane:
                association.release()
                return true
            default:
                association.abort()
                return false
            }
        }
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
        if let interruption = try tell(departure.uids) { return (nil, interruption) }
        do throws(Failure) {
            let counter = ByteCounter(association)
            let status = try progress.during(bytes: { counter.value }) { () throws(Failure) in
                try association.store(
                    sopClass: send.sopClass, sopInstance: departure.sopInstance,
                    transferSyntax: departure.transferSyntax, parts: departure.parts)
            }
            return (
                outcome(status, DIMSEStatus.classify(status), usable: true, bytes: departure.bytes), nil
            )
        } catch {
            let usable = error.code == .noPresentationContext
            if !usable { association.abort() }
            return (outcome(nil, error, usable: usable), nil)
        }
    }

    /// Has new UID pairs made durable before anything leaves. Anything but `.proceed` gives the instance up.
    private func tell(_ pairs: [UIDPair]) throws(Failure) -> OfficeMessage? {
        let new = pairs.filter { !told.contains($0) }
        guard !new.isEmpty else { return nil }
        try channel.send(.uidsMapped(new))
        guard let answer = try channel.receive()?.message else { return .stop }
        guard case .proceed = answer else { return answer }
        if told.count + new.count > Self.maximumRemembered { told.removeAll() }
        told.formUnion(new)
        return nil
    }
}
