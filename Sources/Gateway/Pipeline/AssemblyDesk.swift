// Step 4: studies become complete.

import DICOMVocabulary
import Forwarding
import Foundation
import Intake
import Journal
import Logging

/// Keeps Intake's assembly state machine fed, and completes studies in the journal when it says so.
actor AssemblyDesk {
    private var assembly: Assembly<Int64, AssociationKey>
    private let journal: JournalDatabase
    private let now: @Sendable () -> Date
    private let completed: @Sendable () -> Void
    private let logger: Logger
    private let bell = Bell()
    /// Until when `wait` sleeps by itself.
    private var asleepUntil: ContinuousClock.Instant?

    init(
        journal: JournalDatabase, now: @escaping @Sendable () -> Date, completed: @escaping @Sendable () -> Void,
        logger: Logger, patience: Int
    ) {
        assembly = Assembly(patience: patience)
        self.journal = journal
        self.now = now
        self.completed = completed
        self.logger = logger
    }

    /// After a restart every study that was being received waits one quiet period more.
    func recover(quiet: @Sendable (StudyRecord) -> Double) async throws {
        for study in try await journal.receivingStudies() {
            assembly.arrived(study.id, from: nil, quiet: quiet(study), at: .now)
        }
    }

    /// True for the first instance of the study since it was opened, or since the start.
    func arrived(_ study: Int64, from association: AssociationKey, quiet: Double) -> Bool {
        let isFirst = !assembly.isWaiting(study)
        let due = assembly.arrived(study, from: association, quiet: quiet, at: .now)
        // Mostly an arrival moves completion further away, and nobody need wake up for that.
        if let asleepUntil, due < asleepUntil { bell.ring() }
        return isFirst
    }

    func active(_ association: AssociationKey) { assembly.active(association, at: .now) }

    func closed(_ association: AssociationKey) {
        assembly.closed(association)
        bell.ring()
    }

    func reload(patience: Int) {
        assembly.patience = patience
        bell.ring()
    }

    /// One turn: completes what is due. A study whose completion could not be written stays, and is tried again.
    func turn() async {
        let due = assembly.tick(at: .now)
        for study in due {
            do {
                FaultPoint.pass("assemble.before-row")
                if try await journal.complete(study: study, at: now()) {
                    FaultPoint.pass("assemble.after-row")
                    logger.info("A study is complete", metadata: ["study": "S\(study)"])
                }
            } catch {
                assembly.arrived(study, from: nil, quiet: 5, at: .now)
                logger.error("A complete study could not be written down", metadata: ["study": "S\(study)"])
            }
        }
        if !due.isEmpty { completed() }
    }

    /// Sleeps until the next study may be complete, or something arrives; `atMost` seconds.
    func wait(atMost seconds: Double) async {
        let pause = assembly.nextTick.map { max(0.05, ($0 - .now) / .seconds(1)) } ?? seconds
        asleepUntil = .now + .seconds(min(pause, seconds))
        await bell.wait(atMost: min(pause, seconds))
        asleepUntil = nil
    }
}
