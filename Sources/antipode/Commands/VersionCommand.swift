// Which version this is.

import ArgumentParser
import Foundation
import Gateway

enum AntipodeVersion {
    static let text = JournalDesk.version
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints the version.", discussion: "Example:\n  antipode version --json")

    @Flag(name: .long, help: "One JSON document instead of text.") var json = false

    func run() throws {
        let version = ["program": "antipode", "version": AntipodeVersion.text]
        if json {
            print(String(decoding: try OperatorJSON.encoder(pretty: true).encode(version), as: UTF8.self))
        } else {
            print("antipode \(AntipodeVersion.text)")
        }
    }
}
