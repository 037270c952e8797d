// What David Clunie's dciodvfy (Debian's dicom3tools) says of what is made here.

import DICOMVocabulary
import Foundation
import Testing

@testable import Simulation

private let validator = "/usr/bin/dciodvfy"

@Suite(
    "dciodvfy",
    .enabled(if: FileManager.default.isExecutableFile(atPath: validator), "dicom3tools is not installed"))
struct ValidatorTests {
    /// Its lines that begin with Error.
    private func errors(_ path: String) throws -> [Substring] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: validator)
        process.arguments = ["-new", path]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return output.split(separator: "\n").filter { $0.hasPrefix("Error") }
    }

    private func study(_ kind: SyntheticStudy.Kind, _ characterSet: String) -> SyntheticStudy {
        var options = SyntheticStudy.Options(seed: 3)
        options.kind = kind
        options.characterSet = characterSet
        options.slices = 2
        options.rows = 64
        options.columns = 48
        return SyntheticStudy(options)
    }

    @Test(
        "finds no error in a synthetic study", arguments: SyntheticStudy.Kind.allCases, ["ISO_IR 100", "ISO_IR 192"])
    func studies(_ kind: SyntheticStudy.Kind, _ characterSet: String) throws {
        try withTemporaryFolder { folder in
            for path in try study(kind, characterSet).write(to: folder) { #expect(try errors(path) == []) }
        }
    }

    @Test(
        "finds no error in a report", arguments: ReportOptions.Kind.allCases, ReportOptions.Language.allCases)
    func reports(_ kind: ReportOptions.Kind, _ language: ReportOptions.Language) throws {
        try withTemporaryFolder { folder in
            let images = try study(.ct, "ISO_IR 192").write(to: folder).map { try Holding(path: $0) }
            var options = ReportOptions()
            options.kind = kind
            options.language = language
            options.verified = language == .swedish
            var random = SeededRandom(seed: 1)
            let writer = try #require(
                ReportWriter(
                    options: options, images: images, predecessor: nil, moment: ReportMoment(seconds: 1_772_404_500),
                    random: &random))
            let report = try writer.write()
            let path = folder + "/report.dcm"
            let meta = Part10.meta(
                sopClass: report.sopClass, sopInstance: report.sopInstance, transferSyntax: report.transferSyntax)
            try FolderStore.write([meta, report.dataSet], to: path)
            #expect(try errors(path) == [])
        }
    }
}
