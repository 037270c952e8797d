// The workshop: hidden, started by the office.

import ArgumentParser
import Workers

struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "A worker process; started by antipode serve.", shouldDisplay: false)

    /// The office gives the channel as descriptor 3.
    func run() { WorkerMain.run(channel: 3) }
}
