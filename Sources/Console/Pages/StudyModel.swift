// One study.

import Foundation
import Gateway

struct StudyModel {
    struct Explanation {
        struct Line {
            let rule: String
            let state: Badge
            let reasons: [String]
        }
        let decided: String
        let verdict: String?
        let hasLines: Bool
        let lines: [Line]
    }
    struct Held {
        let key: String
        let kind: String
        let destination: String
        let series: String
        let instance: String
        let reason: NoticeModel?
    }
    /// Of the held instances; the rest is for the command line.
    static let heldShown = 50

    struct Attempt {
        let transfer: String
        let destination: String
        let lane: String
        let started: Moment
        let ended: Moment?
        let acknowledged: String
        let size: String
        let rate: String
        let state: Badge
        let failure: NoticeModel?
    }

    let heading: String
    let uid: String
    let state: Badge
    /// Beside the state of a study that goes on but for something.
    let needsPerson: Badge?
    let done: String?
    let hold: NoticeModel?
    let source: String
    let modalities: String
    let bodyParts: String
    let priority: String
    let instances: String
    let size: String
    let first: Moment
    let last: Moment
    let completed: Moment?
    let rule: String?
    let followUpOf: Link?
    let hasFollowUps: Bool
    let followUps: [Link]
    let transfers: [TransferRow]
    let hasTransfers: Bool
    let reports: [ReportRow]
    let hasReports: Bool
    let explanation: Explanation?
    let events: [EventRow]
    let hasHeldInstances: Bool
    let heldInstances: [Held]
    let heldNote: String
    let heldMore: String?
    let attempts: [Attempt]
    let hasAttempts: Bool
    let actionAddress: String
    let canHold: Bool
    let canRelease: Bool
    /// What a person says of pixels by a release, and has to tick; nil where none are held.
    let releaseSure: String?
    let needsDestination: Bool
    let canLeaveOut: Bool
    let leaveOutSure: String
    let canRetry: Bool
    let canSend: Bool
    let canCancel: Bool
    let sendChoices: [String]

    init(
        _ detail: StudyDetail, held: [InstanceView], destinations: [String], done: String?, _ scribe: Scribe
    ) {
        let study = detail.study
        let readable = scribe.readable
        heading = Words.study.studyTitle.in(scribe.language, study.key)
        uid = study.studyUID
        state = scribe.badge(study.state, StateWords.studies)
        needsPerson =
            study.attention != nil && study.state != "held"
            ? scribe.badge(.attention, Words.studies.needsPerson) : nil
        self.done = done
        hold = study.attention.map(scribe.notice)
        heldInstances = held.prefix(Self.heldShown).map { Self.held($0, scribe) }
        hasHeldInstances = !held.isEmpty
        heldNote = Words.study.heldNote.in(scribe.language, study.key)
        heldMore =
            held.count > Self.heldShown ? Words.study.heldMore.in(scribe.language, String(Self.heldShown)) : nil
        canLeaveOut = !held.isEmpty
        let unseen = held.count { $0.failure?.code == "pixelsMayIdentify" }
        releaseSure = unseen > 0 ? Words.study.releaseSure.in(scribe.language, readable.count(unseen)) : nil
        leaveOutSure = Words.study.leaveOutSure.in(scribe.language, readable.count(study.heldInstances))
        source = study.source
        modalities = scribe.orNone(study.modalities.joined(separator: ", "))
        bodyParts = scribe.orNone(study.bodyParts.joined(separator: ", "))
        priority = scribe.priority(study.priority)
        instances = readable.count(study.instances)
        size = readable.bytes(study.bytes)
        first = readable.moment(study.firstInstanceAt)
        last = readable.moment(study.lastInstanceAt)
        completed = study.completedAt.map(readable.moment)
        rule = study.rule
        followUpOf = study.followUpOf.map(scribe.study)
        followUps = detail.followUps.map(scribe.study)
        hasFollowUps = !followUps.isEmpty
        transfers = detail.transfers.map { TransferRow($0, showsPseudonym: true, scribe) }
        hasTransfers = !transfers.isEmpty
        reports = detail.reports.map { ReportRow($0, scribe) }
        hasReports = !reports.isEmpty
        explanation = detail.explanation.map { Self.explanation($0, scribe) }
        // Their study is this one.
        events = detail.events.map {
            var event = $0
            event.study = nil
            return EventRow(event, scribe)
        }
        attempts = detail.attempts.map { Self.attempt($0, scribe) }
        hasAttempts = !attempts.isEmpty
        actionAddress = scribe.study(study.key).address + "/actions"
        let states = Set(detail.transfers.map(\.state))
        let isOver = study.state == "cancelled" || study.state == "delivered"
        canHold = study.state != "held" && !isOver
        // The rules have been asked just now, so that a release without a way out is not offered.
        needsDestination =
            study.state == "held" && study.hold?.code == "rule" && detail.explanation?.onRelease?.isEmpty ?? true
        let isOverdue = study.attention?.code == "reportOverdue"
        canRelease =
            !needsDestination
            && (study.state == "held" || states.contains("held") || detail.transfers.contains { $0.held > 0 }
                || detail.reports.contains { $0.state == "held" && $0.hold?.code == "reportIncomplete" }
                || isOverdue)
        canRetry = isOverdue || study.state == "held" || states.contains("deferred") || states.contains("held")
        canSend = study.state != "receiving" && !destinations.isEmpty
        canCancel = !isOver
        sendChoices = destinations
    }

    private static func held(_ view: InstanceView, _ scribe: Scribe) -> Held {
        Held(
            key: view.key, kind: view.kind, destination: view.destination ?? "", series: view.seriesUID,
            instance: view.sopInstanceUID, reason: view.failure.map(scribe.notice))
    }

    private static func explanation(_ view: ExplanationView, _ scribe: Scribe) -> Explanation {
        let words = Words.study
        let moment = scribe.readable.moment(view.decidedAt)
        let verdict = view.rule == nil ? words.noRule.in(scribe.language) : view.hold
        return Explanation(
            decided: words.decided.in(scribe.language, moment.full, view.localTime), verdict: verdict,
            hasLines: !view.lines.isEmpty,
            lines: view.lines.map { line in
                let isChosen = line.matched && line.rule == view.rule
                return .init(
                    rule: line.rule,
                    state: scribe.badge(
                        isChosen ? .good : .ended,
                        isChosen ? words.chosen : line.matched ? words.matchedToo : words.notChosen),
                    reasons: line.reasons)
            })
    }

    private static func attempt(_ view: AttemptView, _ scribe: Scribe) -> Attempt {
        let readable = scribe.readable
        let seconds = view.endedAt.map { $0.timeIntervalSince(view.startedAt) } ?? 0
        let rate = seconds > 0 && view.bytes > 0 ? readable.bytes(Int64(Double(view.bytes) / seconds)) + "/s" : ""
        let state: Badge =
            if view.failure != nil {
                scribe.badge(.attention, Words.study.wentWrong)
            } else if view.endedAt == nil {
                scribe.badge(.moving, Words.study.going)
            } else {
                scribe.badge(.good, Words.study.went)
            }
        return Attempt(
            transfer: view.transfer, destination: view.destination, lane: String(view.lane),
            started: readable.moment(view.startedAt), ended: view.endedAt.map(readable.moment),
            acknowledged: readable.count(view.acknowledged), size: readable.bytes(view.bytes),
            rate: scribe.orNone(rate),
            state: state, failure: view.failure.map(scribe.notice))
    }
}
