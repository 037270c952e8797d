// Step 5 for a study that still arrives, where its rule says so.

import DICOMVocabulary
import Foundation
import Journal
import Logging
import Routing
import Synchronization

/// What is known of the studies that still arrive. In memory: a restart judges them anew. Safe from any task.
final class EarlyPlans: Sendable {
    private struct State {
        /// By the row's number: how the study looked when no immediate rule chose it.
        var judged: [Int64: ExamSummary] = [:]
        var planned: Set<Int64> = []
    }
    private let state = Mutex(State())

    /// Whether its images go to lanes as they arrive.
    func isPlanned(_ study: Int64) -> Bool { state.withLock { $0.planned.contains(study) } }

    /// It is judged again however it looks.
    fileprivate func forget(_ study: Int64) { state.withLock { state in state.judged[study] = nil } }

    fileprivate func plans(_ study: Int64) { state.withLock { _ = $0.planned.insert(study) } }

    /// True when the study looks otherwise than at the last time, and is to be judged.
    fileprivate func isNew(_ summary: ExamSummary, of study: Int64) -> Bool {
        var looks = summary
        looks.instances = 0
        return state.withLock { state in
            defer { state.judged[study] = looks }
            return state.judged[study] != looks
        }
    }

    /// Keeps only what still arrives.
    fileprivate func keep(_ studies: [Int64]) {
        let arriving = Set(studies)
        state.withLock { state in
            state.judged = state.judged.filter { arriving.contains($0.key) }
            state.planned.formIntersection(arriving)
        }
    }
}

extension Planner {
    /// Plans those of the studies that still arrive whose first rule that matches is immediate, by what has come so far. The
    /// decision stands, whatever comes later; a study that looks otherwise with a later image is judged again.
    func planArriving() async throws {
        guard settings.rules.mayBeImmediate else { return }
        let arriving = try await journal.receivingStudies()
        early.keep(arriving.map(\.id))
        for study in arriving where study.followUpOf == nil && study.hold == nil {
            if study.plannedAt != nil {
                early.plans(study.id)
            } else if try await planEarlyIfHere(study) {
                early.plans(study.id)
                logger.info("A study is sent while it arrives", metadata: ["study": "\(study.key)"])
            }
        }
    }

    /// What cannot be planned now, because a file is lost or still being written, or because an image of another patient came
    /// meanwhile, is judged again within seconds; the other studies do not wait for it.
    private func planEarlyIfHere(_ study: StudyRecord) async throws -> Bool {
        do {
            return try await planEarly(study)
        } catch {
            early.forget(study.id)
            guard let failure = error as? Failure, failure.scope == .instance else { throw error }
            logger.info(
                "A study is not sent while it arrives, for now",
                metadata: ["study": "\(study.key)", "code": "\(failure.code.rawValue)", "detail": "\(failure.detail)"])
            return false
        }
    }

    /// False where it waits for its completion like any other: nobody is held or asked here.
    private func planEarly(_ study: StudyRecord) async throws -> Bool {
        guard !study.patientKeys.contains(PatientMark.unread) else { return false }
        let judgement = try await judge(study)
        let summary = summary(study, judgement.identity)
        guard judgement.doubt == nil, early.isNew(summary, of: study.id) else { return false }
        let decision = settings.rules.decide(summary, at: now())
        guard decision.hold == nil, settings.rules.rules.first(where: { $0.name == decision.rule })?.immediate == true
        else { return false }
        let destinations = decision.destinations.compactMap(settings.destination)
        guard !destinations.isEmpty, destinations.count == decision.destinations.count else { return false }
        var transfers: [NewTransfer] = []
        for destination in destinations {
            transfers.append(try await transfer(of: study, to: destination, decision.rule, decision.priority))
        }
        FaultPoint.pass("plan.early-before-rows")
        return try await journal.planEarly(
            study: study.id, transfers: transfers, decision: Array(try JSONEncoder().encode(decision)),
            rule: decision.rule, judged: judgement.marks, at: now())
    }

    /// The last image of a study that was planned early is here.
    func close(_ study: StudyRecord, _ growing: [TransferRecord], _ judgement: PatientJudgement) async throws {
        let vault = try door.open()
        var marks: [Int64] = []
        for space in Set(growing.filter { $0.pseudonymousStudyUID != nil && !$0.isIdentified }.map(\.space)).sorted() {
            marks += try await rememberUIDs(of: study, space: space, vault)
        }
        FaultPoint.pass("plan.close-before-rows")
        try await journal.closePlan(study: study.id, marks: marks, judged: judgement.marks, at: now())
    }
}
