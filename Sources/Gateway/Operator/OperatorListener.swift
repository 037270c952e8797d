// The daemon's end of the control socket.

import DICOMVocabulary
import Foundation
import Glibc
package import Logging
import ServiceLifecycle

/// Serves an `OperatorDesk` on a Unix socket that only its owner and one group may open. One thread accepts and never
/// waits, and a bounded number of threads answers; an answer that takes longer than the client's patience harms nobody
/// else.
package final class OperatorListener: Service, Sendable {
    package struct Limits: Sendable, Hashable {
        /// Connections at a time. For one more, the one that has been silent longest is ended.
        package var connections = 16
        /// Seconds from connect to the end of the question, however it trickles in.
        package var deadline: Double = 5

        package init() {}
    }

    private let path: String
    private let group: String?
    private let desk: any OperatorDesk
    private let logger: Logger
    private let deadline: Double
    private let room: ControlRoom

    package init(
        path: String, group: String?, desk: any OperatorDesk, logger: Logger, limits: Limits = Limits()
    ) {
        self.path = path
        self.group = group
        self.desk = desk
        self.logger = logger
        deadline = limits.deadline
        room = ControlRoom(maximum: limits.connections)
    }

    package func run() async throws {
        let descriptor = try bind()
        let thread = Thread { [self] in acceptLoop(descriptor) }
        thread.name = "control"
        thread.start()
        try? await gracefulShutdown()
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        unlink(path)
    }

    private func bind() throws(Failure) -> CInt {
        var address = try UnixSocket.address(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw UnixSocket.ioError("socket") }
        // The state folder's lock says that no other daemon lives, so a socket file here is left over from a kill.
        unlink(path)
        // On Linux the socket's own mode bounds that of its file, so that at no moment others may open it. The mask
        // would do too, but it is the whole process's, and other threads make files meanwhile.
        guard fchmod(descriptor, 0o660) == 0 else { throw UnixSocket.ioError("fchmod") }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, chmod(path, 0o660) == 0 else { throw UnixSocket.ioError("bind \(path)") }
        if let group {
            guard let entry = getgrnam(group) else {
                throw Failure(
                    .ioError, .person, .instance, detail: "gateway.socket_group: no group \(group)",
                    hint: "Make the group or name another.")
            }
            guard chown(path, uid_t.max, entry.pointee.gr_gid) == 0 else { throw UnixSocket.ioError("chown \(path)") }
        }
        guard listen(descriptor, 64) == 0 else { throw UnixSocket.ioError("listen \(path)") }
        return descriptor
    }

    private func acceptLoop(_ descriptor: CInt) {
        while true {
            let accepted = accept(descriptor, nil, nil)
            if accepted < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno == EMFILE || errno == ENFILE {
                    sleep(1)
                    continue
                }
                return  // closed by run()
            }
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            let socket = UnixSocket(descriptor: accepted)
            guard let place = enter(socket) else {
                refuse(socket)
                continue
            }
            let thread = Thread { [self] in
                serve(socket, place)
                room.leave(place)
            }
            thread.name = "control answer"
            thread.start()
        }
    }

    /// This thread does nothing else, and waits for those that were ended to leave.
    private func enter(_ socket: UnixSocket) -> Int? {
        let limit = ContinuousClock.now + .seconds(2)
        while true {
            if let place = room.enter(socket) { return place }
            guard room.isEmptying, ContinuousClock.now < limit else { return nil }
            usleep(2000)
        }
    }

    /// Short enough for the buffer of a new socket, so that it is sent without waiting for anybody.
    private func refuse(_ socket: UnixSocket) {
        defer { socket.close() }
        let answer = OperatorAnswer(
            error: OperatorError(.unavailable, "the daemon is answering as many questions as it may; ask again"))
        do {
            try socket.send(try OperatorJSON.encoder().encode(answer))
        } catch {
            logger.debug("A refused control connection was gone before its answer")
        }
    }

    private func serve(_ socket: UnixSocket, _ place: Int) {
        socket.setTimeouts(60)
        let actor = socket.peerName()
        do {
            guard let data = try socket.receive(within: deadline) else { return }
            let request = try OperatorJSON.decoder().decode(OperatorRequest.self, from: data)
            room.mark(place, isWorking: true)
            let answer = waitFor { await request.answer(from: self.desk, actor: actor) }
            let bytes = try OperatorJSON.encoder().encode(answer)
            room.mark(place, isWorking: false)
            try socket.send(bytes)
        } catch {
            logger.warning("A control connection ended without an answer", metadata: ["actor": "\(actor)"])
        }
    }

    /// Runs an async operation from a thread of our own, which may block: it is not of Swift's cooperative pool.
    private func waitFor<Value: Sendable>(_ operation: @escaping @Sendable () async -> Value) -> Value {
        let box = AnswerBox<Value>()
        Task { box.put(await operation()) }
        return box.take()
    }
}

/// Hands one value from a task to a waiting thread.
private final class AnswerBox<Value: Sendable>: @unchecked Sendable {
    // Unchecked: `value` is written once before the semaphore is signalled and read once after it was waited for.
    private let semaphore = DispatchSemaphore(value: 0)
    private var value: Value?

    func put(_ value: Value) {
        self.value = value
        semaphore.signal()
    }

    func take() -> Value {
        while true {
            semaphore.wait()
            if let value { return value }
        }
    }
}
