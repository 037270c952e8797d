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
    }
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
            if let vault = state.vault { return .success(vault) }
            let now = now()
            if let failure = state.failure, let triedAt = state.triedAt, abs(now.timeIntervalSince(triedAt)) < 10 {
                return .failure(failure)
            }
            state.triedAt = now
            do throws(Failure) {
                let vault = try VaultDatabase.open(path: path, key: try VaultKey(file: keyFile))
                state.vault = vault
                state.failure = nil
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

    /// Why nothing can be sent now, if so.
    var alarm: Failure? {
        do throws(Failure) {
            _ = try open()
            return nil
        } catch {
            return error
        }
    }
}
