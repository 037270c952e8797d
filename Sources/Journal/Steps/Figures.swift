// What waits for each destination.

package import DICOMVocabulary
import Foundation
import GRDB

extension JournalDatabase {
    /// Figures of every destination that ever had a transfer settled or has one open, or of one. The cost grows with
    /// what is open, not with history.
    package func figures(destination: String? = nil) async throws(Failure) -> [DestinationFigures] {
        try await read { db in
            let open = try db.rows(
                """
                SELECT destination,
                    total(CASE WHEN state <> 'held' THEN waiting + claimed END) AS waitingInstances,
                    total(state = 'waiting') AS waiting, total(state = 'active') AS active,
                    total(state = 'deferred') AS deferred, total(state = 'held' OR held > 0) AS held,
                    min(CASE WHEN state <> 'held' THEN createdAt END) AS oldest
                FROM transfers WHERE state IN ('waiting', 'active', 'deferred', 'held') GROUP BY destination
                """)
            var figures: [String: DestinationFigures] = [:]
            for row in open {
                let name = row["destination"] as String
                var one = DestinationFigures(destination: name)
                one.waitingInstances = Int(row["waitingInstances"] as Double)
                one.waitingTransfers = Int(row["waiting"] as Double)
                one.activeTransfers = Int(row["active"] as Double)
                one.deferredTransfers = Int(row["deferred"] as Double)
                one.heldTransfers = Int(row["held"] as Double)
                one.oldestWaitingSince = row.date("oldest")
                figures[name] = one
            }
            for row in try db.rows("SELECT * FROM destinations") {
                let name = row["destination"] as String
                var one = figures[name] ?? DestinationFigures(destination: name)
                one.lastAcknowledgedAt = row.date("lastAcknowledgedAt")
                one.acknowledgedInstances = row["acknowledgedInstances"]
                one.acknowledgedBytes = row["acknowledgedBytes"]
                one.lastFailure = row.json("lastFailure")
                one.lastFailureAt = row.date("lastFailureAt")
                figures[name] = one
            }
            return figures.values.filter { destination == nil || $0.destination == destination }
                .sorted { $0.destination < $1.destination }
        }
    }
}

extension DestinationFigures {
    fileprivate init(destination: String) {
        self.init(
            destination: destination, waitingInstances: 0, waitingTransfers: 0, activeTransfers: 0,
            deferredTransfers: 0, heldTransfers: 0, oldestWaitingSince: nil, lastAcknowledgedAt: nil,
            acknowledgedInstances: 0, acknowledgedBytes: 0, lastFailure: nil, lastFailureAt: nil)
    }
}
