import Foundation
import Testing

@testable import Forwarding

@Suite struct CircuitTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private var circuit: Circuit { Circuit(backoff: Backoff(minimum: 10, maximum: 80), threshold: 3) }

    @Test("Fewer failures than the threshold leave every lane open")
    func belowThreshold() {
        var circuit = circuit
        circuit.failed(at: start, draw: 0)
        circuit.failed(at: start, draw: 0)
        #expect(circuit.lanesAllowed(of: 4, at: start) == 4)
    }

    @Test("The threshold opens the circuit, and one lane probes when the time has come")
    func opens() {
        var circuit = circuit
        for _ in 0..<3 { circuit.failed(at: start, draw: 1) }
        #expect(circuit.lanesAllowed(of: 4, at: start) == 0)
        let retryAt = start.addingTimeInterval(40)
        #expect(circuit.retryAt == retryAt)
        #expect(circuit.lanesAllowed(of: 4, at: retryAt.addingTimeInterval(-1)) == 0)
        #expect(circuit.lanesAllowed(of: 4, at: retryAt) == 1)
        #expect(circuit.state == .halfOpen)
    }

    @Test("A probe that fails waits longer, up to the maximum")
    func probeFails() {
        var circuit = circuit
        for _ in 0..<3 { circuit.failed(at: start, draw: 1) }
        var now = start
        var delays: [Double] = []
        for _ in 0..<4 {
            let retryAt = circuit.retryAt ?? now
            now = retryAt
            _ = circuit.lanesAllowed(of: 4, at: now)
            circuit.failed(at: now, draw: 1)
            delays.append((circuit.retryAt ?? now).timeIntervalSince(now))
        }
        #expect(delays == [80, 80, 80, 80])
    }

    @Test("A probe that succeeds closes the circuit and forgets the failures")
    func probeSucceeds() {
        var circuit = circuit
        for _ in 0..<3 { circuit.failed(at: start, draw: 0) }
        _ = circuit.lanesAllowed(of: 4, at: start.addingTimeInterval(100))
        circuit.succeeded()
        #expect(circuit.failures == 0)
        #expect(circuit.lanesAllowed(of: 4, at: start) == 4)
    }

    @Test("Lanes that fail together count once")
    func togetherOnce() {
        var circuit = circuit
        for _ in 0..<12 { circuit.failed(at: start, draw: 0) }
        #expect(circuit.failures == 3)
    }

    @Test("An operator can try at once")
    func tryNow() {
        var circuit = circuit
        for _ in 0..<3 { circuit.failed(at: start, draw: 0) }
        circuit.tryNow()
        #expect(circuit.lanesAllowed(of: 4, at: start) == 1)
    }

    @Test("A peer that takes associations and answers nothing is not tried without a pause")
    func associationIsNoSuccess() {
        var circuit = circuit
        for _ in 0..<3 {
            circuit.associated(standing: 1, at: start)
            circuit.failed(at: start, draw: 0)
        }
        #expect(circuit.lanesAllowed(of: 4, at: start) == 0)
    }

    @Test("A lane whose association stands goes on when others have opened the circuit")
    func standingLaneGoesOn() {
        var circuit = circuit
        for _ in 0..<3 { circuit.failed(at: start, draw: 0) }
        circuit.associated(standing: 1, at: start)
        #expect(circuit.lanesAllowed(of: 4, at: start) == 1)
    }

    @Test("A peer that takes one association of four keeps it, and is asked for more ever more seldom")
    func crowded() {
        var circuit = circuit
        var now = start
        var pauses: [Double] = []
        for _ in 0..<3 {
            // Three lanes are refused together beside the one that stands.
            for _ in 0..<3 { circuit.crowded(standing: 1, at: now, draw: 1) }
            circuit.succeeded()
            #expect(circuit.state == .closed)
            let refused = now
            while circuit.lanesAllowed(of: 4, at: now) == 1 { now += 1 }
            #expect(circuit.lanesAllowed(of: 4, at: now) == 2)
            pauses.append(now.timeIntervalSince(refused))
        }
        #expect(pauses == [10, 20, 40])
    }

    @Test("When the peer takes more, lane after lane comes back")
    func roomGrows() {
        var circuit = circuit
        circuit.crowded(standing: 1, at: start, draw: 1)
        let later = start + 10
        circuit.associated(standing: 2, at: later)
        #expect(circuit.lanesAllowed(of: 4, at: later) == 3)
        circuit.associated(standing: 3, at: later)
        #expect(circuit.lanesAllowed(of: 4, at: later) == 4)
    }
}

@Suite struct BackoffTests {
    @Test(
        "Doubles from the minimum to the maximum, half of it drawn",
        arguments: [
            (1, 5.0), (2, 10.0), (3, 20.0), (7, 320.0), (8, 600.0), (500, 600.0),
        ])
    func delays(failures: Int, ceiling: Double) {
        let backoff = Backoff(minimum: 5, maximum: 600)
        #expect(backoff.delay(failures: failures, draw: 0) == ceiling / 2)
        #expect(backoff.delay(failures: failures, draw: 1) == ceiling)
    }
}
