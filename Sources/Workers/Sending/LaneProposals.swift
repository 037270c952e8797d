// What a lane offers to its peer.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import WorkerProtocol

/// One context per SOP class and transfer syntax, so that each is accepted or refused on its own: in a context with
/// several syntaxes the acceptor picks one, and the others are lost (PS3.8 9.3.3.2). Pure.
enum LaneProposals {
    static let maximum = 128

    /// The wanted ones first; then, as long as there is room, the other uncompressed little endian syntax for each that
    /// is uncompressed, into which we can rewrite. With `blanking`, what compressed pixels can be written again as; with
    /// `compressing`, what uncompressed ones can be; with `keepingAlive`, Verification (PS3.4 Annex A).
    static func make(
        _ wanted: [LaneJob.Proposal], blanking: Bool = false, compressing: Bool = false, keepingAlive: Bool = false
    ) -> [OutgoingAssociation.Proposal] {
        var seen: Set<LaneJob.Proposal> = []
        let exact = wanted.map {
            LaneJob.Proposal(sopClass: $0.sopClass, transferSyntax: leaving($0.transferSyntax))
        }.filter { seen.insert($0).inserted }
        let others = exact.flatMap { proposal in
            let rewritten = blanking ? PixelCodec.lossless(after: proposal.transferSyntax) : nil
            let plain = other(proposal.transferSyntax)
            let choices = rewritten.map { [$0, .explicitVRLittleEndian] } ?? plain.map { [$0] } ?? []
            let smaller = compressing && plain != nil ? LosslessCodec.syntaxes : []
            return (choices + smaller).map { LaneJob.Proposal(sopClass: proposal.sopClass, transferSyntax: $0) }
        }.filter { seen.insert($0).inserted }
        let echo =
            keepingAlive
            ? [LaneJob.Proposal(sopClass: SOPClass.verification, transferSyntax: .implicitVRLittleEndian)] : []
        return (echo + exact + others).prefix(maximum).map {
            (abstract: $0.sopClass, transferSyntaxes: [$0.transferSyntax], scpRole: false)
        }
    }

    /// The syntax in which an object of `syntax` can be sent, nil if the peer takes none.
    static func sendable(_ syntax: TransferSyntax, accepts: (TransferSyntax) -> Bool) -> TransferSyntax? {
        let syntax = leaving(syntax)
        if accepts(syntax) { return syntax }
        return other(syntax).flatMap { accepts($0) ? $0 : nil }
    }

    /// Deflated objects leave unpacked: DCMTK 3.6.7 can loop when it sends them, and so can peers made of it.
    static func leaving(_ stored: TransferSyntax) -> TransferSyntax {
        stored.inflated ?? stored
    }

    /// The syntax that differs only in how headers are written.
    static func other(_ syntax: TransferSyntax) -> TransferSyntax? {
        switch syntax {
        case .implicitVRLittleEndian: .explicitVRLittleEndian
        case .explicitVRLittleEndian: .implicitVRLittleEndian
        default: nil
        }
    }
}
