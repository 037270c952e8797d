// The worker's end of the channel.

package import DICOMVocabulary
import Glibc
import Synchronization

/// The blocking side. One thread receives; any thread may send.
///
///     let channel = WorkerChannel(descriptor: 3)
///     try channel.send(.ready)
///     while let (message, socket) = try channel.receive() { … }
package final class WorkerChannel: Sendable {
    /// The descriptor that `WorkerProcess` gives to every worker.
    package static let inheritedDescriptor: CInt = 3

    private struct Incoming: Sendable {
        var frames = FrameBuffer()
        var descriptors: [CInt] = []
    }

    package let descriptor: CInt
    private let incoming = Mutex(Incoming())
    private let outgoing = Mutex(())

    package init(descriptor: CInt) { self.descriptor = descriptor }

    /// Blocks until the office says something; nil when it has closed the channel. An accepted socket comes with
    /// `receive` and belongs to the caller.
    package func receive() throws(Failure) -> (message: OfficeMessage, descriptor: CInt?)? {
        let result: Result<(OfficeMessage, CInt?)?, Failure> = incoming.withLock { incoming in
            do throws(Failure) {
                return .success(try Self.next(&incoming, on: descriptor))
            } catch {
                return .failure(error)
            }
        }
        return try result.get().map { (message: $0.0, descriptor: $0.1) }
    }

    /// Waits until the office has said something, or is gone: true; false after `seconds`.
    package func hears(within seconds: Double) -> Bool {
        let isRead = incoming.withLock { $0.frames.holdsFrame }
        guard !isRead else { return true }
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, CInt(seconds * 1000)) != 0
    }

    private static func next(
        _ incoming: inout Incoming, on socket: CInt
    ) throws(Failure) -> (OfficeMessage, CInt?)? {
        while true {
            if let body = try incoming.frames.next() {
                let message = try Framing.decode(OfficeMessage.self, from: body)
                guard case .receive = message else { return (message, nil) }
                // Descriptors arrive in the order of the messages that carry them, and no later than those.
                return (message, incoming.descriptors.isEmpty ? nil : incoming.descriptors.removeFirst())
            }
            let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
                let count = DescriptorPassing.receive(
                    into: buffer, descriptors: &incoming.descriptors, on: socket, flags: 0)
                if count > 0 { incoming.frames.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
                return count
            }
            if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
            guard count > 0 else { throw channelFailure("receive", errno) }
        }
    }

    /// Blocks while the office is behind. Fails when the office is gone.
    package func send(_ message: WorkerMessage) throws(Failure) {
        let frame = try Framing.encode(message)
        let code = outgoing.withLock { _ in Framing.send(frame, on: descriptor) }
        guard code == 0 else { throw channelFailure("send", code) }
    }
}

/// A broken channel says nothing about the object that was being handled.
func channelFailure(_ call: String, _ code: CInt) -> Failure {
    Failure(
        .workerDied, .tryAgain, .instance,
        detail: "the channel between office and worker: \(call): \(String(cString: strerror(code)))")
}
