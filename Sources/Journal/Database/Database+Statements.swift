// Short forms for prepared statements, which GRDB keeps per connection.

import DICOMVocabulary
import Foundation
import GRDB

extension Database {
    /// As GRDB's `inTransaction(.immediate)`, whose BEGIN and COMMIT SQLite has to compile each time: with a row or two between
    /// them that is a good part of all. Throws what went wrong first. `operations` must swallow no error of a full disk or of the
    /// disk's, after which SQLite has ended the transaction: what follows would be committed by itself.
    func inShortTransaction(_ operations: () throws -> TransactionCompletion) throws {
        try run("BEGIN IMMEDIATE TRANSACTION")
        do {
            if try operations() == .commit { return try run("COMMIT TRANSACTION") }
        } catch {
            try? rollback()
            throw error
        }
        try rollback()
    }

    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> JournalRow? {
        try JournalRow.fetch(cachedStatement(sql: sql), arguments, limit: 1).first
    }

    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [JournalRow] {
        try JournalRow.fetch(cachedStatement(sql: sql), arguments)
    }

    func value<Value: DatabaseValueConvertible>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), as: Value.Type = Value.self
    ) throws -> Value? {
        try Value.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }
}

/// How values stand in columns: times as seconds since 1970, UIDs and states as their words, the rest as JSON.
enum Column {
    /// The assignments that end a hold, of a study or a report.
    static let noHold = "holdCode = NULL, holdDetail = NULL, holdHint = NULL, heldBy = NULL"

    static func seconds(_ date: Date?) -> Double? { date?.timeIntervalSince1970 }

    static func json<Value: Encodable>(_ value: Value?) throws -> String? {
        guard let value else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension JournalRow {
    func date(_ name: String) -> Date? {
        (self[name] as Double?).map { Date(timeIntervalSince1970: $0) }
    }

    /// For a column that is never NULL.
    func time(_ name: String) -> Date { Date(timeIntervalSince1970: self[name]) }

    func uid(_ name: String) -> UID { UID(self[name] as String) }

    func optionalUID(_ name: String) -> UID? { (self[name] as String?).map { UID($0) } }

    func bytes(_ name: String) -> [UInt8]? { (self[name] as Data?).map { Array($0) } }

    func json<Value: Decodable>(_ name: String, as: Value.Type = Value.self) -> Value? {
        guard let text = self[name] as String? else { return nil }
        return try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// A state word; a word that this version does not know is an error, not a guess.
    func word<State: RawRepresentable>(_ name: String, as: State.Type = State.self) throws -> State
    where State.RawValue == String {
        let text = self[name] as String
        guard let state = State(rawValue: text) else {
            throw Failure(.ioError, .person, .instance, detail: "the journal's column \(name) says \(text)")
        }
        return state
    }
}
