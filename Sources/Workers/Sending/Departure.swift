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

extension Departure {
    private static let head = Tag(0x0008, 0x0000)...Tag(0x7FDF, 0xFFFF)
    private static let tail = Tag(0x7FE1, 0x0000)...Tag(0xFFFF, 0xFFFF)

    /// What stands before group 7FE0 and what stands behind it.
    static func encode(
        _ dataSet: DataSet, as syntax: TransferSyntax
    ) throws(Failure) -> (head: [UInt8], tail: [UInt8]) {
        (try dataSet.encoded(as: syntax, tags: head), try dataSet.encoded(as: syntax, tags: tail))
    }

    /// Head, bulk and tail.
    static func parts(
        _ encoded: (head: [UInt8], tail: [UInt8]), _ file: InstanceFile, as syntax: TransferSyntax,
        pixels: CleanedPixels?
    ) throws(Failure) -> [DataSetPart] {
        let bulk: [DataSetPart]
        if let pixels { bulk = pixels.parts } else { bulk = try BulkParts.make(file, as: syntax) }
        return [.bytes(encoded.head)] + bulk + (encoded.tail.isEmpty ? [] : [.bytes(encoded.tail)])
    }

    fileprivate static func parts(
        _ dataSet: DataSet, _ file: InstanceFile, as syntax: TransferSyntax, pixels: CleanedPixels? = nil
    ) throws(Failure) -> [DataSetPart] {
        try parts(try encode(dataSet, as: syntax), file, as: syntax, pixels: pixels)
    }
}

/// Makes departures for one lane. One thread.
final class DepartureDesk {
    /// Seconds. An instance may be claimed when its row is there, a moment before its last bytes are.
    private static let patienceForItsWriter = 5.0

    private let spool: SpoolDirectory
    private let scan: ScanBounds
    private let compresses: Bool
    private let staging: Staging?
    private var choice = CompressionChoice()
    private let removal: IdentityRemoval

    init(
        spoolDirectory: String, scan: ScanBounds, policy: OutwardPolicy = OutwardPolicy(), compresses: Bool = false,
        staging: Staging? = nil
    ) {
        // A lane writes nothing that stays, so that no floor applies.
        spool = SpoolDirectory(path: spoolDirectory, freeFloor: 0)
        self.scan = scan
        self.compresses = compresses
        self.staging = staging
        removal = IdentityRemoval(policy: policy, scan: scan, scratchFile: spool.scratchFile)
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
                    parts: try Departure.parts(dataSet, file, as: pixels.syntax, pixels: pixels), pixels: pixels,
                    codec: seconds)
            }
        }
        let parts: [DataSetPart]
        if syntax == stored {
            parts = [DataSetPart(of: file, file.header.dataSetOffset..<file.header.end)]
        } else {
            parts = try Departure.parts(file.dataSet(bounds: scan), file, as: syntax)
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
        let made = try removal.departure(file, pseudonym, accepts: accepts) { (format) throws(Failure) in
            try compressed(file, format, accepts: accepts)
        }
        guard var departure = made else { throw Self.noContext(job) }
        guard departure.sopInstance.isValid, departure.sopInstance != job.sopInstance else {
            throw Failure(
                .identityFound, .person, .instance, detail: "the SOP Instance UID was not replaced",
                hint: "The instance was not sent. This is a fault of the program; please report it.")
        }
        let known: [Tag] = [.sopInstanceUID, .studyInstanceUID] + (job.tellsSeries ? [] : [.seriesInstanceUID])
        let own = known.compactMap { file.header.uid($0) }
        departure.uids.removeAll { own.contains($0.original) }
        return departure
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
}
