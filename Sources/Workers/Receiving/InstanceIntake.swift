// Step 2: one object from the network into a durable file.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Spool
import WorkerProtocol

/// How an object ended here. The association goes on in either case.
enum Intaken {
    /// The office has still to make its row. When it has been told, the file is to be made durable where it is not, and let go.
    case stored(StoredInstance, SpoolWriter)
    case refused(InstanceRefusal)
}

/// Streams an object to the spool as it comes, and scans it there. For C-STORE on an incoming association and for the
/// sub-operations of a C-GET.
struct InstanceIntake {
    typealias Receive = (ObjectSink, Int64, @escaping RoomCheck) throws(Failure) -> (bytes: Int64, digest: String)

    let spool: SpoolDirectory
    let scan: ScanBounds
    let maximumObject: Int64
    /// The file is durable before the office hears of it. Off, it is so for long objects only, whose flush may take minutes: of others
    /// file and row become durable side by side.
    let flushesFirst: Bool
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
        let file: SpoolWriter
        let sink: ObjectSink
        let bytes: Int64
        let digest: String
        var scanned: Result<ScannedHeader, Failure>?
        do throws(Failure) {
            file = try files.next()
            FaultPoint.pass("worker.receive.file-begun")
            let meta = Part10.meta(
                sopClass: command.sopClass, sopInstance: command.sopInstance, transferSyntax: command.transferSyntax)
            sink = ObjectSink(file.fileDescriptor, staging: staging)
            if let failure = meta.withUnsafeBytes(sink.write) { throw failure }
            sink.meanwhile = { [unowned sink] in scanned = scan(file, sink) }
            (bytes, digest) = try receive(sink, maximumObject, room)
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
            let header = scanned ?? scan(file, sink)
            let instance = try judge(file, header, command, reading, bytes: bytes, digest: digest)
            if flushesFirst || sink.memory == nil || bytes > SpoolDirectory.longestBesideItsRow { try flush(file) }
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

    /// The refusal of an object whose file could not be made durable after the office had heard of it. The file is set aside then.
    func flush(_ file: SpoolWriter, of command: StoreCommand) -> InstanceRefusal? {
        guard !file.isDurable else { return nil }
        do throws(HeaderReading.Refusal) {
            try flush(file)
            return nil
        } catch {
            return refusal(command, error)
        }
    }

    private func flush(_ file: SpoolWriter) throws(HeaderReading.Refusal) {
        do throws(Failure) {
            try file.commit()
        } catch {
            throw .init(status: DIMSEStatus.outOfResources, failure: error)
        }
    }

    func remove(_ key: String) {
        // If it stays it has no row, and recovery sets it aside.
        try? spool.remove(key)
    }

    private func judge(
        _ file: SpoolWriter, _ scanned: Result<ScannedHeader, Failure>, _ command: StoreCommand,
        _ reading: HeaderReading, bytes: Int64, digest: String
    ) throws(HeaderReading.Refusal) -> StoredInstance {
        let header: ScannedHeader
        do throws(Failure) {
            header = try scanned.get()
        } catch {
            let isOurs = [.ioError, .spoolFull, .outOfResources].contains(error.code)
            throw .init(
                status: isOurs ? DIMSEStatus.outOfResources : DIMSEStatus.cannotUnderstand, failure: error)
        }
        let (study, series) = try reading.check(header)
        FaultPoint.pass("worker.receive.before-commit")
        return StoredInstance(
            spoolKey: file.key, sopClass: command.sopClass, sopInstance: command.sopInstance, study: study,
            series: series, transferSyntax: command.transferSyntax, dataSetBytes: bytes, digest: digest,
            header: InstanceHeader(header), identity: StudyIdentity(header: header),
            highPriority: command.isHighPriority)
    }

    private func scan(_ file: SpoolWriter, _ sink: ObjectSink) -> Result<ScannedHeader, Failure> {
        let wanted = HeaderReading.wantedTags
        do throws(Failure) {
            let instance: InstanceFile
            if let memory = sink.memory {
                instance = try InstanceFile(
                    in: memory, count: sink.count, bounds: scan, wanted: wanted, scratch: spool.scratchFile)
            } else {
                instance = try InstanceFile(
                    borrowing: file.fileDescriptor, count: sink.count, bounds: scan, wanted: wanted,
                    scratch: spool.scratchFile)
            }
            return .success(instance.header)
        } catch {
            return .failure(error)
        }
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
