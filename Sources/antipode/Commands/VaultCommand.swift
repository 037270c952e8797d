// The vault: its keys, who looked into it, and forgetting.

import ArgumentParser
import Foundation
import Gateway
import Glibc
import Vault

struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault", abstract: "The map between pseudonyms and patients: its key, who looked, forgetting.",
        discussion: """
            Examples:
              antipode vault status
              antipode vault show S12 --reason 'the reader asked by telephone'
              antipode vault forget --patient --reason 'request 2026-14'
            """,
        subcommands: [Status.self, Show.self, Accesses.self, Forget.self, RotateKey.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keys, counts, and what is still sealed with a former key.",
            discussion: "Example:\n  antipode vault status")
        @OptionGroup var options: DeskOptions

        func run() async throws {
            guard case .facts(let facts) = try await VaultCommand.ask(.facts, options) else { return }
            try options.show(facts, Pages.vault)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who the patient of a study is. The look is recorded.",
            discussion: "Example:\n  antipode vault show S12 --reason 'the reader asked by telephone'")
        @OptionGroup var options: DeskOptions
        @Argument(help: "A study key, such as S12.") var study: String
        @Option(help: "Why. It stands in the record: write nothing about the patient.") var reason: String

        func run() async throws {
            guard case .identity(let patient) = try await VaultCommand.ask(.show(study: study, reason: reason), options)
            else { return }
            try options.show(patient, Pages.patient)
        }
    }

    struct Accesses: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who looked into the vault, newest first, and whether the record is whole.",
            discussion: "Example:\n  antipode vault accesses --actor anna --since 2026-03-01")
        @OptionGroup var options: DeskOptions
        @Option(help: "The name of a user, or antipode for what the daemon itself does.") var actor: String?
        @Option(help: "A study or report key.") var subject: String?
        @Option(help: "A day, such as 2026-03-01.", transform: CommandDay.init) var since: CommandDay?
        @Option(help: "How many at most.") var limit = 100

        func run() async throws {
            let request = VaultRequest.accesses(
                limit: limit, actor: actor, subject: subject, since: since?.start)
            guard case .accesses(let accesses, let isWhole) = try await VaultCommand.ask(request, options) else {
                return
            }
            try options.show(accesses) { Pages.accesses($0, isWhole: isWhole) }
            if !isWhole {
                complain("the record was changed, or rows were taken out of it")
                throw SysExit.dataError
            }
        }
    }

    struct Forget: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases a patient's map, and the files of the exams. Reports that come later are held.",
            discussion: """
                With --patient the number is asked for, or read from standard input: it never stands on the command line.
                What was sent cannot be called back. Backups of the vault hold the map until they are deleted.

                Examples:
                  antipode vault forget --study S12 --reason 'request 2026-14'
                  antipode vault forget --patient --reason 'request 2026-14'
                """)
        @OptionGroup var options: DeskOptions
        @Option(help: "A study key, such as S12; may be repeated.") var study: [String] = []
        @Flag(help: "Ask for a patient's number and forget all of the patient's exams.") var patient = false
        @Option(help: "Why. It stands in the record: write nothing about the patient.") var reason: String
        @Flag(help: "Do not ask.") var yes = false

        func validate() throws {
            guard patient != !study.isEmpty else {
                throw ValidationError("Give --study or --patient, and one of them.")
            }
        }

        func run() async throws {
            var keys = study
            if patient {
                let number = try SecretPrompt.line("Patient ID: ")
                guard
                    case .patients(let found) = try await VaultCommand.ask(
                        .find(number: number, reason: reason), options)
                else { return }
                guard found.count <= 1 else {
                    complain("\(found.count) patients have this number; give twelve digits, or the studies by --study")
                    throw SysExit.dataError
                }
                keys = found.first ?? []
            }
            guard !keys.isEmpty else {
                complain("the vault knows no exam of this patient")
                throw SysExit.noInput
            }
            if !yes {
                guard isatty(STDIN_FILENO) == 1 else {
                    complain("forgetting asks first; without a terminal say --yes")
                    throw ExitCode(64)
                }
                print(
                    "Erase the patient's map of \(keys.joined(separator: ", "))? It cannot be undone. [y/N] ",
                    terminator: "")
                guard readLine()?.lowercased() == "y" else { return }
            }
            guard
                case .forgotten(let forgotten, let files) = try await VaultCommand.ask(
                    .forget(studies: keys, reason: reason), options)
            else { return }
            try options.show(forgotten) {
                "Erased: \($0.studies) studies, \($0.identities) identities, \($0.tokens) tokens, \($0.uids) UIDs, \(files) files."
            }
        }
    }

    static func ask(_ request: VaultRequest, _ options: DeskOptions) async throws -> VaultAnswer {
        try await options.withDesk(acting: true) { try await $0.vault(request, actor: NSUserName()) }
    }
}

/// A line that is typed without being shown, or the first line of standard input.
enum SecretPrompt {
    static func line(_ prompt: String) throws -> String {
        let isTerminal = isatty(STDIN_FILENO) == 1
        var settings = termios()
        if isTerminal {
            try? FileHandle.standardError.write(contentsOf: Data(prompt.utf8))
            tcgetattr(STDIN_FILENO, &settings)
            var silent = settings
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &silent)
        }
        defer {
            if isTerminal {
                tcsetattr(STDIN_FILENO, TCSANOW, &settings)
                try? FileHandle.standardError.write(contentsOf: Data("\n".utf8))
            }
        }
        guard let line = readLine()?.trimmingCharacters(in: .whitespaces), !line.isEmpty else {
            complain("a patient ID is read from standard input, and none came")
            throw ExitCode(64)
        }
        return line
    }
}

/// A day on the command line, in the time zone of the terminal.
struct CommandDay: Sendable {
    let start: Date

    init(_ text: String) throws {
        let style = Date.ISO8601FormatStyle(timeZone: .current).year().month().day()
        guard let date = try? style.parse(text) else {
            throw ValidationError("'\(text)' is no day such as 2026-03-01.")
        }
        start = date
    }
}
