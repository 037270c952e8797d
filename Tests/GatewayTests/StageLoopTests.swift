import DICOMVocabulary
import Forwarding
import GatewayTesting
import Testing

@testable import Gateway

@Suite("The loop of a stage")
struct StageLoopTests {
    private let logs = LogCollector()

    private func loop(_ turn: @escaping @Sendable () throws -> Double) -> Task<Void, Never> {
        Task { [logs] in await AntipodeGateway.loop("polls", Bell(), Pulses(), logs.logger) { try turn() } }
    }

    @Test("says nothing of what a stop has cut short")
    func stopped() async {
        await loop {
            withUnsafeCurrentTask { $0?.cancel() }
            throw Failure(.cancelled, .tryAgain, .destination, detail: "read the journal")
        }.value
        #expect(logs.lines.isEmpty)
    }

    @Test("says what else kept a stage from going on", .timeLimit(.minutes(5)))
    func failed() async {
        let task = loop { throw Failure(.vaultUnavailable, .tryAgain, .destination, detail: "no key") }
        while logs.lines.isEmpty { await Task.yield() }
        task.cancel()
        await task.value
        #expect(logs.lines.first?.hasPrefix("warning A stage could not go on and will try again") == true)
    }
}
