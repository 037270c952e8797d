// Waiting for a worker's answer on the wall clock.

package import DICOMVocabulary

extension WorkerProcess {
    /// The next message that is not a mere sign of life; `failed` is thrown. A worker that says nothing within `seconds`
    /// is ended with `.workerTooSlow`, and so is one that gives no sign of life for `silence` seconds, or for `onceMoving`
    /// seconds after the first; one that died throws `.workerDied`; a cancelled wait ends it too. One that has not even
    /// read what it was sent throws `.stoodStill`: that is nothing of the job's doing.
    package func reply(
        within seconds: Double, silence: Double = .infinity, onceMoving: Double = .infinity
    ) async throws(Failure) -> WorkerMessage {
        var silence = silence
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let left = max(0, (deadline - .now) / .seconds(1))
            switch await receive(within: min(left, silence)) {
            case .message(.progress): silence = min(silence, onceMoving)
            case .message(.failed(let failure)): throw failure
            case .message(let message): return message
            case .late:
                let stoodStill = hasUnread
                terminate()
                if stoodStill { throw .stoodStill }
                throw Failure(
                    .workerTooSlow, .tryAgain, .instance,
                    detail: left > silence
                        ? "a worker gave no sign of life for \(Int(silence)) s and was ended"
                        : "a worker gave no answer in \(Int(seconds)) s and was ended")
            case .ended:
                throw Failure(.workerDied, .tryAgain, .instance, detail: "a worker \(await exit)")
            case .cancelled:
                terminate()
                throw Failure(.cancelled, .tryAgain, .destination, detail: "stopped in the middle of a job")
            }
        }
    }

    /// Has the worker open an association, and waits `seconds` for each of its two answers. `connected` is called with the round
    /// trip of the road, in seconds, when the connection stands.
    package func openLane(
        _ job: LaneJob, within seconds: Double, connected: (Double) async -> Void = { _ in }
    ) async throws(Failure) {
        try send(.openLane(job))
        var answer = try await reply(within: seconds)
        if case .laneConnected(let roundTrip) = answer {
            await connected(roundTrip)
            answer = try await reply(within: seconds)
        }
        guard case .laneOpened = answer else { throw outOfTurn() }
    }

    /// Ends a worker that answers what it was not asked.
    package func outOfTurn() -> Failure {
        terminate()
        return Failure(.protocolError, .tryAgain, .destination, detail: "a worker answered out of turn")
    }
}

extension WorkerPool {
    /// Workers that are tried for one question, when those before it did not begin to read it.
    private static let maximumWorkers = 3

    /// One question, one answer, with a worker of the pool.
    package func ask(_ message: OfficeMessage, within seconds: Double? = nil) async throws(Failure) -> WorkerMessage {
        for _ in 1..<Self.maximumWorkers {
            do throws(Failure) {
                return try await askOne(message, within: seconds)
            } catch  where error == .stoodStill {
                continue
            }
        }
        return try await askOne(message, within: seconds)
    }

    private func askOne(_ message: OfficeMessage, within seconds: Double?) async throws(Failure) -> WorkerMessage {
        let worker = try await lease()
        do throws(Failure) {
            try worker.send(message)
            let answer = try await worker.reply(within: seconds ?? patience)
            giveBack(worker)
            return answer
        } catch {
            // A worker that said why it failed is as good as before; one that died or hung is not.
            switch error.code {
            case .workerDied, .workerTooSlow, .cancelled: discard(worker)
            case .outOfResources where error.scope == .instance:
                // At its memory limit, where the next one will be over the same job: as good as dead.
                discard(worker)
                throw Failure(
                    .workerDied, .tryAgain, .instance, detail: "a worker had no memory left: \(error.detail)")
            default: giveBack(worker)
            }
            throw error
        }
    }
}

extension Failure {
    /// A worker that stood idle does not run any more: stopped by a hand or by the system.
    static let stoodStill = Failure(
        .workerTooSlow, .tryAgain, .destination, detail: "a worker stood still before it was asked, and was ended")
}
