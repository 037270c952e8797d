// One lane's instances on their way to a reader that must not know the patients.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Deidentification
import WorkerProtocol

/// Makes departures without identity, one after the other. One thread.
final class IdentityRemoval {
    /// The last look at what would leave.
    typealias Search = (IdentityGuard, [UInt8], TransferSyntax, DataSet) throws(Failure) -> Failure?
    /// nil where pixels of that format leave as they came.
    typealias Compressor = (PixelFormat?) throws(Failure) -> (pixels: CleanedPixels, seconds: Double)?

    private let policy: OutwardPolicy
    private let scan: ScanBounds
    private let scratchFile: () throws(Failure) -> CInt
    private let search: Search
    private let memory = IdentifierMemory()
    private var headers = HeaderMemory()
    private var deidentifiers: [[String]: Deidentifier] = [:]
    /// Instances whose header was told from the one before.
    private(set) var repetitions = 0

    init(
        policy: OutwardPolicy, scan: ScanBounds, scratchFile: @escaping () throws(Failure) -> CInt,
        search: @escaping Search = { (identityGuard, bytes, syntax, dataSet) throws(Failure) in
            try identityGuard.failure(in: bytes, transferSyntax: syntax, dataSet: dataSet)
        }
    ) {
        self.policy = policy
        self.scan = scan
        self.scratchFile = scratchFile
        self.search = search
    }

    /// nil where the peer takes nothing that the instance could be sent as.
    func departure(
        _ file: InstanceFile, _ pseudonym: PseudonymJob, accepts: (TransferSyntax) -> Bool, compressed: Compressor
    ) throws(Failure) -> Departure? {
        let sendable = LaneProposals.sendable(file.header.transferSyntax, accepts: accepts)
        if let sendable, let repeated = try repeated(file, pseudonym, sendable, compressed) { return repeated }
        return try whole(file, pseudonym, sendable, accepts: accepts, compressed)
    }

    /// From the header before; nil where the whole way has to be gone.
    private func repeated(
        _ file: InstanceFile, _ pseudonym: PseudonymJob, _ sendable: TransferSyntax, _ compressed: Compressor
    ) throws(Failure) -> Departure? {
        guard let known = headers.known(for: file.header, pseudonym), let source = try Self.head(of: file),
            let next = known.header.next(source)
        else { return nil }
        let identityGuard = known.identityGuard.adding(next.original)
        guard known.isWritten(as: sendable),
            leavesAsItIs(file, known.format, identityGuard, isReleased: pseudonym.pixelsReleased),
            isClean(next.bytes, identityGuard, sendable, known.dataSet)
        else { return nil }
        let compressed = try compressed(known.format)
        let syntax = compressed?.pixels.syntax ?? sendable
        guard known.isWritten(as: syntax) else { return nil }
        #if DEBUG
            compare(file, pseudonym, known, next, syntax)
        #endif
        headers.noteRepetition(of: file.header)
        repetitions += 1
        return Departure(
            file: file, sopInstance: next.pseudonym, transferSyntax: syntax,
            parts: try Departure.parts((next.bytes, []), file, as: syntax, pixels: compressed?.pixels),
            uids: known.uids, pixels: compressed?.pixels, codec: compressed?.seconds)
    }

    #if DEBUG
        /// With what the whole way makes of it: every test that sends a series is a test of this.
        private func compare(
            _ file: InstanceFile, _ pseudonym: PseudonymJob, _ known: HeaderMemory.Known, _ next: RepeatedHeader.Next,
            _ syntax: TransferSyntax
        ) {
            do throws(Failure) {
                let draft = try draft(file, pseudonym) { _ in true }
                let encoded = try Departure.encode(draft.dataSet, as: syntax)
                precondition(encoded == (next.bytes, []), "a header was not what it repeats")
                let failure = try search(draft.identityGuard, next.bytes, syntax, draft.dataSet)
                precondition(failure == nil, "the guard of a header knows more than that of what it repeats")
                precondition(draft.result.uids == known.uids, "UIDs were not what they repeat")
                precondition(
                    draft.pixels == nil && draft.plan == PixelPlan() && draft.format == known.format,
                    "pixels were not what they repeat")
            } catch {
                preconditionFailure("what was repeated is to be held: \(error.code.rawValue)")
            }
        }
    #endif

    private func whole(
        _ file: InstanceFile, _ pseudonym: PseudonymJob, _ sendable: TransferSyntax?,
        accepts: (TransferSyntax) -> Bool, _ compressed: Compressor
    ) throws(Failure) -> Departure? {
        let draft = try draft(file, pseudonym, accepts: accepts)
        let format = PixelFormat(draft.dataSet.root)
        let compressed = draft.pixels == nil ? try compressed(format) : nil
        let pixels = compressed?.pixels ?? draft.pixels
        guard let syntax = pixels?.syntax ?? sendable else { return nil }
        let encoded = try Departure.encode(draft.dataSet, as: syntax)
        for bytes in [encoded.head, encoded.tail] where !bytes.isEmpty {
            if let failure = try search(draft.identityGuard, bytes, syntax, draft.dataSet) { throw failure }
        }
        // What pixels were looked through for, or cleaned of, is for each image to say.
        if draft.pixels == nil, draft.plan == PixelPlan(), policy.recognition == .off, encoded.tail.isEmpty,
            let format, format == draft.format, let source = try Self.head(of: file)
        {
            let example = HeaderMemory.Example(
                source: source, left: encoded.head, syntax: syntax, draft: draft, format: format,
                profile: try deidentifier(options: pseudonym.options).profile)
            try headers.learn(example, file, pseudonym) { () throws(Failure) in
                let elements = try file.dataSet(bounds: scan).root.elements
                return Dictionary(elements.map { ($0.tag, $0.vr) }, uniquingKeysWith: { first, _ in first })
            }
        }
        let uid = UID(draft.dataSet.root[.sopInstanceUID].map { String(decoding: $0.value, as: UTF8.self) } ?? "")
        return Departure(
            file: file, sopInstance: uid, transferSyntax: syntax,
            parts: try Departure.parts(encoded, file, as: syntax, pixels: pixels), uids: draft.result.uids,
            pixels: pixels, codec: compressed?.seconds)
    }

    private func draft(
        _ file: InstanceFile, _ pseudonym: PseudonymJob, accepts: (TransferSyntax) -> Bool
    ) throws(Failure) -> OutwardDraft {
        try OutwardDraft(
            file, pseudonym, try deidentifier(options: pseudonym.options), policy: policy, scan: scan, memory: memory,
            scratchFile: scratchFile, accepts: accepts)
    }

    /// As `OutwardDraft` decides for pixels of which header and settings ask nothing. What it would hold comes to it.
    private func leavesAsItIs(
        _ file: InstanceFile, _ format: PixelFormat, _ identityGuard: IdentityGuard, isReleased: Bool
    ) -> Bool {
        do throws(Failure) {
            if file.header.bulkTags.contains(.pixelData), try PixelCleaning.hasStrayBits(file, format) { return false }
            try PixelStowaways.check(file, format, identityGuard, isReleased: isReleased)
            return true
        } catch {
            return false
        }
    }

    /// What is found, or cannot be searched, is for the whole way to judge.
    private func isClean(
        _ header: [UInt8], _ identityGuard: IdentityGuard, _ syntax: TransferSyntax, _ dataSet: DataSet
    ) -> Bool {
        do throws(Failure) { return try search(identityGuard, header, syntax, dataSet) == nil } catch { return false }
    }

    /// The encoded data set before group 7FE0; nil where nothing follows, or more than that group.
    private static func head(of file: InstanceFile) throws(Failure) -> [UInt8]? {
        let header = file.header
        guard let bulk = header.bulk, bulk.upperBound == header.end, header.headerBytes <= longestHead else {
            return nil
        }
        return try file.read(header.dataSetOffset..<bulk.lowerBound)
    }

    /// Images of many frames say the same of each, come alone and gain nothing.
    private static let longestHead: Int64 = 1 << 17

    private func deidentifier(options: [String]) throws(Failure) -> Deidentifier {
        if let known = deidentifiers[options] { return known }
        let new = try Deidentifier(options: options)
        deidentifiers[options] = new
        return new
    }
}
