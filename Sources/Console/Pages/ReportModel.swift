// One report.

import Foundation
import Gateway

struct ReportModel {
    let heading: String
    let state: Badge
    let done: String?
    let hold: NoticeModel?
    let row: ReportRow
    let uid: String
    let hasNotes: Bool
    let notes: [String]
    let transfers: [TransferRow]
    let hasTransfers: Bool
    let events: [EventRow]
    let actionAddress: String
    let isHeld: Bool
    let canRelease: Bool
    let canRetry: Bool
    let study: String

    init(_ detail: ReportDetail, done: String?, _ scribe: Scribe) {
        let report = detail.report
        heading = Words.report.reportTitle.in(scribe.language, report.key)
        state = scribe.badge(report.state, StateWords.reports)
        self.done = done
        hold = report.hold.map(scribe.notice)
        row = ReportRow(report, scribe)
        uid = report.sopInstanceUID
        notes = report.notes.map(scribe.sentence)
        hasNotes = !notes.isEmpty
        transfers = detail.deliveries.map { TransferRow($0, showsPseudonym: false, scribe) }
        hasTransfers = !transfers.isEmpty
        // The report is this one.
        events = detail.events.map {
            var event = $0
            event.report = nil
            return EventRow(event, scribe)
        }
        actionAddress = scribe.report(report.key).address + "/actions"
        isHeld = report.state == "held"
        // The others are asked again at once: a release would change nothing.
        canRelease = isHeld && Self.releasable.contains(report.hold?.code ?? "")
        canRetry = isHeld || detail.deliveries.contains { ["held", "deferred"].contains($0.state) }
        study = report.study ?? ""
    }

    /// `ReportRecord.isReleasable`, as far as a person has something to judge.
    private static let releasable: Set<String> = [
        "reportIncomplete", "reportConflict", "characterSetMissing", "documentUnreadable", "patientDiffers",
        "mixedPatients", "operator",
    ]
}

/// A line of a timeline or of the list of events.
struct EventRow {
    let at: Moment
    let kind: String
    let detail: String
    let actor: String
    let study: Link?
    let report: Link?

    init(_ view: EventView, _ scribe: Scribe) {
        at = scribe.readable.moment(view.at)
        kind = scribe.word(view.kind, StateWords.events)
        detail = scribe.detail(view.detail)
        actor = view.actor
        study = view.study.map(scribe.study)
        report = view.report.map(scribe.report)
    }
}

struct EventsModel {
    /// What happens at the door, for the form's choices.
    static let kinds = [
        "connectionRefused", "connectionFailed", "associationRejected", "associationEnded", "refused",
    ]

    let kinds: [Choice]
    let all: Bool
    let events: [EventRow]
    let hasEvents: Bool
    let limited: String?
}
