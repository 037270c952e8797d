// Waiting for a worker's answer on the wall clock.

package import DICOMVocabulary

extension WorkerProcess {
    /// The next message that is not a mere sign of life; `failed` is thrown. A worker that says nothing within `seconds`
    /// is ended with `.workerTooSlow`, and so is one that gives no sign of life for `silence` seconds, or for `onceMoving`
    /// seconds after the first; one that died throws `.workerDied`; a cancelled wait ends it too.
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
                terminate()
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

    /// Ends a worker that answers what it was not asked.
    package func outOfTurn() -> Failure {
        terminate()
        return Failure(.protocolError, .tryAgain, .destination, detail: "a worker answered out of turn")
    }
}

extension WorkerPool {
    /// One question, one answer, with a worker of the pool.
    package func ask(_ message: OfficeMessage, within seconds: Double? = nil) async throws(Failure) -> WorkerMessage {
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
            default: giveBack(worker)
            }
            throw error
        }
    }
}
