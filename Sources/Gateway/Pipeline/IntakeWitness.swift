// What happens at the door, written down: one log line, and a journal event where an operator may look for it.

import DICOMVocabulary
import Foundation
import Intake
import Journal
import Logging
import Synchronization
import WorkerProtocol

/// Safe to call from any task. AE titles of strangers are made printable before they reach a line. Original UIDs stand in
/// the journal, as everywhere there, and not in the log.
final class IntakeWitness: Sendable {
    let journal: JournalDatabase
    let counters: Counters
    let logger: Logger
    let now: @Sendable () -> Date
    private let tally = Mutex(DoorTally())

    init(journal: JournalDatabase, counters: Counters, logger: Logger, now: @escaping @Sendable () -> Date) {
        self.journal = journal
        self.counters = counters
        self.logger = logger
        self.now = now
    }

    /// Rows for what repeated in minutes that are over; `all` at the end.
    func settle(all: Bool = false) async {
        for row in tally.withLock({ $0.due(at: now(), all: all) }) { await write(row.kind, row.detail) }
    }

    func see(_ event: IntakeEvent) async {
        switch event {
        case .connectionRefused(let address, let listener, let reason):
            counters.add("antipode_connections_refused_total", ["listener": listener])
            logger.warning(
                "A connection was refused",
                metadata: [
                    "address": "\(address)", "listener": "\(listener)", "reason": "\(reason)",
                    "hint": "\(DoorHints.refused)",
                ])
            await writeOnce("connectionRefused", address, listener, reason)
        case .connectionFailed(let address, let listener, let end):
            counters.add("antipode_connections_failed_total", ["listener": listener, "outcome": end.outcome.rawValue])
            logger.warning(
                "A connection failed before it asked for an association",
                metadata: [
                    "address": "\(address)", "listener": "\(listener)", "outcome": "\(end.outcome.rawValue)",
                    "detail": "\(end.detail)", "hint": "\(DoorHints.hint(failed: end.outcome))",
                ])
            await writeOnce("connectionFailed", address, listener, end.outcome.rawValue)
        case .associationRejected(let address, let listener, let rejection, let reason):
            counters.add("antipode_associations_rejected_total", ["listener": listener])
            logger.warning(
                "An association was rejected",
                metadata: [
                    "address": "\(address)", "listener": "\(listener)", "reason": "\(reason)",
                    "hint": "\(DoorHints.hint(rejection))",
                ])
            await writeOnce("associationRejected", address, listener, reason)
        case .associationOpened(let view):
            counters.add("antipode_associations_total", ["source": view.source])
            logger.info(
                "An association opened",
                metadata: ["association": "\(view.key)", "source": "\(view.source)", "address": "\(view.key.address)"])
        case .associationActive: break
        case .instanceRefused(let refusal, let source, let key),
            .instanceNotDurable(_, let refusal, let source, let key):
            counters.add(
                "antipode_instances_refused_total", ["source": source.name, "code": refusal.failure.code.rawValue])
            logger.warning(
                "An instance was refused",
                metadata: [
                    "association": "\(key)", "source": "\(source.name)", "status": "\(hex(refusal.status))",
                    "code": "\(refusal.failure.code.rawValue)", "detail": "\(refusal.failure.detail)",
                    "hint": "\(refusal.failure.hint)",
                ])
            await write(
                "refused",
                "\(object(refusal.sopInstance)) from \(source.name) with status \(hex(refusal.status)): "
                    + "\(refusal.failure.code.rawValue), \(refusal.failure.detail)")
        case .associationEnded(let view, let end, let failure):
            counters.add("antipode_associations_ended_total", ["source": view.source, "outcome": end.outcome.rawValue])
            let clean = end.outcome == .released && failure == nil
            let why = failure.map { "\($0.code.rawValue): \($0.detail)" } ?? end.detail
            let hint = DoorHints.hint(ended: end.outcome, failure)
            let inside = view.inTransit ? ", with an object on its way" : ""
            logger.log(
                level: clean ? .info : .warning, "An association ended",
                metadata: [
                    "association": "\(view.key)", "source": "\(view.source)", "outcome": "\(end.outcome.rawValue)",
                    "stored": "\(view.stored)", "refused": "\(view.refused)",
                    "detail": "\(why)\(inside)",
                ].merging(hint.isEmpty ? [:] : ["hint": "\(hint)"]) { $1 })
            if !clean {
                let held = view.instance.map { ", with \(object($0)) on its way" } ?? ""
                let outcome = failure == nil ? end.outcome.rawValue + (why.isEmpty ? "" : ": ") : ""
                await write(
                    "associationEnded",
                    "\(view.key) of \(view.source) after \(view.stored) stored: \(outcome)\(why)\(held)")
            }
        }
    }

    /// What a request named is repeated only where it is a UID.
    private func object(_ uid: UID) -> String { uid.isValid ? "object \(uid)" : "an object without a valid UID" }

    private func writeOnce(_ kind: String, _ address: String, _ listener: String, _ reason: String) async {
        let key = DoorTally.Key(kind: kind, address: address, listener: listener, reason: reason)
        if tally.withLock({ $0.isNews(key, at: now()) }) { await write(kind, "\(address) on \(listener): \(reason)") }
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
