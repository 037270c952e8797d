// Lists of transfers and of reports.

import Foundation
import Gateway

struct TransferRow {
    let key: String
    let study: Link?
    let report: Link?
    let destination: String
    let profile: String
    let state: Badge
    let next: Moment?
    let instances: Int
    let acknowledged: Int
    let progressLong: String
    let progressShort: String
    let held: String?
    let size: String
    let priority: String
    let created: Moment
    let finished: Moment?
    let attempts: String
    let hasMore: Bool
    let failure: NoticeModel?
    let pseudonym: String?

    init(_ view: TransferView, showsPseudonym: Bool, _ scribe: Scribe) {
        let readable = scribe.readable
        key = view.key
        study = view.study.map(scribe.study)
        report = view.report.map(scribe.report)
        destination = view.destination
        profile = view.profile
        state = scribe.badge(view.state, StateWords.transfers)
        // A time that has passed says nothing any more.
        next = view.state == "deferred" ? view.nextAttemptAt.map(readable.moment) : nil
        // <progress max="0"> means an unknown end.
        instances = max(view.instances, 1)
        acknowledged = view.acknowledged
        let counts = (readable.count(view.acknowledged), readable.count(view.instances))
        progressLong = Words.lists.progressLong.in(scribe.language, counts.0, counts.1)
        progressShort = "\(counts.0)/\(counts.1)"
        held = view.held > 0 ? Words.lists.heldInstances.in(scribe.language, readable.count(view.held)) : nil
        size = readable.bytes(view.bytes)
        priority = scribe.priority(view.priority)
        created = readable.moment(view.createdAt)
        finished = view.finishedAt.map(readable.moment)
        attempts = readable.count(view.attempts)
        failure = view.failure.map(scribe.notice)
        pseudonym = showsPseudonym ? view.pseudonymousStudyUID : nil
        hasMore = failure != nil || pseudonym != nil
    }
}

struct ReportRow {
    let key: String
    let address: String
    let state: Badge
    let reader: String
    let study: Link?
    let kind: String
    let status: String
    let received: Moment
    let restored: Moment?
    let delivered: Moment?
    let hold: NoticeModel?
    let notes: [String]

    init(_ view: ReportView, _ scribe: Scribe) {
        let readable = scribe.readable
        key = view.key
        address = scribe.report(view.key).address
        notes = view.notes.map(scribe.sentence)
        state = scribe.badge(view.state, StateWords.reports)
        reader = view.reader
        study = view.study.map(scribe.study)
        kind = Self.kinds[view.sopClass] ?? view.sopClass
        status = scribe.orNone(
            [view.completion, view.verification, view.preliminary].filter { !$0.isEmpty }.joined(separator: ", "))
        received = readable.moment(view.receivedAt)
        restored = view.restoredAt.map(readable.moment)
        delivered = view.deliveredAt.map(readable.moment)
        hold = view.hold.map(scribe.notice)
    }

    /// PS3.6 Annex A, the SOP classes that reports come in.
    private static let kinds = [
        "1.2.840.10008.5.1.4.1.1.88.11": "Basic Text SR", "1.2.840.10008.5.1.4.1.1.88.22": "Enhanced SR",
        "1.2.840.10008.5.1.4.1.1.88.33": "Comprehensive SR", "1.2.840.10008.5.1.4.1.1.88.34": "Comprehensive 3D SR",
        "1.2.840.10008.5.1.4.1.1.88.35": "Extensible SR", "1.2.840.10008.5.1.4.1.1.104.1": "Encapsulated PDF",
    ]
}

struct TransfersModel {
    let destinations: [Choice]
    let states: [Choice]
    let transfers: [TransferRow]
    let hasTransfers: Bool
    let limited: String?
}

struct ReportsModel {
    let states: [Choice]
    let reports: [ReportRow]
    let hasReports: Bool
    let limited: String?
}

struct LoginModel {
    let complaint: String?
    let word: String?
    let next: String
}

/// A page of a few sentences.
struct MessageModel {
    let heading: String
    var state: Badge?
    var lines: [String] = []
    var notice: NoticeModel?
    let address: String
    let word: String
}
