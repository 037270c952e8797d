// C-STORE SCP of the simulated peers.

import DICOMNetwork
import DICOMVocabulary
import Glibc
import Synchronization

/// Stores what comes, byte for byte, into a folder and an index. Safe to use from any thread.
final class ObjectReceiver: Sendable {
    private let store: FolderStore
    private let misbehaviour: Misbehaviour
    private let limits: AssociationLimits
    let index: HoldingIndex
    private let received = Atomic<Int>(0)

    init(
        folder: String, misbehaviour: Misbehaviour, limits: AssociationLimits, index: HoldingIndex
    ) throws(Failure) {
        store = try FolderStore(folder: folder)
        self.misbehaviour = misbehaviour
        self.limits = limits
        self.index = index
    }

    /// Receives the object of a request and answers it.
    /// - Returns: the object, or nil if it was refused.
    /// - Parameter stored: objects taken on this association before.
    func receive(
        _ command: StoreCommand, on association: IncomingAssociation, stored: Int
    ) throws(Failure) -> Holding? {
        let number = received.add(1, ordering: .relaxed).newValue
        let (path, descriptor) = try store.begin(number)
        var kept = false
        defer { if !kept { store.discard(path) } }
        do {
            defer { close(descriptor) }
            try FolderStore.write(
                Part10.meta(
                    sopClass: command.sopClass, sopInstance: command.sopInstance,
                    transferSyntax: command.transferSyntax),
                to: descriptor)
            let sink = ObjectSink(descriptor)
            _ = try association.receiveDataSet(into: sink, maximumBytes: limits.maximumObject)
            if let failure = sink.finish() { throw failure }
        }
        if misbehaviour.responseDelay > 0 { usleep(UInt32(misbehaviour.responseDelay * 1e6)) }
        if misbehaviour.drops(afterObjects: stored) {
            association.abort()
            throw Failure(
                .associationAborted, .tryAgain, .destination, detail: "the association was dropped as told")
        }
        if let status = misbehaviour.refusal(ofObject: number) {
            try association.respond(to: command, status: status)
            return nil
        }
        let scanned: Holding
        do throws(Failure) {
            scanned = try Holding(path: path)
        } catch {
            // C000, cannot understand (PS3.4 B.2.3).
            try association.respond(to: command, status: 0xC000)
            return nil
        }
        let place = try store.keep(
            path, study: scanned.study, series: scanned.series, instance: scanned.sopInstance)
        kept = true
        let holding = scanned.moved(to: place)
        index.insert(holding)
        try association.respond(to: command, status: 0)
        return holding
    }

    /// An object that the peer made itself.
    func add(_ instance: SyntheticInstance) throws(Failure) -> Holding {
        let (path, descriptor) = try store.begin(received.add(1, ordering: .relaxed).newValue)
        do {
            defer { close(descriptor) }
            let meta = Part10.meta(
                sopClass: instance.sopClass, sopInstance: instance.sopInstance,
                transferSyntax: instance.transferSyntax)
            try FolderStore.write(meta, to: descriptor)
            try FolderStore.write(instance.dataSet, to: descriptor)
        }
        let scanned = try Holding(path: path)
        let place = try store.keep(
            path, study: scanned.study, series: scanned.series, instance: scanned.sopInstance)
        let holding = scanned.moved(to: place)
        index.insert(holding)
        return holding
    }
}
