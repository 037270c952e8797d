// The vault's file on disk: one owner, private, and SQLite's errors in our words.

import DICOMVocabulary
import GRDB
import Glibc

/// An exclusive `flock(2)` on `<path>.lock`; the kernel lets go of it when the process ends. Also makes the database
/// file 0600 before SQLite opens it; the files beside it get the same mode.
final class OwnerLock: Sendable {
    private let descriptor: CInt

    init(database path: String) throws(Failure) {
        // Close-on-exec, so that no worker inherits the lock and outlives the owner with it.
        descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .vault("the vault's folder cannot be written: \(String(cString: strerror(errno)))")
        }
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, file >= 0 else {
            if file >= 0 { Glibc.close(file) }
            Glibc.close(descriptor)
            throw .vault(
                file >= 0 ? "another process owns the vault" : "the vault's file cannot be opened",
                hint: "Only one daemon may run on one state directory.")
        }
        Glibc.close(file)
    }

    deinit { Glibc.close(descriptor) }
}

extension Failure {
    static func ofVault<T>(_ what: String, _ body: () throws -> T) throws(Failure) -> T {
        do {
            return try body()
        } catch {
            throw Failure(wrapping: error, what)
        }
    }

    /// GRDB's description is not used: only SQLite's own words, which hold names of tables and never values.
    init(wrapping error: any Error, _ what: String) {
        switch error {
        case let failure as Failure: self = failure
        case is CancellationError: self.init(.cancelled, .tryAgain, .destination, detail: what)
        case let error as DatabaseError:
            let again = [.SQLITE_FULL, .SQLITE_BUSY].contains(error.resultCode)
            self.init(
                .vaultUnavailable, again ? .tryAgain : .person, .destination,
                detail: "\(what): SQLite \(error.extendedResultCode.rawValue), \(error.message ?? "")")
        default: self = .vault("\(what): \(type(of: error))")
        }
    }
}
