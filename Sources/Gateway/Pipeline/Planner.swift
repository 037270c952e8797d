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
    let logger: Logger
    let now: @Sendable () -> Date

    /// Plans what is complete. Throws only when the journal or the vault cannot be used: then nothing is lost, and the
    /// next turn tries again.
    func planComplete() async throws {
        for study in try await journal.completedStudies(limit: 100) {
            do {
                try await plan(study)
            } catch let failure as Failure where failure.code == .missingFile {
                try await hold(study, HoldNotice(failure))
            } catch let failure as Failure where failure.scope == .instance {
                // Its own trouble: the others are planned all the same, and this one at the next turn.
                logger.warning(
                    "A study could not be planned and will be tried again",
                    metadata: [
                        "study": "\(study.key)", "code": "\(failure.code.rawValue)", "detail": "\(failure.detail)",
                    ])
            }
        }
    }

    private func plan(_ study: StudyRecord) async throws {
        let (identity, patients) = try await identity(of: study)
        if patients.count > 1, !study.released.contains(Failure.Code.mixedPatients.rawValue) {
            let notice = HoldNotice(
                code: Failure.Code.mixedPatients.rawValue,
                detail: "its images, those of its earlier parts included, name \(patients.count) different patients",
                hint: "Correct it at the source; release only if you have seen that the patient is one and the same.")
            try await hold(study, notice)
            return
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
        let unknown = names.filter { settings.destination($0) == nil }
        guard unknown.isEmpty else {
            // Sent to fewer than it should be, or to nobody at all, it would look as if it were done.
            let notice = HoldNotice(
                code: Failure.Code.profileMissing.rawValue,
                detail: "\(unknown.joined(separator: ", ")) is not in the configuration",
                hint: "Put the destination back and release it; or antipode study send \(study.key) DESTINATION.")
            try await hold(study, notice)
            return
        }
        let destinations = names.compactMap(settings.destination)
        if let reason = decision.hold, study.followUpOf == nil || destinations.isEmpty {
            try await hold(
                study,
                HoldNotice(
                    code: HoldNotice.rule, detail: decision.rule.map { "rule \($0): \(reason)" } ?? reason,
                    hint:
                        "antipode explain \(study.key) says why; antipode study send \(study.key) DESTINATION sends it."
                ))
            return
        }
        var transfers: [NewTransfer] = []
        for destination in destinations {
            transfers.append(try await transfer(of: study, to: destination, decision.rule, decision.priority))
        }
        _ = try await journal.plan(
            study: study.id, transfers: transfers, decision: Array(try JSONEncoder().encode(decision)),
            rule: decision.rule, at: now())
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
                priority: priority?.rawValue)
        case .pseudonymous:
            _ = try await vault.tokens(study: study.studyUID, scope: TokenScope.shared)
            let uids = try await journal.originalUIDs(study: study.studyUID)
            // SOP Instance UIDs are not among them: the way back computes those from the journal.
            let pairs = ([uids.study] + uids.series).map {
                UIDPair(original: $0, pseudonym: vault.pseudonym($0))
            }
            try await vault.remember(uids: pairs)
            return NewTransfer(
                destination: destination.name, profile: destination.profile.word, rule: rule, rank: priority?.rank,
                priority: priority?.rawValue, pseudonymousStudyUID: vault.pseudonym(study.studyUID))
        }
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

    /// The first identity known of the study, and the marks of every patient that any part of it names. What came while the
    /// vault was closed is read from the stored files first.
    private func identity(of study: StudyRecord) async throws -> (StudyIdentity, patients: Set<String>) {
        let vault = try door.open()
        var known = try await vault.identities(study: study.studyUID)
        if known.isEmpty || study.patientKeys.isEmpty || study.patientKeys.contains(PatientMark.unread) {
            for instance in try await journal.instances(study: study.id) {
                guard let identity = try await rescan.identity(of: instance) else { continue }
                try await vault.remember(identity, study: study.studyUID)
            }
            known = try await vault.identities(study: study.studyUID)
            try await journal.setPatientKeys(Array(Set(known.map(vault.patientKey))).sorted(), study: study.id)
        }
        var patients = Set(study.patientKeys).subtracting([PatientMark.unread])
        patients.formUnion(known.map(vault.patientKey))
        return (known.first ?? StudyIdentity(characterSet: "", attributes: []), patients)
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
        settings.rules.decide(summary(study, try await identity(of: study).0), at: now())
    }

    private func hold(_ study: StudyRecord, _ notice: HoldNotice) async throws {
        try await journal.hold(study: study.id, notice: notice, actor: EventRecord.antipode, at: now())
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

enum TokenScope {
    /// One token space for all destinations.
    static let shared = "site"
}

extension DestinationSettings.Profile {
    /// What stands in the journal and on pages.
    var word: String {
        switch self {
        case .identified: "identified"
        case .pseudonymous(let options): "pseudonymous 113100 " + options.joined(separator: " ")
        }
    }
}
