// What SQLite says, as a Failure.

import DICOMVocabulary
import GRDB

extension Failure {
    /// Runs `body` and turns whatever it throws into a failure of the house. GRDB's text is not used: it may quote SQL.
    static func ofSQLite<T>(_ what: String, _ body: () throws -> T) throws(Failure) -> T {
        do {
            return try body()
        } catch {
            throw Failure(wrapping: error, what)
        }
    }

    init(wrapping error: any Error, _ what: String) {
        switch error {
        case let failure as Failure: self = failure
        case let error as DatabaseError:
            let full = error.resultCode == .SQLITE_FULL
            let damaged = Database.isDamage(error)
            self.init(
                damaged ? .journalDamaged : .ioError, full || error.resultCode == .SQLITE_BUSY ? .tryAgain : .person,
                .instance,
                detail: "\(what): SQLite \(error.extendedResultCode.rawValue), \(error.message ?? "")",
                hint: full
                    ? "Free space on the file system of the state directory."
                    : error.resultCode == .SQLITE_BUSY
                        ? "Another program has the journal locked: fuser journal.sqlite in the state folder names it."
                        : damaged ? "Keep a copy of the state folder, and restore the journal from a backup." : "")
        case is CancellationError:
            self.init(.cancelled, .tryAgain, .instance, detail: what)
        default:
            self.init(.unexpected, .person, .instance, detail: "\(what): \(type(of: error))")
        }
    }
}
