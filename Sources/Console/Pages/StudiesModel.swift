// The list of studies.

import Foundation
import Gateway

struct StudiesModel {
    struct Row {
        let key: String
        let address: String
        let followUp: String?
        let state: Badge
        let priority: String
        let modalities: String
        let bodyParts: String
        let source: String
        let instances: String
        let size: String
        let received: Moment
        let destinations: String
        let held: String?
        let hold: NoticeModel?
    }

    let complaint: String?
    let found: String?
    let text: String
    let source: String
    let modality: String
    let since: String
    let until: String
    let dateType: String
    let needsPersonOnly: Bool
    let states: [Choice]
    let destinations: [Choice]
    let rows: [Row]
    let hasRows: Bool
    let hasPages: Bool
    let pageNumber: String
    let previous: String?
    let next: String?

    /// `found` stands above the matches of a search that the address does not show; such a list has no pages.
    init(
        _ filter: StudyFilter, studies: [StudyView], destinations names: [String], complaint: String? = nil,
        found: String? = nil, _ scribe: Scribe
    ) {
        let shown = found == nil ? Array(studies.prefix(StudyFilter.pageLength)) : studies
        self.complaint = complaint
        self.found = found
        text = filter.textNamesStudy ? filter.text ?? "" : ""
        source = filter.source ?? ""
        modality = filter.modality ?? ""
        since = filter.since ?? ""
        until = filter.until ?? ""
        dateType = [filter.since, filter.until].allSatisfy { $0.map(StudyFilter.isDay) ?? true } ? "date" : "text"
        needsPersonOnly = filter.needsPerson
        states = scribe.choices(StateWords.studies, chosen: filter.states)
        destinations = scribe.destinations(names, chosen: filter.destination)
        rows = shown.map { Self.row($0, scribe) }
        hasRows = !rows.isEmpty
        let more = found == nil && studies.count > StudyFilter.pageLength
        hasPages = found == nil && (more || filter.page > 1)
        pageNumber = Words.studies.pageNumber.in(scribe.language, scribe.readable.count(filter.page))
        previous = filter.page > 1 ? filter.address(page: filter.page - 1) : nil
        next = more ? filter.address(page: filter.page + 1) : nil
    }

    private static func row(_ study: StudyView, _ scribe: Scribe) -> Row {
        let link = scribe.study(study.key)
        return Row(
            key: link.word, address: link.address,
            followUp: study.followUpOf.map { Words.studies.followUp.in(scribe.language, $0) },
            state: scribe.badge(study.state, StateWords.studies),
            priority: scribe.priority(study.priority),
            modalities: study.modalities.joined(separator: ", "), bodyParts: study.bodyParts.joined(separator: ", "),
            source: study.source, instances: scribe.readable.count(study.instances),
            size: scribe.readable.bytes(study.bytes), received: scribe.readable.moment(study.firstInstanceAt),
            destinations: scribe.orNone(study.destinations.joined(separator: ", ")),
            held: study.heldInstances > 0
                ? Words.studies.heldShort.in(scribe.language, scribe.readable.count(study.heldInstances)) : nil,
            hold: study.attention.map(scribe.notice))
    }
}
