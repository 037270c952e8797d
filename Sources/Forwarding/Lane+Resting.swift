// A lane that found nothing to take, and keeps its association.

import DICOMVocabulary
import Journal
import WorkerProtocol

extension Lane {
    enum AfterRest {
        case look
        case close
        case gone(LaneEnd, worn: Bool)
    }

    /// Waits with the association open: for work, for the peer's leave, or for as long as the destination allows.
    func rest(_ worker: WorkerProcess, after permission: LanePermission) async -> AfterRest {
        ports.pulse(stage, nil)
        while true {
            let hearing = HearingTask(worker)
            let rest = await host.rests(key.lane, after: permission) { hearing.cut() }
            let seconds: Double
            switch rest {
            case .look(let after), .close(let after), .keepAlive(let after): seconds = after
            }
            let heard = await hearing.run(within: seconds)
            await host.awake(key.lane)
            switch heard {
            case .cancelled:
                return Task.isCancelled ? .close : .look
            case .late:
                switch rest {
                case .look: return .look
                case .close: return .close
                case .keepAlive: break
                }
                do throws(Failure) {
                    try worker.send(.keepAlive)
                    switch try await worker.reply(within: destination.limits.dimse + 10) {
                    case .keptAlive: continue
                    case .laneClosed: return .gone(.idle, worn: false)
                    default: throw worker.outOfTurn()
                    }
                } catch {
                    return .gone(.road(error), worn: true)
                }
            case .message(.laneClosed):
                return .gone(.idle, worn: false)
            case .message(.progress):
                continue
            case .message, .ended:
                worker.terminate()
                return .gone(.idle, worn: true)
            }
        }
    }
}
