// What a person does to a report.

import DICOMVocabulary
import Forwarding
import Foundation
import Journal
import Logging
import Reports

extension LiveDesk {
    func act(_ action: ReportAction, onReport key: String, actor: String) async throws -> ReportDetail {
        let id = try number(key, "R")
        guard let report = try await journal.report(id) else {
            throw OperatorError(.notFound, "there is no report \(key)")
        }
        let result: ActionResult
        switch action {
        case .release:
            if let refusal = Self.whyNotReleased(report) { throw OperatorError(.notAllowed, refusal) }
            result = try await journal.releaseReport(id, actor: actor, at: now())
        case .retry:
            result = try await journal.retryReport(id, actor: actor, at: now())
        case .bind(let study, let against):
            result = try await bind(report, to: study, against: against, actor)
        case .discard(let reason):
            let studies = try await uids(of: report)
            result = try await journal.discardReport(
                id, reason: try await self.reason(reason, about: studies, actor), actor: actor, at: now())
        }
        switch result {
        case .done: break
        case .notFound: throw OperatorError(.notFound, "there is no report \(key)")
        case .notAllowed(let state):
            throw OperatorError(.notAllowed, "\(key) is \(state), and that cannot be done to it now")
        }
        logger.notice(
            "An operator acted", metadata: ["report": "\(key)", "action": "\(action.word)", "actor": "\(actor)"])
        let detail = try await looking().report(key)
        wake(detail.deliveries.map(\.destination))
        return detail
    }

    /// The checks that hold a report for its patient's sake are asked again at once: a release alone would change nothing.
    private static func whyNotReleased(_ report: ReportRecord) -> String? {
        guard report.state == .held, !report.isReleasable, let hold = report.hold else { return nil }
        return "\(report.key) is held for \(hold.code), which a release does not answer: \(hold.detail). "
            + Notice(hold, report: report.key).hint
    }

    private func bind(
        _ report: ReportRecord, to key: String, against: String?, _ actor: String
    ) async throws -> ActionResult {
        guard report.state == .held else { return .notAllowed(state: report.state.rawValue) }
        guard let study = try await journal.study(try number(key, "S")) else {
            throw OperatorError(.notFound, "there is no study \(key)")
        }
        var query = TransferQuery()
        query.studyID = study.id
        query.destination = report.reader
        let studies = try await uids(of: report) + [study.studyUID]
        var reason: String?
        if let against { reason = try await self.reason(against, about: studies, actor) }
        let transfer = try await journal.transfers(query).first { $0.reportID == nil && $0.acknowledged > 0 }
        guard let transfer else {
            throw OperatorError(
                .notAllowed, "nothing of \(key) was sent to \(report.reader), from where the report came")
        }
        do {
            guard let keys = try await reportFlow().keys(of: report, beside: transfer) else {
                throw OperatorError(
                    .notAllowed,
                    "\(key) was sent with the patient's identity, and its reports must name it by themselves, or the "
                        + "vault has forgotten it")
            }
            guard keys.areEnough || reason != nil else {
                throw OperatorError(.notAllowed, Self.tooFew(keys, report.key, key))
            }
            return try await journal.bindReport(
                report.id, to: transfer.id, against: keys.areEnough ? nil : reason, actor: actor, at: now())
        } catch let failure as Failure {
            throw OperatorError(.unavailable, "the keys of \(report.key) cannot be compared: \(failure.detail)")
        }
    }

    /// The study to which a report is matched, if any.
    private func uids(of report: ReportRecord) async throws -> [UID] {
        guard let id = report.studyID, let study = try await journal.study(id) else { return [] }
        return [study.studyUID]
    }

    private static func tooFew(_ keys: ReportKeys, _ report: String, _ study: String) -> String {
        func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
        return "two keys of \(report) must agree with \(study), and none contradict. Agreeing: \(list(keys.agreeing)); "
            + "contradicting: \(list(keys.contradicting)). Whoever knows better from the reader may say so: "
            + "--override with a --reason, which stands in the journal"
    }
}

extension ReportAction {
    fileprivate var word: String {
        switch self {
        case .release: "release"
        case .retry: "retry"
        case .bind: "bind"
        case .discard: "discard"
        }
    }
}
