// What step 6 gets from the vault: one study's tokens, never the vault.

import DICOMVocabulary
import Forwarding
import Foundation
import Journal
import Synchronization
import Vault
import WorkerProtocol

/// Makes the job of a sending worker. Keeps the jobs of the studies under way, so that a study's thousandth image costs no
/// look into the vault. Safe from any task.
final class Pseudonyms: Sendable {
    private struct Study: Sendable {
        var tokens: StudyTokens
        var identities: [StudyIdentity]
    }
    /// A late part is a row of its own, and may say more of the patient than the study did before.
    private struct Key: Hashable {
        var uid: UID
        var row: Int64?
    }
    private let door: VaultDoor
    private let settings: GatewaySettings
    private let cache = Mutex([Key: Study]())
    private let remembered = Mutex(Set<UID>())

    init(door: VaultDoor, settings: GatewaySettings) {
        self.door = door
        self.settings = settings
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
        guard case .pseudonymous(let options) = destination.profile else { return nil }
        guard let uid = claimed.studyUID else {
            throw Failure(.profileMissing, .person, .instance, detail: "the instance has no study in the journal")
        }
        let vault = try door.open()
        let study = try await study(Key(uid: uid, row: claimed.studyID), vault)
        return PseudonymJob(
            options: options, tokens: study.tokens, uidKey: vault.uidKey, identity: study.identities[0],
            otherIdentities: Array(study.identities.dropFirst()), pixelsReleased: claimed.pixelsReleased)
    }

    private func study(_ key: Key, _ vault: VaultDatabase) async throws(Failure) -> Study {
        if let known = cache.withLock({ $0[key] }) { return known }
        do {
            let identities = try await vault.identities(study: key.uid)
            guard !identities.isEmpty else {
                throw Failure(
                    .identifiersMissing, .person, .instance, detail: "the vault does not know the study's identity",
                    hint: "Without it the guard cannot look for it; send the study again from its source.")
            }
            let study = Study(
                tokens: try await vault.tokens(study: key.uid, scope: TokenScope.shared), identities: identities)
            cache.withLock { cache in
                if cache.count > 200 { cache.removeAll() }
                cache[key] = study
            }
            return study
        } catch {
            throw Self.closed(error)
        }
    }

    /// Makes UIDs durable before the instance that names them leaves.
    func remember(_ pairs: [UIDPair]) async throws(Failure) {
        let new = remembered.withLock { known in pairs.filter { !known.contains($0.original) } }
        guard !new.isEmpty else { return }
        do {
            try await door.open().remember(uids: new)
        } catch {
            throw Self.closed(error)
        }
        remembered.withLock { known in
            if known.count > 100_000 { known.removeAll() }
            known.formUnion(new.map(\.original))
        }
    }

    private static func closed(_ error: any Error) -> Failure {
        error as? Failure
            ?? Failure(.vaultUnavailable, .tryAgain, .destination, detail: "the vault could not be used")
    }
}
