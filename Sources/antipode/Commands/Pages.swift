// The operator's views as text for a terminal.

import Foundation
import Gateway

enum Pages {
    static func status(_ status: GatewayStatus) -> String {
        var lines = [
            "antipode \(status.version), \(status.running ? (status.ready ? "ready" : "running, not ready") : "NOT RUNNING (read from the journal)")",
            "studies    \(counts(status.studies))", "transfers  \(counts(status.transfers))",
            "reports    \(counts(status.reports))",
            "spool      \(Humanised.bytes(status.freeBytes)) free, floor \(Humanised.bytes(status.spoolFloor))",
        ]
        for listener in status.listeners {
            lines.append(
                "listener   \(listener.name) \(listener.address):\(listener.port)\(listener.tls ? " TLS" : ""), "
                    + counted(listener.associations, "association"))
        }
        switch status.needsPerson {
        case 0: lines.append("nothing needs a person")
        case 1: lines.append("1 needs a person:")
        default: lines.append("\(status.needsPerson) need a person: antipode studies --needs-person")
        }
        for one in status.attention {
            lines.append("  \(one.key)  \(one.notice.code): \(one.notice.detail)")
            if !one.notice.hint.isEmpty { lines.append("      \(one.notice.hint)") }
        }
        lines += status.alarms.map { "ALARM      " + notice($0) }
        return (lines + ["", peers(status.destinations)]).joined(separator: "\n")
    }

    static func peers(_ peers: [DestinationView]) -> String {
        var table = Table(
            "DESTINATION", "ROLE", "ADDRESS", "CIRCUIT", "LANES", "WAITING", "DEFERRED", "HELD", "OLDEST",
            "LAST FAILURE")
        for peer in peers {
            table.add(
                peer.name, peer.isConfigured ? peer.role : "-",
                peer.isConfigured ? "\(peer.calledAE)@\(peer.host):\(peer.port)\(peer.tls ? " TLS" : "")" : "-",
                peer.retryAt.map { "\(peer.circuit) until \(Humanised.time($0))" } ?? peer.circuit,
                "\(peer.lanesActive)/\(peer.lanes)", "\(peer.waitingInstances)", "\(peer.deferredTransfers)",
                "\(peer.heldTransfers)", Humanised.age(peer.oldestWaitingSeconds),
                peer.lastFailure.map { "\($0.code): \($0.detail)" } ?? "-")
        }
        return table.text
    }

    static func studies(_ studies: [StudyView]) -> String {
        var table = Table("STUDY", "STATE", "SOURCE", "MODALITY", "IMAGES", "SIZE", "LAST IMAGE", "TO", "REASON")
        for study in studies {
            table.add(
                study.key, state(study), study.source, study.modalities.joined(separator: ","), "\(study.instances)",
                Humanised.bytes(study.bytes), Humanised.time(study.lastInstanceAt),
                study.destinations.isEmpty ? "-" : study.destinations.joined(separator: ","),
                study.attention.map { "\($0.code): \($0.detail)" } ?? "")
        }
        let hints = studies.compactMap { study in
            study.attention.flatMap { $0.hint.isEmpty ? nil : "\(study.key)  \($0.hint)" }
        }
        return studies.isEmpty
            ? "no study" : ([table.text] + (hints.isEmpty ? [] : [""] + hints)).joined(separator: "\n")
    }

    /// A study that goes on may have instances that do not.
    private static func state(_ study: StudyView) -> String {
        guard study.attention != nil, study.state != "held" else { return study.state }
        return study.heldInstances > 0 ? "\(study.state), \(study.heldInstances) held" : "\(study.state), see reason"
    }

    static func instances(_ instances: [InstanceView]) -> String {
        guard !instances.isEmpty else { return "no instance" }
        var table = Table("INSTANCE", "KIND", "SIZE", "TO", "STATE", "REASON", "FILE")
        for instance in instances {
            table.add(
                instance.key, instance.kind, Humanised.bytes(instance.bytes), instance.destination ?? "-",
                instance.state, instance.failure.map { "\($0.code): \($0.detail)" } ?? "", instance.file)
        }
        return table.text
    }

    static func events(_ events: [EventView]) -> String {
        guard !events.isEmpty else { return "no event" }
        var table = Table("TIME", "WHAT", "OF", "BY", "DETAIL")
        for event in events {
            table.add(
                Humanised.time(event.at), event.kind, event.study ?? event.report ?? event.transfer ?? "-", event.actor,
                event.detail)
        }
        return table.text
    }

    static func report(_ page: ReportCommand.Show.Page) -> String {
        let report = page.report
        let flags = [report.completion, report.verification, report.preliminary].filter { !$0.isEmpty }
        let facts = [report.key, report.state, "from \(report.reader)", "of \(report.study ?? "no study")"] + flags
        var sections = [facts.joined(separator: "  ")]
        if let hold = report.hold { sections.append("HELD  " + notice(hold)) }
        if !report.notes.isEmpty { sections.append(report.notes.map { "NOTE  \($0)" }.joined(separator: "\n")) }
        if !page.deliveries.isEmpty { sections.append(transfers(page.deliveries)) }
        if !page.events.isEmpty { sections.append(events(page.events)) }
        if let text = page.text { sections.append(text) }
        if let written = page.document { sections.append("DOCUMENT  \(written.file)  \(written.bytes) bytes") }
        if let missing = page.textMissing { sections.append("The text cannot be shown: \(missing)") }
        return sections.joined(separator: "\n\n")
    }

    static func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }

    static func transfers(_ transfers: [TransferView]) -> String {
        var table = Table("TRANSFER", "OF", "TO", "STATE", "SENT", "SIZE", "PRIORITY", "NEXT TRY", "REASON")
        for transfer in transfers {
            table.add(
                transfer.key, transfer.study ?? transfer.report ?? "-", transfer.destination, transfer.state,
                "\(transfer.acknowledged)/\(transfer.instances)", Humanised.bytes(transfer.bytes), transfer.priority,
                Humanised.time(transfer.nextAttemptAt), transfer.failure.map(notice) ?? "")
        }
        return transfers.isEmpty ? "no transfer" : table.text
    }

    static func reports(_ reports: [ReportView]) -> String {
        var table = Table("REPORT", "STUDY", "FROM", "STATE", "RECEIVED", "DELIVERED", "FLAGS", "REASON")
        for report in reports {
            let flags = [report.completion, report.verification, report.preliminary].filter { !$0.isEmpty }
            table.add(
                report.key, report.study ?? "-", report.reader, report.state, Humanised.time(report.receivedAt),
                Humanised.time(report.deliveredAt), flags.joined(separator: " "),
                report.hold.map { "\($0.code): \($0.detail)" } ?? "")
        }
        let hints = reports.compactMap { report in
            report.hold.flatMap { $0.hint.isEmpty ? nil : "\(report.key)  \($0.hint)" }
        }
        return reports.isEmpty
            ? "no report" : ([table.text] + (hints.isEmpty ? [] : [""] + hints)).joined(separator: "\n")
    }

    static func study(_ detail: StudyDetail) -> String {
        let study = detail.study
        var sections = [
            """
            \(study.key)  \(state(study))  \(study.modalities.joined(separator: ","))  \
            \(counted(study.instances, "instance"))  \
            \(Humanised.bytes(study.bytes))  from \(study.source)  \(study.priority)
            Study Instance UID \(study.studyUID)
            """
        ]
        if let why = study.attention {
            sections.append((study.hold == nil ? "NEEDS A PERSON  " : "HELD  ") + notice(why))
        }
        for report in detail.reports where !report.notes.isEmpty {
            sections.append(report.notes.map { "NOTE on \(report.key)  \($0)" }.joined(separator: "\n"))
        }
        if let origin = study.followUpOf { sections.append("a late part of \(origin)") }
        if !detail.followUps.isEmpty { sections.append("late parts: \(detail.followUps.joined(separator: ", "))") }
        if !detail.transfers.isEmpty { sections.append(transfers(detail.transfers)) }
        if !detail.reports.isEmpty { sections.append(reports(detail.reports)) }
        if !detail.attempts.isEmpty {
            var table = Table("ATTEMPT AT", "TRANSFER", "TO", "LANE", "SENT", "SIZE", "ENDED", "REASON")
            for attempt in detail.attempts {
                table.add(
                    Humanised.time(attempt.startedAt), attempt.transfer, attempt.destination, "\(attempt.lane)",
                    "\(attempt.acknowledged)", Humanised.bytes(attempt.bytes), Humanised.time(attempt.endedAt),
                    attempt.failure.map(notice) ?? (attempt.endedAt == nil ? "under way" : ""))
            }
            sections.append(table.text)
        }
        if let explanation = detail.explanation { sections.append(Self.explanation(explanation)) }
        var timeline = Table("TIME", "WHAT", "BY", "DETAIL")
        for event in detail.events {
            timeline.add(Humanised.time(event.at), event.kind, event.actor, event.detail)
        }
        sections.append(timeline.text)
        return sections.joined(separator: "\n\n")
    }

    static func explanation(_ explanation: ExplanationView) -> String {
        let fallback = "no rule matched, the fallback \(explanation.hold == nil ? "keeps it" : "holds it")"
        let hold = explanation.rule == nil ? nil : explanation.hold
        var lines = [
            "\(explanation.study): \(explanation.rule.map { "rule \($0)" } ?? fallback)"
                + (hold.map { " holds it: \($0)" } ?? "")
                + (explanation.destinations.isEmpty ? "" : " → \(explanation.destinations.joined(separator: ", "))"),
            "decided for \(explanation.localTime)",
        ]
        if let names = explanation.onRelease {
            lines.append(
                names.isEmpty
                    ? "released now, it would be held again: antipode study send \(explanation.study) DESTINATION"
                    : "released now, it goes to \(names.joined(separator: ", "))")
        }
        for line in explanation.lines {
            lines.append("  \(line.matched ? "✓" : "✗") \(line.rule): \(line.reasons.joined(separator: "; "))")
        }
        return lines.joined(separator: "\n")
    }

    static func echo(_ echo: EchoView) -> String {
        echo.ok
            ? "\(echo.peer) answered in \(String(format: "%.1f", echo.milliseconds)) ms\(echo.tls.isEmpty ? "" : " over \(echo.tls)")"
            : "\(echo.peer) did not answer: \(echo.failure.map(notice) ?? "")"
    }

    static func notice(_ notice: Notice) -> String {
        "\(notice.code): \(notice.detail)\(notice.hint.isEmpty ? "" : " – \(notice.hint)")"
    }

    private static func counts(_ counts: [String: Int]) -> String {
        counts.isEmpty
            ? "none" : counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
