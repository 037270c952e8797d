// Step 2: one object from the network into a durable file.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Spool
import WorkerProtocol

/// How an object ended here. The association goes on in either case.
enum Intaken {
    /// The office has still to make its row. When it has been told, the file is to be made durable where it is not, and let go.
    case stored(StoredInstance, ArrivedFile)
    case refused(InstanceRefusal)
}

/// A file whose bytes are all here; the last of them may still be on their way to the disk.
struct ArrivedFile {
    fileprivate let writer: SpoolWriter
    fileprivate let sink: ObjectSink

    /// As `SpoolWriter.commit`; a write that failed is told here too.
    fileprivate func flush() throws(Failure) {
        guard !writer.isDurable else { return }
        if let failure = sink.finish() {
            // Whoever waits for it, or for its lock, is not to wait for the end of this association.
            writer.abandon()
            throw failure
        }
        try writer.commit()
    }

    func letGo() { writer.letGo() }
}

/// Streams an object to the spool as it comes, and scans it there. For C-STORE on an incoming association and for the
/// sub-operations of a C-GET.
struct InstanceIntake {
    typealias Receive = (ObjectSink, Int64, @escaping RoomCheck) throws(Failure) -> (bytes: Int64, digest: String)

    let spool: SpoolDirectory
    let scan: ScanBounds
    let maximumObject: Int64
    /// The file is durable before the office hears of it. Off, it is so for long objects only, whose flush may take minutes: of others
    /// file and row become durable side by side, and the last bytes are written meanwhile where there is room for them.
    let flushesFirst: Bool
    /// So much free space is room for what all associations may have under way at once.
    private static let ampleRoom = 64 * SpoolDirectory.longestBesideItsRow
    /// A disk that failed once may fail each time, and each would leave a row whose file is lost.
    private var isCautious = false
    private let files: FilesAhead
    private let staging: Staging?

    init(spool: SpoolLocation, scan: ScanBounds, maximumObject: Int64, flushesFirst: Bool, staging: Staging?) {
        self.spool = SpoolDirectory(path: spool.directory, freeFloor: spool.freeFloor)
        files = FilesAhead(self.spool)
        self.scan = scan
        self.maximumObject = maximumObject
        self.flushesFirst = flushesFirst
        self.staging = staging
    }

    /// `receive` writes the data set to a sink, and asks now and then whether there is room for more. Throws only
    /// what ends the association; then nothing is kept.
    func take(_ command: StoreCommand, receive: Receive) throws(Failure) -> Intaken {
        let reading = HeaderReading(sopClass: command.sopClass, sopInstance: command.sopInstance)
        do throws(HeaderReading.Refusal) {
            try reading.checkCommand()
        } catch {
            return refused(command, error)
        }
        let file: ArrivedFile
        let bytes: Int64
        let digest: String
        do throws(Failure) {
            let writer = try files.next()
            FaultPoint.pass("worker.receive.file-begun")
            let meta = Part10.meta(
                sopClass: command.sopClass, sopInstance: command.sopInstance, transferSyntax: command.transferSyntax)
            let sink = ObjectSink(writer.fileDescriptor, staging: staging)
            file = ArrivedFile(writer: writer, sink: sink)
            if let failure = meta.withUnsafeBytes(sink.write) { throw failure }
            (bytes, digest) = try receive(sink, maximumObject, room)
            // Read from memory or from the file: there is nothing to wait for.
            if sink.memory == nil || isCautious || !hasAmpleRoom, let failure = sink.finish() { throw failure }
        } catch {
            // The writer removes its file when it is let go.
            switch error.code {
            case .spoolFull, .ioError, .tooLarge:
                return refused(command, .init(status: DIMSEStatus.outOfResources, failure: error))
            default:
                throw error
            }
        }
        do throws(HeaderReading.Refusal) {
            let instance = try judge(file, command, reading, bytes: bytes, digest: digest)
            if flushesFirst || file.sink.memory == nil || bytes > SpoolDirectory.longestBesideItsRow { try flush(file) }
            return .stored(instance, file)
        } catch {
            return refused(command, error)
        }
    }

    /// A large object, or several at once, may take the free space below the floor while they are written.
    private func room() -> Failure? {
        do throws(Failure) {
            try spool.checkFloor()
            return nil
        } catch {
            return error
        }
    }

    /// Where the disk may be full before the object is on it, the office is to hear of nothing that was not written.
    private var hasAmpleRoom: Bool { ((try? spool.freeBytes()) ?? 0) >= Self.ampleRoom }

    /// The refusal of an object whose file could not be made durable after the office had heard of it. Nobody believes the file then.
    mutating func flush(_ file: ArrivedFile, of command: StoreCommand) -> InstanceRefusal? {
        do throws(HeaderReading.Refusal) {
            try flush(file)
            return nil
        } catch {
            isCautious = true
            return refusal(command, error)
        }
    }

    private func flush(_ file: ArrivedFile) throws(HeaderReading.Refusal) {
        do throws(Failure) {
            try file.flush()
        } catch {
            throw .init(status: DIMSEStatus.outOfResources, failure: error)
        }
    }

    func remove(_ key: String) {
        // If it stays it has no row, and recovery sets it aside.
        try? spool.remove(key)
    }

    private func judge(
        _ file: ArrivedFile, _ command: StoreCommand, _ reading: HeaderReading, bytes: Int64, digest: String
    ) throws(HeaderReading.Refusal) -> StoredInstance {
        let header: ScannedHeader
        do throws(Failure) {
            header = try scan(file)
        } catch {
            let isOurs = [.ioError, .spoolFull, .outOfResources].contains(error.code)
            throw .init(
                status: isOurs ? DIMSEStatus.outOfResources : DIMSEStatus.cannotUnderstand, failure: error)
        }
        let (study, series) = try reading.check(header)
        FaultPoint.pass("worker.receive.before-commit")
        return StoredInstance(
            spoolKey: file.writer.key, sopClass: command.sopClass, sopInstance: command.sopInstance, study: study,
            series: series, transferSyntax: command.transferSyntax, dataSetBytes: bytes, digest: digest,
            header: InstanceHeader(header), identity: StudyIdentity(header: header),
            highPriority: command.isHighPriority)
    }

    private func scan(_ file: ArrivedFile) throws(Failure) -> ScannedHeader {
        let wanted = HeaderReading.wantedTags
        let count = file.sink.count
        guard let memory = file.sink.memory else {
            return try InstanceFile(
                borrowing: file.writer.fileDescriptor, count: count, bounds: scan, wanted: wanted,
                scratch: spool.scratchFile
            ).header
        }
        return try InstanceFile(in: memory, count: count, bounds: scan, wanted: wanted, scratch: spool.scratchFile)
            .header
    }

    private func refused(_ command: StoreCommand, _ refusal: HeaderReading.Refusal) -> Intaken {
        .refused(self.refusal(command, refusal))
    }

    private func refusal(_ command: StoreCommand, _ refusal: HeaderReading.Refusal) -> InstanceRefusal {
        InstanceRefusal(
            sopClass: command.sopClass, sopInstance: command.sopInstance, status: refusal.status,
            failure: refusal.failure)
    }
}
