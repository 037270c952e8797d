// The vault's file on disk: one owner, private, and SQLite's errors in our words.

import DICOMVocabulary
import GRDB
import Glibc

extension OwnerLock {
    /// `.vaultUnavailable` when another process owns the vault. The database is made 0600 before SQLite opens it, where
    /// there is none and `making`; the files beside it get the same mode.
    convenience init(vault path: String, making: Bool = true) throws(Failure) {
        do throws(Failure) {
            try self.init(
                path + ".lock", taken: "another process owns the vault",
                hint: "Only one daemon may run on one state directory.")
        } catch {
            throw .vault(error.detail, hint: error.hint)
        }
        guard making else { return }
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw .vault("the vault's file cannot be opened: \(String(cString: strerror(errno)))")
        }
        Glibc.close(file)
    }
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
