// A first configuration.

import ArgumentParser
import Foundation
import Gateway

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a commented configuration, a trial CA with certificates, keys and tokens into a new folder.",
        discussion: """
            The configuration works as it stands, on loopback, with the stand-ins of antipode simulate. Nothing is ever \
            overwritten.

            Examples:
              antipode init ./trial
              antipode init /etc/antipode --service
            """)

    @Argument(help: "The folder to make.") var directory: String
    @Option(help: "Port of the plain listener, for modalities.") var listenerPort = 11_112
    @Option(help: "Port of the TLS listener, for readers that push.") var secureListenerPort = 2762
    @Option(help: "Port of the console.") var consolePort = 8080
    @Option(help: "Port of the trial reader.") var readerPort = 12_762
    @Option(help: "Port of the trial PACS.") var pacsPort = 11_113
    @Flag(help: "State, spool and key where systemd/antipode.service has them, instead of in the folder.")
    var service = false
    @Flag(name: .long, help: "One JSON document instead of text.") var json = false

    func validate() throws {
        for port in [listenerPort, secureListenerPort, consolePort, readerPort, pacsPort]
        where !(1...65_535).contains(port) {
            throw ValidationError("A port is a number from 1 to 65535, not \(port).")
        }
    }

    func run() throws {
        var options = Initialiser.Options(directory: directory)
        options.forService = service
        options.ports.listener = listenerPort
        options.ports.secureListener = secureListenerPort
        options.ports.console = consolePort
        options.ports.reader = readerPort
        options.ports.pacs = pacsPort
        do {
            let made = try Initialiser(options).run()
            if json {
                let document = ["configuration": [made.configurationPath], "files": made.files]
                print(String(decoding: try OperatorJSON.encoder(pretty: true).encode(document), as: UTF8.self))
                return
            }
            print("made \(directory):")
            for file in made.files { print("  \(file)") }
            print("next: antipode check --config \(made.configurationPath)")
            print("      antipode serve --config \(made.configurationPath)")
        } catch let faults as ConfigurationFaults {
            complain("\(faults)")
            throw SysExit.cannotCreate
        }
    }
}
