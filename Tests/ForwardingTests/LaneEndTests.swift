import DICOMVocabulary
import Testing

@testable import Forwarding

@Suite("The end of a lane")
struct LaneEndTests {
    @Test("puts no worker back that failed for a reason of its own, but for what is the peer's or the object's")
    func blame() {
        #expect(Lane.blamesWorker(Failure(.unexpected, .person, .destination, detail: "")))
        #expect(!Lane.blamesWorker(Failure(.unexpected, .person, .instance, detail: "")))
        #expect(!Lane.blamesWorker(Failure(.associationAborted, .tryAgain, .destination, detail: "")))
    }
}
