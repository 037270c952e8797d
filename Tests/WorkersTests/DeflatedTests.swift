import DICOM
import DICOMVocabulary
import Foundation
import Glibc
import Spool
import Testing
import WorkerProtocol

@testable import DICOMNetwork
@testable import Workers

@Suite("Deflated instances in the workshop")
final class DeflatedTests {
    private let folder = NSTemporaryDirectory() + "antipode-deflated-\(UUID().uuidString)"
    private let spool: SpoolDirectory
    private let ct: UID = "1.2.840.10008.5.1.4.1.1.2"

    init() throws {
        spool = SpoolDirectory(path: folder, freeFloor: 0)
        try spool.prepare()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func element(_ tag: DICOMVocabulary.Tag, _ vr: VR, _ text: String) throws -> [UInt8] {
        try ElementEncoding.explicitLittleEndian(tag, vr, Array(text.utf8))
    }

    /// A small data set with the UIDs that intake asks for.
    private func dataSet() throws -> [UInt8] {
        try Self.element(.sopClassUID, .UI, ct.string) + Self.element(.sopInstanceUID, .UI, "1.2.3.1")
            + Self.element(.modality, .CS, "CT") + Self.element(.patientID, .LO, "P1")
            + Self.element(.studyInstanceUID, .UI, "1.2.3") + Self.element(.seriesInstanceUID, .UI, "1.2.3.0")
            + ElementEncoding.explicitLittleEndian(.pixelData, .OW, [1, 2, 3, 4])
    }

    /// In one stored block (RFC 1951, 3.2.4).
    private func deflated(_ bytes: [UInt8]) -> [UInt8] {
        let (length, other) = (UInt16(bytes.count), ~UInt16(bytes.count))
        return [1, UInt8(length & 0xFF), UInt8(length >> 8), UInt8(other & 0xFF), UInt8(other >> 8)] + bytes
    }

    private let staging = Staging()

    private func take(_ bytes: [UInt8], scan: ScanBounds = ScanBounds()) throws -> Intaken {
        let intake = InstanceIntake(
            spool: SpoolLocation(directory: folder, freeFloor: 0), scan: scan, maximumObject: 1 << 20,
            flushesFirst: true, staging: staging)
        let command = StoreCommand(
            messageID: 1,
            context: AcceptedContext(
                id: 1, abstractSyntax: ct, transferSyntax: .deflatedExplicitVRLittleEndian),
            sopClass: ct, sopInstance: "1.2.3.1", priority: 0, moveOriginator: nil, moveOriginatorMessageID: nil)
        return try intake.take(command) { (sink, _, _) throws(Failure) in
            #expect(bytes.withUnsafeBytes(sink.write) == nil && sink.finish() == nil)
            let digest = try Digest()
            bytes.withUnsafeBytes { digest.update($0) }
            return (bytes: Int64(bytes.count), digest: digest.finish())
        }
    }

    @Test("are kept as they came, and known by what is inside")
    func kept() throws {
        let stream = deflated(try dataSet())
        guard case .stored(let instance, _) = try take(stream) else {
            Issue.record("refused")
            return
        }
        #expect(instance.transferSyntax == .deflatedExplicitVRLittleEndian)
        #expect(instance.study == "1.2.3" && instance.header.modality == "CT")
        #expect(instance.identity.text(.patientID) == "P1")
        let file = try Data(contentsOf: URL(fileURLWithPath: spool.path(of: instance.spoolKey)))
        #expect(Array(file.suffix(stream.count)) == stream)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/incoming").isEmpty)
    }

    @Test("are answered C000 when they unpack to too much, and nothing of them is kept")
    func bomb() throws {
        var scan = ScanBounds()
        scan.maximumInflated = 16
        guard case .refused(let refusal) = try take(deflated(try dataSet()), scan: scan) else {
            Issue.record("kept")
            return
        }
        #expect(refusal.status == 0xC000 && refusal.failure.code == .tooLarge)
        #expect(refusal.failure.detail.contains("16 bytes"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/incoming").isEmpty)
    }

    @Test("leave unpacked, also where the identity stays")
    func leaving() throws {
        let bytes = try dataSet()
        guard case .stored(let instance, _) = try take(deflated(bytes)) else {
            Issue.record("refused")
            return
        }
        let desk = DepartureDesk(spoolDirectory: folder, scan: ScanBounds(), staging: staging)
        let job = SendJob(
            spoolKey: instance.spoolKey, sopClass: ct, sopInstance: instance.sopInstance,
            transferSyntax: instance.transferSyntax, digest: instance.digest, pseudonym: nil)
        let departure = try desk.prepare(job) { _ in true }
        #expect(departure.transferSyntax == .explicitVRLittleEndian)
        #expect(departure.bytes == Int64(bytes.count))
        guard case .file(let descriptor, let offset, let length) = departure.parts.first else {
            Issue.record("not sent from a file")
            return
        }
        var sent = [UInt8](repeating: 0, count: Int(length))
        #expect(pread(descriptor, &sent, sent.count, off_t(offset)) == sent.count)
        #expect(sent == bytes)
        #expect(try desk.prepare(job) { $0 == .implicitVRLittleEndian }.transferSyntax == .implicitVRLittleEndian)
        let error = #expect(throws: Failure.self) { _ = try desk.prepare(job) { $0.isDeflated } }
        #expect(error?.code == .noPresentationContext)
    }
}
