// How many lanes have something to do.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Instances that lanes of the destination could claim now, counted no further than `limit`.
    package func claimable(destination: String, at: Date, limit: Int) async throws(Failure) -> Int {
        try await read { db in
            var count = 0
            // Each row has at least one waiting instance, so `limit` rows are enough.
            let rows = try db.rows(
                "SELECT waiting \(Claim.claimable) \(Claim.order) LIMIT ?",
                [destination, at.timeIntervalSince1970, limit])
            for row in rows where count < limit { count += row["waiting"] as Int }
            return min(count, limit)
        }
    }
}
