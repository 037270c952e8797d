// The office's end of the channel. Nothing here blocks a thread.

package import DICOMVocabulary
import Glibc
import Synchronization

/// The non-blocking side: an event loop reads; what does not fit the socket waits.
package final class OfficeChannel: Sendable {
    private struct Outgoing: Sendable {
        var bytes: [UInt8]
        var sent = 0
        var descriptor: CInt?
    }
    private struct State {
        var frames = FrameBuffer()
        var pending: [Outgoing] = []
        var reader: UInt64?
        var writer: UInt64?
        var open = true
    }
    /// A worker is answered before it says more, so a longer queue means that it has gone mad.
    private static let bound = 4096

    private let descriptor: CInt
    private let loop: EventLoop
    private let mailbox = Mailbox<WorkerMessage>(bound: bound)
    private let state = Mutex(State())
    private let whenEnded: @Sendable () -> Void

    /// Takes over the descriptor. `whenEnded` is called once, on the loop's thread.
    package init(descriptor: CInt, loop: EventLoop = .working, whenEnded: @escaping @Sendable () -> Void) {
        self.descriptor = descriptor
        self.loop = loop
        self.whenEnded = whenEnded
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        let reader = loop.watch(descriptor, for: POLLIN) { [weak self] in self?.read() }
        let isOpen = state.withLock { state in
            if state.open { state.reader = reader }
            return state.open
        }
        // The other end may have closed before this line.
        if !isOpen { loop.cancel(reader) }
    }

    deinit { close() }

    /// Bytes on their way to the other end that it has not taken yet (unix(7), SIOCOUTQ).
    var hasUnread: Bool {
        state.withLock { state in
            var count: CInt = 0
            guard state.open, ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 else { return false }
            return count > 0 || !state.pending.isEmpty
        }
    }

    package var isEnded: Bool { mailbox.isEnded }

    /// Whether the other end has closed, also before the loop has come to it (poll(2), POLLHUP).
    var hasHungUp: Bool {
        state.withLock { state in
            var watched = pollfd(fd: descriptor, events: 0, revents: 0)
            return !state.open || poll(&watched, 1, 0) > 0
        }
    }

    /// The next message; `.late` after `seconds`. One task at a time.
    package func receive(within seconds: Double? = nil) async -> Reception<WorkerMessage> {
        await mailbox.next(within: seconds)
    }

    /// Returns at once. Takes over the descriptor, which is closed here when it has been passed. A channel that is gone
    /// swallows the message: the reader learns of it as `.ended`. Fails only for a message that fits no frame.
    package func send(_ message: OfficeMessage, descriptor passed: CInt? = nil) throws(Failure) {
        let frame: [UInt8]
        do {
            frame = try Framing.encode(message)
        } catch {
            if let passed { Glibc.close(passed) }
            throw error
        }
        let isOpen = state.withLock { state in
            if state.open { state.pending.append(Outgoing(bytes: frame, descriptor: passed)) }
            return state.open
        }
        if isOpen {
            // Here and not on the queue: the descriptor never blocks, and the worker waits for these bytes.
            flush()
        } else if let passed {
            Glibc.close(passed)
        }
    }

    package func close() { _ = closeOnce() }

    private func closeOnce() -> Bool {
        var wasOpen = false
        let unsent: [Outgoing] = state.withLock { state in
            wasOpen = state.open
            state.open = false
            for watch in [state.reader, state.writer].compactMap(\.self) { loop.cancel(watch) }
            state.reader = nil
            state.writer = nil
            let unsent = state.pending
            state.pending = []
            return unsent
        }
        for message in unsent { if let passed = message.descriptor { Glibc.close(passed) } }
        mailbox.end()
        return wasOpen
    }

    /// What there is, up to a bound; the loop calls again for the rest.
    private func read() {
        var descriptors: [CInt] = []
        var code: CInt = 0
        let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
            let count = DescriptorPassing.receive(into: buffer, descriptors: &descriptors, on: descriptor, flags: 0)
            code = errno
            if count > 0 {
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                state.withLock { $0.frames.append(bytes) }
            }
            return count
        }
        // A worker has nothing to pass to the office.
        for unwanted in descriptors { Glibc.close(unwanted) }
        if count < 0, code == EAGAIN { return }
        if count <= 0 || !deliver() { finish() }
    }

    /// False when what came cannot be believed.
    private func deliver() -> Bool {
        do throws(Failure) {
            while let body = try nextFrame() {
                guard mailbox.put(try Framing.decode(WorkerMessage.self, from: body)) else { return false }
            }
            return true
        } catch {
            return false
        }
    }

    private func nextFrame() throws(Failure) -> [UInt8]? {
        let result: Result<[UInt8]?, Failure> = state.withLock { state in
            do throws(Failure) {
                return .success(try state.frames.next())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func finish() {
        if closeOnce() { whenEnded() }
    }

    private func flush() {
        let broken: Bool = state.withLock { state in
            guard state.open else { return false }
            while var first = state.pending.first {
                let count = first.bytes.withUnsafeBytes { bytes in
                    DescriptorPassing.send(
                        UnsafeRawBufferPointer(rebasing: bytes[first.sent...]), passing: first.descriptor,
                        on: descriptor, flags: 0)
                }
                if count < 0 {
                    guard errno == EAGAIN else { return true }
                    waitForRoom(&state)
                    return false
                }
                if let passed = first.descriptor { Glibc.close(passed) }
                first.descriptor = nil
                first.sent += count
                if first.sent == first.bytes.count {
                    state.pending.removeFirst()
                } else {
                    state.pending[0] = first
                }
            }
            if let writer = state.writer { loop.cancel(writer) }
            state.writer = nil
            return false
        }
        // The read side may still hold the worker's last words; it ends the channel when they are read.
        if broken { state.withLock { $0.pending.removeAll { $0.descriptor == nil } } }
    }

    /// The watch has a descriptor of its own, so that either can be cancelled first.
    private func waitForRoom(_ state: inout State) {
        guard state.writer == nil else { return }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return }
        state.writer = loop.watch(copy, for: POLLOUT) { [weak self] in self?.flush() }
    }
}
