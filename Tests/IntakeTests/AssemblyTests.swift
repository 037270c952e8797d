import Intake
import Testing

@Suite struct AssemblyTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func makeAssembly() -> Assembly<Int, String> { Assembly(patience: 10) }

    @Test("a study is complete when its quiet period has passed since the last instance, not before")
    func quiet() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: nil, quiet: 30, at: at(0))
        assembly.arrived(1, from: nil, quiet: 30, at: at(20))
        #expect(assembly.nextTick == at(50))
        #expect(assembly.tick(at: at(49.9)).isEmpty)
        #expect(assembly.tick(at: at(50)) == [1])
        #expect(assembly.isEmpty && assembly.nextTick == nil)
    }

    @Test("an open association that sends a study holds it, until it closes")
    func held() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: "a", quiet: 30, at: at(0))
        #expect(assembly.tick(at: at(100)).isEmpty)
        assembly.closed("a")
        #expect(assembly.tick(at: at(100)) == [1])
    }

    @Test("an arrival says when the first of the studies that it concerns is complete")
    func concerned() {
        var assembly = makeAssembly()
        #expect(assembly.arrived(1, from: "a", quiet: 30, at: at(0)) == at(300))
        #expect(assembly.arrived(1, from: "a", quiet: 30, at: at(5)) == at(305))
        // Nobody sends the first any more.
        #expect(assembly.arrived(2, from: "a", quiet: 30, at: at(10)) == at(35))
        #expect(assembly.arrived(3, from: nil, quiet: 10, at: at(12)) == at(22))
        #expect(Set(assembly.tick(at: at(35))) == [1, 3])
    }

    @Test("an association that is kept open for hours does not hold a study for hours")
    func patience() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: "a", quiet: 30, at: at(0))
        #expect(assembly.tick(at: at(299)).isEmpty)
        #expect(assembly.tick(at: at(300)) == [1])
        assembly.closed("a")
        #expect(assembly.isEmpty)
    }

    @Test("an association that goes on to the next study lets the first go")
    func nextStudy() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: "a", quiet: 30, at: at(0))
        assembly.arrived(2, from: "a", quiet: 30, at: at(10))
        #expect(assembly.tick(at: at(30)) == [1])
        assembly.closed("a")
        #expect(assembly.tick(at: at(40)) == [2])
    }

    @Test("two associations that send one study both hold it")
    func both() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: "a", quiet: 5, at: at(0))
        assembly.arrived(1, from: "b", quiet: 5, at: at(1))
        assembly.closed("a")
        #expect(assembly.tick(at: at(20)).isEmpty)
        assembly.closed("b")
        #expect(assembly.tick(at: at(20)) == [1])
    }

    @Test("an open association that sends nothing is waited for as long as the site says, also when it says so later")
    func patienceOfTheSite() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: "a", quiet: 5, at: at(0))
        #expect(assembly.nextTick == at(50))
        assembly.patience = 2
        #expect(assembly.nextTick == at(10))
        #expect(assembly.tick(at: at(10)) == [1])
    }

    @Test("bytes of a large object that move keep its study open")
    func active() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: "a", quiet: 1, at: at(0))
        assembly.active("a", at: at(9))
        #expect(assembly.tick(at: at(18)).isEmpty)
        #expect(assembly.tick(at: at(19)) == [1])
        assembly.active("a", at: at(20))
        #expect(assembly.isEmpty)
    }

    @Test("the longest quiet period of a study's modalities counts")
    func longest() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: nil, quiet: 60, at: at(0))
        assembly.arrived(1, from: nil, quiet: 5, at: at(1))
        #expect(assembly.tick(at: at(60)).isEmpty)
        #expect(assembly.tick(at: at(61)) == [1])
    }

    @Test("an instance after completion begins anew, and studies complete in the order in which they fell silent")
    func late() {
        var assembly = makeAssembly()
        assembly.arrived(2, from: nil, quiet: 5, at: at(1))
        assembly.arrived(1, from: nil, quiet: 5, at: at(0))
        #expect(assembly.tick(at: at(10)) == [1, 2])
        assembly.arrived(1, from: "a", quiet: 5, at: at(11))
        assembly.closed("a")
        #expect(assembly.waiting == [1])
        #expect(assembly.tick(at: at(16)) == [1])
    }

    @Test("a person does not have to wait")
    func now() {
        var assembly = makeAssembly()
        assembly.arrived(1, from: "a", quiet: 30, at: at(0))
        let first = assembly.completeNow(1)
        let second = assembly.completeNow(1)
        #expect(first && !second)
        assembly.closed("a")
        #expect(assembly.isEmpty)
    }

    @Test("a study's quiet period is the longest of its modalities', or its source's own where none is known")
    func quietPeriod() {
        var source = SourceSettings(name: "ct1", addresses: [], callingAEs: [])
        source.quietPeriod = 2
        source.quietPeriodByModality = ["CT": 6, "KO": 1]
        #expect(source.quietPeriod(modalities: ["CT", "KO"]) == 6)
        #expect(source.quietPeriod(modalities: ["KO", "?"]) == 2)
        #expect(source.quietPeriod(modalities: []) == 2)
    }
}
