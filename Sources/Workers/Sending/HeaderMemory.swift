// What a lane remembers of the headers that it edited.

import DICOM
import DICOMVocabulary
import Deidentification
import WorkerProtocol

/// A header of each series and what became of it, for the next images of the series. It is used when it has told beforehand, byte for byte,
/// what the whole way made of a second one. One thread.
struct HeaderMemory {
    /// A header that can be repeated, and what else the whole way decided from what all of its repetitions say.
    struct Known {
        let header: RepeatedHeader
        let identityGuard: IdentityGuard
        /// As it was edited: in implicit VR the guard has the representations from it.
        let dataSet: DataSet
        let format: PixelFormat
        /// UIDs that were replaced, other than the instances' own.
        let uids: [UIDPair]
        fileprivate let pseudonym: PseudonymJob
        fileprivate let stored: TransferSyntax
        fileprivate let bulkTags: [Tag]
        fileprivate let isImplicit: Bool
        fileprivate var isProven = false

        /// Every syntax of explicit VR little endian writes a header in the same bytes.
        func isWritten(as syntax: TransferSyntax) -> Bool { syntax.isImplicitVR == isImplicit && !syntax.isBigEndian }

        fileprivate func fits(_ scanned: ScannedHeader, _ job: PseudonymJob) -> Bool {
            scanned.transferSyntax == stored && scanned.bulkTags == bulkTags && job == pseudonym
        }
    }

    /// What the whole way made of one instance.
    struct Example {
        let source: [UInt8]
        let left: [UInt8]
        let syntax: TransferSyntax
        let draft: OutwardDraft
        let format: PixelFormat
        let profile: DeidentificationProfile
    }

    /// What a lane knows of one series.
    private struct Series {
        var known: Known?
        var credit = firstCredit
        /// The turn in which it was last looked for.
        var turn: Int
    }

    /// Series whose images differ in more than numbers are not to pay for what never comes true: each try costs, each
    /// repetition pays.
    private static let price = 4
    private static let (firstCredit, maximumCredit) = (4 * price, 16 * price)
    /// Studies that arrive side by side take turns on a lane.
    private static let maximumSeries = 8

    private var series: [UID: Series] = [:]
    private var turn = 0

    /// What may be used for such an instance.
    mutating func known(for scanned: ScannedHeader, _ pseudonym: PseudonymJob) -> Known? {
        turn += 1
        guard let uid = scanned.uid(.seriesInstanceUID), series[uid] != nil else { return nil }
        series[uid]?.turn = turn
        guard let known = series[uid]?.known, known.isProven, known.fits(scanned, pseudonym) else { return nil }
        return known
    }

    mutating func noteRepetition(of scanned: ScannedHeader) {
        guard let uid = scanned.uid(.seriesInstanceUID), let credit = series[uid]?.credit else { return }
        series[uid]?.credit = min(credit + 1, Self.maximumCredit)
    }

    /// `representations`: of the source's top level, asked for only where its transfer syntax does not tell them.
    mutating func learn(
        _ example: Example, _ file: InstanceFile, _ pseudonym: PseudonymJob,
        representations: () throws(Failure) -> [Tag: VR]
    ) throws(Failure) {
        guard let uid = file.header.uid(.seriesInstanceUID) else { return }
        guard var own = series[uid] else {
            // A series of one image has nothing to repeat.
            if series.count >= Self.maximumSeries, let oldest = series.min(by: { $0.value.turn < $1.value.turn }) {
                series[oldest.key] = nil
            }
            series[uid] = Series(turn: turn)
            return
        }
        defer { series[uid] = own }
        let (uids, stored) = (example.draft.result.uids, file.header.transferSyntax)
        if let last = own.known, !last.isProven, last.fits(file.header, pseudonym), last.isWritten(as: example.syntax),
            last.uids == uids, last.header.next(example.source)?.bytes == example.left
        {
            own.known?.isProven = true
            return
        }
        guard own.credit >= Self.price else { return }
        own.credit -= Self.price
        own.known = nil
        let header = RepeatedHeader(
            example.source, stored, representations: stored.isImplicitVR ? try representations() : [:],
            left: example.left, example.syntax, profile: example.profile, uidKey: pseudonym.uidKey)
        guard let header else { return }
        own.known = Known(
            header: header, identityGuard: example.draft.identityGuard, dataSet: example.draft.dataSet,
            format: example.format, uids: uids, pseudonym: pseudonym, stored: stored, bulkTags: file.header.bulkTags,
            isImplicit: example.syntax.isImplicitVR)
    }
}
