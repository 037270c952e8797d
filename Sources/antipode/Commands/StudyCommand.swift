// One study: look at it, act on it.

import ArgumentParser
import Foundation
import Gateway

struct StudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study", abstract: "One study: show, hold, release, retry, cancel, send, explain.",
        discussion: "Examples:\n  antipode study show S12\n  antipode study send S12 sydney",
        subcommands: [
            Show.self, Hold.self, Release.self, Retry.self, Cancel.self, Send.self, ExplainCommand.self,
        ])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Timeline, transfers, attempts and reports of a study.",
            discussion: "Example:\n  antipode study show S12")
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String

        func run() async throws {
            try options.show(try await options.withDesk { try await $0.study(study) }, Pages.study)
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops a study where it is until it is released.",
            discussion: "Example:\n  antipode study hold S12 --reason 'wrong side marked'")
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String
        @Option(help: "Why. It stands in the journal and on the pages: write nothing about the patient.")
        var reason: String

        func run() async throws { try await StudyCommand.act(.hold(reason: reason), on: study, options) }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a held study, its held instances and its held reports go on.",
            discussion: """
                Releasing an ultrasound, a secondary capture or the like says that you have looked at the pixels and \
                that they name nobody.

                Example:
                  antipode study release S12
                """)
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String

        func run() async throws { try await StudyCommand.act(.release, on: study, options) }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tries what was deferred or refused again, at once.",
            discussion: "Example:\n  antipode study retry S12")
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String

        func run() async throws { try await StudyCommand.act(.retry, on: study, options) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends no more of a study. What was sent cannot be called back.",
            discussion: "Example:\n  antipode study cancel S12 --yes")
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String
        @Flag(help: "Do not ask.") var yes = false

        func run() async throws {
            if !yes {
                guard isatty(STDIN_FILENO) == 1 else {
                    complain("cancelling asks first; without a terminal say --yes")
                    throw ExitCode(64)
                }
                print("Cancel \(study)? It will not be sent. [y/N] ", terminator: "")
                guard readLine()?.lowercased() == "y" else { return }
            }
            try await StudyCommand.act(.cancel, on: study, options)
        }
    }

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends a study to a destination, whatever the rules said.",
            discussion: "Example:\n  antipode study send S12 sydney")
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String
        @Argument(help: "The name of a destination.") var destination: String

        func run() async throws { try await StudyCommand.act(.send(destination: destination), on: study, options) }
    }

    fileprivate static func act(_ action: StudyAction, on study: String, _ options: DeskOptions) async throws {
        let detail = try await options.withDesk(acting: true) {
            try await $0.act(action, on: study, actor: NSUserName())
        }
        try options.show(detail, Pages.study)
    }
}
