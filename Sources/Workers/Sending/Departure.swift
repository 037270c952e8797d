// An instance as it leaves: which UID, which syntax, which bytes.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Deidentification
import Spool
import WorkerProtocol

/// One instance made ready to be sent. The file stays open as long as the value lives.
struct Departure {
    var file: InstanceFile
    var sopInstance: UID
    var transferSyntax: TransferSyntax
    var parts: [DataSetPart]
    /// UIDs that de-identification replaced, other than those of the instance itself.
    var uids: [UIDPair] = []
    /// Pixels that were rewritten, open for as long as the parts are read.
    var pixels: CleanedPixels?
    /// Seconds that we compressed the pixels; nil where they leave as they came.
    var codec: Double?

    var bytes: Int64 { parts.reduce(0) { $0 + $1.count } }
}

/// Makes departures for one lane. One thread.
final class DepartureDesk {
    private static let head = Tag(0x0008, 0x0000)...Tag(0x7FDF, 0xFFFF)
    /// Seconds. An instance may be claimed when its row is there, a moment before its last bytes are.
    private static let patienceForItsWriter = 5.0
    private static let tail = Tag(0x7FE1, 0x0000)...Tag(0xFFFF, 0xFFFF)

    private let spool: SpoolDirectory
    private let scan: ScanBounds
    private let policy: OutwardPolicy
    private let compresses: Bool
    private let staging: Staging?
    private var choice = CompressionChoice()
    private var deidentifiers: [[String]: Deidentifier] = [:]
    private let memory = IdentifierMemory()

    init(
        spoolDirectory: String, scan: ScanBounds, policy: OutwardPolicy = OutwardPolicy(), compresses: Bool = false,
        staging: Staging? = nil
    ) {
        // A lane writes nothing that stays, so that no floor applies.
        spool = SpoolDirectory(path: spoolDirectory, freeFloor: 0)
        self.scan = scan
        self.policy = policy
        self.compresses = compresses
        self.staging = staging
    }

    /// An instance was answered so many seconds after its preparation began: what the next choice of compression rests on.
    func sent(_ departure: Departure, seconds: Double) {
        guard compresses else { return }
        choice.sent(bytes: departure.file.header.end, seconds: seconds, codec: departure.codec)
    }

    /// The peer takes nothing that the instance could be sent as.
    static func noContext(_ job: SendJob) -> Failure {
        if job.pseudonym != nil, job.transferSyntax.isReferenced { return referenced }
        return Failure(
            .noPresentationContext, .refused, .instance,
            detail: "the peer does not take \(job.sopClass) in \(job.transferSyntax.name)",
            hint: "Have the peer accept this SOP class and transfer syntax, or route such objects elsewhere.")
    }

    private static let referenced = Failure(
        .unreadable, .person, .instance,
        detail: "the object has no pixels but the address of a server that has them (JPIP)",
        hint: "No reader elsewhere reaches that server. Have the image itself sent, or leave this one out.")

    /// Scan, then trust: what our scanner cannot walk is never parsed and never sent. What the desk prepared before is not to be
    /// used any more.
    func prepare(_ job: SendJob, accepts: (TransferSyntax) -> Bool) throws(Failure) -> Departure {
        let file = try open(job)
        if let pseudonym = job.pseudonym {
            return try pseudonymised(job, pseudonym, file, accepts: accepts)
        }
        let stored = file.header.transferSyntax
        guard let syntax = LaneProposals.sendable(stored, accepts: accepts) else {
            throw Self.noContext(job)
        }
        if compresses, choice.wantsCompression, !stored.isEncapsulated {
            let dataSet = try file.dataSet(bounds: scan)
            if let (pixels, seconds) = try compressed(file, PixelFormat(dataSet.root), accepts: accepts) {
                return Departure(
                    file: file, sopInstance: job.sopInstance, transferSyntax: pixels.syntax,
                    parts: try Self.encode(dataSet, file, as: pixels.syntax, pixels: pixels) { _ in }, pixels: pixels,
                    codec: seconds)
            }
        }
        let parts: [DataSetPart]
        if syntax == stored {
            parts = [DataSetPart(of: file, file.header.dataSetOffset..<file.header.end)]
        } else {
            parts = try Self.encode(try file.dataSet(bounds: scan), file, as: syntax) { _ in }
        }
        return Departure(file: file, sopInstance: job.sopInstance, transferSyntax: syntax, parts: parts)
    }

    /// Read from the disk once, and compared with its digest.
    private func open(_ job: SendJob) throws(Failure) -> InstanceFile {
        let wanted: Set<Tag> = [.sopInstanceUID, .studyInstanceUID, .seriesInstanceUID]
        let path = spool.path(of: job.spoolKey)
        guard spool.awaitWriter(of: job.spoolKey, within: Self.patienceForItsWriter) else {
            throw Failure(
                .ioError, .tryAgain, .instance, detail: "its file was still being written",
                hint: "Look at the spool's disk.")
        }
        guard let staging, let count = try staging.load(path: path) else {
            try StoredBytes.check(path: path, digest: job.digest)
            return try InstanceFile(path: path, bounds: scan, wanted: wanted, scratch: spool.scratchFile)
        }
        try StoredBytes.check(staging.memory[0..<count], digest: job.digest)
        return try InstanceFile(
            in: staging.memory, count: count, bounds: scan, wanted: wanted, scratch: spool.scratchFile)
    }

    private func pseudonymised(
        _ job: SendJob, _ pseudonym: PseudonymJob, _ file: InstanceFile, accepts: (TransferSyntax) -> Bool
    ) throws(Failure) -> Departure {
        guard !file.header.transferSyntax.isReferenced else { throw Self.referenced }
        let deidentifier = try deidentifier(options: pseudonym.options)
        let draft = try OutwardDraft(
            file, pseudonym, deidentifier, policy: policy, scan: scan, memory: memory, scratchFile: spool.scratchFile,
            accepts: accepts)
        let sendable = LaneProposals.sendable(file.header.transferSyntax, accepts: accepts)
        let compressed =
            draft.pixels == nil ? try compressed(file, PixelFormat(draft.dataSet.root), accepts: accepts) : nil
        let pixels = compressed?.pixels ?? draft.pixels
        guard let syntax = pixels?.syntax ?? sendable else { throw Self.noContext(job) }
        let uid = UID(draft.dataSet.root[.sopInstanceUID].map { String(decoding: $0.value, as: UTF8.self) } ?? "")
        guard uid.isValid, uid != job.sopInstance else {
            throw Failure(
                .identityFound, .person, .instance, detail: "the SOP Instance UID was not replaced",
                hint: "The instance was not sent. This is a fault of the program; please report it.")
        }
        let parts = try Self.encode(draft.dataSet, file, as: syntax, pixels: pixels) { bytes throws(Failure) in
            let failure = try draft.identityGuard.failure(in: bytes, transferSyntax: syntax, dataSet: draft.dataSet)
            if let failure { throw failure }
        }
        let known: [Tag] = [.sopInstanceUID, .studyInstanceUID] + (job.tellsSeries ? [] : [.seriesInstanceUID])
        let own = known.compactMap { file.header.uid($0) }
        return Departure(
            file: file, sopInstance: uid, transferSyntax: syntax, parts: parts,
            uids: draft.result.uids.filter { !own.contains($0.original) }, pixels: pixels,
            codec: compressed?.seconds)
    }

    /// nil where compression is not asked for, does not pay or is not to be had.
    private func compressed(
        _ file: InstanceFile, _ format: PixelFormat?, accepts: (TransferSyntax) -> Bool
    ) throws(Failure) -> (pixels: CleanedPixels, seconds: Double)? {
        guard compresses, choice.wantsCompression, let format,
            let syntax = Compression.target(file, format, accepts: accepts)
        else { return nil }
        let begin = ContinuousClock.now
        let pixels = try Compression(scratchFile: spool.scratchFile).run(file, format, as: syntax)
        return pixels.map { ($0, (ContinuousClock.now - begin) / .seconds(1)) }
    }

    /// Head, bulk and tail; `check` sees the bytes that are not samples before they go anywhere.
    static func encode(
        _ dataSet: DataSet, _ file: InstanceFile, as syntax: TransferSyntax, pixels: CleanedPixels? = nil,
        check: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> [DataSetPart] {
        let head = try dataSet.encoded(as: syntax, tags: head)
        let tail = try dataSet.encoded(as: syntax, tags: tail)
        try check(head)
        if !tail.isEmpty { try check(tail) }
        let bulk: [DataSetPart]
        if let pixels { bulk = pixels.parts } else { bulk = try BulkParts.make(file, as: syntax) }
        return [.bytes(head)] + bulk + (tail.isEmpty ? [] : [.bytes(tail)])
    }

    private func deidentifier(options: [String]) throws(Failure) -> Deidentifier {
        if let known = deidentifiers[options] { return known }
        let new = try Deidentifier(options: options)
        deidentifiers[options] = new
        return new
    }
}
