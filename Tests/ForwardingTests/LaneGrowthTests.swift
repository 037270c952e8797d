import Testing

@testable import Forwarding

@Suite("Lanes are opened while they add throughput")
struct LaneGrowthTests {
    /// Answers on a road that carries so much with each number of lanes, for so long; the lanes follow what is wanted.
    private func run(
        _ growth: inout LaneGrowth, from start: ContinuousClock.Instant = .now, seconds: Double,
        carries: (Int) -> Double
    ) {
        var time = 0.0
        var lanes = growth.wanted
        while time < seconds {
            let step = 500_000 / carries(lanes)
            time += step
            growth.answered(bytes: 500_000, lanes: lanes, at: start + .seconds(time))
            if growth.wanted != lanes { growth.closed() }
            lanes = growth.wanted
        }
    }

    @Test("Where each lane brings as much as the first, all that the site allows are opened")
    func grows() {
        var growth = LaneGrowth(bound: 12)
        #expect(growth.wanted == 2)
        run(&growth, seconds: 30) { Double($0) * 5e6 }
        #expect(growth.wanted == 12)
    }

    @Test("Where two fill the road, two stay")
    func stays() {
        var growth = LaneGrowth(bound: 12)
        var most = 0
        run(&growth, seconds: 15) { lanes in
            most = max(most, lanes)
            return 50e6
        }
        #expect(growth.wanted == 2 && most == 3)
    }

    @Test("Where a few fill the road, no more than those stay")
    func fills() {
        var growth = LaneGrowth(bound: 64)
        run(&growth, seconds: 15) { Double(min($0, 6)) * 5e6 }
        #expect((6...7).contains(growth.wanted), "\(growth.wanted)")
    }

    @Test("A trial that failed is made again later, for roads change")
    func triesAgain() {
        var growth = LaneGrowth(bound: 8)
        let start = ContinuousClock.now
        run(&growth, from: start, seconds: 10) { _ in 50e6 }
        #expect(growth.wanted == 2)
        run(&growth, from: start + .seconds(31), seconds: 20) { Double($0) * 10e6 }
        #expect(growth.wanted == 8)
    }

    @Test("A trial that failed while something else filled the machine is made again when that has ended")
    func triesAgainAtOnce() {
        var growth = LaneGrowth(bound: 4)
        let start = ContinuousClock.now
        run(&growth, from: start, seconds: 3) { _ in 100e6 }
        #expect(growth.wanted == 2)
        run(&growth, from: start + .seconds(4), seconds: 3) { Double($0) * 100e6 }
        #expect(growth.wanted == 4)
    }

    @Test("A full road is tried ever more seldom, and a trial that takes from it ends at once")
    func seldom() {
        var growth = LaneGrowth(bound: 32)
        growth.connected(roundTrip: 0.3)
        let start = ContinuousClock.now
        var time = 0.0
        var trials = 0
        var inTrial = 0.0
        while time < 600 {
            let before = growth.wanted
            let step = before > 16 ? 0.027 : 0.024
            time += step
            if before > 16 { inTrial += step }
            growth.answered(bytes: 500_000, lanes: before, at: start + .seconds(time))
            if before == 16, growth.wanted > 16 { trials += 1 }
        }
        #expect(growth.wanted == 16 && (4...6).contains(trials), "\(trials)")
        #expect(inTrial < 15)
    }

    @Test("A long road has many lanes at once")
    func longRoad() {
        var growth = LaneGrowth(bound: 12)
        growth.opened(seconds: 0.02)
        #expect(growth.wanted == 2)
        growth.opened(seconds: 1.4)
        #expect(growth.wanted == 12)
        var wide = LaneGrowth(bound: 64)
        wide.opened(seconds: 1.4)
        #expect(wide.wanted == 16)
        var compressing = LaneGrowth(bound: 64, compresses: true)
        compressing.connected(roundTrip: 0.015)
        #expect(compressing.wanted == 2)
        compressing.connected(roundTrip: 0.3)
        #expect(compressing.wanted == 24)
    }

    @Test("Lanes that are in their slow start are not judged yet")
    func settles() {
        var growth = LaneGrowth(bound: 32)
        growth.connected(roundTrip: 0.3)
        let start = ContinuousClock.now
        var time = 0.0
        func carry(_ answers: Int, every seconds: Double) {
            for _ in 0..<answers {
                time += seconds
                growth.answered(bytes: 500_000, lanes: growth.wanted, at: start + .seconds(time))
            }
        }
        carry(60, every: 0.03)
        #expect(growth.wanted == 20)
        growth.opened(seconds: 1.3)
        carry(74, every: 0.029)
        #expect(growth.wanted == 20, "judged by its slow start")
        carry(74, every: 0.025)
        #expect(growth.wanted == 25)
    }

    @Test("Objects that do not come to their end let others be tried, to the bound and no further")
    func stalled() {
        var growth = LaneGrowth(bound: 7)
        var seen: [Int] = []
        for _ in 0..<4 {
            growth.stalled()
            seen.append(growth.wanted)
        }
        #expect(seen == [4, 7, 7, 7])
    }

    @Test("A trial during which the work ran out decides nothing")
    func rested() {
        var growth = LaneGrowth(bound: 8)
        let start = ContinuousClock.now
        for step in 1...10 { growth.answered(bytes: 1 << 20, lanes: 2, at: start + .seconds(Double(step) / 10)) }
        #expect(growth.wanted == 3)
        growth.rested()
        #expect(growth.wanted == 2)
    }

    @Test("One lane is the least that a site can allow")
    func bounds() {
        #expect(LaneGrowth(bound: 1).wanted == 1)
        #expect(LaneGrowth(bound: 0).wanted == 1)
    }
}
