// Stand-ins for a reader, a PACS and a modality.

import ArgumentParser
import DICOMVocabulary
import Dispatch
import Foundation
import Gateway
import Glibc
import Simulation

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "A stand-in reader, PACS or modality, for trying things out and for acceptance trials.",
        discussion: "Example:\n  antipode simulate pacs --port 11113 --folder /tmp/pacs",
        subcommands: [Reader.self, PACS.self, Modality.self])

    struct TLSOptions: ParsableArguments {
        @Option(help: "Our certificate (PEM); with --key and --trusted the connection is TLS.") var certificate: String?
        @Option(help: "Our private key (PEM).") var key: String?
        @Option(help: "The authorities that the other side must chain to (PEM).") var trusted: String?

        func validate() throws {
            let given = [certificate, key, trusted].compactMap { $0 }.count
            guard given == 0 || given == 3 else {
                throw ValidationError("TLS needs --certificate, --key and --trusted together.")
            }
        }

        var files: TLSFiles? {
            guard let certificate, let key, let trusted else { return nil }
            return TLSFiles(certificate: certificate, privateKey: key, trusted: trusted)
        }
    }

    struct Reader: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accepts studies, writes a report for each, and hands it out or pushes it.",
            discussion: """
                Example, the trial reader of antipode init DIR:
                  antipode simulate reader --port 12762 --folder /tmp/reader \\
                    --certificate DIR/certs/reader.pem --key DIR/certs/reader.key \\
                    --trusted DIR/certs/ca.pem
                """)
        @Option(help: "The port to listen on; 0 asks for a free one.") var port = 12762
        @Option(help: "The address to listen on; 0.0.0.0 is every IPv4 address.") var address = "127.0.0.1"
        @Option(help: "Our AE title.") var ae = "READER"
        @Option(help: "Where received objects and written reports are put.") var folder: String
        @OptionGroup var tls: TLSOptions
        @Option(help: "basic, enhanced, comprehensive, comprehensive3d or pdf.")
        var report: ReportOptions.Kind = .basicText
        @Option(help: "sv or en.") var language: ReportOptions.Language = .swedish
        @Flag(help: "Reports are not verified (Verification Flag UNVERIFIED).") var unverified = false
        @Flag(help: "Reports are not complete (Completion Flag PARTIAL).") var partial = false
        @Option(help: "Seconds without a new object until the report is written.") var delay = 3.0
        @Option(help: "Pushes reports by C-STORE to AE@HOST:PORT, over TLS if the TLS options are given.")
        var pushTo: PeerArgument?
        @Option(help: "Where C-MOVE may send to: AE@HOST:PORT; may be repeated.") var moveTo: [PeerArgument] = []
        @OptionGroup var faults: FaultOptions
        @OptionGroup var speech: SpeechOptions

        func run() throws {
            var options = ReaderSimulator.Options(
                face: PeerFace(address: address, port: port, aeTitle: try title(ae), tls: tls.files), folder: folder)
            options.face.maximumAssociations = faults.associations
            options.report.kind = report
            options.report.language = language
            options.report.verified = !unverified
            options.report.complete = !partial
            options.reportDelay = delay
            options.pushTo = pushTo?.address(from: try title(ae), tls.files)
            for peer in moveTo {
                let address = peer.address(from: try title(ae), tls.files)
                options.moveDestinations[address.calledAE] = address
            }
            options.misbehaviour = try faults.misbehaviour()
            options.showsIdentity = speech.showIdentity
            try simulating(speech) { say in
                let reader = try ReaderSimulator(options, report: say)
                say("reader \(ae) listens on port \(reader.port)")
                reader.run(until: untilSignal())
            }
        }
    }

    struct PACS: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pacs", abstract: "Stores whatever comes into a folder, a line for each object.",
            discussion: "Example:\n  antipode simulate pacs --port 11113 --folder /tmp/pacs")
        @Option(help: "The port to listen on; 0 asks for a free one.") var port = 11113
        @Option(help: "The address to listen on; 0.0.0.0 is every IPv4 address.") var address = "127.0.0.1"
        @Option(help: "Our AE title.") var ae = "PACS"
        @Option(help: "Where received objects are put.") var folder: String
        @OptionGroup var tls: TLSOptions
        @OptionGroup var faults: FaultOptions
        @OptionGroup var speech: SpeechOptions

        func run() throws {
            var options = PACSSimulator.Options(
                face: PeerFace(address: address, port: port, aeTitle: try title(ae), tls: tls.files), folder: folder)
            options.face.maximumAssociations = faults.associations
            options.misbehaviour = try faults.misbehaviour()
            options.showsIdentity = speech.showIdentity
            try simulating(speech) { say in
                let pacs = try PACSSimulator(options, report: say)
                say("PACS \(ae) listens on port \(pacs.port)")
                pacs.run(until: untilSignal())
            }
        }
    }

    struct Modality: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pushes a folder of DICOM files, or a synthetic study.",
            discussion: """
                Examples:
                  antipode simulate modality --to ANTIPODE@127.0.0.1:11112 --folder /media/cdrom
                  antipode simulate modality --to ANTIPODE@127.0.0.1:11112 --synthetic ct --slices 300
                """)
        @Option(help: "AE@HOST:PORT to push to.") var to: PeerArgument
        @Option(help: "Our AE title.") var ae = "MODALITY"
        @Option(help: "A folder of DICOM files.") var folder: String?
        @Option(help: "ct or mr: a study made up on the spot.") var synthetic: SyntheticStudy.Kind?
        @Option(help: "Slices of the synthetic study.") var slices = 300
        @Option(help: "Rows and columns of the synthetic study.") var size = 512
        @Option(help: "The synthetic study's seed: the same seed is the same study.") var seed: UInt64?
        @Option(help: "Character set of the synthetic study: 'ISO_IR 100' or 'ISO_IR 192'.")
        var characterSet = "ISO_IR 100"
        @Option(help: "Objects a second at most.") var rate: Double?
        @Option(help: "Associations side by side.") var associations = 1
        @Flag(help: "With priority HIGH in the C-STORE-RQ.") var urgent = false
        @OptionGroup var tls: TLSOptions
        @OptionGroup var speech: SpeechOptions

        func validate() throws {
            guard (folder == nil) != (synthetic == nil) else {
                throw ValidationError("Give --folder or --synthetic, and not both.")
            }
            guard (1...100_000).contains(slices) else { throw ValidationError("--slices takes 1 to 100000.") }
            guard (16...4096).contains(size) else { throw ValidationError("--size takes 16 to 4096.") }
            guard (1...64).contains(associations) else { throw ValidationError("--associations takes 1 to 64.") }
        }

        func run() throws {
            let cargo: ModalitySimulator.Cargo
            if let folder {
                cargo = .folder(folder)
            } else {
                var study = SyntheticStudy.Options(seed: seed ?? UInt64.random(in: 1...UInt64.max))
                study.kind = synthetic ?? .ct
                study.slices = slices
                study.rows = size
                study.columns = size
                study.characterSet = characterSet
                cargo = .synthetic(SyntheticStudy(study))
            }
            var options = ModalitySimulator.Options(peer: to.address(from: try title(ae), tls.files), cargo: cargo)
            options.rate = rate
            options.associations = associations
            options.highPriority = urgent
            options.showsIdentity = speech.showIdentity
            try simulating(speech) { say in
                let outcome = try ModalitySimulator(options, report: say).run(until: untilSignal())
                try speech.end(with: outcome)
                if !outcome.isComplete { throw SysExit.temporaryFailure }
            }
        }
    }
}

/// How a stand-in tells what it does.
struct SpeechOptions: ParsableArguments {
    @Flag(name: .long, help: "One JSON document a line instead of text.") var json = false
    @Flag(name: .long, help: "Lines name the patient: for made-up ones only, since output ends in files.")
    var showIdentity = false

    private struct Line: Encodable {
        var at = Date()
        var event: String
    }

    var say: SimulationReport {
        let json = json
        return { line in
            let encoded = json ? try? OperatorJSON.encoder().encode(Line(event: line)) : nil
            try? FileHandle.standardOutput.write(contentsOf: (encoded ?? Data(line.utf8)) + Data("\n".utf8))
        }
    }

    /// In words the simulator has told it.
    func end(with outcome: ModalitySimulator.Outcome) throws {
        guard json else { return }
        let totals = ["stored": outcome.stored, "refused": outcome.refused, "failed": outcome.failed]
        try FileHandle.standardOutput.write(contentsOf: try OperatorJSON.encoder().encode(totals) + Data("\n".utf8))
    }
}

/// What a stand-in does wrong on order.
struct FaultOptions: ParsableArguments {
    @Option(help: "Seconds before each C-STORE response.") var responseDelay = 0.0
    @Option(help: "Refuses every n-th object; 0 is never.") var refuseEvery = 0
    @Option(help: "The DIMSE status of a refusal, in hex.") var refusalStatus = "A700"
    @Option(help: "Aborts the association after so many objects; 0 is never.") var dropAfter = 0
    @Option(help: "Associations at once; further connections wait unanswered.") var associations = 64

    func misbehaviour() throws -> Misbehaviour {
        guard let status = UInt16(refusalStatus, radix: 16) else {
            throw ValidationError("--refusal-status takes four hex digits, such as A700.")
        }
        guard associations > 0 else { throw ValidationError("--associations takes 1 or more.") }
        var misbehaviour = Misbehaviour()
        misbehaviour.responseDelay = responseDelay
        misbehaviour.refuseEvery = refuseEvery
        misbehaviour.refusalStatus = status
        misbehaviour.dropAfter = dropAfter
        return misbehaviour
    }
}

/// `AE@HOST:PORT`.
struct PeerArgument: ExpressibleByArgument, Sendable {
    var ae: AETitle
    var host: String
    var port: Int

    init?(argument: String) {
        guard let at = argument.firstIndex(of: "@"), let colon = argument.lastIndex(of: ":"), at < colon,
            let ae = AETitle(String(argument[..<at])), let port = Int(argument[argument.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        self.ae = ae
        host = String(argument[argument.index(after: at)..<colon])
        self.port = port
    }

    func address(from calling: AETitle, _ tls: TLSFiles?) -> PeerAddress {
        PeerAddress(host: host, port: port, calledAE: ae, callingAE: calling, tls: tls)
    }
}

extension ReportOptions.Kind: ExpressibleByArgument {}
extension ReportOptions.Language: ExpressibleByArgument {}
extension SyntheticStudy.Kind: ExpressibleByArgument {}

private func title(_ text: String) throws -> AETitle {
    guard let title = AETitle(text) else { throw ValidationError("'\(text.prefix(32))' is not an AE title.") }
    return title
}

/// DCMTK reads this variable when it opens a connection; without it every C-STORE waits 45 ms.
private func simulating(_ speech: SpeechOptions, _ body: (@escaping SimulationReport) throws -> Void) throws {
    setenv("TCP_NODELAY", "1", 1)
    signal(SIGPIPE, SIG_IGN)
    do {
        try body(speech.say)
    } catch {
        throw ending(error)
    }
}

/// Stops at SIGTERM and SIGINT.
private func untilSignal() -> StopSignal {
    let stop = StopSignal()
    for number in [SIGTERM, SIGINT] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { stop.stop() }
        // The handler holds the source, so that it lives as long as the program.
        source.setCancelHandler { withExtendedLifetime(source) {} }
        source.activate()
    }
    return stop
}
