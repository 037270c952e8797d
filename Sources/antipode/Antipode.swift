// The program: its subcommands.

import ArgumentParser
import Foundation
import WorkerProtocol
import Workers

@main
struct Antipode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "antipode",
        abstract: "A DICOM store-and-forward gateway for remote reading.",
        discussion: """
            A first try, on this machine alone:
              antipode init ./trial
              antipode serve --config ./trial/antipode.toml
              antipode status --config ./trial/antipode.toml

            Exit codes are those of sysexits: 0 done, 64 usage, 65 bad data, 66 not found, 69 the daemon does not \
            answer or cannot start as things are, 70 internal error, 73 cannot create, 75 try again, 77 not allowed, 78 bad configuration.
            """,
        version: AntipodeVersion.text,
        subcommands: [
            ServeCommand.self, InitCommand.self, CheckCommand.self, StatusCommand.self, StudiesCommand.self,
            StudyCommand.self, ExplainCommand.self, TransfersCommand.self, ReportsCommand.self, ReportCommand.self,
            EventsCommand.self, DisclosuresCommand.self, VaultCommand.self,
            PeersCommand.self, EchoCommand.self, ProfileCommand.self, PreviewCommand.self,
            MeasureCommand.self, MeasureJournalCommand.self, MeasureHotCommand.self,
            SweepCommand.self, BackupCommand.self, RestoreCommand.self, VerifyCommand.self, CertsCommand.self,
            SimulateCommand.self, VersionCommand.self,
        ])

    /// What the office starts (`WorkerProcess.Program`), with its channel as descriptor 3.
    private static let worker = "worker"

    /// A worker has no options, and a sender may be waiting for it: the command line is not read any further. Not on the first
    /// thread, whose stack grows as it is used: at the memory limit of a worker it could not, and nothing would be said of why.
    @concurrent private static func work() async -> Never {
        WorkerMain.run(channel: WorkerChannel.inheritedDescriptor)
    }

    static func main() async {
        let word = CommandLine.arguments.dropFirst().first
        if word == worker { await work() }
        if let complaint = complaint(about: word) {
            complain(complaint)
            Foundation.exit(64)
        }
        await main(nil)
    }

    /// nil where there is such a command, or none is named: ArgumentParser would call a misspelt one an unexpected argument.
    static func complaint(about word: String?) -> String? {
        let commands = configuration.subcommands.map { $0.configuration }
        let shown = commands.filter { $0.shouldDisplay }.compactMap { $0.commandName }
        let all = commands.compactMap { $0.commandName } + ["help"]
        guard let word, !word.hasPrefix("-"), !all.contains(word) else { return nil }
        let meant = EditDistance.nearest(to: word, among: shown + ["help"])
        return "there is no command \(word)\(meant.map { ". Did you mean \($0)?" } ?? "; antipode help lists them")"
    }
}
