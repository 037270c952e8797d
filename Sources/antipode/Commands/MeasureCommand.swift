// For Benchmarks/, and for a site that wants to know of its own files. None of it stands in the help.

import ArgumentParser
import DICOMVocabulary
import Forwarding
import Foundation
import Gateway
import Journal
import Workers

struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "How many instances a second one core makes ready to leave. Nothing is sent.",
        discussion: "Example:\n  antipode measure ./study --seconds 10", shouldDisplay: false)
    @Argument(help: "A folder of DICOM files.") var folder: String
    @Option(help: "How long at least.") var seconds = 5.0

    func run() throws {
        let scratch = NSTemporaryDirectory() + "antipode-measure-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        try show(
            try OutwardMeasurement.run(
                files: try files(in: folder), options: DestinationSettings.recommendedOptions, scratch: scratch,
                seconds: seconds))
    }
}

struct MeasureJournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-journal",
        abstract: "What a row, a plan, a claim and an acknowledgement cost in a journal that nobody needs any more.",
        discussion: """
            Makes the journal where there is none. Writes studies of its own into it, and acknowledges what waits there.
            Example:
              antipode measure-journal ./copy-of-state --seconds 10
            """, shouldDisplay: false)
    @Argument(help: "A folder with journal.sqlite.") var folder: String
    @Option(help: "How long at least; 0 only makes or migrates the journal.") var seconds = 5.0
    @Option(help: "The destination whose lane is measured.") var destination = "reader"

    func run() async throws {
        let start = ContinuousClock.now
        let journal = try JournalDatabase.open(path: folder + "/journal.sqlite")
        let opened = (ContinuousClock.now - start) / .seconds(1)
        let measured =
            seconds > 0
            ? try await JournalMeasurement.run(journal, destination: destination, seconds: seconds)
            : JournalMeasurement()
        try journal.close()
        try show(Answer(openSeconds: opened, measured: measured))
    }

    private struct Answer: Encodable {
        var openSeconds: Double
        var measured: JournalMeasurement
    }
}

struct MeasureHotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-hot", abstract: "What the functions cost that every instance passes. Nothing is sent.",
        discussion: "Example:\n  antipode measure-hot ./study --scratch /var/tmp/here --seconds 2", shouldDisplay: false
    )
    @Argument(help: "A folder of DICOM files.") var folder: String
    @Option(help: "A new folder on the disk to be measured.") var scratch: String
    @Option(help: "How long each step at least.") var seconds = 2.0
    @Option(
        help: "AE@HOST:PORT of a storage SCP: to it a lane is opened, and an instance handed over that is not there.")
    var peer: PeerArgument?

    func run() async throws {
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        try show(
            try await HotMeasurement.run(
                files: try files(in: folder), scratch: scratch,
                peer: peer.map { $0.address(from: $0.ae, nil) }, seconds: seconds))
    }
}

private func files(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().map { folder + "/" + $0 }.filter {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
    }
}

private func show(_ result: some Encodable) throws {
    print(String(decoding: try OperatorJSON.encoder(pretty: true).encode(result), as: UTF8.self))
}
