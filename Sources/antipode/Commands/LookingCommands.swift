// Commands that only look: they work from the journal too when the daemon is down.

import ArgumentParser
import Foundation
import Gateway

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What waits, moves or needs a person.",
        discussion: """
            Ends with 69 while no daemon answers: what is shown then was read from the journal, and "running" is false \
            in the JSON document.

            Example:
              antipode status --json
            """)
    @OptionGroup var options: DeskOptions

    func run() async throws {
        let status = try await options.withDesk { try await $0.status() }
        try options.show(status, Pages.status)
        if !status.running { throw SysExit.unavailable }
    }
}

struct StudiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "studies", abstract: "Lists studies, newest first.",
        discussion: """
            Examples:
              antipode studies --needs-person
              antipode studies --text ACC0001
            """)
    @OptionGroup var options: DeskOptions
    @Flag(help: "Only what waits for a person: the study, an instance, a transfer or a report of it is held.")
    var needsPerson = false
    @Option(help: "receiving, complete, planned, delivered, held or cancelled; may be repeated.")
    var state: [String] = []
    @Option(help: "The name of a source.") var source: String?
    @Option(help: "The name of a destination.") var destination: String?
    @Option(help: "A modality, such as CT.") var modality: String?
    @Option(help: "A study key, the start of a Study Instance UID, or a whole accession number or patient ID.")
    var text: String?
    @Option(help: "How many at most.") var limit = 50

    func validate() throws {
        try requireLimit(limit)
        try requireStates(state, of: ["receiving", "complete", "planned", "delivered", "held", "cancelled"])
    }

    func run() async throws {
        var search = StudySearch()
        search.states = state
        search.needsPerson = needsPerson
        search.source = source
        search.destination = destination
        search.modality = modality
        search.text = text
        search.limit = limit
        let found = try await options.withDesk { try await $0.studies(search) }
        try options.show(found, Pages.studies)
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Which rule chose a study's destination, and why the others did not.",
        discussion: "Example:\n  antipode explain S12")
    @OptionGroup var options: DeskOptions
    @Argument(help: "A study key, such as S12.") var study: String

    func run() async throws {
        try options.show(try await options.withDesk { try await $0.explain(study) }, Pages.explanation)
    }
}

struct TransfersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfers", abstract: "Lists transfers, those that still move first.",
        discussion: "Example:\n  antipode transfers --destination sydney --state deferred")
    @OptionGroup var options: DeskOptions
    @Option(help: "The name of a destination.") var destination: String?
    @Option(help: "waiting, active, deferred, held, acknowledged, confirmed or cancelled; may be repeated.")
    var state: [String] = []
    @Option(help: "How many at most.") var limit = 100

    func validate() throws {
        try requireLimit(limit)
        try requireStates(
            state, of: ["waiting", "active", "deferred", "held", "acknowledged", "confirmed", "cancelled"])
    }

    func run() async throws {
        let found = try await options.withDesk {
            try await $0.transfers(destination: destination, states: state, limit: limit)
        }
        try options.show(found, Pages.transfers)
    }
}

struct ReportsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reports", abstract: "Lists reports, newest first.",
        discussion: "Example:\n  antipode reports --state held")
    @OptionGroup var options: DeskOptions
    @Option(help: "received, matched, restored, delivered, held or discarded; may be repeated.")
    var state: [String] = []
    @Option(help: "How many at most.") var limit = 100

    func validate() throws {
        try requireLimit(limit)
        try requireStates(state, of: ["received", "matched", "restored", "delivered", "held", "discarded"])
    }

    func run() async throws {
        let found = try await options.withDesk { try await $0.reports(states: state, limit: limit) }
        try options.show(found, Pages.reports)
    }
}

struct PeersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers", abstract: "Destinations: circuit, lanes, what waits, the last failure.",
        discussion: "Example:\n  antipode peers")
    @OptionGroup var options: DeskOptions

    func run() async throws {
        try options.show(try await options.withDesk { try await $0.peers() }, Pages.peers)
    }
}

struct EchoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo", abstract: "Asks a destination to answer a C-ECHO, the way a transfer would connect.",
        discussion: "Example:\n  antipode echo sydney")
    @OptionGroup var options: DeskOptions
    @Argument(help: "The name of a destination.") var peer: String

    func run() async throws {
        let echo = try await options.withDesk(acting: true) { try await $0.echo(peer) }
        try options.show(echo, Pages.echo)
        if !echo.ok { throw SysExit.temporaryFailure }
    }
}

func requireLimit(_ limit: Int) throws {
    guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 10000.") }
}

/// A misspelt state would otherwise be left out, and the list be of everything.
private func requireStates(_ given: [String], of known: [String]) throws {
    for word in given where !known.contains(word) {
        throw ValidationError("--state takes one of \(known.joined(separator: ", ")), not '\(word)'.")
    }
}
