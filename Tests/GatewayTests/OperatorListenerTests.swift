import Dispatch
import Foundation
import GatewayTesting
import Glibc
import Testing
import WorkerProtocol

@testable import Gateway

@Suite("The control socket", .timeLimit(.minutes(5)))
struct OperatorListenerTests {
    /// A blocking question, on a thread that may block.
    private func off<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }

    private func withListener(
        _ bench: Bench, group: String? = nil, limits: OperatorListener.Limits = OperatorListener.Limits(),
        _ body: (String, OperatorClient) async throws -> Void
    ) async throws {
        let path = bench.state.folder + "/control"
        let listener = OperatorListener(
            path: path, group: group, desk: bench.desk, logger: bench.state.logs.logger, limits: limits)
        let running = Task { try await listener.run() }
        // Beside a thousand others on a slow machine an answer may wait for a minute until it is anybody's turn to give it.
        let client = OperatorClient(path: path, timeout: 300)
        while try await !off({ client.isReachable }) { await Task.yield() }
        try await body(path, client)
        running.cancel()
        _ = await running.result
    }

    @Test("is open to its owner and group only, answers, and goes when the daemon stops")
    func answers() async throws {
        let bench = try Bench()
        let id = try await bench.planned()
        let path = bench.state.folder + "/control"
        try await withListener(bench) { path, client in
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o660)
            let status = try await off { try client.ask(.status, for: GatewayStatus.self) }
            #expect(status.running && status.studies == ["planned": 1])
            let held = try await off {
                try client.ask(.act(.hold(reason: "wait"), on: "S\(id)"), for: StudyDetail.self)
            }
            #expect(held.study.state == "held")
            let actor = try #require(held.events.last { $0.kind == "held" }?.actor)
            #expect(actor != "antipode" && !actor.isEmpty, "the kernel says who it is")
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("gives an operator's errors back as they are")
    func errors() async throws {
        try await withListener(try Bench()) { _, client in
            let error = await #expect(throws: OperatorError.self) {
                try await off { try client.ask(.study("S99"), for: StudyDetail.self) }
            }
            #expect(error?.kind == .notFound)
        }
    }

    @Test("survives nonsense, and answers the next")
    func nonsense() async throws {
        let bench = try Bench()
        try await withListener(bench) { path, client in
            for bytes in [Data([0xFF, 0xFF, 0xFF, 0xFF]), Data([0, 0, 0, 2]) + Data("{}".utf8), Data([0])] {
                let answer = try await off { () throws -> Data? in
                    let socket = try UnixSocket.connect(to: path, timeout: 10)
                    defer { socket.close() }
                    _ = bytes.withUnsafeBytes { Glibc.send(socket.descriptor, $0.baseAddress, $0.count, 0) }
                    shutdown(socket.descriptor, Int32(SHUT_WR))
                    return try? socket.receive()
                }
                #expect(answer == nil)
            }
            let peers = try await off { try client.ask(.peers, for: [DestinationView].self) }
            #expect(peers.count == 3)
        }
        #expect(bench.state.logs.lines.contains { $0.contains("ended without an answer") })
    }

    @Test("those who connect and say nothing shut nobody out: the longest silent makes room", arguments: [16, 40])
    func silent(count: Int) async throws {
        var limits = OperatorListener.Limits()
        // So that the deadline alone would let nobody in.
        limits.deadline = 60
        try await withListener(try Bench(), limits: limits) { path, client in
            let silent = try await off { try (0..<count).map { _ in try UnixSocket.connect(to: path, timeout: 10) } }
            defer { for socket in silent { socket.close() } }
            let status = try await off { try client.ask(.status, for: GatewayStatus.self) }
            #expect(status.running)
            let first = try #require(silent.first)
            #expect(try await off { try first.receive() } == nil, "the first was ended")
        }
    }

    @Test("a question has to be here in time, and bytes one by one do not stretch it")
    func dripping() async throws {
        var limits = OperatorListener.Limits()
        limits.deadline = 0.3
        try await withListener(try Bench(), limits: limits) { path, _ in
            let drops = try await off {
                let socket = try UnixSocket.connect(to: path, timeout: 10)
                defer { socket.close() }
                var drops = 0
                // A question of a million bytes, a byte each 20 ms, until the other end hangs up.
                for byte in [0, 15, 0, 0] + [UInt8](repeating: 0x20, count: 1000) {
                    guard Framing.send([byte], on: socket.descriptor) == 0 else { break }
                    drops += 1
                    var waiting = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
                    if poll(&waiting, 1, 20) > 0 { break }
                }
                return drops
            }
            #expect(drops > 1 && drops < 500)
        }
    }

    @Test("where each place has a question that is being answered, the next is told so at once")
    func busy() throws {
        let room = ControlRoom(maximum: 2)
        func socket() -> UnixSocket { UnixSocket(descriptor: Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) }
        let places = try (0..<2).map { _ in try #require(room.enter(socket())) }
        for place in places { room.mark(place, isWorking: true) }
        let refused = socket()
        #expect(room.enter(refused) == nil)
        room.mark(places[1], isWorking: false)
        let taken = try #require(room.enter(refused))
        for place in places + [taken] { room.leave(place) }
        #expect(room.enter(socket()).map { room.leave($0) } != nil)
    }

    @Test("a file that a killed daemon left does not keep the next from starting")
    func leftOver() async throws {
        let bench = try Bench()
        try Data().write(to: URL(fileURLWithPath: bench.state.folder + "/control"))
        try await withListener(bench) { _, client in
            let status = try await off { try client.ask(.status, for: GatewayStatus.self) }
            #expect(status.running)
        }
    }

    @Test("nobody there is told as such")
    func nobody() async throws {
        let client = OperatorClient(path: NSTemporaryDirectory() + "antipode-nobody-\(UUID().uuidString)")
        let error = await #expect(throws: OperatorError.self) {
            try await off { try client.ask(.status, for: GatewayStatus.self) }
        }
        #expect(error?.kind == .unavailable)
    }
}
