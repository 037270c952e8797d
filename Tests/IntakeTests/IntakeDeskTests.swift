import DICOMVocabulary
import Foundation
import Intake
import Logging
import Synchronization
import Testing
import WorkerProtocol

@Suite(.timeLimit(.minutes(5))) struct IntakeDeskTests {
    /// A desk on loopback with a scripted worker, and what it said.
    private struct Fixture {
        let desk: IntakeDesk
        let events: AsyncStream<IntakeEvent>
        let stored: Box
        let port: Int
    }

    final class Box: Sendable {
        let studies = Mutex<[UID]>([])
    }

    private func settings() throws -> IntakeSettings {
        var settings = IntakeSettings()
        settings.listeners = [
            ListenerSettings(name: "lan", address: "127.0.0.1", port: 0, aeTitles: [.make("GATEWAY")])
        ]
        var source = SourceSettings(
            name: "ct", addresses: [try #require(AddressRange("127.0.0.1"))], callingAEs: [.make("CT1")])
        source.quietPeriod = 1
        settings.sources = [source]
        settings.warmWorkers = 0
        return settings
    }

    private func makeFixture(
        _ steps: [ScriptedReceiver.Step], standsStill: String? = nil, dying: (folder: String, count: Int)? = nil,
        pickUp: Double = 60,
        change: (inout IntakeSettings) -> Void = { _ in }
    ) async throws -> Fixture {
        var settings = try settings()
        change(&settings)
        let (events, told) = AsyncStream<IntakeEvent>.makeStream()
        let stored = Box()
        let pool = WorkerPool(
            settings: IntakeDesk.poolSettings(settings),
            program: try ScriptedReceiver.program(steps, standsStill: standsStill, dying: dying))
        let desk = IntakeDesk(
            settings: settings, spool: SpoolLocation(directory: "/nowhere", freeFloor: 0), pool: pool,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), pickUp: pickUp,
            store: { instance, _, _ in
                stored.studies.withLock { $0.append(instance.study) }
                return IntakeDesk.StoreAnswer(StoreVerdict(status: 0, keepFile: true))
            }, observe: { told.yield($0) })
        try await desk.start()
        let port = try #require(await desk.openListeners.first?.port)
        return Fixture(desk: desk, events: events, stored: stored, port: port)
    }

    /// Connects; whether the association is the first that is told.
    private func isServed(_ fixture: Fixture) async throws -> Bool {
        let client = try Client(port: fixture.port)
        client.speak()
        var events = fixture.events.makeAsyncIterator()
        return if case .associationOpened = await events.next() { true } else { false }
    }

    private func request(calling: String = "CT1", called: String = "GATEWAY") -> ScriptedReceiver.Step {
        .say(
            .associationRequested(
                AssociationRequest(callingAE: calling, calledAE: called, certificate: nil, contexts: [])))
    }

    private var instance: StoredInstance {
        StoredInstance(
            spoolKey: "k", sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: "1.2.3", study: "1.2.4", series: "1.2.5",
            transferSyntax: .explicitVRLittleEndian, dataSetBytes: 100, digest: "00",
            header: InstanceHeader(modality: "CT"), identity: StudyIdentity(characterSet: "", attributes: []),
            highPriority: false)
    }

    private func end(_ outcome: AssociationEnd.Outcome) -> ScriptedReceiver.Step {
        .say(.associationEnded(AssociationEnd(outcome: outcome, instances: 1, bytes: 100, detail: "")))
    }

    @Test("an admitted association stores its instances, tells its end and gives the worker back")
    func happy() async throws {
        let fixture = try await makeFixture([
            .hear, request(), .hear, .say(.instanceStored(instance)), .hear, end(.released), .say(.ready), .linger,
        ])
        let client = try Client(port: fixture.port)
        client.speak()
        var events = fixture.events.makeAsyncIterator()
        guard case .associationOpened(let view) = await events.next() else {
            Issue.record("not admitted")
            return
        }
        #expect(view.source == "ct" && view.key.calledAE.string == "GATEWAY" && view.key.address == "127.0.0.1")
        guard case .associationEnded(let last, let end, nil) = await events.next() else {
            Issue.record("no end")
            return
        }
        #expect(end.outcome == .released)
        #expect(last.stored == 1 && last.bytes == 100 && last.studies == ["1.2.4"] && !last.inTransit)
        #expect(fixture.stored.studies.withLock { $0 } == ["1.2.4"])
        #expect(fixture.desk.associations.isEmpty)
        await fixture.desk.drain(within: 0)
    }

    @Test("a stranger is rejected with the reason of the standard")
    func stranger() async throws {
        let fixture = try await makeFixture([.hear, request(calling: "MALLORY"), .hear, end(.rejected), .linger])
        let client = try Client(port: fixture.port)
        client.speak()
        var events = fixture.events.makeAsyncIterator()
        guard case .associationRejected(_, _, .callingAENotRecognized, let reason) = await events.next() else {
            Issue.record("not rejected")
            return
        }
        #expect(reason.contains("MALLORY"))
        await fixture.desk.drain(within: 0)
    }

    @Test("an address that no source has is closed without a worker")
    func address() async throws {
        let fixture = try await makeFixture([.linger]) { settings in
            settings.sources[0].addresses = [AddressRange("10.0.0.0/8")].compactMap { $0 }
        }
        let client = try Client(port: fixture.port)
        var events = fixture.events.makeAsyncIterator()
        guard case .connectionRefused("127.0.0.1", "lan", _) = await events.next() else {
            Issue.record("not refused")
            return
        }
        #expect(client.isClosedByPeer)
        await fixture.desk.drain(within: 0)
    }

    @Test("an instance whose bytes did not come as far as the disk behind its row is told as refused, and counted so")
    func notDurable() async throws {
        let refusal = InstanceRefusal(
            sopClass: instance.sopClass, sopInstance: instance.sopInstance, status: 0xA700,
            failure: Failure(.ioError, .tryAgain, .instance, detail: "fsync"))
        let fixture = try await makeFixture([
            .hear, request(), .hear, .say(.instanceStored(instance)), .hear,
            .say(.instanceNotDurable(spoolKey: "k", refusal)), end(.released), .say(.ready), .linger,
        ])
        let client = try Client(port: fixture.port)
        client.speak()
        var events = fixture.events.makeAsyncIterator()
        _ = await events.next()
        guard case .instanceNotDurable("k", let told, _, _) = await events.next() else {
            Issue.record("not told")
            return
        }
        #expect(told.status == 0xA700 && told.failure.code == .ioError)
        guard case .associationEnded(let last, _, nil) = await events.next() else {
            Issue.record("no end")
            return
        }
        #expect(last.stored == 0 && last.refused == 1)
        await fixture.desk.drain(within: 0)
    }

    @Test("a worker that dies in the middle is told with what it had stored")
    func death() async throws {
        let fixture = try await makeFixture([
            .hear, request(), .hear, .say(.instanceStored(instance)), .hear, .say(.instanceBegun("1.2.9")), .exit(9),
        ])
        let client = try Client(port: fixture.port)
        client.speak()
        for await event in fixture.events {
            guard case .associationEnded(let view, let end, let failure) = event else { continue }
            #expect(failure?.code == .workerDied)
            #expect(failure?.detail.contains("status 9") == true)
            #expect(view.stored == 1 && view.instance == "1.2.9" && end.instances == 1)
            break
        }
        await fixture.desk.drain(within: 0)
    }

    @Test("a worker that stands still before it has read anything is ended, and the next one gets the connection")
    func standsStill() async throws {
        let mark = NSTemporaryDirectory() + "stands-still-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: mark) }
        let fixture = try await makeFixture(
            [.hear, request(), .hear, end(.released), .say(.ready), .linger], standsStill: mark, pickUp: 0.2)
        #expect(try await isServed(fixture), "the peer had to suffer for it")
        #expect(FileManager.default.fileExists(atPath: mark))
        await fixture.desk.drain(within: 0)
    }

    @Test("of as many workers as stand ready all may end before they have read anything, and the peer notices nothing")
    func allEnd() async throws {
        let mark = NSTemporaryDirectory() + "ends-\(UUID().uuidString)-"
        let count = IntakeSettings().warmWorkers + 1
        defer { for number in 0..<count { try? FileManager.default.removeItem(atPath: "\(mark)\(number)") } }
        let fixture = try await makeFixture(
            [.hear, request(), .hear, end(.released), .say(.ready), .linger], dying: (mark, count)
        ) { settings in
            // Ten processes on a machine that is busy with other tests.
            settings.limits.negotiation = 240
        }
        #expect(try await isServed(fixture), "the peer had to suffer for it")
        #expect(FileManager.default.fileExists(atPath: "\(mark)\(count - 1)"))
        await fixture.desk.drain(within: 0)
    }

    @Test("a worker that gives no sign of life is ended by the office's clock")
    func hang() async throws {
        let fixture = try await makeFixture([.hear, request(), .hear, .linger]) { settings in
            // The office adds its margin to what the worker itself waits.
            settings.limits.idle = -29.99
        }
        let client = try Client(port: fixture.port)
        client.speak()
        for await event in fixture.events {
            guard case .associationEnded(_, _, let failure) = event else { continue }
            #expect(failure?.code == .workerTooSlow)
            break
        }
        await fixture.desk.drain(within: 0)
    }

    @Test("silent connections are held without a worker, the oldest goes beyond the bound, and all go in time")
    func silence() async throws {
        let fixture = try await makeFixture([.linger]) { settings in
            settings.maximumSilentConnections = 2
            settings.silence = 0.3
        }
        let clients = try (0..<3).map { _ in try Client(port: fixture.port) }
        #expect(clients[0].isClosedByPeer)
        #expect(fixture.desk.silentConnections <= 2)
        #expect(clients[1].isClosedByPeer && clients[2].isClosedByPeer)
        #expect(fixture.desk.silentConnections == 0)
        await fixture.desk.drain(within: 0)
    }

    @Test("new sources take effect for the next connection, on the same port")
    func reload() async throws {
        let fixture = try await makeFixture([.hear, request(), .hear, end(.released), .say(.ready), .linger]) {
            $0.sources = []
        }
        let refused = try Client(port: fixture.port)
        #expect(refused.isClosedByPeer)
        try await fixture.desk.reload(try settings())
        #expect(await fixture.desk.openListeners.first?.port == fixture.port)
        let client = try Client(port: fixture.port)
        client.speak()
        var seen = false
        for await event in fixture.events {
            if case .associationOpened = event { seen = true }
            if case .associationEnded = event { break }
        }
        #expect(seen)
        await fixture.desk.drain(within: 0)
    }

    @Test("a drained desk accepts nobody and has ended what did not end itself")
    func drain() async throws {
        let fixture = try await makeFixture([.hear, request(), .hear, .say(.progress(bytes: 1)), .linger])
        let client = try Client(port: fixture.port)
        client.speak()
        var events = fixture.events.makeAsyncIterator()
        while case .some(let event) = await events.next() { if case .associationActive = event { break } }
        #expect(fixture.desk.associations.count == 1)
        await fixture.desk.drain(within: 0)
        guard case .associationEnded(_, _, .some) = await events.next() else {
            Issue.record("left open")
            return
        }
        // The kernel may still take one connection while the listener's thread goes; nobody speaks with it.
        if let late = try? Client(port: fixture.port) { #expect(late.isClosedByPeer) }
        #expect(fixture.desk.associations.isEmpty)
    }

    @Test("an address that cannot be opened stops the start with its name")
    func busyPort() async throws {
        let first = try Listener(address: "127.0.0.1", port: 0, backlog: 16)
        let error = #expect(throws: Failure.self) { try Listener(address: "127.0.0.1", port: first.port, backlog: 16) }
        #expect(error?.detail.contains("127.0.0.1 port \(first.port)") == true)
        #expect(throws: Failure.self) { try Listener(address: "localhost", port: 0, backlog: 16) }
        first.stop()
    }
}
