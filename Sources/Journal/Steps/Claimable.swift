// How many lanes have something to do.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Instances that lanes of the destination could claim now, counted no further than `limit`; and when there is reason to look
    /// again: `at` where something can be claimed, the earliest `nextAttemptAt` otherwise, nil if nothing waits.
    package func outlook(
        destination: String, at: Date, limit: Int
    ) async throws(Failure) -> (claimable: Int, due: Date?) {
        try await read { db in
            let count = try db.claimable(destination: destination, at: at, limit: limit)
            guard count == 0 else { return (count, at) }
            let next = try db.value(Claim.due, [destination], as: Double.self)
            return (0, next.map { Date(timeIntervalSince1970: $0) })
        }
    }
}

extension Database {
    fileprivate func claimable(destination: String, at: Date, limit: Int) throws -> Int {
        var count = 0
        // Each row has at least one waiting instance, so `limit` rows are enough.
        let rows = try rows(
            "SELECT waiting \(Claim.claimable) \(Claim.order) LIMIT ?",
            [destination, at.timeIntervalSince1970, limit])
        for row in rows where count < limit { count += row["waiting"] as Int }
        return min(count, limit)
    }
}
