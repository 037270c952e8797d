// The vault, or why it is closed.

import DICOMVocabulary
import Foundation
import Synchronization
import Vault

/// Opens the vault when it can be opened, and says why not until then. Without a vault everything is still received and
/// nothing is sent. Safe to call from any task.
final class VaultDoor: Sendable {
    private struct State {
        var vault: VaultDatabase?
        var failure: Failure?
        var triedAt: Date?
        var generation = 0
        /// Of its pages that could not be read: how often, up to when.
        var unreadable = 0
        var unreadableAt: Date?
    }
    /// Seconds: what needs such a page is tried more often than once a day.
    private static let memory: Double = 90_000
    private let path: String
    private let keyFile: String
    private let now: @Sendable () -> Date
    private let state = Mutex(State())

    init(path: String, keyFile: String, now: @escaping @Sendable () -> Date) {
        self.path = path
        self.keyFile = keyFile
        self.now = now
    }

    /// Fails with `.vaultUnavailable` and scope `destination`: nobody's fault but the house's, and nothing may leave.
    /// A closed vault is tried again once in ten seconds.
    func open() throws(Failure) -> VaultDatabase {
        let result: Result<VaultDatabase, Failure> = state.withLock { state in
            let now = now()
            if let vault = state.vault {
                let times = vault.unreadablePages.times
                if state.unreadable != times { (state.unreadable, state.unreadableAt) = (times, now) }
                if !vault.isDoubtful { return .success(vault) }
                // Closed when the last who uses it lets go, and opened anew after a pause.
                state.vault = nil
                state.triedAt = now
                state.failure = Failure(
                    .vaultUnavailable, .tryAgain, .destination, detail: "a write of the vault failed on its disk",
                    hint: "It is opened anew by itself. Look at the disk of the state folder.")
            }
            if let failure = state.failure, let triedAt = state.triedAt, abs(now.timeIntervalSince(triedAt)) < 10 {
                return .failure(failure)
            }
            state.triedAt = now
            do throws(Failure) {
                let vault = try VaultDatabase.open(path: path, key: try VaultKey(file: keyFile))
                state.vault = vault
                state.failure = nil
                state.unreadable = 0
                return .success(vault)
            } catch {
                let failure = Failure(
                    .vaultUnavailable, .person, .destination, detail: error.detail,
                    hint: error.hint.isEmpty ? "Put the vault's key back; nothing is sent until then." : error.hint)
                state.failure = failure
                return .failure(failure)
            }
        }
        return try result.get()
    }

    /// Grows with each forgetting: what was read out of the vault before it is to be used no more.
    var generation: Int { state.withLock { $0.generation } }

    func turnGeneration() { state.withLock { $0.generation += 1 } }

    /// Why nothing can be sent now, or why some of it cannot, if so.
    var alarm: Notice? {
        let vault: VaultDatabase
        do throws(Failure) {
            vault = try open()
        } catch {
            return Notice(error)
        }
        guard let at = state.withLock({ $0.unreadableAt }), abs(now().timeIntervalSince(at)) < Self.memory else {
            return nil
        }
        return Notice(
            code: "vaultDamaged", detail: "a part of the vault cannot be read: \(vault.unreadablePages.detail)",
            hint:
                "What needs it waits and is tried again; the log names it. antipode verify says more; put the vault back from a "
                + "backup.")
    }
}
