import DICOMNetwork
import DICOMVocabulary
import Testing
import WorkerProtocol

@testable import Workers

@Suite struct LaneProposalsTests {
    private let ct: UID = "1.2.840.10008.5.1.4.1.1.2"

    private func proposal(_ syntax: TransferSyntax) -> LaneJob.Proposal {
        LaneJob.Proposal(sopClass: ct, transferSyntax: syntax)
    }

    @Test("each class and syntax has a context of its own, and little endian is offered in its other form too")
    func contexts() {
        let made = LaneProposals.make([
            proposal(.jpegLossless), proposal(.explicitVRLittleEndian), proposal(.jpegLossless),
        ])
        #expect(made.allSatisfy { $0.abstract == ct && $0.transferSyntaxes.count == 1 && !$0.scpRole })
        #expect(made.flatMap(\.transferSyntaxes) == [.jpegLossless, .explicitVRLittleEndian, .implicitVRLittleEndian])
    }

    @Test("what is wanted has precedence over what would also do, within the 128 of the standard")
    func bound() {
        let many = (0..<127).map {
            LaneJob.Proposal(
                sopClass: UID("1.2.840.10008.5.1.4.1.1.\($0)"), transferSyntax: .explicitVRLittleEndian)
        }
        let made = LaneProposals.make(many)
        #expect(made.count == 128)
        #expect(made.prefix(127).allSatisfy { $0.transferSyntaxes == [.explicitVRLittleEndian] })
    }

    @Test("the deflated syntax is never offered: what came so is sent unpacked")
    func deflated() {
        let made = LaneProposals.make([proposal(.deflatedExplicitVRLittleEndian), proposal(.explicitVRLittleEndian)])
        #expect(made.flatMap(\.transferSyntaxes) == [.explicitVRLittleEndian, .implicitVRLittleEndian])
        #expect(LaneProposals.sendable(.deflatedExplicitVRLittleEndian) { _ in true } == .explicitVRLittleEndian)
        #expect(LaneProposals.sendable(.deflatedExplicitVRLittleEndian) { $0.isDeflated } == nil)
    }

    @Test("an object is sent as it is if that is accepted, else in the other little endian syntax, else not")
    func sendable() {
        #expect(LaneProposals.sendable(.jpegLossless) { $0 == .jpegLossless } == .jpegLossless)
        #expect(LaneProposals.sendable(.jpegLossless) { $0 == .explicitVRLittleEndian } == nil)
        #expect(
            LaneProposals.sendable(.explicitVRLittleEndian) { $0 == .implicitVRLittleEndian }
                == .implicitVRLittleEndian)
        #expect(LaneProposals.sendable(.explicitVRBigEndian) { $0 == .explicitVRLittleEndian } == nil)
    }
}
