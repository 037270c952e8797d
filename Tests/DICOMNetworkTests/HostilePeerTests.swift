import DICOM
import DICOMNetwork
import DICOMVocabulary
import Foundation
import Glibc
import Testing

@Suite("A hostile peer", .serialized)
struct HostilePeerTests {
    /// What the process's descriptors stand for, sockets by their inode: other suites open and close their own meanwhile,
    /// so a mere count would say nothing.
    private static func openSockets() -> Set<String> {
        let folder = "/proc/self/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Set(names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") })
    }

    private func request(
        _ limits: AssociationLimits = .quick(), accepted note: (String) -> Void = { _ in },
        _ peer: @escaping @Sendable (RawPeer) -> Void
    ) throws -> Result<AssociationRequest, Failure> {
        let listener = try Listener()
        let port = listener.port
        let background = Background {
            let raw = try RawPeer(port)
            peer(raw)
            _ = raw.readToEnd()
        }
        let accepted = try listener.next()
        note(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(accepted)"))
        let result: Result<AssociationRequest, Failure>
        do throws(Failure) {
            let association = try IncomingAssociation(socket: accepted, tls: nil, limits: limits)
            result = .success(try association.receiveRequest())
            association.abort()
        } catch {
            result = .failure(error)
        }
        try background.value()
        return result
    }

    @Test(
        "that sends garbage instead of A-ASSOCIATE-RQ fails clean, and its socket is closed",
        arguments: [
            Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [0xFF, 0, 0, 0, 0, 4, 1, 2, 3, 4],
            [1, 0, 0xFF, 0xFF, 0xFF, 0xF0, 0, 1, 0, 0], [4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3],
            [1, 0, 0, 0, 0, 4, 0, 1, 0, 0], [7, 0, 0, 0, 0, 4, 0, 0, 0, 0], [5, 0, 0, 0, 0, 4, 0, 0, 0, 0],
            RawPeer.pdu(1, [0, 1, 0, 0] + [UInt8](repeating: 0x41, count: 64) + [0x10, 0, 0xFF, 0xFF, 1]),
            [],
        ] as [[UInt8]])
    func garbage(bytes: [UInt8]) throws {
        var socket = ""
        let result = try request(.quick { $0.negotiation = 1 }, accepted: { socket = $0 }) { peer in
            peer.send(bytes)
            shutdown(peer.descriptor, CInt(SHUT_WR))
        }
        guard case .failure(let failure) = result else { throw Stuck() }
        #expect(
            [.protocolError, .connectionLost, .peerTimedOut, .associationAborted].contains(failure.code), "\(failure)")
        #expect(!Self.openSockets().contains(socket))
    }

    @Test("that drips its A-ASSOCIATE-RQ is cut off by the wall clock")
    func dripsRequest() throws {
        let start = Date()
        let bytes = RawPeer.associate([(1, Objects.verification, [.implicitVRLittleEndian])])
        let result = try request(.quick { $0.negotiation = 0.6 }) { peer in
            for byte in bytes {
                guard peer.send([byte]) else { break }
                usleep(30_000)
            }
        }
        guard case .failure(let failure) = result else { throw Stuck() }
        #expect(failure.code == .peerTimedOut, "\(failure)")
        #expect(Date().timeIntervalSince(start) < 4)
    }

    @Test("that says nothing is cut off")
    func silent() throws {
        let result = try request(.quick { $0.negotiation = 0.5 }) { _ in }
        guard case .failure(let failure) = result else { throw Stuck() }
        #expect(failure.code == .peerTimedOut, "\(failure)")
    }

    /// Runs a store up to the data set and gives what the receiving side makes of it.
    private func store(
        _ limits: AssociationLimits = .quick(), maximumBytes: Int64 = 1 << 20, into path: String = "/dev/null",
        _ peer: @escaping @Sendable (RawPeer) -> Void
    ) throws -> (failure: Failure?, answer: [UInt8], association: IncomingAssociation) {
        let listener = try Listener()
        let port = listener.port
        let background = Background {
            let raw = try RawPeer(storingAt: port)
            peer(raw)
            return raw.readToEnd()
        }
        let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: limits)
        _ = try association.receiveRequest()
        try association.accept([1: .explicitVRLittleEndian])
        let descriptor = open(path, O_WRONLY)
        defer { close(descriptor) }
        var failure: Failure?
        do throws(Failure) {
            guard case .store(let command) = try association.nextCommand() else { throw .protocolTest }
            do throws(Failure) {
                _ = try association.receiveDataSet(into: ObjectSink(descriptor), maximumBytes: maximumBytes)
                try association.respond(to: command, status: 0)
            } catch {
                failure = error
                if error.code == .spoolFull { try association.respond(to: command, status: 0xA700) }
            }
        } catch {
            failure = error
        }
        association.abort()
        return (failure, try background.value(), association)
    }

    @Test("that drips inside an object falls under the minimum rate")
    func dripsObject() throws {
        let start = Date()
        let limits = AssociationLimits.quick {
            $0.minimumRate = 16_384
            $0.minimumRateWindow = 0.8
        }
        let (failure, _, _) = try store(limits) { peer in
            peer.send(RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()))
            let value = RawPeer.value(1, isCommand: false, isLast: true, [UInt8](repeating: 1, count: 10_000))
            for byte in value {
                guard peer.send([byte]) else { break }
                usleep(20_000)
            }
        }
        #expect(failure?.code == .workerTooSlow, "\(String(describing: failure))")
        #expect(Date().timeIntervalSince(start) < 5)
    }

    @Test("that drips a command set is cut off by the wall clock")
    func dripsCommand() throws {
        let (failure, _, _) = try store(.quick { $0.dimse = 1 }) { peer in
            for byte in RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()) {
                guard peer.send([byte]) else { break }
                usleep(50_000)
            }
        }
        #expect(failure?.code == .peerTimedOut, "\(String(describing: failure))")
    }

    @Test("that goes silent between two PDUs of an object is cut off")
    func silentInObject() throws {
        let (failure, _, _) = try store(.quick { $0.dimse = 1 }) { peer in
            peer.send(RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()))
            peer.send(RawPeer.value(1, isCommand: false, isLast: false, [1, 2, 3, 4]))
        }
        #expect(failure?.code == .peerTimedOut, "\(String(describing: failure))")
    }

    @Test("that sends an endless command set is stopped at the limit")
    func endlessCommand() throws {
        let (failure, _, _) = try store(.quick { $0.maximumCommand = 65_536 }) { peer in
            let value = RawPeer.value(1, isCommand: true, isLast: false, [UInt8](repeating: 0, count: 10_000))
            for _ in 0..<100 where !peer.send(value) { break }
        }
        #expect(failure?.code == .protocolError, "\(String(describing: failure))")
    }

    @Test(
        "that breaks the order of values fails clean",
        arguments: [
            // A data set before any command, an unknown context, a command inside an object, a malformed command.
            [RawPeer.value(1, isCommand: false, isLast: true, [1, 2])],
            [RawPeer.value(99, isCommand: true, isLast: true, RawPeer.storeCommand())],
            [
                RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()),
                RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()),
            ],
            [RawPeer.value(1, isCommand: true, isLast: true, [0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF])],
            [RawPeer.pdu(4, [])], [RawPeer.pdu(4, [0, 0, 0, 0])], [RawPeer.pdu(4, [0, 0, 0, 1, 1])],
            [RawPeer.pdu(4, [0xFF, 0xFF, 0xFF, 0xF0, 1, 3])], [[4, 0, 0xFF, 0xFF, 0xFF, 0xF0]],
            [RawPeer.pdu(1, [0, 1])], [RawPeer.pdu(0xFF, [0, 0, 0, 0])],
        ] as [[[UInt8]]])
    func disorder(messages: [[UInt8]]) throws {
        let (failure, _, _) = try store(.quick { $0.dimse = 1 }) { peer in
            for message in messages { peer.send(message) }
            shutdown(peer.descriptor, CInt(SHUT_WR))
        }
        let code = try #require(failure?.code)
        #expect(
            [.protocolError, .connectionLost, .associationAborted].contains(code), "\(String(describing: failure))")
    }

    @Test("that sends more than the limit is stopped")
    func tooLarge() throws {
        let (failure, _, _) = try store(maximumBytes: 50_000) { peer in
            peer.send(RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()))
            for _ in 0..<8 {
                peer.send(RawPeer.value(1, isCommand: false, isLast: false, [UInt8](repeating: 1, count: 10_000)))
            }
        }
        #expect(failure?.code == .tooLarge)
        #expect(failure?.scope == .instance)
    }

    @Test("that vanishes in an object is seen as a lost connection")
    func vanishes() throws {
        let (failure, _, _) = try store { peer in
            peer.send(RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()))
            peer.send(RawPeer.value(1, isCommand: false, isLast: false, [1, 2, 3, 4]))
            shutdown(peer.descriptor, CInt(SHUT_WR))
        }
        #expect(failure?.code == .connectionLost, "\(String(describing: failure))")
    }

    @Test("has nothing to do with a full disk: the object is read over and answered with A700")
    func fullDisk() throws {
        let (failure, answer, _) = try store(into: "/dev/full") { peer in
            peer.send(RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()))
            for number in 1...20 {
                peer.send(
                    RawPeer.value(1, isCommand: false, isLast: number == 20, [UInt8](repeating: 1, count: 10_000)))
            }
        }
        #expect(failure?.code == .spoolFull)
        #expect(failure?.disposition == .tryAgain)
        // The last PDU but the abort is the response: element (0000,0900) with A700 in little endian.
        let status: [UInt8] = [0, 0, 0, 9, 2, 0, 0, 0, 0, 0xA7]
        let found = answer.indices.contains { answer[$0...].starts(with: status) }
        #expect(found)
    }

    @Test("that aborts is told from one that is lost")
    func aborts() throws {
        let (failure, _, _) = try store { peer in
            peer.send(RawPeer.value(1, isCommand: true, isLast: true, RawPeer.storeCommand()))
            peer.send(RawPeer.pdu(7, [0, 0, 0, 0]))
        }
        #expect(failure?.code == .associationAborted, "\(String(describing: failure))")
    }

    @Test("that asks for a service we do not have is answered, and the association goes on")
    func unrecognised() throws {
        let listener = try Listener()
        let port = listener.port
        let background = Background {
            let raw = try RawPeer(storingAt: port)
            var command = CommandSet(.echo)
            command[number: .commandField] = 0x0140
            command[number: .messageID] = 5
            command[number: .dataSetType] = 1
            raw.send(RawPeer.value(1, isCommand: true, isLast: true, command.encoded))
            raw.send(RawPeer.value(1, isCommand: false, isLast: true, [1, 2, 3, 4]))
            let answer = raw.readPDU()
            raw.send(RawPeer.pdu(5, [0, 0, 0, 0]))
            return (answer, raw.readPDU())
        }
        let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
        _ = try association.receiveRequest()
        try association.accept([1: .explicitVRLittleEndian])
        guard case .released = try association.nextCommand() else { throw Stuck() }
        let (answer, release) = try background.value()
        let response = try CommandSet(bytes: answer[12...])
        #expect(response[number: .commandField] == 0x8140)
        #expect(response[number: .status] == 0x0211)
        #expect(release.first == 6)
    }

    @Test("that never reads what we send is given up at the minimum rate")
    func neverReads() throws {
        let listener = try Listener()
        // Holds the association open, and reads nothing, until the sender has given up.
        let givenUp = DispatchSemaphore(value: 0)
        let server = Background {
            let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
            _ = try association.receiveRequest()
            try association.accept([1: .explicitVRLittleEndian])
            givenUp.wait()
        }
        let limits = AssociationLimits.quick { $0.minimumRateWindow = 0.8 }
        let association = try OutgoingAssociation(
            to: .local(listener.port), limits: limits,
            proposals: [(Objects.mrStorage, [.explicitVRLittleEndian], false)])
        let failure = #expect(throws: Failure.self) {
            try association.store(
                sopClass: Objects.mrStorage, sopInstance: "1.2.3", transferSyntax: .explicitVRLittleEndian,
                parts: [.bytes([UInt8](repeating: 1, count: 64 << 20))])
        }
        givenUp.signal()
        try server.value()
        #expect(failure?.code == .workerTooSlow, "\(String(describing: failure))")
    }

    @Test("does not make us close a descriptor that is not the association's any more")
    func closesOnce() throws {
        let listener = try Listener()
        let port = listener.port
        let background = Background {
            let raw = try RawPeer(port)
            raw.send(RawPeer.associate([(1, Objects.verification, [.implicitVRLittleEndian])]))
            _ = raw.readToEnd()
        }
        var opened: [CInt] = []
        do {
            let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
            _ = try association.receiveRequest()
            association.abort()
            opened = (0..<4).map { _ in open("/dev/null", O_RDONLY) }
            try background.value()
        }
        for descriptor in opened {
            #expect(fcntl(descriptor, F_GETFD) >= 0)
            close(descriptor)
        }
    }

    @Test(
        "that proposes contexts in strange numbers gets an answer or an end",
        arguments: [
            // Many syntaxes, one identifier for all, even identifiers, no syntaxes, a syntax of 500 characters, none.
            [
                (1, Objects.mrStorage, (0..<60).map { TransferSyntax(UID("1.2.\($0)")) }),
                (3, Objects.mrStorage, ["1.2"]),
            ],
            (0..<200).map { _ in (1, Objects.mrStorage, ["1.2.840.10008.1.2"]) },
            (0..<128).map { (UInt8($0 * 2), Objects.mrStorage, ["1.2.840.10008.1.2"]) },
            [(1, Objects.mrStorage, [])],
            [(1, Objects.mrStorage, [TransferSyntax(UID(String(repeating: "1.", count: 250)))])], [],
        ] as [[(UInt8, UID, [TransferSyntax])]])
    func strangeProposals(contexts: [(UInt8, UID, [TransferSyntax])]) throws {
        let listener = try Listener()
        let port = listener.port
        let background = Background {
            let raw = try RawPeer(port)
            raw.send(RawPeer.associate(contexts))
            return raw.readPDU()
        }
        do throws(Failure) {
            let association = try IncomingAssociation(socket: try connection(listener), tls: nil, limits: .quick())
            let request = try association.receiveRequest()
            var chosen: [UInt8: TransferSyntax] = [:]
            for context in request.contexts { chosen[context.id] = context.transferSyntaxes.first }
            try association.accept(chosen)
            association.abort()
        } catch {
            #expect(error.code == .protocolError, "\(error)")
        }
        _ = try background.value()
    }

    private func connection(_ listener: Listener) throws(Failure) -> CInt {
        guard let accepted = try? listener.next() else { throw .protocolTest }
        return accepted
    }

    @Test("leaves no descriptor behind")
    func leaks() throws {
        var sockets: Set<String> = []
        for _ in 0..<20 {
            _ = try request(accepted: { sockets.insert($0) }) { peer in
                peer.send(RawPeer.associate([(1, Objects.verification, [.implicitVRLittleEndian])]))
            }
            _ = try request(accepted: { sockets.insert($0) }) { peer in
                peer.send([1, 0, 0, 0])
                shutdown(peer.descriptor, CInt(SHUT_WR))
            }
        }
        #expect(sockets.count == 40)
        #expect(Self.openSockets().isDisjoint(with: sockets))
    }
}

extension Failure {
    static let protocolTest = Failure(.unexpected, .person, .instance, detail: "not a store")
}
