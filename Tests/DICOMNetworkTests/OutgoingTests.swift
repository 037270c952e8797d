import DICOM
import DICOMNetwork
import DICOMVocabulary
import Foundation
import Glibc
import Testing

@Suite("An outgoing association", .serialized, .disabled(if: Tool.areMissing, "DCMTK's tools or openssl are missing"))
struct OutgoingTests {
    @Test("asks storescp for an echo")
    func echo() throws {
        let port = try Tool.freePort()
        let peer = try Tool.server("storescp", ["--ignore", "\(port)"], port: port)
        let association = try OutgoingAssociation(
            to: .local(port), limits: .quick(), proposals: [(Objects.verification, [.implicitVRLittleEndian], false)])
        #expect(try association.echo() == 0)
        #expect(association.bytes > 0)
        #expect(association.tlsDescription.isEmpty)
        association.release()
        #expect(peer.process.isRunning)
    }

    @Test("looks whether its peer says something without waiting for it")
    func look() throws {
        let port = try Tool.freePort()
        let peer = try Tool.server("storescp", ["--ignore", "\(port)"], port: port)
        let association = try OutgoingAssociation(
            to: .local(port), limits: .quick(), proposals: [(Objects.verification, [.implicitVRLittleEndian], false)])
        let begin = ContinuousClock.now
        for _ in 0..<100 { #expect(!association.hasWord) }
        // It took a second each; the bound is for the slowest machine.
        #expect(ContinuousClock.now - begin < .seconds(50))
        // SIGTERM may be blocked: it has the mask of the thread that started it.
        kill(peer.process.processIdentifier, SIGKILL)
        peer.process.waitUntilExit()
        #expect(association.hasWord)
        association.answerLeave()
    }

    @Test(
        "delivers every byte of every transfer syntax to storescp",
        .disabled(if: Samples.areMissing, "\(Samples.skip)"))
    func storeSamples() throws {
        let folder = try Folder()
        let port = try Tool.freePort()
        let peer = try Tool.server(
            "storescp", ["+B", "+xa", "--promiscuous", "-od", folder.path, "\(port)"], port: port)
        var expected: [String: [UInt8]] = [:]
        var refused = 0
        for path in Samples.oneOfEach {
            let file = try InstanceFile(path: path, bounds: ScanBounds(), wanted: [.sopClassUID, .sopInstanceUID])
            guard let sopClass = file.header.uid(.sopClassUID), let sopInstance = file.header.uid(.sopInstanceUID)
            else {
                continue
            }
            guard case .file(let descriptor) = file.place else { continue }
            let syntax = file.header.transferSyntax
            do {
                let association = try OutgoingAssociation(
                    to: .local(port), limits: .quick(), proposals: [(sopClass, [syntax], false)])
                let start = file.header.dataSetOffset
                let head = try file.read(start..<start + 100)
                let status = try association.store(
                    sopClass: sopClass, sopInstance: sopInstance, transferSyntax: syntax,
                    parts: [
                        .bytes(head),
                        .file(descriptor, offset: start + 100, length: file.header.end - start - 100),
                    ])
                #expect(status == 0)
                association.release()
                expected[sopInstance.string] = try file.read(start..<file.header.end)
            } catch {
                // A syntax that this storescp does not know.
                #expect(error.code == .noPresentationContext, "\(path): \(error)")
                refused += 1
            }
        }
        #expect(expected.count > 15)
        #expect(refused < 8)
        for name in folder.files {
            let bytes = Folder.read(folder.file(name))
            let uid = name.drop { $0 != "." }.dropFirst()
            let original = try #require(expected[String(uid)])
            #expect(Array(bytes.suffix(original.count)) == original, "\(name)")
        }
        #expect(folder.files.count == expected.count)
        #expect(peer.process.isRunning)
    }

    @Test("finds and gets from dcmqrscp")
    func query() throws {
        let folder = try Folder()
        let port = try Tool.freePort()
        let storage = folder.file("store")
        try FileManager.default.createDirectory(atPath: storage, withIntermediateDirectories: true)
        let settings = """
            NetworkTCPPort = \(port)
            MaxPDUSize = 16384
            MaxAssociations = 16
            HostTable BEGIN
            antipode = (ANTIPODE, localhost, 11112)
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            PEER \(storage) RW (10, 1024mb) ANY
            AETable END
            """
        let path = try folder.write(Array(settings.utf8), "dcmqrscp.cfg")
        let peer = try Tool.server("dcmqrscp", ["-c", path], port: port)
        var sent: [UID: [UInt8]] = [:]
        let sender = try OutgoingAssociation(
            to: .local(port), limits: .quick(), proposals: [(Objects.mrStorage, [.explicitVRLittleEndian], false)])
        for number in 1...3 {
            let uid = UID("1.2.3.4.\(number)")
            sent[uid] = try Objects.instance(uid, bytes: 100_000)
            let status = try sender.store(
                sopClass: Objects.mrStorage, sopInstance: uid, transferSyntax: .explicitVRLittleEndian,
                parts: [.bytes(sent[uid] ?? [])])
            #expect(status == 0)
        }
        sender.release()

        let reader = try OutgoingAssociation(
            to: .local(port), limits: .quick(),
            proposals: [
                (Objects.studyRootFind, [.explicitVRLittleEndian], false),
                (Objects.studyRootGet, [.implicitVRLittleEndian], false),
                (Objects.studyRootMove, [.implicitVRLittleEndian], false),
                (Objects.mrStorage, [.explicitVRLittleEndian], true),
            ])
        let question = DataSet()
        try question.root.set(Tag(0x0008, 0x0052), .CS, text: "IMAGE")
        try question.root.set(.studyInstanceUID, .UI, text: "1.2.3")
        try question.root.set(.seriesInstanceUID, .UI, text: "1.2.3.4")
        try question.root.set(.sopInstanceUID, .UI, [])
        var found: Set<UID> = []
        let status = try reader.find(model: Objects.studyRootFind, identifier: question) {
            bytes, syntax throws(Failure) in
            let match = try DataSet(bytes: bytes, transferSyntax: syntax)
            found.insert(UID(String(decoding: match.root[.sopInstanceUID]?.value ?? [], as: UTF8.self)))
        }
        #expect(status == 0)
        #expect(found == Set(sent.keys))

        let study = DataSet()
        try study.root.set(Tag(0x0008, 0x0052), .CS, text: "STUDY")
        try study.root.set(.studyInstanceUID, .UI, text: "1.2.3")
        var got: [UID: [UInt8]] = [:]
        let result = try reader.get(model: Objects.studyRootGet, identifier: study) { command, data throws(Failure) in
            // One is not received by us and is read over.
            if command.sopInstance == "1.2.3.4.2" { return 0xA700 }
            got[command.sopInstance] = try data.receive(maximumBytes: 1 << 20)
            return 0
        }
        #expect(result.counts.completed == 2)
        #expect(result.counts.failed == 1)
        for (uid, bytes) in got {
            let original = try DataSet(bytes: sent[uid] ?? [], transferSyntax: .explicitVRLittleEndian)
            let copy = try DataSet(bytes: bytes, transferSyntax: .explicitVRLittleEndian)
            #expect(try copy.encoded(as: .explicitVRLittleEndian) == original.encoded(as: .explicitVRLittleEndian))
        }
        #expect(got.count == 2)
        let moved = try reader.move(model: Objects.studyRootMove, identifier: study, destination: .named("NOWHERE"))
        #expect(moved.status == 0xA801)
        reader.release()
        #expect(peer.process.isRunning)
    }

    @Test("that is rejected says how, and whether later is better")
    func rejected() throws {
        for (rejection, code) in [
            (AssociationRejection.temporaryCongestion, Failure.Code.associationRejectedTransient),
            (.callingAENotRecognized, .associationRejectedPermanent),
        ] {
            let listener = try Listener()
            let server = Background {
                let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
                _ = try association.receiveRequest()
                association.reject(rejection)
            }
            let failure = #expect(throws: Failure.self) {
                try OutgoingAssociation(
                    to: .local(listener.port), limits: .quick(),
                    proposals: [(Objects.verification, [.implicitVRLittleEndian], false)])
            }
            try server.value()
            #expect(failure?.code == code)
            #expect(failure?.scope == .destination)
            let words = "result \(rejection.result), source \(rejection.source), reason \(rejection.reason)"
            #expect(failure?.detail.contains(words) == true, "\(failure?.detail ?? "")")
        }
    }

    @Test("says that nobody listens")
    func refused() throws {
        let port = try Tool.freePort()
        let failure = #expect(throws: Failure.self) {
            try OutgoingAssociation(
                to: .local(port), limits: .quick(),
                proposals: [(Objects.verification, [.implicitVRLittleEndian], false)])
        }
        #expect(failure?.code == .connectFailed, "\(String(describing: failure))")
    }

    @Test("says that the peer accepted nothing, and that an object has no context")
    func contexts() throws {
        let listener = try Listener()
        let server = Background {
            let first = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
            _ = try first.receiveRequest()
            try first.accept([:])
            _ = try? first.nextCommand()
            let second = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
            _ = try second.receiveRequest()
            try second.accept([3: .explicitVRLittleEndian])
            guard case .released = try second.nextCommand() else { throw Stuck() }
        }
        let proposals: [OutgoingAssociation.Proposal] = [
            (Objects.mrStorage, [.htj2kLossless], false), (Objects.mrStorage, [.explicitVRLittleEndian], false),
        ]
        let failure = #expect(throws: Failure.self) {
            try OutgoingAssociation(to: .local(listener.port), limits: .quick(), proposals: proposals)
        }
        #expect(failure?.code == .noPresentationContext)
        let association = try OutgoingAssociation(to: .local(listener.port), limits: .quick(), proposals: proposals)
        #expect(association.context(for: Objects.mrStorage, .explicitVRLittleEndian))
        #expect(!association.context(for: Objects.mrStorage, .htj2kLossless))
        let other = #expect(throws: Failure.self) {
            try association.store(
                sopClass: Objects.mrStorage, sopInstance: "1.2", transferSyntax: .htj2kLossless, parts: [])
        }
        #expect(other?.scope == .instance)
        association.release()
        try server.value()
    }

    @Test("carries bytes of a syntax that DCMTK does not know, from a file, to our own acceptor")
    func unknownSyntax() throws {
        let listener = try Listener()
        let folder = try Folder()
        let path = folder.path
        let server = Background { try Recorder.run(try listener.next(), folder: path) }
        let bytes = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [1]
        let source = try folder.write(bytes, "source")
        let descriptor = open(source, O_RDONLY)
        defer { close(descriptor) }
        let association = try OutgoingAssociation(
            to: .local(listener.port), limits: .quick(), proposals: [(Objects.mrStorage, [.htj2kLossless], false)])
        let status = try association.store(
            sopClass: Objects.mrStorage, sopInstance: "1.2.3", transferSyntax: .htj2kLossless,
            parts: [
                .bytes(Array(bytes[..<11])), .file(descriptor, offset: 11, length: 700_000),
                .bytes(Array(bytes[700_011...])),
            ],
            priority: 1, moveOriginator: "ASKER", moveOriginatorMessageID: 9)
        #expect(status == 0)
        association.release()
        let stored = try #require(try server.value().stored.first)
        #expect(Folder.read(stored.path) == bytes)
        #expect(stored.command.isHighPriority)
        #expect(stored.command.moveOriginator == "ASKER")
        #expect(stored.command.moveOriginatorMessageID == 9)
    }
}
