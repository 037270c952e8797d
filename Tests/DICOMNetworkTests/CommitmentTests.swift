import DICOMNetwork
import DICOMVocabulary
import Foundation
import Testing

@Suite("Storage commitment on the wire", .serialized)
struct CommitmentTests {
    private let request = CommitmentRequest(
        transaction: "2.25.17",
        references: (1...3).map { SOPReference(sopClass: "1.2.840.10008.5.1.4.1.1.2", sopInstance: UID("1.2.\($0)")) })

    private func answer(refusing reason: UInt16? = nil) -> CommitmentReport {
        var committed = request.references
        let refused = reason.map { [CommitmentReport.Refusal(reference: committed.removeLast(), reason: $0)] } ?? []
        return CommitmentReport(transaction: request.transaction, committed: committed, refused: refused)
    }

    @Test(
        "requests and reports are read as they were written",
        arguments: [TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian])
    func roundTrip(syntax: TransferSyntax) throws {
        let bounds = ScanBounds()
        #expect(
            try CommitmentRequest(bytes: try request.encoded(as: syntax), transferSyntax: syntax, bounds: bounds)
                == request)
        for report in [answer(), answer(refusing: 0x0112)] {
            let bytes = try report.encoded(as: syntax)
            #expect(
                try CommitmentReport(bytes: bytes, transferSyntax: syntax, bounds: bounds, event: 1) == report,
                "a report of success that lists failures is believed for its failures")
        }
        let empty = CommitmentRequest(transaction: "2.25.1", references: [])
        let bytes = try empty.encoded(as: syntax)
        #expect(throws: Failure.self) { try CommitmentRequest(bytes: bytes, transferSyntax: syntax, bounds: bounds) }
    }

    /// An archive that is asked, and answers before it is released.
    private func archive(
        _ listener: Listener, _ answers: [CommitmentReport], status: UInt16 = 0
    ) -> Background<(asked: CommitmentRequest?, statuses: [UInt16])> {
        Background {
            let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
            let offered = try association.receiveRequest()
            try association.accept([offered.contexts[0].id: offered.contexts[0].transferSyntaxes[0]])
            var asked: CommitmentRequest?
            var statuses: [UInt16] = []
            while true {
                switch try association.nextCommand() {
                case .action(let action):
                    asked = try association.commitmentRequest(of: action, bounds: ScanBounds())
                    try association.respond(toAction: action, status: status)
                    for one in answers { statuses.append(try association.reportCommitment(one, on: action.context)) }
                case .released: return (asked, statuses)
                default: throw Stuck()
                }
            }
        }
    }

    @Test("an answer on the same association is handed over before it is acknowledged, one of another transaction too")
    func sameAssociation() throws {
        let listener = try Listener()
        var stranger = answer()
        stranger.transaction = "2.25.99"
        let peer = archive(listener, [stranger, answer(refusing: 0x0213)])
        let association = try OutgoingAssociation(
            to: .local(listener.port), limits: .quick(), proposals: OutgoingAssociation.commitmentProposals)
        var reports: [CommitmentReport] = []
        let status = try association.requestCommitment(request, bounds: ScanBounds(), waiting: 20) { report in
            reports.append(report)
            return report.transaction == "2.25.99" ? 0x0115 : 0
        }
        association.release()
        #expect(status == 0)
        #expect(reports == [stranger, answer(refusing: 0x0213)])
        let (asked, statuses) = try peer.value()
        #expect(asked == request && statuses == [0x0115, 0])
    }

    @Test("silence ends with the wait, and a refusal at once")
    func silence() throws {
        for refusal in [UInt16(0), 0x0110] {
            let listener = try Listener()
            let peer = archive(listener, [], status: refusal)
            let association = try OutgoingAssociation(
                to: .local(listener.port), limits: .quick(), proposals: OutgoingAssociation.commitmentProposals)
            let start = ContinuousClock.now
            let status = try association.requestCommitment(
                request, bounds: ScanBounds(), waiting: refusal == 0 ? 1 : 60
            ) { _ in 0 }
            association.release()
            #expect(status == refusal)
            #expect(ContinuousClock.now - start < .seconds(20))
            _ = try peer.value()
        }
    }

    @Test("an SCP that opens an association of its own proposes the SCP role alone, and gets it")
    func ownAssociation() throws {
        let listener = try Listener()
        let peer = Background<(CommitmentReport?, Bool)> {
            let association = try IncomingAssociation(socket: try listener.next(), tls: nil, limits: .quick())
            let offered = try association.receiveRequest()
            let id = offered.contexts[0].id
            let isOffered = association.offeredSCPRoles == [id]
            try association.accept([id: offered.contexts[0].transferSyntaxes[0]], scpRoles: [id])
            guard case .eventReport(let event) = try association.nextCommand() else { throw Stuck() }
            let report = try association.commitmentReport(of: event, bounds: ScanBounds())
            try association.respond(toEvent: event, status: 0)
            guard case .released = try association.nextCommand() else { throw Stuck() }
            return (report, isOffered)
        }
        let association = try OutgoingAssociation(
            to: .local(listener.port), limits: .quick(), proposals: OutgoingAssociation.commitmentProposals,
            asSCP: true)
        #expect(try association.reportCommitment(answer()) == 0)
        association.release()
        let (report, isOffered) = try peer.value()
        #expect(report == answer() && isOffered)
    }
}
