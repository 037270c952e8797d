// When a simulated reader starts to write.

import DICOMVocabulary
import Testing

@testable import Simulation

@Suite("A simulated reader")
struct QuietStudiesTests {
    @Test("writes when a study has been quiet for the set time, and once")
    func quiet() {
        var studies = QuietStudies(quiet: 5)
        studies.arrived("1.2", at: 0)
        studies.arrived("1.2", at: 3)
        #expect(studies.due(at: 7.9).isEmpty)
        #expect(studies.due(at: 8) == ["1.2"])
        #expect(studies.due(at: 100).isEmpty)
        #expect(studies.isEmpty)
    }

    @Test("writes again when something came after the report")
    func late() {
        var studies = QuietStudies(quiet: 5)
        studies.arrived("1.2", at: 0)
        #expect(studies.due(at: 5) == ["1.2"])
        studies.arrived("1.2", at: 6)
        #expect(studies.due(at: 11) == ["1.2"])
    }

    @Test("takes the study first that has been quiet longest")
    func order() {
        var studies = QuietStudies(quiet: 1)
        studies.arrived("1.2", at: 2)
        studies.arrived("1.1", at: 3)
        studies.arrived("1.3", at: 1)
        #expect(studies.due(at: 10) == ["1.3", "1.2", "1.1"])
    }

    @Test("refuses every n-th object and drops after so many, only if told to")
    func misbehaviour() {
        var orders = Misbehaviour()
        #expect((1...9).allSatisfy { orders.refusal(ofObject: $0) == nil && !orders.drops(afterObjects: $0) })
        orders.refuseEvery = 3
        orders.dropAfter = 4
        #expect((1...6).map { orders.refusal(ofObject: $0) } == [nil, nil, 0xA700, nil, nil, 0xA700])
        #expect((0...5).map { orders.drops(afterObjects: $0) } == [false, false, false, false, true, true])
    }
}
