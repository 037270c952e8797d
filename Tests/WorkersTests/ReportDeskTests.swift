// A report is believed only as long as it is what came.

import DICOM
import DICOMVocabulary
import Foundation
import Spool
import Testing
import WorkerProtocol

@testable import Workers

private typealias Tag = DICOMVocabulary.Tag

@Suite("The report in the spool")
final class ReportDeskTests {
    private let folder = NSTemporaryDirectory() + "antipode-reports-\(UUID().uuidString)"
    private let spool: SpoolDirectory

    init() throws {
        spool = SpoolDirectory(path: folder, freeFloor: 0)
        try spool.prepare()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Basic Text SR of one sentence.
    private func report() throws -> ReportFile {
        let sopClass: UID = "1.2.840.10008.5.1.4.1.1.88.11"
        let dataSet = DataSet()
        try dataSet.root.set(.sopClassUID, .UI, text: sopClass.string)
        try dataSet.root.set(.sopInstanceUID, .UI, text: "1.2.3")
        try dataSet.root.set(.studyInstanceUID, .UI, text: "1.2.4")
        try dataSet.root.set(Tag(0x0040, 0xA040), .CS, text: "TEXT")
        try dataSet.root.set(Tag(0x0040, 0xA160), .UT, text: "No bleeding.")
        let body = try dataSet.encoded(as: .explicitVRLittleEndian)
        let file = try spool.beginFile()
        try file.write(
            all: Part10.meta(sopClass: sopClass, sopInstance: "1.2.3", transferSyntax: .explicitVRLittleEndian))
        try file.write(all: body)
        try file.commit()
        let digest = try Digest()
        body.withUnsafeBytes { digest.update($0) }
        return ReportFile(
            spoolKey: file.key, sopClass: sopClass, transferSyntax: .explicitVRLittleEndian, spoolDirectory: folder,
            scan: ScanBounds(), digest: digest.finish())
    }

    @Test("is read while it is what came; with one letter changed it is neither read, shown nor restored")
    func changed() throws {
        let report = try report()
        #expect(try ReportDesk.inspect(report).study == "1.2.4")
        _ = try ReportDesk.render(report)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: spool.path(of: report.spoolKey)))
        let place = try #require(bytes.range(of: Data("No".utf8)))
        bytes.replaceSubrange(place, with: Data("So".utf8))
        try bytes.write(to: URL(fileURLWithPath: spool.path(of: report.spoolKey)))
        let jobs: [() throws -> Void] = [
            { _ = try ReportDesk.inspect(report) }, { _ = try ReportDesk.render(report) },
            { _ = try ReportDesk.document(DocumentJob(report: report, offset: 0)) },
            { _ = try ReportDesk.identify(report) },
        ]
        for job in jobs {
            let failure = #expect(throws: Failure.self) { try job() }
            #expect(failure?.code == .damagedFile && failure?.disposition == .person)
        }
    }
}
