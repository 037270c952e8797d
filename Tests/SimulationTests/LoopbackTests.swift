// Simulated peers against one another, over sockets of this machine.

import DICOM
import DICOMNetwork
import DICOMVocabulary
import Foundation
import Synchronization
import Testing

@testable import Simulation

/// Peers block, so that each runs on a thread of its own; the tests wait for what the peers report.
@Suite("Over loopback", .serialized, .timeLimit(.minutes(5)))
struct LoopbackTests {
    /// What a peer reported, to be waited for.
    private final class Reported: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func take(_ line: String) { lines.withLock { $0.append(line) } }

        /// The first line with this in it. The suite's time limit ends a wait in vain.
        func line(with words: String) -> String {
            while true {
                if let line = all.first(where: { $0.contains(words) }) { return line }
                usleep(10_000)
            }
        }
    }

    private static func title(_ text: String) throws -> AETitle { try #require(AETitle(text)) }

    private func address(_ port: Int, called: String) throws -> PeerAddress {
        PeerAddress(
            host: "127.0.0.1", port: port, calledAE: try Self.title(called), callingAE: try Self.title("MODALITY"))
    }

    private func study(_ slices: Int) -> SyntheticStudy {
        var options = SyntheticStudy.Options(seed: 99)
        options.slices = slices
        options.rows = 32
        options.columns = 32
        return SyntheticStudy(options)
    }

    private func inBackground(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 4 << 20
        thread.start()
    }

    private func makeReader(
        _ folder: String, _ reported: Reported, _ edit: (inout ReaderSimulator.Options) -> Void = { _ in }
    ) throws -> (ReaderSimulator, StopSignal) {
        var options = ReaderSimulator.Options(
            face: PeerFace(port: 0, aeTitle: try Self.title("READER")), folder: folder)
        options.reportDelay = 0.2
        edit(&options)
        let reader = try ReaderSimulator(options, report: reported.take)
        let stop = StopSignal()
        inBackground { reader.run(until: stop) }
        return (reader, stop)
    }

    @Test("a modality's study arrives at a PACS byte for byte")
    func storing() throws {
        try withTemporaryFolder { folder in
            let reported = Reported()
            let pacs = try PACSSimulator(
                .init(face: PeerFace(port: 0, aeTitle: try Self.title("PACS")), folder: folder), report: reported.take)
            let stop = StopSignal()
            defer { stop.stop() }
            inBackground { pacs.run(until: stop) }
            let study = study(5)
            var options = ModalitySimulator.Options(
                peer: try address(pacs.port, called: "PACS"), cargo: .synthetic(study))
            options.associations = 2
            let outcome = try ModalitySimulator(options, report: { _ in }).run()
            #expect(outcome == .init(stored: 5, refused: 0, failed: 0))
            for index in 0..<5 {
                let path = "\(folder)/\(study.study)/\(study.series)/\(study.sopInstance(index)).dcm"
                let holding = try Holding(path: path)
                let file = try Data(contentsOf: URL(fileURLWithPath: path))
                #expect(Array(file.dropFirst(Int(holding.dataSetOffset))) == (try study.instance(index).dataSet))
            }
        }
    }

    @Test("a reader writes a report when a study is quiet, and gives it by C-FIND and C-GET")
    func polling() throws {
        try withTemporaryFolder { folder in
            let reported = Reported()
            let (reader, stop) = try makeReader(folder, reported)
            defer { stop.stop() }
            let study = study(3)
            try ModalitySimulator(
                .init(peer: try address(reader.port, called: "READER"), cargo: .synthetic(study)), report: { _ in }
            ).run()
            _ = reported.line(with: "wrote basic report")

            let find: UID = "1.2.840.10008.5.1.4.1.2.2.1"
            let get: UID = "1.2.840.10008.5.1.4.1.2.2.3"
            let association = try OutgoingAssociation(
                to: try address(reader.port, called: "READER"), limits: AssociationLimits(),
                proposals: [
                    (find, [.explicitVRLittleEndian], false), (get, [.implicitVRLittleEndian], false),
                    (ReportOptions.Kind.basicText.sopClass, [.implicitVRLittleEndian], true),
                ])
            let identifier = DataSet()
            try identifier.root.set(Query.levelTag, .CS, text: "SERIES")
            try identifier.root.set(.studyInstanceUID, .UI, text: study.study.string)
            try identifier.root.set(.modality, .CS, text: "SR")
            try identifier.root.set(.seriesInstanceUID, .UI, [])
            var found: [UID] = []
            let status = try association.find(model: find, identifier: identifier) { bytes, syntax throws(Failure) in
                let match = try DataSet(bytes: bytes, transferSyntax: syntax)
                if let value = match.root[.seriesInstanceUID]?.value {
                    found.append(UID(String(decoding: value, as: UTF8.self)))
                }
            }
            #expect(status == 0 && found.count == 1)
            var texts: [String] = []
            let (ended, counts) = try association.get(model: get, identifier: identifier) {
                store, incoming throws(Failure) -> UInt16 in
                let bytes = try incoming.receive(maximumBytes: 1 << 20)
                let dataSet = try DataSet(bytes: bytes, transferSyntax: store.transferSyntax)
                texts.append(String(decoding: dataSet.root[.patientID]?.value ?? [], as: UTF8.self))
                return 0
            }
            #expect(ended == 0 && counts.completed == 1 && counts.failed == 0)
            #expect(texts == ["19121212-1212"])
            association.release()
        }
    }

    @Test("a reader pushes its report to the configured peer, and moves it there when asked")
    func pushing() throws {
        try withTemporaryFolder { folder in
            let pacsReported = Reported()
            let pacs = try PACSSimulator(
                .init(face: PeerFace(port: 0, aeTitle: try Self.title("GATE")), folder: folder + "/gate"),
                report: pacsReported.take)
            let stopPACS = StopSignal()
            defer { stopPACS.stop() }
            inBackground { pacs.run(until: stopPACS) }
            let gate = try address(pacs.port, called: "GATE")
            let reported = Reported()
            let (reader, stop) = try makeReader(folder + "/reader", reported) { options in
                options.pushTo = gate
                options.moveDestinations = [gate.calledAE: gate]
                options.report.kind = .encapsulatedPDF
            }
            defer { stop.stop() }
            let study = study(2)
            try ModalitySimulator(
                .init(peer: try address(reader.port, called: "READER"), cargo: .synthetic(study)), report: { _ in }
            ).run()
            #expect(reported.line(with: "pushed report").contains("status 0000"))
            let stored = pacsReported.line(with: "stored DOC")
            #expect(stored.hasSuffix(" of study \(study.study)"), "UIDs alone: the line ends in files")

            let move: UID = "1.2.840.10008.5.1.4.1.2.2.2"
            let association = try OutgoingAssociation(
                to: try address(reader.port, called: "READER"), limits: AssociationLimits(),
                proposals: [(move, [.explicitVRLittleEndian], false)])
            let identifier = DataSet()
            try identifier.root.set(Query.levelTag, .CS, text: "STUDY")
            try identifier.root.set(.studyInstanceUID, .UI, text: study.study.string)
            let moved = try association.move(model: move, identifier: identifier, destination: gate.calledAE)
            #expect(moved.status == 0 && moved.completed == 3 && moved.failed == 0)
            let unknown = try association.move(
                model: move, identifier: identifier, destination: try Self.title("NOBODY"))
            #expect(unknown.status == 0xA801)
            association.release()
        }
    }

    @Test("stand-ins name the patient only where they are asked to", arguments: [false, true])
    func identity(isShown: Bool) throws {
        try withTemporaryFolder { folder in
            let reported = Reported()
            let (reader, stop) = try makeReader(folder + "/reader", reported) { $0.showsIdentity = isShown }
            defer { stop.stop() }
            var archive = PACSSimulator.Options(
                face: PeerFace(port: 0, aeTitle: try Self.title("PACS")), folder: folder + "/pacs")
            archive.showsIdentity = isShown
            let pacs = try PACSSimulator(archive, report: reported.take)
            let stopPACS = StopSignal()
            defer { stopPACS.stop() }
            inBackground { pacs.run(until: stopPACS) }
            let study = study(1)
            for peer in [try address(pacs.port, called: "PACS"), try address(reader.port, called: "READER")] {
                var options = ModalitySimulator.Options(peer: peer, cargo: .synthetic(study))
                options.showsIdentity = isShown
                try ModalitySimulator(options, report: reported.take).run()
            }
            _ = reported.line(with: "wrote basic report")
            for kind in ["sends study", "stored CT", "read study"] {
                let line = reported.line(with: kind)
                #expect(line.contains(study.study.string))
                #expect(line.contains(study.options.patient.identifier) == isShown, "\(kind)")
                #expect(line.contains("patient") == isShown, "\(kind)")
            }
        }
    }

    @Test("a reader told to misbehave refuses and drops, and a modality counts it")
    func misbehaving() throws {
        try withTemporaryFolder { folder in
            let reported = Reported()
            let (reader, stop) = try makeReader(folder, reported) { options in
                options.misbehaviour.refuseEvery = 3
                options.misbehaviour.dropAfter = 3
            }
            defer { stop.stop() }
            let outcome = try ModalitySimulator(
                .init(peer: try address(reader.port, called: "READER"), cargo: .synthetic(study(6))), report: { _ in }
            ).run()
            #expect(outcome.stored + outcome.refused + outcome.failed == 6)
            #expect(outcome.refused >= 1)
            #expect(outcome.failed >= 1)
            #expect(!outcome.isComplete)
        }
    }

    @Test("a peer that is called by another name rejects the association")
    func wrongName() throws {
        try withTemporaryFolder { folder in
            let reported = Reported()
            let (reader, stop) = try makeReader(folder, reported)
            defer { stop.stop() }
            let failure = #expect(throws: Failure.self) {
                try OutgoingAssociation(
                    to: try address(reader.port, called: "OTHER"), limits: AssociationLimits(),
                    proposals: [(QueryModel.verification, [.implicitVRLittleEndian], false)])
            }
            #expect(failure?.code == .associationRejectedPermanent)
        }
    }
}
