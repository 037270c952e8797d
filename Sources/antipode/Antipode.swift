// The program: its subcommands.

import ArgumentParser

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
            answer, 70 internal error, 73 cannot create, 75 try again, 77 not allowed, 78 bad configuration.
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
            WorkerCommand.self,
        ])
}
