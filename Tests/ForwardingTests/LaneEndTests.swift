import DICOMVocabulary
import Testing

@testable import Forwarding

@Suite("The end of a lane")
struct LaneEndTests {
    @Test("puts no worker back that failed for a reason of its own, and keeps it for what is the peer's")
    func blame() {
        func road(_ code: Failure.Code) -> LaneEnd { .road(Failure(code, .tryAgain, .destination, detail: "")) }
        #expect(Lane.blamesWorker(road(.unexpected)))
        for end in [road(.connectFailed), road(.associationRejectedTransient), .idle, .stopped] {
            #expect(!Lane.blamesWorker(end))
        }
    }
}
