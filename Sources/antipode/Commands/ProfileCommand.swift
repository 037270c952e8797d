// What a destination's profile does, attribute by attribute, and what it makes of one instance.

import ArgumentParser
import DICOMVocabulary
import Deidentification
import Forwarding
import Foundation
import Gateway
import WorkerProtocol

struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "What leaves for a destination, and why.",
        discussion: "Example:\n  antipode profile show sydney", subcommands: [Show.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Action and reason for every attribute; needs no daemon.",
            discussion: "Example:\n  antipode profile show sydney --json")
        @OptionGroup var options: DeskOptions
        @Argument(help: "The name of a destination.") var destination: String

        func run() async throws {
            do {
                let configuration = try Configuration.load(path: options.config)
                guard let found = configuration.gateway.destination(destination) else {
                    let known = configuration.gateway.destinations.map(\.name).joined(separator: ", ")
                    throw OperatorError(.notFound, "there is no destination \(destination); there are \(known)")
                }
                try options.show(try ProfileView(found), Pages.profile)
            } catch {
                throw ending(error)
            }
        }
    }
}

/// A destination's profile as it is printed.
struct ProfileView: Codable {
    var destination: String
    /// `identified` or `pseudonymous`.
    var identity: String
    /// The name of the [[profile]]; empty where the destination lists its options itself.
    var profile: String
    /// For `identified`: the agreement or law.
    var ground: String
    var lines: ProfileLines?
    var pixelTemplates: [String]
    var recogniseText: String
    var documents: String
    var assumedCharacterSet: String

    init(_ destination: DestinationSettings) throws {
        self.destination = destination.name
        profile = destination.profileName
        pixelTemplates = destination.policy.templates.map(\.name)
        recogniseText = destination.policy.recognition.rawValue
        documents = destination.policy.documents.rawValue
        assumedCharacterSet = destination.policy.assumedCharacterSet
        switch destination.profile {
        case .identified(let ground):
            (identity, self.ground, lines) = ("identified", ground, nil)
        case .pseudonymous(let options):
            (identity, ground) = ("pseudonymous", "")
            lines = try DeidentificationProfile(options: options).lines()
        }
    }
}

struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "One instance before and after, as a destination would get it. Nothing is sent.",
        discussion: """
            It shows who the patient is: each look is written down in the study's events and in the vault's record.

            Example:
              antipode preview S12 --to sydney --instance 3
            """)
    @OptionGroup var options: DeskOptions
    @Argument(help: "A study key, such as S12.") var study: String
    @Option(name: .customLong("to"), help: "The name of a destination.") var destination: String
    @Option(help: "Which instance, from 1 in the order of arrival.") var instance = 1
    @Flag(help: "Also what stays as it is.") var all = false

    func run() async throws {
        let view = try await options.withDesk(acting: true) {
            try await $0.preview(study, destination: destination, instance: instance, actor: NSUserName())
        }
        try options.show(view) { Pages.preview($0, all: all) }
    }
}

extension Pages {
    static func profile(_ view: ProfileView) -> String {
        var lines = [
            "\(view.destination): \(view.identity)" + (view.profile.isEmpty ? "" : ", profile \(view.profile)")
        ]
        guard let profile = view.lines else {
            return (lines + ["the identity goes along; ground: \(view.ground)"]).joined(separator: "\n")
        }
        lines += profile.options.map { "  " + $0 }
        lines.append(
            "pixel templates: " + (view.pixelTemplates.isEmpty ? "-" : view.pixelTemplates.joined(separator: ", ")))
        lines.append("recognition of text: \(view.recogniseText); documents: \(view.documents)")
        if !view.assumedCharacterSet.isEmpty { lines.append("undeclared text is read as \(view.assumedCharacterSet)") }
        let sections = [
            ("Table E.1-1, edition \(profile.edition)", profile.attributes), ("Not in the table", profile.others),
            ("Content items, Table E.3.4-1", profile.contentItems),
            ("Private attributes that stay, Table E.3.10-1", profile.privateAttributes),
        ]
        for (title, rows) in sections where !rows.isEmpty {
            var table = Table("ATTRIBUTE", "ACTION", "NAME", "REASON")
            for row in rows { table.add(row.attribute, row.action, row.name, row.reason) }
            lines += ["", title, table.text]
        }
        return lines.joined(separator: "\n")
    }

    static func preview(_ view: PreviewView, all: Bool) -> String {
        let preview = view.preview
        var lines = [
            "\(view.study) to \(view.destination), instance \(view.instance) of \(view.instances), nothing sent",
            "pixels: \(preview.pixels)",
        ]
        if let held = preview.held {
            lines.append("WOULD BE HELD: \(held.code.rawValue): \(held.detail). \(held.hint)")
        }
        lines += preview.notes.map { "note: \($0)" }
        var table = Table("ATTRIBUTE", "NAME", "BEFORE", "AFTER")
        for line in preview.lines where all || line.before != line.after {
            table.add(line.path, line.name, cell(line.before), cell(line.after))
        }
        return (lines + ["", table.text]).joined(separator: "\n")
    }

    private static func cell(_ text: String?) -> String {
        guard let text else { return "-" }
        let shown = text.map { $0.isASCII && $0.asciiValue.map { $0 < 32 } == true ? " " : $0 }
        return shown.count > 48 ? String(shown.prefix(47)) + "…" : String(shown)
    }
}
