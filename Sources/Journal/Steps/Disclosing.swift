// Step 6, for the privacy officer: what left, under which terms.

package import DICOMVocabulary
package import Foundation
import GRDB

extension JournalDatabase {
    /// Writes down under which terms instances of a transfer leave; the same terms once. Call it before the first leaves.
    package func recordDisclosure(
        transfer: Int64, terms: DisclosureTerms, at: Date
    ) async throws(Failure) {
        let text = try Failure.ofSQLite("write down a disclosure") { try Disclosing.json(terms) }
        try await write { db in
            try db.run(
                "INSERT OR IGNORE INTO disclosures (transferID, at, terms) VALUES (?, ?, ?)",
                [transfer, at.timeIntervalSince1970, text])
        }
    }

    package func disclosures(_ query: DisclosureQuery) async throws(Failure) -> [DisclosureRecord] {
        try await read { db in
            var conditions = ["1"]
            var values: [(any DatabaseValueConvertible)?] = []
            func equal(_ expression: String, _ value: String?) {
                guard let value else { return }
                conditions.append("\(expression) = ?")
                values.append(value)
            }
            equal("json_extract(terms, '$.destination')", query.destination)
            equal("json_extract(terms, '$.country')", query.country)
            equal("json_extract(terms, '$.agreement')", query.agreement)
            if let since = query.since {
                conditions.append("at >= ?")
                values.append(since.timeIntervalSince1970)
            }
            if let until = query.until {
                conditions.append("at < ?")
                values.append(until.timeIntervalSince1970)
            }
            if let studies = query.studies {
                let list = studies.map(String.init).joined(separator: ", ")
                conditions.append("transferID IN (SELECT id FROM transfers WHERE studyID IN (\(list)))")
            }
            // Newest first, and each transfer once, by the last of its rows: nothing is grouped that is not shown.
            let these = conditions.joined(separator: " AND ")
            let transfers = try db.rows(
                """
                SELECT transferID FROM disclosures AS last WHERE \(these) AND NOT EXISTS (
                    SELECT 1 FROM disclosures WHERE transferID = last.transferID AND id > last.id AND \(these))
                ORDER BY id DESC LIMIT ? OFFSET ?
                """, StatementArguments(values + values + [query.limit, query.offset]))
            return try transfers.compactMap { try db.disclosure(of: $0["transferID"]) }
        }
    }
}

extension Database {
    fileprivate func disclosure(of transfer: Int64) throws -> DisclosureRecord? {
        let written = try rows("SELECT id, at, terms FROM disclosures WHERE transferID = ? ORDER BY id", [transfer])
        guard let first = written.first, let record = try TransferRecord.fetch(self, transfer) else { return nil }
        let study = try record.studyID.flatMap {
            try row("SELECT modalities, pixelsReleased FROM studies WHERE id = ?", [$0])
        }
        let sentBy: String? = try value(
            "SELECT actor FROM events WHERE transferID = ? AND kind = 'planned' AND studyID = ? ORDER BY id LIMIT 1",
            [transfer, record.studyID])
        let release =
            study?["pixelsReleased"] == true
            ? try row(
                """
                SELECT actor, at FROM events WHERE studyID = ? AND kind = 'released'
                ORDER BY detail = ? DESC, id DESC LIMIT 1
                """, [record.studyID, EventRecord.pixelsJudged]) : nil
        let frozen: String? = try value("SELECT result FROM disclosure_results WHERE transferID = ?", [transfer])
        let last: Double? = try value(
            "SELECT max(acknowledgedAt) FROM transfer_instances WHERE transferID = ?", [transfer])
        return DisclosureRecord(
            id: first["id"], transferID: transfer, studyID: record.studyID, firstAt: first.time("at"),
            lastAt: last.map { Date(timeIntervalSince1970: $0) } ?? record.finishedAt,
            terms: written.compactMap { try? Disclosing.terms($0["terms"]) }, rule: record.rule, sentBy: sentBy,
            modalities: study?.json("modalities") ?? [],
            pseudonymousStudyUID: record.isIdentified ? nil : record.pseudonymousStudyUID,
            acknowledged: record.acknowledged, bytes: record.bytesSent,
            pixelsReleased: study?["pixelsReleased"] ?? false, releasedBy: release?["actor"],
            releasedAt: release?.date("at"),
            result: try frozen.flatMap { try Disclosing.result($0) } ?? disclosureResult(of: transfer))
    }

    private func disclosureResult(of transfer: Int64) throws -> DisclosureResult {
        var result = DisclosureResult()
        let rows = try rows(
            """
            SELECT passage.state, sopClassUID, COALESCE(json_extract(failure, '$.code'), '') AS code, count(*) AS count
            FROM transfer_instances AS passage LEFT JOIN instances ON instances.id = passage.instanceID
            WHERE transferID = ? GROUP BY passage.state, sopClassUID, code
            """, [transfer])
        for row in rows {
            let count = row["count"] as Int
            let code = Failure.Code(rawValue: row["code"])
            if row["state"] == PassageState.acknowledged.rawValue {
                result.classes[row["sopClassUID"] ?? "", default: 0] += count
                continue
            }
            if let code, Disclosing.afterLeaving.contains(code) { result.unconfirmed += count }
            guard row["state"] == PassageState.held.rawValue else { continue }
            switch code {
            case .identityFound: result.heldByGuard += count
            case .pixelsMayIdentify, .documentMayIdentify: result.heldUnseen += count
            default: result.heldOtherwise += count
            }
        }
        return result
    }

    /// Before the rows of a study's instances are dropped.
    func keepDisclosures(ofStudy study: Int64) throws {
        let transfers = try rows(
            """
            SELECT DISTINCT transferID FROM disclosures
            WHERE transferID IN (SELECT id FROM transfers WHERE studyID = ? AND reportID IS NULL)
            """, [study])
        for row in transfers {
            let transfer = row["transferID"] as Int64
            try run(
                "INSERT OR IGNORE INTO disclosure_results VALUES (?, ?)",
                [transfer, try Disclosing.json(try disclosureResult(of: transfer))])
        }
    }
}

private enum Disclosing {
    /// Failures that come when the instance's bytes are on the road, or beyond it.
    static let afterLeaving: Set<Failure.Code> = [
        .connectionLost, .associationAborted, .peerTimedOut, .outOfResources, .sopClassNotSupported, .notAuthorized,
        .dataSetMismatch, .cannotUnderstand, .refusedByPeer, .workerDied, .workerTooSlow, .setAside, .protocolError,
    ]

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func terms(_ text: String) throws -> DisclosureTerms {
        try JSONDecoder().decode(DisclosureTerms.self, from: Data(text.utf8))
    }

    static func result(_ text: String) throws -> DisclosureResult {
        try JSONDecoder().decode(DisclosureResult.self, from: Data(text.utf8))
    }
}
