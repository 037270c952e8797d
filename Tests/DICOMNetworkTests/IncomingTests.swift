import DICOM
import DICOMNetwork
import DICOMVocabulary
import Foundation
import Testing

/// The simplest of gateways: accepts the first syntax of each context and keeps data sets in a folder.
struct Recorder {
    struct Stored: Sendable {
        let command: StoreCommand
        let path: String
        let bytes: Int64
        let digest: String
    }

    static func run(
        _ descriptor: CInt, folder: String, tls: TLSFiles? = nil, limits: AssociationLimits = .quick()
    ) throws -> (request: AssociationRequest, stored: [Stored]) {
        let association = try IncomingAssociation(socket: descriptor, tls: tls, limits: limits)
        let request = try association.receiveRequest()
        var chosen: [UInt8: TransferSyntax] = [:]
        for context in request.contexts { chosen[context.id] = context.transferSyntaxes.first }
        try association.accept(chosen)
        var stored: [Stored] = []
        while true {
            switch try association.nextCommand() {
            case .echo(let echo): try association.respond(to: echo)
            case .store(let command):
                let path = folder + "/\(stored.count)"
                _ = FileManager.default.createFile(atPath: path, contents: nil)
                guard let file = FileHandle(forWritingAtPath: path) else { throw Stuck() }
                let (bytes, digest) = try association.receiveDataSet(
                    into: ObjectSink(file.fileDescriptor), maximumBytes: 1 << 30)
                stored.append(Stored(command: command, path: path, bytes: bytes, digest: digest))
                try association.respond(to: command, status: 0)
            case .released: return (request, stored)
            default: throw Stuck()
            }
        }
    }
}

@Suite("An incoming association", .serialized, .disabled(if: Tool.areMissing, "DCMTK's tools or openssl are missing"))
struct IncomingTests {
    @Test("answers echoscu")
    func echo() throws {
        let listener = try Listener()
        let tool = try Tool("echoscu", ["-aet", "ASKER", "-aec", "ANTIPODE", "127.0.0.1", "\(listener.port)"])
        let (request, _) = try Recorder.run(try listener.next(), folder: "/nonexistent")
        #expect(tool.exitCode() == 0, "\(tool.text)")
        #expect(request.callingAE == "ASKER")
        #expect(request.calledAE == "ANTIPODE")
        #expect(request.certificate == nil)
        #expect(request.contexts.map(\.abstractSyntax) == [Objects.verification])
    }

    @Test(
        "keeps what storescu sends, in each transfer syntax",
        .disabled(if: Samples.areMissing, "\(Samples.skip)"),
        arguments: [
            ("1.2.840.10008.1.2", "-xi"), ("1.2.840.10008.1.2.1", "-xe"), ("1.2.840.10008.1.2.2", "-xb"),
            ("1.2.840.10008.1.2.4.50", "-xy"), ("1.2.840.10008.1.2.4.70", "-xs"), ("1.2.840.10008.1.2.4.80", "-xt"),
            ("1.2.840.10008.1.2.4.90", "-xv"), ("1.2.840.10008.1.2.5", "-xr"),
        ])
    func store(syntax: String, option: String) throws {
        let sample = try #require(
            Samples.oneOfEach.first { path in
                (try? Objects.dataSet(ofFile: path).header.transferSyntax.uid.string) == syntax
            })
        let listener = try Listener()
        let folder = try Folder()
        let tool = try Tool("storescu", ["-R", option, "127.0.0.1", "\(listener.port)", sample])
        let (_, stored) = try Recorder.run(try listener.next(), folder: folder.path)
        #expect(tool.exitCode() == 0, "\(tool.text)")
        let first = try #require(stored.first)
        let received = Folder.read(first.path)
        #expect(first.bytes == Int64(received.count))
        #expect(first.command.transferSyntax.uid.string == syntax)
        // storescu writes the data set anew, so it is compared by its values.
        let (bytes, header) = try Objects.dataSet(ofFile: sample)
        #expect(first.command.sopInstance == header.uid(.sopInstanceUID))
        let original = try DataSet(bytes: bytes, transferSyntax: header.transferSyntax)
        let kept = try DataSet(bytes: received, transferSyntax: header.transferSyntax)
        #expect(try kept.encoded(as: header.transferSyntax) == original.encoded(as: header.transferSyntax))
    }

    @Test("tells the digest of what it wrote")
    func digest() throws {
        let listener = try Listener()
        let folder = try Folder()
        let bytes = try Objects.instance("1.2.3.4.5", bytes: 300_000)
        let path = try folder.write(
            try Objects.part10(bytes, sopClass: Objects.mrStorage, sopInstance: "1.2.3.4.5", .explicitVRLittleEndian),
            "source.dcm")
        let tool = try Tool("storescu", ["127.0.0.1", "\(listener.port)", path])
        let (_, stored) = try Recorder.run(try listener.next(), folder: folder.path)
        #expect(tool.exitCode() == 0, "\(tool.text)")
        let first = try #require(stored.first)
        let sum = try Tool("xxhsum", ["-H2", first.path])
        #expect(sum.exitCode() == 0)
        #expect(sum.text.contains(first.digest))
        #expect(first.digest.count == 32)
    }

    @Test("refuses in the words of A-ASSOCIATE-RJ")
    func rejection() throws {
        let listener = try Listener()
        let tool = try Tool("echoscu", ["-v", "127.0.0.1", "\(listener.port)"])
        let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
        _ = try association.receiveRequest()
        association.reject(.calledAENotRecognized)
        #expect(tool.exitCode() != 0)
        #expect(tool.text.contains("Called AE Title Not Recognized"), "\(tool.text)")
    }

    @Test("answers a query of findscu")
    func find() throws {
        let listener = try Listener()
        let tool = try Tool(
            "findscu", ["-v", "-S", "-k", "0008,0052=STUDY", "-k", "0020,000D", "127.0.0.1", "\(listener.port)"])
        let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
        let request = try association.receiveRequest()
        try association.accept(
            Dictionary(uniqueKeysWithValues: request.contexts.map { ($0.id, $0.transferSyntaxes[0]) }))
        guard case .find(let query) = try association.nextCommand() else { throw Stuck() }
        #expect(query.model == Objects.studyRootFind)
        let identifier = try DataSet(
            bytes: association.receiveDataSet(maximumBytes: 65_536), transferSyntax: query.transferSyntax)
        #expect(identifier.root[Tag(0x0008, 0x0052)]?.value == Array("STUDY".utf8))
        let match = DataSet()
        try match.root.set(.studyInstanceUID, .UI, text: "1.2.3.99")
        try association.respondToFind(query, dataSet: match.encoded(as: query.transferSyntax), status: 0xFF00)
        try association.respondToFind(query, dataSet: nil, status: 0)
        guard case .released = try association.nextCommand() else { throw Stuck() }
        #expect(tool.exitCode() == 0, "\(tool.text)")
        #expect(tool.text.contains("1.2.3.99"), "\(tool.text)")
    }

    @Test("sends objects to getscu on its own association")
    func get() throws {
        let listener = try Listener()
        let folder = try Folder()
        let tool = try Tool(
            "getscu",
            [
                "-v", "-S", "-B", "-od", folder.path, "-k", "0008,0052=STUDY", "-k", "0020,000D=1.2.3", "127.0.0.1",
                "\(listener.port)",
            ])
        let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
        let request = try association.receiveRequest()
        try association.accept(
            Dictionary(uniqueKeysWithValues: request.contexts.map { ($0.id, $0.transferSyntaxes[0]) }),
            scpRoles: association.offeredSCPRoles)
        guard case .get(let query) = try association.nextCommand() else { throw Stuck() }
        _ = try association.receiveDataSet(maximumBytes: 65_536)
        let context = try #require(association.accepted.first { $0.abstractSyntax == Objects.mrStorage })
        let bytes = try Objects.instance("1.2.3.4.6", bytes: 200_000, as: context.transferSyntax)
        let status = try association.store(
            sopClass: Objects.mrStorage, sopInstance: "1.2.3.4.6", transferSyntax: context.transferSyntax,
            parts: [.bytes(bytes)])
        #expect(status == 0)
        try association.respondToGet(query, SubOperations(completed: 1), status: 0)
        guard case .released = try association.nextCommand() else { throw Stuck() }
        #expect(tool.exitCode() == 0, "\(tool.text)")
        let name = try #require(folder.files.first)
        #expect(try Objects.dataSet(ofFile: folder.file(name)).bytes == bytes)
    }

    @Test("answers movescu with counters")
    func move() throws {
        let listener = try Listener()
        let tool = try Tool(
            "movescu",
            [
                "-v", "-S", "-aem", "ELSEWHERE", "-k", "0008,0052=STUDY", "-k", "0020,000D=1.2.3", "127.0.0.1",
                "\(listener.port)",
            ])
        let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
        let request = try association.receiveRequest()
        try association.accept(
            Dictionary(uniqueKeysWithValues: request.contexts.map { ($0.id, $0.transferSyntaxes[0]) }))
        guard case .move(let query) = try association.nextCommand() else { throw Stuck() }
        #expect(query.destination == "ELSEWHERE")
        // The identifier is not asked for: it is read over.
        try association.respondToMove(query, SubOperations(remaining: 1), status: 0xFF00)
        try association.respondToMove(query, SubOperations(completed: 1), status: 0)
        guard case .released = try association.nextCommand() else { throw Stuck() }
        #expect(tool.exitCode() == 0, "\(tool.text)")
    }
}
