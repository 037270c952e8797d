// What waits for each destination.

package import DICOMVocabulary
import Foundation
import GRDB

extension JournalDatabase {
    /// Bytes of the studies whose files are here.
    package func spoolBytes() async throws(Failure) -> Int64 {
        try await read { db in
            Int64(try db.value("SELECT total(bytes) FROM studies WHERE sweptAt IS NULL", as: Double.self) ?? 0)
        }
    }

    /// Destinations that none of `served` is, and that something waits for: nobody sends it, as long as that is so.
    package func unserved(served: [String]) async throws(Failure) -> [String] {
        try await read { db in
            try db.rows(
                """
                SELECT DISTINCT destination FROM open_counts WHERE transfers > 0 AND state <> 'held'
                    AND destination NOT IN (SELECT value FROM json_each(?)) ORDER BY destination
                """, [try Column.json(served)]
            ).map { $0["destination"] }
        }
    }

    /// Figures of every destination that ever had a transfer settled or has one open, or of one. The cost grows
    /// neither with what is open nor with history.
    package func figures(destination: String? = nil) async throws(Failure) -> [DestinationFigures] {
        try await read { db in
            var figures: [String: DestinationFigures] = [:]
            for row in try db.rows("SELECT * FROM open_counts WHERE transfers > 0") {
                let name = row["destination"] as String
                var one = figures[name] ?? DestinationFigures(destination: name)
                let transfers = row["transfers"] as Int
                switch try row.word("state", as: TransferState.self) {
                case .held: one.heldTransfers += transfers
                case let state:
                    one.waitingInstances += row["instances"] as Int
                    one.heldTransfers += row["withHeld"] as Int
                    switch state {
                    case .active: one.activeTransfers = transfers
                    case .deferred: one.deferredTransfers = transfers
                    default: one.waitingTransfers = transfers
                    }
                    one.oldestWaitingSince = try db.oldestOpen(of: name)
                }
                figures[name] = one
            }
            for row in try db.rows("SELECT * FROM destinations") {
                let name = row["destination"] as String
                var one = figures[name] ?? DestinationFigures(destination: name)
                one.lastAcknowledgedAt = row.date("lastAcknowledgedAt")
                one.acknowledgedInstances = row["acknowledgedInstances"]
                one.acknowledgedBytes = row["acknowledgedBytes"]
                // What an earlier version wrote down may be a hold of our own.
                if let failure = row.json("lastFailure", as: Failure.self), failure.code.isOfPeer {
                    one.lastFailure = failure
                    one.lastFailureAt = row.date("lastFailureAt")
                }
                figures[name] = one
            }
            return figures.values.filter { destination == nil || $0.destination == destination }
                .sorted { $0.destination < $1.destination }
        }
    }
}

extension Database {
    fileprivate func oldestOpen(of destination: String) throws -> Date? {
        try value(
            """
            SELECT createdAt FROM transfers INDEXED BY transfers_oldest
            WHERE destination = ? AND state IN ('waiting', 'active', 'deferred') ORDER BY createdAt LIMIT 1
            """, [destination], as: Double.self
        ).map { Date(timeIntervalSince1970: $0) }
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
