// One report: look at it, decide about it.

import ArgumentParser
import Foundation
import Gateway

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "One report: show, release, retry, discard.",
        discussion: "Examples:\n  antipode report show R3\n  antipode report release R3 --study S12",
        subcommands: [Show.self, Release.self, Retry.self, Discard.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What happened to a report, and its text. Once it is restored the text names the patient.",
            discussion: """
                Text and document are of the restored report, once there is one, and each look at such a one is recorded. \
                Without the daemon there is neither: what the journal knows is shown all the same.

                Examples:
                  antipode report show R3
                  antipode report show R3 --document report.pdf

                Exit codes: 0 shown, 66 no such report or no document in it, 69 the text or the document cannot be had \
                now, 73 the file exists or cannot be written.
                """)
        @OptionGroup var options: DeskOptions
        @Argument(help: "A report key, such as R3.") var report: String
        @Option(help: "Writes the document inside (a PDF) to this new file, for its owner alone, in place of the text.")
        var document: String?

        /// What `--json` prints.
        struct Page: Encodable {
            var report: ReportView
            var deliveries: [TransferView]
            var events: [EventView]
            /// nil when it cannot be read, as `textMissing` says, and where a document was asked for.
            var text: String?
            var textMissing: String?
            var document: ReportDocumentFile.Written?
        }

        func run() async throws {
            var code: ExitCode?
            let page = try await options.withDesk { desk in
                let detail = try await desk.report(report)
                var page = Page(report: detail.report, deliveries: detail.deliveries, events: detail.events)
                if let document {
                    page.document = try await ReportDocumentFile(path: document).write(report, from: desk)
                    return page
                }
                do {
                    page.text = try await desk.reportText(report)
                } catch let error as OperatorError {
                    page.textMissing = error.message
                    if error.kind == .unavailable { code = SysExit.unavailable }
                }
                return page
            }
            try options.show(page, Pages.report)
            if let code { throw code }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a held report go on, or says which study it answers.",
            discussion: """
                A partial or unverified report goes on as it is. One that matches no study needs --study: two of its keys \
                (study, patient, order) must agree with that study and none contradict it. Who knows better from the \
                reader says so with --override and a --reason; that stands in the journal. A report that holds another \
                patient's pseudonym is never delivered by any of this.

                Examples:
                  antipode report release R3
                  antipode report release R3 --study S12
                  antipode report release R3 --study S12 --override --reason 'reader confirmed by telephone'
                """)
        @OptionGroup var options: DeskOptions
        @Argument(help: "A report key, such as R3.") var report: String
        @Option(help: "The key of the study that it answers, such as S12.") var study: String?
        @Flag(help: "Though fewer than two keys agree; needs --reason.") var override = false
        @Option(help: "Why. It stands in the journal and on the pages: write nothing about the patient.")
        var reason: String?

        func validate() throws {
            guard override == (reason != nil) else { throw ValidationError("--override and --reason go together.") }
            guard study != nil || !override else { throw ValidationError("--override needs --study.") }
        }

        func run() async throws {
            let action = study.map { ReportAction.bind(study: $0, against: reason) } ?? .release
            try await ReportCommand.act(action, on: report, options)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks every check of a held report again, and tries its held or deferred deliveries at once.",
            discussion: "Example:\n  antipode report retry R3")
        @OptionGroup var options: DeskOptions
        @Argument(help: "A report key, such as R3.") var report: String

        func run() async throws { try await ReportCommand.act(.retry, on: report, options) }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says that a held report is not to be delivered.",
            discussion: "Example:\n  antipode report discard R3 --reason 'reader sends it anew'")
        @OptionGroup var options: DeskOptions
        @Argument(help: "A report key, such as R3.") var report: String
        @Option(help: "Why. It stands in the journal and on the pages: write nothing about the patient.")
        var reason: String

        func run() async throws { try await ReportCommand.act(.discard(reason: reason), on: report, options) }
    }

    fileprivate static func act(_ action: ReportAction, on report: String, _ options: DeskOptions) async throws {
        let detail = try await options.withDesk(acting: true) {
            try await $0.act(action, onReport: report, actor: NSUserName())
        }
        try options.show(detail) {
            Pages.report(.init(report: $0.report, deliveries: $0.deliveries, events: $0.events))
        }
    }
}
