// What happens at the door, written down: one log line, and a journal event where an operator may look for it.

import DICOMVocabulary
import Foundation
import Intake
import Journal
import Logging
import WorkerProtocol

/// Safe to call from any task. AE titles of strangers are made printable before they reach a line.
struct IntakeWitness: Sendable {
    let journal: JournalDatabase
    let counters: Counters
    let logger: Logger
    let now: @Sendable () -> Date

    func see(_ event: IntakeEvent) async {
        switch event {
        case .connectionRefused(let address, let listener, let reason):
            counters.add("antipode_connections_refused_total", ["listener": listener])
            logger.warning(
                "A connection was refused",
                metadata: ["address": "\(address)", "listener": "\(listener)", "reason": "\(reason)"])
            await write("connectionRefused", "\(address) on \(listener): \(reason)")
        case .connectionFailed(let address, let listener, let end):
            counters.add("antipode_connections_failed_total", ["listener": listener, "outcome": end.outcome.rawValue])
            logger.warning(
                "A connection failed before it asked for an association",
                metadata: [
                    "address": "\(address)", "listener": "\(listener)", "outcome": "\(end.outcome.rawValue)",
                    "detail": "\(end.detail)",
                ])
            await write("connectionFailed", "\(address) on \(listener): \(end.outcome.rawValue)")
        case .associationRejected(let address, let listener, _, let reason):
            counters.add("antipode_associations_rejected_total", ["listener": listener])
            logger.warning(
                "An association was rejected",
                metadata: ["address": "\(address)", "listener": "\(listener)", "reason": "\(reason)"])
            await write("associationRejected", "\(address) on \(listener): \(reason)")
        case .associationOpened(let view):
            counters.add("antipode_associations_total", ["source": view.source])
            logger.info(
                "An association opened",
                metadata: ["association": "\(view.key)", "source": "\(view.source)", "address": "\(view.key.address)"])
        case .associationActive: break
        case .instanceRefused(let refusal, let source, let key):
            counters.add(
                "antipode_instances_refused_total", ["source": source.name, "code": refusal.failure.code.rawValue])
            logger.warning(
                "An instance was refused",
                metadata: [
                    "association": "\(key)", "source": "\(source.name)", "status": "\(hex(refusal.status))",
                    "code": "\(refusal.failure.code.rawValue)", "detail": "\(refusal.failure.detail)",
                ])
            await write(
                "refused",
                "from \(source.name) with status \(hex(refusal.status)): \(refusal.failure.code.rawValue), \(refusal.failure.detail)"
            )
        case .associationEnded(let view, let end, let failure):
            counters.add("antipode_associations_ended_total", ["source": view.source, "outcome": end.outcome.rawValue])
            let clean = end.outcome == .released && failure == nil
            logger.log(
                level: clean ? .info : .warning, "An association ended",
                metadata: [
                    "association": "\(view.key)", "source": "\(view.source)", "outcome": "\(end.outcome.rawValue)",
                    "stored": "\(view.stored)", "refused": "\(view.refused)",
                    "detail": "\(failure.map { "\($0.code.rawValue): \($0.detail)" } ?? end.detail)",
                ])
            if !clean {
                let why = failure.map { "\($0.code.rawValue), \($0.detail)" } ?? end.outcome.rawValue
                await write("associationEnded", "\(view.key) of \(view.source) after \(view.stored) stored: \(why)")
            }
        }
    }

    private func hex(_ status: UInt16) -> String {
        let digits = String(status, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    private func write(_ kind: String, _ detail: String) async {
        do {
            try await journal.record(event: EventRecord(at: now(), kind: kind, detail: detail))
        } catch {
            logger.error("An event could not be journalled", metadata: ["kind": "\(kind)"])
        }
    }
}
