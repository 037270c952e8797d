// Files that have their place before an object comes.

import DICOMVocabulary
import Spool
import Synchronization
import WorkerProtocol

/// Makes files of the spool while objects come, several with one fsync of their folder: to make a file and its name durable
/// takes a disk longer than the object itself, and no sender is to wait for it. Safe to call from any thread.
final class FilesAhead: Sendable {
    /// Files that are ready, at most: each that is not used has to be deleted again.
    private static let most = 8
    /// When no more are ready, others are made.
    private static let few = 3

    /// Unchecked because whoever takes one out is alone with it.
    private struct Ready: @unchecked Sendable {
        let file: SpoolWriter
    }
    private struct State {
        var ready: [Ready] = []
        var given = 0
        var isMaking = false
    }

    private let spool: SpoolDirectory
    /// False where it cannot be done there.
    private let inBackground: @Sendable (@escaping @Sendable () -> Void) -> Bool
    private let state = Mutex(State())

    init(
        _ spool: SpoolDirectory,
        inBackground: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool = {
            Thread.detach(named: "files ahead", $0)
        }
    ) {
        self.spool = spool
        self.inBackground = inBackground
    }

    /// As `SpoolDirectory.beginFile`. What is ready and not taken is abandoned with this value.
    func next() throws(Failure) -> SpoolWriter {
        let (ready, order): (Ready?, Int) = state.withLock { state in
            state.given += 1
            let ready = state.ready.popLast()
            // Many peers send one object and leave; more are made for one that has sent more.
            guard state.given > 1, !state.isMaking, state.ready.count <= Self.few else { return (ready, 0) }
            state.isMaking = true
            return (ready, min(state.given, Self.most - state.ready.count))
        }
        if order > 0, !inBackground({ [self] in make(order) }) { state.withLock { $0.isMaking = false } }
        guard let ready else { return try spool.beginFile() }
        try spool.checkFloor()
        return ready.file
    }

    private func make(_ count: Int) {
        // Why it failed is told when the one who needs a file makes it.
        let made = ((try? spool.beginFiles(count)) ?? []).map(Ready.init)
        state.withLock { state in
            state.ready += made
            state.isMaking = false
        }
    }
}
