import Testing

@testable import Intake

@Suite(.timeLimit(.minutes(1))) struct NegotiationTurnsTests {
    @Test("An address that takes all its turns keeps no other from negotiating")
    func others() async {
        let turns = NegotiationTurns(bound: 2) { _ in await forever() }
        #expect(await turns.take("10.0.0.1", within: 1))
        #expect(await turns.take("10.0.0.1", within: 1))
        #expect(await turns.take("10.0.0.2", within: 1))
    }

    @Test("A turn that is left goes to the next in line")
    func next() async {
        let turns = NegotiationTurns(bound: 1) { _ in await forever() }
        #expect(await turns.take("10.0.0.1", within: 1))
        async let second = turns.take("10.0.0.1", within: 1)
        turns.leave("10.0.0.1")
        #expect(await second)
    }

    @Test("A wait has an end, and takes no turn then")
    func late() async {
        let turns = NegotiationTurns(bound: 1) { _ in }
        #expect(await turns.take("10.0.0.1", within: 1))
        #expect(await turns.take("10.0.0.1", within: 1) == false)
        turns.leave("10.0.0.1")
        let patient = NegotiationTurns(bound: 1) { _ in await forever() }
        #expect(await patient.take("10.0.0.1", within: 1))
    }
}

/// Until cancelled.
private func forever() async { try? await Task.sleep(for: .seconds(86_400)) }
