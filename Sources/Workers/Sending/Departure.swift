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

    var bytes: Int64 { parts.reduce(0) { $0 + $1.count } }
}

/// Makes departures for one lane. One thread.
final class DepartureDesk {
    private static let head = Tag(0x0008, 0x0000)...Tag(0x7FDF, 0xFFFF)
    private static let tail = Tag(0x7FE1, 0x0000)...Tag(0xFFFF, 0xFFFF)

    private let spool: SpoolDirectory
    private let scan: ScanBounds
    private var deidentifiers: [[String]: Deidentifier] = [:]

    init(spoolDirectory: String, scan: ScanBounds) {
        // A lane writes nothing that stays, so that no floor applies.
        spool = SpoolDirectory(path: spoolDirectory, freeFloor: 0)
        self.scan = scan
    }

    /// The peer takes nothing that the instance could be sent as.
    static func noContext(_ job: SendJob) -> Failure {
        Failure(
            .noPresentationContext, .refused, .instance,
            detail: "the peer does not take \(job.sopClass) in \(job.transferSyntax.name)",
            hint: "Have the peer accept this SOP class and transfer syntax, or route such objects elsewhere.")
    }

    /// Scan, then trust: what our scanner cannot walk is never parsed and never sent.
    func prepare(_ job: SendJob, accepts: (TransferSyntax) -> Bool) throws(Failure) -> Departure {
        let file = try InstanceFile(
            path: spool.path(of: job.spoolKey), bounds: scan,
            wanted: [.sopInstanceUID, .studyInstanceUID, .seriesInstanceUID], scratch: spool.scratchFile)
        let stored = file.header.transferSyntax
        guard let syntax = LaneProposals.sendable(stored, accepts: accepts) else {
            throw Self.noContext(job)
        }
        if let pseudonym = job.pseudonym {
            return try pseudonymised(job, pseudonym, file, as: syntax)
        }
        let parts: [DataSetPart]
        if syntax == stored {
            let start = file.header.dataSetOffset
            parts = [.file(file.fileDescriptor, offset: start, length: file.header.end - start)]
        } else {
            parts = try Self.encode(try file.dataSet(bounds: scan), file, as: syntax) { _ in }
        }
        return Departure(file: file, sopInstance: job.sopInstance, transferSyntax: syntax, parts: parts)
    }

    private func pseudonymised(
        _ job: SendJob, _ pseudonym: PseudonymJob, _ file: InstanceFile, as syntax: TransferSyntax
    ) throws(Failure) -> Departure {
        let deidentifier = try deidentifier(options: pseudonym.options)
        try BulkParts.checkUnseen(file.header)
        let dataSet = try file.dataSet(bounds: scan)
        if let reason = HoldRules.reason(
            for: HoldFacts(dataSet), pixelsReleased: pseudonym.pixelsReleased, options: deidentifier.profile.options)
        {
            throw reason
        }
        let identityGuard = IdentityGuard(
            identities: [pseudonym.identity] + pseudonym.otherIdentities, instance: dataSet)
        let result = try deidentifier.pseudonymise(
            dataSet,
            job: DeidentificationJob(tokens: pseudonym.tokens, uidKey: pseudonym.uidKey, identity: pseudonym.identity))
        guard let value = dataSet.root[.sopInstanceUID]?.value,
            case let uid = UID(String(decoding: value, as: UTF8.self)),
            uid.isValid, uid != job.sopInstance
        else {
            throw Failure(
                .identityFound, .person, .instance, detail: "the SOP Instance UID was not replaced",
                hint: "The instance was not sent. This is a fault of the program; please report it.")
        }
        let parts = try Self.encode(dataSet, file, as: syntax) { bytes throws(Failure) in
            if let failure = try identityGuard.failure(in: bytes, transferSyntax: syntax, dataSet: dataSet) {
                throw failure
            }
        }
        let own = [Tag.sopInstanceUID, .studyInstanceUID, .seriesInstanceUID].compactMap { file.header.uid($0) }
        return Departure(
            file: file, sopInstance: uid, transferSyntax: syntax, parts: parts,
            uids: result.uids.filter { !own.contains($0.original) })
    }

    /// Head, bulk and tail; `check` sees the bytes that are not samples before they go anywhere.
    private static func encode(
        _ dataSet: DataSet, _ file: InstanceFile, as syntax: TransferSyntax,
        check: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> [DataSetPart] {
        let head = try dataSet.encoded(as: syntax, tags: head)
        let tail = try dataSet.encoded(as: syntax, tags: tail)
        try check(head)
        if !tail.isEmpty { try check(tail) }
        return [.bytes(head)] + (try BulkParts.make(file, as: syntax)) + (tail.isEmpty ? [] : [.bytes(tail)])
    }

    private func deidentifier(options: [String]) throws(Failure) -> Deidentifier {
        if let known = deidentifiers[options] { return known }
        let new = try Deidentifier(options: options)
        deidentifiers[options] = new
        return new
    }
}
