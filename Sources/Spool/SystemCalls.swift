// The calls whose failure decides what is promised, so that tests can make them fail.

import DICOMVocabulary
import Glibc

/// As the system's: 0 or a result, or -1 with `errno` set.
package struct SystemCalls: Sendable {
    /// `write(2)`.
    package var write: @Sendable (CInt, UnsafeRawPointer, Int) -> Int = { Glibc.write($0, $1, $2) }
    /// `fsync(2)`, of files and of folders.
    package var synchronise: @Sendable (CInt) -> CInt = { fsync($0) }
    /// `link(2)`.
    package var link: @Sendable (String, String) -> CInt = { Glibc.link($0, $1) }
    /// `rename(2)`.
    package var rename: @Sendable (String, String) -> CInt = { Glibc.rename($0, $1) }

    package init() {}
}

extension Failure {
    /// The spool's failures: a full disk goes away by itself or by a person, anything else says the disk is not well.
    static func spool(_ what: String, _ reason: CInt) -> Failure {
        let words = "\(what): \(String(cString: strerror(reason)))"
        guard reason == ENOSPC || reason == EDQUOT else {
            return Failure(.ioError, .tryAgain, .instance, detail: words, hint: "Look at the spool's disk.")
        }
        return Failure(
            .spoolFull, .tryAgain, .instance, detail: words, hint: "Free space on the spool's file system.")
    }
}
