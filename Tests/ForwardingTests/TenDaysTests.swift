import DICOMVocabulary
import Foundation
import Testing

@testable import Forwarding

/// A reader that is away for days, with a clock that a test moves.
@Suite struct TenDaysTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let retry = RetrySettings()

    @Test("In ten days it is tried seldom and never given up, and the first answer opens every lane again")
    func tenDays() {
        var circuit = Circuit(
            backoff: Backoff(minimum: retry.minimum, maximum: retry.maximum), threshold: retry.circuitThreshold)
        var now = start
        var tries = 0
        var longest = 0.0
        var drawn = 0.0
        while now < start + 10 * 86_400 {
            if circuit.lanesAllowed(of: 8, at: now) > 0 {
                tries += 1
                circuit.failed(at: now, draw: drawn)
                drawn = (drawn + 0.37).truncatingRemainder(dividingBy: 1)
            }
            let next = circuit.retryAt ?? now + 1
            #expect(next > now)
            longest = max(longest, next.timeIntervalSince(now))
            now = next
        }
        #expect(longest <= retry.maximum)
        // Between five and ten minutes apart, after the first minutes.
        #expect((1440...2900).contains(tries))
        // It comes back: one lane finds out, and then all of them go.
        #expect(circuit.lanesAllowed(of: 8, at: now) == 1)
        circuit.associated(standing: 1, at: now)
        circuit.succeeded()
        #expect(circuit.lanesAllowed(of: 8, at: now) == 8 && circuit.failures == 0)
    }

    @Test("Destinations that went away together do not come back together")
    func noHerd() {
        var due: Set<Int> = []
        for number in 0..<20 {
            var circuit = Circuit(backoff: Backoff(minimum: 5, maximum: 600), threshold: 1)
            for _ in 0..<12 {
                let now = circuit.retryAt ?? start
                _ = circuit.lanesAllowed(of: 4, at: now)
                circuit.failed(at: now, draw: Double(number) / 20)
            }
            due.insert(Int(circuit.retryAt?.timeIntervalSince(start) ?? 0))
        }
        #expect(due.count == 20)
    }

    @Test("A clock that steps back a year does not make the road wait a year")
    func clockStepsBack() {
        var circuit = Circuit(backoff: Backoff(minimum: 5, maximum: 600), threshold: 1)
        circuit.failed(at: start, draw: 1)
        let back = start - 365 * 86_400
        #expect(circuit.lanesAllowed(of: 4, at: back) == 1)
        circuit.succeeded()
        #expect(circuit.lanesAllowed(of: 4, at: back) == 4)
    }
}
