// One study: look at it, act on it.

import ArgumentParser
import Foundation
import Gateway

struct StudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "One study: show, instances, hold, release, leave-out, retry, cancel, send, explain.",
        discussion: "Examples:\n  antipode study show S12\n  antipode study send S12 sydney",
        subcommands: [
            Show.self, Instances.self, Hold.self, Release.self, LeaveOut.self, Retry.self, Cancel.self, Send.self,
            ExplainCommand.self,
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

    struct Instances: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The instances of a study: their way to each destination, why they are held, their files.",
            discussion: """
                The files stand in the spool as they were received, open to the daemon's user alone; a viewer or dcmdump \
                reads them. Their names say nothing about the patient, their content does.

                Example:
                  antipode study instances S12 --held
                """)
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String
        @Flag(help: "Only what waits for a person.") var held = false
        @Option(help: "How many at most.") var limit = 1000

        func validate() throws { try requireLimit(limit) }

        func run() async throws {
            let found = try await options.withDesk { try await $0.instances(study, held: held, limit: limit) }
            try options.show(found, Pages.instances)
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
            abstract:
                "Lets a held study and its held instances go on, and reports that were held as partial or unverified. Of pixels "
                + "it covers those that are held now.",
            discussion: """
                Releasing an ultrasound, a secondary capture or the like says that you have looked at the pixels and \
                that they name nobody: that is asked first, unless --yes says it. A study for which no rule chose a \
                reader is not released but sent (antipode study send), and a report that may be another patient's is \
                decided about by itself (antipode report).

                Example:
                  antipode study release S12
                """)
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String
        @Flag(help: "Do not ask.") var yes = false

        func run() async throws {
            let held = try await HeldFacts.of(study, options)
            if let what = held.unseenPixels {
                guard
                    try yes
                        || confirm(
                            "Have you looked at \(what), and do the pixels name nobody? Then \(study) is released.")
                else { return }
            }
            try await StudyCommand.act(.release, on: study, options)
        }
    }

    struct LeaveOut: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "leave-out",
            abstract: "Leaves the held instances behind: the rest of the study counts as all of it.",
            discussion: """
                For screen captures, scanned papers and the like, which the reader need not have. It stands in the \
                journal who decided so. When nothing else is left of the study, nothing is sent and it ends as cancelled. Another \
                antipode study send begins with all instances anew.

                Example:
                  antipode study leave-out S12 --yes
                """)
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String
        @Flag(help: "Do not ask.") var yes = false

        func run() async throws {
            let held = try await HeldFacts.of(study, options)
            let question = try held.questionOfLeavingOut()
            guard try yes || confirm(question) else { return }
            try await StudyCommand.act(.leaveOut, on: study, options)
        }
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
            let held = try await HeldFacts.of(study, options)
            try held.requireOpen()
            guard try yes || confirm("Cancel \(study)? It will not be sent.") else { return }
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
