// From the journal's records to what an operator sees.

import DICOMVocabulary
import Foundation
import Journal
import Routing

extension Notice {
    init(_ notice: HoldNotice) { self.init(code: notice.code, detail: notice.detail, hint: notice.hint) }

    init(_ failure: Failure) {
        self.init(code: failure.code.rawValue, detail: failure.detail, hint: failure.hint)
    }
}

extension StudyView {
    /// `causes`: why a person must look though the study itself is not held.
    init(_ study: StudyRecord, _ causes: [HeldCause] = []) {
        let hold = study.hold.map { Notice($0, study: study.key) }
        self.init(
            key: study.key, studyUID: study.studyUID.string, state: study.state.rawValue, source: study.source,
            modalities: study.modalities, bodyParts: study.bodyParts, priority: study.priority,
            instances: study.instanceCount, bytes: study.bytes, firstInstanceAt: study.firstInstanceAt,
            lastInstanceAt: study.lastInstanceAt, completedAt: study.completedAt,
            followUpOf: study.followUpOf.map { "S\($0)" }, destinations: study.destinations, rule: study.rule,
            hold: hold, heldInstances: study.heldInstances, attention: hold ?? causes.first.map { Notice($0) })
    }
}

extension TransferView {
    /// `studyHold`: why its study is held, which holds it too.
    init(_ transfer: TransferRecord, studyHold: HoldNotice? = nil) {
        let hold = transfer.state == .held && transfer.reportID == nil ? studyHold : nil
        let reason = transfer.failure.map { Notice($0) } ?? hold.map { Notice($0) }
        self.init(
            key: transfer.key, study: transfer.studyID.map { "S\($0)" }, report: transfer.reportID.map { "R\($0)" },
            destination: transfer.destination, profile: transfer.profile, rule: transfer.rule,
            state: transfer.state.rawValue, instances: transfer.instances, acknowledged: transfer.acknowledged,
            held: transfer.held, bytes: transfer.bytes, priority: transfer.priority, createdAt: transfer.createdAt,
            startedAt: transfer.startedAt, finishedAt: transfer.finishedAt, nextAttemptAt: transfer.nextAttemptAt,
            attempts: transfer.attempts,
            pseudonymousStudyUID: transfer.isIdentified ? nil : transfer.pseudonymousStudyUID?.string,
            failure: reason)
    }
}

extension ReportView {
    init(_ report: ReportRecord, _ events: [EventRecord] = []) {
        self.init(
            key: report.key, reader: report.reader, study: report.studyID.map { "S\($0)" },
            sopClass: report.sopClass.string, sopInstanceUID: report.sopInstance.string,
            state: report.state.rawValue, receivedAt: report.receivedAt, restoredAt: report.restoredAt,
            deliveredAt: report.deliveredAt, completion: report.completion, verification: report.verification,
            preliminary: report.preliminary, hold: report.hold.map { Notice($0, report: report.key) },
            notes: events.filter { $0.kind == EventRecord.reportNote && $0.reportID == report.id }.map(\.detail))
    }
}

extension AttemptView {
    init(_ attempt: AttemptRecord) {
        self.init(
            transfer: "T\(attempt.transferID)", destination: attempt.destination, lane: attempt.lane,
            startedAt: attempt.startedAt, endedAt: attempt.endedAt, acknowledged: attempt.acknowledged,
            bytes: attempt.bytes, failure: attempt.failure.map { Notice($0) })
    }
}

extension EventView {
    init(_ event: EventRecord) {
        self.init(
            at: event.at, kind: event.kind, detail: event.detail, actor: event.actor,
            study: event.studyID.map { "S\($0)" }, transfer: event.transferID.map { "T\($0)" },
            report: event.reportID.map { "R\($0)" })
    }
}

extension InstanceView {
    init(_ way: InstanceWay, file: String) {
        let instance = way.instance
        self.init(
            key: "I\(instance.id)", sopInstanceUID: instance.sopInstance.string, sopClass: instance.sopClass.string,
            kind: StorageName.of(instance.sopClass), seriesUID: instance.series.string, bytes: instance.bytes,
            receivedAt: instance.receivedAt, destination: way.destination,
            state: way.state?.rawValue ?? instance.state.rawValue, file: file,
            failure: way.state == .held ? way.failure.map { Notice($0) } : nil)
    }
}

extension ExplanationView {
    init(_ decision: RoutingDecision, study: String, destinations: [String]) {
        self.init(
            study: study, decidedAt: decision.decidedAt, localTime: decision.localTime, rule: decision.rule,
            destinations: destinations, hold: decision.hold,
            lines: decision.outcomes.map { .init(rule: $0.rule, matched: $0.matched, reasons: $0.reasons) })
    }
}

/// The number behind a key such as S12, T3 or R7.
func number(_ key: String, _ letter: Character) throws -> Int64 {
    guard let first = key.first, first.uppercased() == String(letter), let number = Int64(key.dropFirst()), number > 0
    else {
        throw OperatorError(
            .invalid, "'\(key.prefix(32))' is not a key: it is \(letter) and a number, such as \(letter)12")
    }
    return number
}
