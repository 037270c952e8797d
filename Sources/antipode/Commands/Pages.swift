// The views of `OperatorViews` as text for a terminal.

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
                    + "\(listener.associations) associations")
        }
        lines.append(
            status.needsPerson == 0 ? "nothing needs a person" : "\(status.needsPerson) need a person: see --state held"
        )
        lines += status.alarms.map { "ALARM      " + notice($0) }
        return (lines + ["", peers(status.destinations)]).joined(separator: "\n")
    }

    static func peers(_ peers: [DestinationView]) -> String {
        var table = Table(
            "DESTINATION", "ROLE", "ADDRESS", "CIRCUIT", "LANES", "WAITING", "DEFERRED", "HELD", "OLDEST",
            "LAST FAILURE")
        for peer in peers {
            table.add(
                peer.name, peer.role, "\(peer.calledAE)@\(peer.host):\(peer.port)\(peer.tls ? " TLS" : "")",
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
                study.key, study.state, study.source, study.modalities.joined(separator: ","), "\(study.instances)",
                Humanised.bytes(study.bytes), Humanised.time(study.lastInstanceAt),
                study.destinations.isEmpty ? "-" : study.destinations.joined(separator: ","),
                study.hold.map(notice) ?? "")
        }
        return table.text
    }

    static func transfers(_ transfers: [TransferView]) -> String {
        var table = Table("TRANSFER", "OF", "TO", "STATE", "SENT", "SIZE", "PRIORITY", "NEXT TRY", "REASON")
        for transfer in transfers {
            table.add(
                transfer.key, transfer.study ?? transfer.report ?? "-", transfer.destination, transfer.state,
                "\(transfer.acknowledged)/\(transfer.instances)", Humanised.bytes(transfer.bytes), transfer.priority,
                Humanised.time(transfer.nextAttemptAt), transfer.failure.map(notice) ?? "")
        }
        return table.text
    }

    static func reports(_ reports: [ReportView]) -> String {
        var table = Table("REPORT", "STUDY", "FROM", "STATE", "RECEIVED", "DELIVERED", "FLAGS", "REASON")
        for report in reports {
            let flags = [report.completion, report.verification, report.preliminary].filter { !$0.isEmpty }
            table.add(
                report.key, report.study ?? "-", report.reader, report.state, Humanised.time(report.receivedAt),
                Humanised.time(report.deliveredAt), flags.joined(separator: " "), report.hold.map(notice) ?? "")
        }
        return table.text
    }

    static func study(_ detail: StudyDetail) -> String {
        let study = detail.study
        var sections = [
            """
            \(study.key)  \(study.state)  \(study.modalities.joined(separator: ","))  \(study.instances) images  \
            \(Humanised.bytes(study.bytes))  from \(study.source)  \(study.priority)
            Study Instance UID \(study.studyUID)
            """
        ]
        if let hold = study.hold { sections.append("HELD  " + notice(hold)) }
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
                    attempt.failure.map(notice) ?? "")
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
        var lines = [
            "\(explanation.study): \(explanation.rule.map { "rule \($0)" } ?? "no rule matched, the fallback holds")"
                + (explanation.destinations.isEmpty ? "" : " → \(explanation.destinations.joined(separator: ", "))"),
            "decided for \(explanation.localTime)",
        ]
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
