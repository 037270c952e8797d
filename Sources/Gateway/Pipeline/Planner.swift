// Step 5: from a complete study to transfers.

import DICOMVocabulary
import Forwarding
import Foundation
import Journal
import Logging
import Routing
import Vault
import WorkerProtocol

/// Plans complete studies: rules over the original summary, tokens from the vault, then one journal transaction. May be
/// repeated at any point: tokens are deterministic and the plan is one transaction. Used by one task.
struct Planner: Sendable {
    let journal: JournalDatabase
    let door: VaultDoor
    let settings: GatewaySettings
    let rescan: IdentityRescan
    /// Studies that could not be planned for a reason of their own.
    let deferrals: Deferrals
    let early: EarlyPlans
    let logger: Logger
    let now: @Sendable () -> Date
    /// Called between studies, and between the files that are read for one: the stage moves.
    var beat: @Sendable () -> Void = {}

    /// Plans what is complete. Throws only when the journal or the vault cannot be used: then nothing is lost, and the
    /// next turn tries again.
    func planComplete() async throws {
        for study in try await journal.completedStudies(except: deferrals.waiting(at: now()), limit: 100) {
            beat()
            do {
                try await planMarked(study)
                deferrals.forget(study.id)
            } catch let failure as Failure where failure.scope == .instance {
                if await holds(study, for: failure) { continue }
                // Its own trouble: the others are planned all the same, and this one later.
                let deaths = deferrals.deaths(of: study.id, adding: failure, at: now())
                if deaths >= settings.maximumDeaths {
                    deferrals.forget(study.id)
                    let setAside = Deferrals.setAside(
                        deaths, after: failure,
                        hint: "Nothing of it was sent. Keep its files for the maintainers; release tries again.")
                    try await hold(study, HoldNotice(setAside))
                    continue
                }
                logger.warning(
                    "A study could not be planned and will be tried again",
                    metadata: [
                        "study": "\(study.key)", "code": "\(failure.code.rawValue)", "detail": "\(failure.detail)",
                    ])
            }
        }
    }

    /// Whether the study waits for a person now: what only a person can help, and a file that could not be read again and again. Not for
    /// trouble of the journal itself, which may pass, and in which a hold may fail too.
    private func holds(_ study: StudyRecord, for failure: Failure) async -> Bool {
        guard ![.ioError, .unexpected].contains(failure.code) else { return false }
        let hopeless = deferrals.hopeless(study.id, after: failure)
        guard let reason = failure.disposition == .tryAgain ? hopeless : failure else { return false }
        do {
            try await hold(study, HoldNotice(reason))
            deferrals.forget(study.id)
            return true
        } catch {
            return false
        }
    }

    /// With an open mark in the journal, for the daemon may end of it: here the office reads its files.
    private func planMarked(_ study: StudyRecord) async throws {
        let mark = Handled(.study, study.id)
        try await journal.beginHandling(mark)
        do {
            try await plan(study)
        } catch {
            try await journal.endHandling(mark)
            throw error
        }
        try await journal.endHandling(mark)
    }

    private func plan(_ study: StudyRecord) async throws {
        FaultPoint.pass("plan.begin", of: study.studyUID.string)
        let judgement = try await judge(study)
        let identity = judgement.identity
        if let doubt = judgement.doubt {
            return try await hold(study, .mixedPatients("its images, those of its earlier parts included, \(doubt)"))
        }
        if study.plannedAt != nil {
            let growing = try await journal.growingTransfers(study: study.id)
            if !growing.isEmpty { return try await close(study, growing, judgement) }
        }
        let decision = settings.rules.decide(
            summary(study, identity), at: now(), released: study.released.contains(HoldNotice.rule))
        var names = decision.destinations
        if let first = study.followUpOf {
            // A late part follows its study, whatever the hour has become.
            if let notice = try await whyLatePartWaits(study, of: first) { return try await hold(study, notice) }
            let earlier = try await journal.transfers(Self.transfers(of: first)).filter {
                $0.reportID == nil && $0.state != .cancelled
            }
            if !earlier.isEmpty { names = Set(earlier.map(\.destination)).sorted() }
        }
        // Where a person has sent it meanwhile it does not go a second time, and that answers for a destination
        // that is gone.
        let sent = try await journal.transfers(Self.transfers(of: study.id)).filter {
            $0.reportID == nil && $0.state != .cancelled
        }
        let unknown = names.filter { settings.destination($0) == nil }
        guard unknown.isEmpty || !sent.isEmpty else {
            // Sent to fewer than it should be, or to nobody at all, it would look as if it were done.
            let notice = HoldNotice(
                code: Failure.Code.profileMissing.rawValue,
                detail: "\(unknown.joined(separator: ", ")) is not in the configuration",
                hint: "Put the destination back and release it; or antipode study send \(study.key) DESTINATION.")
            try await hold(study, notice, decision)
            return
        }
        let destinations = names.compactMap(settings.destination).filter { road in
            !sent.contains { $0.destination == road.name }
        }
        if let reason = decision.hold, sent.isEmpty, study.followUpOf == nil || destinations.isEmpty {
            try await hold(
                study,
                HoldNotice(
                    code: HoldNotice.rule, detail: decision.rule.map { "rule \($0): \(reason)" } ?? reason,
                    hint:
                        "antipode explain \(study.key) says why; antipode study send \(study.key) DESTINATION sends it."
                ), decision)
            return
        }
        var transfers: [NewTransfer] = []
        for destination in destinations {
            transfers.append(try await transfer(of: study, to: destination, decision.rule, decision.priority))
        }
        FaultPoint.pass("plan.after-vault-before-rows")
        _ = try await journal.plan(
            study: study.id, transfers: transfers, decision: Array(try JSONEncoder().encode(decision)),
            rule: decision.rule, judged: judgement.marks, at: now())
        FaultPoint.pass("plan.after-rows")
    }

    /// Draws the tokens, so that they are durable before the journal names the transfer.
    func transfer(
        of study: StudyRecord, to destination: DestinationSettings, _ rule: String?, _ priority: ExamPriority?
    ) async throws -> NewTransfer {
        let vault = try door.open()
        switch destination.profile {
        case .identified:
            return NewTransfer(
                destination: destination.name, profile: destination.profile.word, rule: rule, rank: priority?.rank,
                priority: priority?.rawValue,
                pseudonymousStudyUID: destination.role == .reader ? study.studyUID : nil,
                commitment: destination.commitmentWish)
        case .pseudonymous:
            _ = try await vault.tokens(study: study.studyUID, scope: destination.space)
            FaultPoint.pass("plan.after-tokens")
            let marks = try await rememberUIDs(of: study, space: destination.space, vault)
            return NewTransfer(
                destination: destination.name, profile: destination.profile.word, rule: rule, rank: priority?.rank,
                priority: priority?.rawValue,
                pseudonymousStudyUID: vault.pseudonym(study.studyUID, scope: destination.space),
                space: destination.space, commitment: destination.commitmentWish, instanceMarks: marks)
        }
    }

    /// The way back of what the office can compute from the journal, made durable; gives the marks of the images. SOP
    /// Instance UIDs are not remembered: the way back computes those.
    func rememberUIDs(
        of study: StudyRecord, space: String, _ vault: VaultDatabase
    ) async throws -> [Int64] {
        let uids = try await journal.originalUIDs(study: study.studyUID)
        let pairs = ([uids.study] + uids.series).map {
            UIDPair(original: $0, pseudonym: vault.pseudonym($0, scope: space))
        }
        try await vault.remember(uids: pairs, study: study.studyUID, scope: space)
        return try await journal.sopInstances(study: study.id)
            .compactMap { vault.pseudonym($0, scope: space).pseudonymMark }
    }

    /// What a person decided about a study holds for its late parts too, until the late part itself is released.
    private func whyLatePartWaits(_ study: StudyRecord, of first: Int64) async throws -> HoldNotice? {
        guard !study.released.contains(HoldNotice.latePart), let first = try await journal.study(first),
            first.state == .cancelled || first.state == .held
        else { return nil }
        return HoldNotice(
            code: HoldNotice.latePart, detail: "it is a late part of \(first.key), which is \(first.state.rawValue)",
            hint: "antipode study release \(study.key) lets it go on by itself.")
    }

    /// Whose the study is, by all that the vault and the journal know of it, its earlier parts included. What came while the vault was
    /// closed is read from the stored files first.
    func judge(_ study: StudyRecord) async throws -> PatientJudgement {
        let vault = try door.open()
        var known = try await vault.identities(study: study.studyUID)
        var marks = Set(study.patientKeys)
        if known.isEmpty || study.patientKeys.isEmpty || study.patientKeys.contains(PatientMark.unread) {
            // A file that is lost may come again, and is then of a patient whom nobody has judged.
            var unread: Set<String> = []
            var read: Set<String> = []
            for instance in try await journal.instances(study: study.id) {
                beat()
                if let identity = try await rescan.identity(of: instance) {
                    try await vault.remember(identity, study: study.studyUID)
                    read.insert(vault.patientKey(identity))
                } else {
                    unread = [PatientMark.unread]
                }
            }
            known = try await vault.identities(study: study.studyUID)
            marks = marks.subtracting([PatientMark.unread]).union(unread).union(read)
            try await journal.setPatientKeys(marks.sorted(), study: study.id, insteadOf: study.patientKeys, at: now())
        }
        var parts = StudyQuery()
        parts.uids = [study.studyUID]
        parts.limit = 1000
        // An earlier part may be of a patient whom the vault has forgotten.
        let patients = try await journal.studies(parts).reduce(into: marks) { $0.formUnion($1.patientKeys) }
        let doubt: String? =
            if study.released.contains(Failure.Code.mixedPatients.rawValue),
                marks.subtracting([PatientMark.unread]).isSubset(of: study.patientKeys)
            {
                nil
            } else {
                PatientJudgement.doubt(
                    of: known, vault,
                    marks: Set(patients.subtracting([PatientMark.unread]).map(PatientMark.patient))
                        .union(known.map(vault.patientKey))
                )
            }
        return PatientJudgement(
            identity: known.first ?? StudyIdentity(characterSet: "", attributes: []), doubt: doubt, marks: marks)
    }

    func summary(_ study: StudyRecord, _ identity: StudyIdentity) -> ExamSummary {
        ExamSummary(
            source: study.source, calledAE: AETitle(study.calledAE) ?? Self.unknownAE, modalities: study.modalities,
            bodyParts: study.bodyParts,
            studyDescription: identity.text(.studyDescription), priority: ExamPriority(written: study.priority),
            instances: study.instanceCount)
    }

    /// What the rules would say now, for `explain` of a study that is not planned yet.
    func decide(_ study: StudyRecord) async throws -> RoutingDecision {
        settings.rules.decide(summary(study, try await judge(study).identity), at: now())
    }

    /// Where the rules, asked again after a release, would send a study; nil when they would hold it again.
    func destinationsOnRelease(_ study: StudyRecord) async throws -> [String]? {
        if let first = study.followUpOf {
            let earlier = try await journal.transfers(Self.transfers(of: first)).filter {
                $0.reportID == nil && $0.state != .cancelled
            }
            if !earlier.isEmpty { return Set(earlier.map(\.destination)).sorted() }
        }
        let identity = try await judge(study).identity
        let decision = settings.rules.decide(summary(study, identity), at: now(), released: true)
        return decision.hold == nil ? decision.destinations : nil
    }

    private func hold(_ study: StudyRecord, _ notice: HoldNotice, _ decision: RoutingDecision? = nil) async throws {
        let bytes = try decision.map { Array(try JSONEncoder().encode($0)) }
        try await journal.hold(
            study: study.id, notice: notice, decision: bytes, actor: EventRecord.antipode, at: now())
        logger.notice("A study is held", metadata: ["study": "\(study.key)", "code": "\(notice.code)"])
    }

    /// The journal holds only titles that were admitted; this stands for one that a repair has damaged.
    private static let unknownAE = AETitle.placeholder

    private static func transfers(of study: Int64) -> TransferQuery {
        var query = TransferQuery()
        query.studyID = study
        return query
    }
}

extension DestinationSettings.Profile {
    var isIdentified: Bool {
        if case .identified = self { true } else { false }
    }

    /// Of what stands in the journal.
    static func isIdentified(word: String) -> Bool { word == TransferRecord.identifiedProfile }

    /// What stands in the journal and on pages.
    var word: String {
        switch self {
        case .identified: TransferRecord.identifiedProfile
        case .pseudonymous(let options): "pseudonymous 113100 " + options.joined(separator: " ")
        }
    }
}
