import DICOMVocabulary
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import Console

@Suite struct ServiceTests {
    @Test func `the service tells its port, answers there and bounds headers`() async throws {
        var settings = Visit.settings
        settings.port = 0
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        let service = ConsoleService(
            desk: FakeDesk(), settings: settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onServerRunning: { port in
                bound.yield(port)
                bound.finish()
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let port = try #require(await ports.first { _ in true })
            #expect(port > 0)
            try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
                let alive = try await client.execute(.init("/healthz", method: .get, authority: "localhost"))
                #expect(alive.status == .ok)
            }
            // The server may have closed before the client does, which then fails in its turn.
            let status = try? await TestClient.withClient(host: "127.0.0.1", port: port) { client in
                try await client.execute(
                    .init(
                        "/login", method: .get, authority: "localhost",
                        headers: [.userAgent: String(repeating: "x", count: 40_000)])
                ).status
            }
            #expect(status != .ok)
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result { #expect(error is CancellationError) }
            }
        }
    }

    @Test func `a port that another has is told with its key, and nothing hangs`() async throws {
        var settings = Visit.settings
        settings.port = 0
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        func service(_ settings: ConsoleSettings) -> ConsoleService {
            ConsoleService(
                desk: FakeDesk(), settings: settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                onServerRunning: { bound.yield($0) })
        }
        let first = service(settings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await first.run() }
            settings.port = try #require(await ports.first { _ in true })
            let second = service(settings)
            let failure = await #expect(throws: Failure.self) { try await second.run() }
            #expect(failure?.detail.contains("port \(settings.port) (console.port)") == true)
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }

    @Test func `settings that cannot work are told with key and range`() {
        #expect(Visit.settings.problems().isEmpty)
        var settings = ConsoleSettings(viewerToken: "short", operatorToken: "with space in the token")
        settings.port = 70_000
        settings.origins = ["gateway.example"]
        let problems = settings.problems()
        #expect(problems.count == 4)
        #expect(problems.contains { $0.contains("console.port is 70000; allowed are 0 to 65535") })
        #expect(!problems.joined().contains("with space"))
        let same = ConsoleSettings(viewerToken: Visit.viewerToken, operatorToken: Visit.viewerToken)
        #expect(same.problems().count == 1)
    }

    @Test func `settings never show their tokens`() {
        var text = ""
        dump(Visit.settings, to: &text)
        text += "\(Visit.settings) \(String(reflecting: [Visit.settings]))"
        #expect(!text.contains("token-0123"))
    }
}
