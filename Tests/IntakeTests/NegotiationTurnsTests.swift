import Synchronization
import Testing

@testable import Intake

@Suite(.timeLimit(.minutes(5))) struct NegotiationTurnsTests {
    private let here = NegotiationTurns.Origin(address: "10.0.0.1", listener: "modalities")

    @Test("An address that takes all its turns keeps no other from negotiating, and not itself at another listener")
    func others() async {
        let turns = NegotiationTurns(bound: 2, pause: { _ in await forever() })
        #expect(await turns.take(here, within: 1) != nil)
        #expect(await turns.take(here, within: 1) != nil)
        #expect(await turns.take(.init(address: "10.0.0.2", listener: "modalities"), within: 1) != nil)
        #expect(await turns.take(.init(address: "10.0.0.1", listener: "readers"), within: 1) != nil)
    }

    @Test("A turn that is left goes to the next in line")
    func next() async throws {
        let turns = NegotiationTurns(bound: 1, pause: { _ in await forever() })
        let first = try #require(await turns.take(here, within: 1))
        async let second = turns.take(here, within: 1)
        turns.leave(first)
        #expect(await second != nil)
    }

    @Test("More turns take effect for the next that asks")
    func reload() async {
        let turns = NegotiationTurns(bound: 1, pause: { _ in })
        #expect(await turns.take(here, within: 1) != nil)
        #expect(await turns.take(here, within: 1) == nil)
        turns.reload(bound: 2)
        #expect(await turns.take(here, within: 1) != nil)
        #expect(await turns.take(here, within: 1) == nil)
    }

    @Test("A wait has an end, and takes no turn then")
    func late() async throws {
        let turns = NegotiationTurns(bound: 1, pause: { _ in })
        let first = try #require(await turns.take(here, within: 1))
        #expect(await turns.take(here, within: 1) == nil)
        turns.leave(first)
        #expect(await turns.take(here, within: 1) != nil)
    }

    @Test("In a crowd who stands still gives way, once, and the latest is served first; then the order is as ever")
    func crowd() async throws {
        let time = Mutex(ContinuousClock.now)
        let turns = NegotiationTurns(bound: 1, pause: { _ in await forever() }, now: { time.withLock { $0 } })
        let stalling = try #require(await turns.take(here, within: 10))
        let gone = Mutex(0)
        turns.hold(stalling) { gone.withLock { $0 += 1 } }
        await withTaskGroup(of: (Int, NegotiationTurns.Turn?).self) { group in
            for number in 0..<5 {
                group.addTask { [turns, here] in (number, await turns.take(here, within: 10)) }
                while turns.waiting(here) <= number { await Task.yield() }
            }
            #expect(turns.makeWay(here))
            #expect(gone.withLock { $0 } == 0, "a far road takes a moment")
            time.withLock { $0 += .seconds(NegotiationTurns.farRoad) }
            for _ in 0..<2 { #expect(turns.makeWay(here)) }
            #expect(gone.withLock { $0 } == 1 && turns.gaveWay(stalling))
            var turn: NegotiationTurns.Turn? = stalling
            for expected in [4, 0, 1, 2, 3] {
                if let turn { turns.leave(turn) }
                let next = await group.next()
                #expect(next?.0 == expected)
                turn = next?.1
            }
        }
    }

    @Test("Without a crowd nobody gives way, however long it takes")
    func patience() async throws {
        let time = Mutex(ContinuousClock.now)
        let turns = NegotiationTurns(bound: 1, pause: { _ in await forever() }, now: { time.withLock { $0 } })
        let turn = try #require(await turns.take(here, within: 10))
        turns.hold(turn) { Issue.record("nobody waits") }
        time.withLock { $0 += .seconds(100) }
        #expect(!turns.makeWay(here))
        #expect(!turns.gaveWay(turn))
    }
}

/// Until cancelled.
private func forever() async { try? await Task.sleep(for: .seconds(86_400)) }
