// What left the house, for the privacy officer.

import ArgumentParser
import DICOMVocabulary
import Foundation
import Gateway
import Journal
import Vault

struct DisclosuresCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

    static let configuration = CommandConfiguration(
        commandName: "disclosures",
        abstract:
            "Each exam that was sent: when, to whom, where, under which agreement and profile, and what the guard said.",
        discussion: """
            Nothing of it names a patient. With --patient a number is asked for, or read from standard input, and the \
            vault is looked into: that is recorded, and needs --reason.

            Examples:
              antipode disclosures --since 2026-03-01 --country AU
              antipode disclosures --format csv > disclosures.csv
              antipode disclosures --patient --reason 'request 2026-14'
            """)
    @OptionGroup var options: DeskOptions
    @Option(help: "The name of a destination.") var destination: String?
    @Option(help: "A country, such as AU.") var country: String?
    @Option(help: "An agreement, as in the configuration.") var agreement: String?
    @Option(help: "A study key, such as S12.") var study: String?
    @Flag(help: "Ask for a patient ID or accession number, and show that patient's or exam's disclosures.")
    var patient = false
    @Option(help: "Why the vault is looked into. Write nothing about the patient.") var reason: String?
    @Option(help: "From this day on, such as 2026-03-01.", transform: CommandDay.init) var since: CommandDay?
    @Option(help: "Before this day.", transform: CommandDay.init) var until: CommandDay?
    @Flag(help: "Also exams that were planned to leave and of which nothing left.") var all = false
    @Option(help: "How many at most.") var limit = 1000
    @Option(help: "table, csv or json; table where nothing is said. --json is --format json.") var format: Format?

    func validate() throws {
        guard (1...1_000_000).contains(limit) else {
            throw ValidationError("--limit takes a number from 1 to 1000000.")
        }
        guard !patient || reason != nil else { throw ValidationError("--patient needs a --reason.") }
        guard !options.json || format == nil || format == .json else {
            throw ValidationError(
                "--json and --format \(format?.rawValue ?? "") contradict each other: give one of them.")
        }
    }

    func run() async throws {
        var search = DisclosureSearch()
        search.destination = destination
        search.country = country
        search.agreement = agreement
        search.study = study
        search.since = since?.start
        search.until = until?.start
        search.all = all
        search.limit = limit
        if patient {
            search.identifier = try SecretPrompt.line("Patient ID or accession number: ")
            search.reason = reason ?? ""
        }
        let asked = search
        let answer = try await options.withDesk { try await $0.vault(.disclosures(asked), actor: NSUserName()) }
        guard case .disclosures(let records) = answer else { return }
        switch format ?? (options.json ? .json : .table) {
        case .json: print(String(decoding: try OperatorJSON.encoder(pretty: true).encode(records), as: UTF8.self))
        case .csv: print(DisclosureSheet.csv(records), terminator: "")
        case .table: print(Pages.disclosures(records))
        }
    }
}

/// RFC 4180, with a header line. A cell that a spreadsheet would take for a formula begins with an apostrophe.
enum DisclosureSheet {
    static let columns = [
        "disclosure", "exam", "first_sent", "last_acknowledged", "destination", "host", "ae_title", "country",
        "agreement",
        "identity", "ground", "options", "profile_version", "pseudonym_space", "sent_by", "modalities",
        "instances_acknowledged", "instances_unconfirmed", "held_by_guard", "held_unseen", "held_otherwise",
        "pixels_released", "released_by", "released_at", "bytes", "study_as_sent", "terms_changed",
    ]

    static func csv(_ records: [DisclosureRecord]) -> String {
        ([columns] + records.map(row)).map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func row(_ record: DisclosureRecord) -> [String] {
        let terms = record.terms.last
        func time(_ date: Date?) -> String { date.map { $0.formatted(.iso8601) } ?? "" }
        return [
            "D\(record.id)", record.studyID.map { "S\($0)" } ?? "", time(record.firstAt), time(record.lastAt),
            terms?.destination ?? "", terms?.host ?? "", terms?.aeTitle ?? "", terms?.country ?? "",
            terms?.agreement ?? "", terms?.identity ?? "", terms?.ground ?? "",
            terms?.options.joined(separator: " ") ?? "", terms?.profileVersion ?? "", terms?.space ?? "",
            record.rule.map { "rule \($0)" } ?? record.sentBy ?? "", record.modalities.joined(separator: " "),
            String(record.acknowledged), String(record.result.unconfirmed), String(record.result.heldByGuard),
            String(record.result.heldUnseen), String(record.result.heldOtherwise), record.pixelsReleased ? "yes" : "no",
            record.releasedBy ?? "",
            time(record.releasedAt),
            String(record.bytes), record.pseudonymousStudyUID?.string ?? "", record.terms.count > 1 ? "yes" : "no",
        ]
    }

    private static func cell(_ text: String) -> String {
        var text = text
        if let first = text.first, "=+-@\t\r".contains(first) { text = "'" + text }
        guard text.contains(where: { "\",\r\n".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension Pages {
    static func disclosures(_ records: [DisclosureRecord]) -> String {
        guard !records.isEmpty else { return "Nothing left." }
        var table = Table(
            "ID", "EXAM", "FIRST SENT", "TO", "COUNTRY", "AGREEMENT", "IDENTITY", "SENT", "UNSURE", "GUARD HELD", "BY",
            "RELEASED BY")
        for record in records {
            let terms = record.terms.last
            table.add(
                "D\(record.id)", record.studyID.map { "S\($0)" } ?? "-", Humanised.time(record.firstAt),
                terms?.destination ?? "-", dash(terms?.country), dash(terms?.agreement), terms?.identity ?? "-",
                String(record.acknowledged), String(record.result.unconfirmed), String(record.result.heldByGuard),
                record.rule.map { "rule \($0)" } ?? record.sentBy ?? "-", dash(record.releasedBy))
        }
        return table.text
    }

    private static func dash(_ text: String?) -> String { text.map { $0.isEmpty ? "-" : $0 } ?? "-" }

    static func vault(_ facts: VaultFacts) -> String {
        var table = Table("KEY", "SINCE", "STATE")
        for key in facts.keys {
            let state =
                key.retiredAt.map { "rotated away \(Humanised.time($0))" }
                ?? (key.isUsed ? "in use" : "good, until the new one is used")
            table.add(key.name, Humanised.time(key.addedAt), state)
        }
        return """
            \(table.text)

            \(facts.studies) studies, \(facts.tokens) tokens, \(facts.uids) UIDs; \(facts.forgottenStudies) studies forgotten
            \(facts.rowsOfFormerKeys) values are still sealed with a former key; \(facts.accesses) looks recorded
            """
    }

    static func patient(_ patient: PatientView) -> String {
        [
            ("Study", patient.study), ("Name", patient.name), ("Patient ID", patient.patientID),
            ("Issuer", patient.issuer),
            ("Birth date", patient.birthDate), ("Accession number", patient.accessionNumber),
            ("Study date", patient.studyDate), ("Description", patient.studyDescription),
        ].filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1)" }.joined(separator: "\n")
    }

    static func accesses(_ accesses: [VaultAccess], isWhole: Bool) -> String {
        var table = Table("ID", "WHEN", "WHO", "WHAT", "SUBJECT", "FOUND", "REASON")
        for access in accesses {
            table.add(
                String(access.id), Humanised.time(access.at), access.actor,
                access.action.rawValue + (access.isWhole ? "" : " (changed!)"), dash(access.subject),
                String(access.found),
                dash(access.reason))
        }
        return table.text + (isWhole ? "\n\nThe record is whole." : "\n\nThe record is NOT whole.")
    }
}
