import DICOMVocabulary
import Glibc
import Synchronization
import Testing
import WorkerProtocol

@Suite struct WorkerChannelTests {
    private func makePair() throws -> (office: OfficeChannel, worker: WorkerChannel) {
        var pair: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0)
        return (OfficeChannel(descriptor: pair[0]) {}, WorkerChannel(descriptor: pair[1]))
    }

    private var job: ReceiveJob {
        ReceiveJob(
            tls: nil, limits: AssociationLimits(), scan: ScanBounds(),
            spool: SpoolLocation(directory: "/nowhere", freeFloor: 0))
    }

    @Test("messages of any size go both ways, in order")
    func bothWays() async throws {
        let (office, worker) = try makePair()
        let text = String(repeating: "x", count: 3 << 20)
        // Larger than any socket buffer: the office must not wait for it to be read.
        for _ in 0..<3 {
            try office.send(
                .render(
                    ReportFile(
                        spoolKey: text, sopClass: "1.2", transferSyntax: .explicitVRLittleEndian, spoolDirectory: "",
                        scan: ScanBounds(), digest: "")))
        }
        try office.send(.stop)
        let echo = Thread {
            while let (message, _) = try? worker.receive() {
                guard case .render(let file) = message else { break }
                try? worker.send(.rendered(file.spoolKey))
            }
            try? worker.send(.ready)
        }
        echo.start()
        for _ in 0..<3 {
            guard case .message(.rendered(let answer)) = await office.receive(within: 60) else {
                Issue.record("no answer")
                return
            }
            #expect(answer == text)
        }
        guard case .message(.ready) = await office.receive(within: 60) else {
            Issue.record("the order was lost")
            return
        }
        office.close()
    }

    @Test("a descriptor arrives with its own message, after messages that carry none")
    func descriptors() async throws {
        let (office, worker) = try makePair()
        var pipes: [CInt] = [-1, -1]
        try #require(pipe(&pipes) == 0)
        try office.send(.closeLane)
        try office.send(.receive(job), descriptor: pipes[1])
        try office.send(.stop)
        let first = try #require(try worker.receive())
        #expect(first.descriptor == nil)
        let second = try #require(try worker.receive())
        let passed = try #require(second.descriptor)
        #expect(fcntl(passed, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
        #expect(write(passed, "!", 1) == 1)
        var byte: UInt8 = 0
        #expect(read(pipes[0], &byte, 1) == 1 && byte == 0x21)
        _ = try worker.receive()
        close(passed)
        // The office has closed its own copy, so the pipe has no writer left.
        #expect(read(pipes[0], &byte, 1) == 0)
        close(pipes[0])
        office.close()
        #expect(try worker.receive() == nil)
        close(worker.descriptor)
    }

    @Test("what a worker said before it ended is still read, then the end")
    func lastWords() async throws {
        let (office, worker) = try makePair()
        try worker.send(.ready)
        try worker.send(.progress(bytes: 7))
        close(worker.descriptor)
        guard case .message(.ready) = await office.receive(within: 60),
            case .message(.progress(7)) = await office.receive(within: 60),
            case .ended = await office.receive(within: 60), case .ended = await office.receive()
        else {
            Issue.record("something was lost")
            return
        }
        #expect(office.isEnded)
    }

    @Test("a wait without patience is late and loses nothing")
    func late() async throws {
        let (office, worker) = try makePair()
        guard case .late = await office.receive(within: 0), case .late = await office.receive(within: 0.001) else {
            Issue.record("nothing was sent")
            return
        }
        try worker.send(.ready)
        guard case .message(.ready) = await office.receive(within: 60) else {
            Issue.record("the message was lost")
            return
        }
        close(worker.descriptor)
    }

    @Test("a short wait after a long one is late in its own time")
    func shortAfterLong() async throws {
        let (office, worker) = try makePair()
        try worker.send(.ready)
        guard case .message(.ready) = await office.receive(within: 600),
            case .late = await office.receive(within: 0.001)
        else {
            Issue.record("not late")
            return
        }
        close(worker.descriptor)
    }

    @Test("a cancelled wait returns, and the next one gets the message")
    func cancelled() async throws {
        let (office, worker) = try makePair()
        let wait = Task { await office.receive() }
        wait.cancel()
        guard case .cancelled = await wait.value else {
            Issue.record("the wait was not cancelled")
            return
        }
        try worker.send(.ready)
        guard case .message(.ready) = await office.receive(within: 60) else {
            Issue.record("the message was lost")
            return
        }
        close(worker.descriptor)
    }

    @Test("a worker that speaks nonsense is cut off")
    func nonsense() async throws {
        let (office, worker) = try makePair()
        let bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        #expect(write(worker.descriptor, bytes, 4) == 4)
        guard case .ended = await office.receive(within: 60) else {
            Issue.record("still believed")
            return
        }
        #expect(try worker.receive() == nil)
        close(worker.descriptor)
    }
}

/// Blocking calls stay off the tests' own pool of threads.
private final class Thread: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func start() {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Thread>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }
}
