// What step 6 gets from the vault: one study's tokens, never the vault.

import DICOMVocabulary
import Forwarding
import Foundation
import Journal
import Synchronization
import Vault
import WorkerProtocol

/// Makes the job of a sending worker, and writes down that the exam leaves and under which terms. Keeps the jobs
/// of the studies under way, so that a study's thousandth image costs no look into the vault. Safe from any task.
final class Pseudonyms: Sendable {
    private struct Study: Sendable {
        var tokens: StudyTokens
        var identities: [StudyIdentity]
        /// `VaultDatabase.identitiesAdded` when they were read.
        var asOf: UInt64
    }
    /// A late part is a row of its own, and may say more of the patient than the study did before.
    private struct Key: Hashable {
        var uid: UID
        var row: Int64?
        var space: String
    }
    private struct Terms: Hashable {
        var transfer: Int64
        var terms: DisclosureTerms
    }
    /// A pseudonym, and the study that it was told of for: many studies may name one UID.
    private struct Named: Hashable {
        var pseudonym: UID
        var study: UID?
    }
    private struct Known {
        var generation = 0
        var studies: [Key: Study] = [:]
        var uids: Set<Named> = []
        var terms: Set<Terms> = []
        var notes: [Terms: Task<Failure?, Never>] = [:]
    }
    private let journal: JournalDatabase
    private let door: VaultDoor
    private let settings: GatewaySettings
    private let now: @Sendable () -> Date
    private let known = Mutex(Known())

    init(
        journal: JournalDatabase, door: VaultDoor, settings: GatewaySettings, now: @escaping @Sendable () -> Date
    ) {
        self.journal = journal
        self.door = door
        self.settings = settings
        self.now = now
    }

    /// nil for a report, and for an `identified` destination. Fails closed: no profile, no vault or no identity means
    /// that nothing is sent.
    func job(for claimed: ClaimedInstance) async throws(Failure) -> PseudonymJob? {
        if claimed.reportID != nil { return nil }
        guard let destination = settings.destination(claimed.destination) else {
            throw Failure(
                .profileMissing, .person, .instance, detail: "\(claimed.destination) is not in the configuration",
                hint: "Put the destination back, or cancel the transfer.")
        }
        // Also what goes with its identity: without the vault nobody could tell later whose exam it was.
        let vault = try door.open()
        startAnew(ifGenerationIsNot: door.generation)
        // Half a study with its name and half without would be recognised by its halves, and its report by neither.
        guard destination.profile.isIdentified == DestinationSettings.Profile.isIdentified(word: claimed.profile) else {
            throw Failure(
                .profileMissing, .person, .instance,
                detail: "\(claimed.destination) has another kind of profile since the transfer was planned",
                hint: "Set identity back for this destination, or cancel the transfer and send the study anew.")
        }
        guard case .pseudonymous(let options) = destination.profile else {
            return nil
        }
        guard let uid = claimed.studyUID else {
            throw Failure(.profileMissing, .person, .instance, detail: "the instance has no study in the journal")
        }
        let key = Key(uid: uid, row: claimed.studyID, space: claimed.space)
        let study = try await study(key, vault)
        return PseudonymJob(
            options: options, tokens: study.tokens, uidKey: vault.uidKey(scope: claimed.space),
            identity: study.identities[0], otherIdentities: Array(study.identities.dropFirst()),
            pixelsReleased: claimed.pixelsReleased)
    }

    /// A study that still arrives may say more of its patient with each image; what an image says is in the vault before its row
    /// is in the journal.
    private func study(_ key: Key, _ vault: VaultDatabase) async throws(Failure) -> Study {
        // Before they are read: what comes meanwhile is read the next time.
        let asOf = VaultDatabase.identitiesAdded
        if let study = known.withLock({ $0.studies[key] }), study.asOf == asOf { return study }
        do {
            let identities = try await vault.identities(study: key.uid)
            guard !identities.isEmpty else {
                throw Failure(
                    .identifiersMissing, .person, .instance, detail: "the vault does not know the study's identity",
                    hint: "Without it the guard cannot look for it; send the study again from its source.")
            }
            let study = Study(
                tokens: try await vault.tokens(study: key.uid, scope: key.space), identities: identities, asOf: asOf)
            known.withLock { known in
                if known.studies.count > 200 { known.studies.removeAll() }
                known.studies[key] = study
            }
            return study
        } catch {
            throw Self.closed(error)
        }
    }

    /// Whether that the exam leaves, under the terms of today, is not written down yet.
    func isFirst(_ claimed: ClaimedInstance) -> Bool {
        guard let one = terms(of: claimed) else { return false }
        return known.withLock { !$0.terms.contains(one) }
    }

    /// nil for a report that goes home.
    private func terms(of claimed: ClaimedInstance) -> Terms? {
        guard claimed.reportID == nil, let destination = settings.destination(claimed.destination) else { return nil }
        return Terms(transfer: claimed.transferID, terms: DisclosureTerms(destination, space: claimed.space))
    }

    /// Durable before the first byte of an instance leaves: the UIDs that it names and, once for each transfer and its
    /// terms, that the exam leaves. What is held before is not called sent.
    func departing(_ claimed: ClaimedInstance, _ pairs: [UIDPair]) async throws(Failure) {
        try await remember(pairs, of: claimed)
        guard let one = terms(of: claimed) else { return }
        // Lanes that come together write one line, and all of them wait for it.
        let note: Task<Failure?, Never>? = known.withLock { known in
            if known.terms.contains(one) { return nil }
            if let note = known.notes[one] { return note }
            let note = Task { await self.note(claimed, one) }
            known.notes[one] = note
            return note
        }
        guard let failure = await note?.value else { return }
        throw failure
    }

    /// Why it could not be written down.
    private func note(_ claimed: ClaimedInstance, _ one: Terms) async -> Failure? {
        var failure: Failure?
        do throws(Failure) {
            let at = now()
            if one.terms.identity == DisclosureTerms.pseudonymous {
                try await door.open().record(
                    VaultAccess(
                        at: at, actor: EventRecord.antipode, action: .send,
                        subject: claimed.studyID.map { "S\($0)" } ?? "", found: 1,
                        reason: "to \(claimed.destination)"))
            }
            try await journal.recordDisclosure(transfer: one.transfer, terms: one.terms, at: at)
        } catch {
            failure = Failure(error.code, .tryAgain, .destination, detail: error.detail, hint: error.hint)
        }
        known.withLock { known in
            known.notes[one] = nil
            guard failure == nil else { return }
            if known.terms.count > 1000 { known.terms.removeAll() }
            known.terms.insert(one)
        }
        return failure
    }

    private func remember(_ pairs: [UIDPair], of claimed: ClaimedInstance) async throws(Failure) {
        // Pseudonyms, not originals: those of two spaces differ.
        let study = claimed.studyUID
        let new = known.withLock { known in
            pairs.filter { !known.uids.contains(Named(pseudonym: $0.pseudonym, study: study)) }
        }
        guard !new.isEmpty else { return }
        do {
            try await door.open().remember(uids: new, study: study, scope: claimed.space)
        } catch {
            throw Self.closed(error)
        }
        known.withLock { known in
            if known.uids.count > 100_000 { known.uids.removeAll() }
            known.uids.formUnion(new.map { Named(pseudonym: $0.pseudonym, study: study) })
        }
    }

    /// What was forgotten in the vault is forgotten here.
    private func startAnew(ifGenerationIsNot generation: Int) {
        known.withLock { known in
            if known.generation != generation { known = Known(generation: generation) }
        }
    }

    private static func closed(_ error: any Error) -> Failure {
        error as? Failure
            ?? Failure(.vaultUnavailable, .tryAgain, .destination, detail: "the vault could not be used")
    }
}

extension DisclosureTerms {
    fileprivate static let pseudonymous = "pseudonymous"

    init(_ destination: DestinationSettings, space: String) {
        let (identity, ground, options): (String, String, [String]) =
            switch destination.profile {
            case .identified(let ground): ("identified", ground, [])
            case .pseudonymous(let options): (Self.pseudonymous, "", ["113100"] + options)
            }
        self.init(
            destination: destination.name, role: destination.role.rawValue, host: destination.peer.host,
            aeTitle: destination.peer.calledAE.string, country: destination.country, agreement: destination.agreement,
            identity: identity, ground: ground, options: options,
            profileVersion: "PS3.15 2026d, Antipode \(JournalDesk.version)", space: space)
    }
}
