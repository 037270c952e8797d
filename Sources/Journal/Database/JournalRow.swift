// What a statement found.

import GRDB

/// The values of one row, by name or by place. Belongs to the access to the database in which it was read.
///
/// GRDB's own `Row` makes an index of lower-cased names for each row that it reads, and finds a column of a row that it copied by
/// comparing lower-cased names one after the other: for a claim, which reads some sixty columns, that took longer than SQLite.
/// Here all rows of a statement share the index that GRDB keeps with it (`Statement.index(ofColumn:)`).
struct JournalRow {
    private let statement: Statement
    private let values: [DatabaseValue]

    /// Of the row on which the statement stands (sqlite3_step).
    private init(standing statement: Statement) {
        self.statement = statement
        values = (0..<statement.columnCount).map {
            DatabaseValue(sqliteStatement: statement.sqliteStatement, index: CInt($0))
        }
    }

    /// An optional `Value` is nil for NULL. A column that is of another kind ends the program, as it does with GRDB.
    subscript<Value: DatabaseValueConvertible>(_ place: Int) -> Value {
        guard let value = Value.fromDatabaseValue(values[place]) else {
            preconditionFailure("column \(place) is no \(Value.self)")
        }
        return value
    }

    /// As by place; that there is such a column is the statement's to see to.
    subscript<Value: DatabaseValueConvertible>(_ name: String) -> Value { self[place(of: name)] }

    private func place(of name: String) -> Int {
        guard let place = statement.index(ofColumn: name) else {
            preconditionFailure("the statement has no column \(name)")
        }
        return place
    }

    /// The rows that the statement finds, `limit` at most.
    static func fetch(_ statement: Statement, _ arguments: StatementArguments, limit: Int = .max) throws -> [JournalRow]
    {
        // GRDB steps and resets the statement; the first column, which the cursor reads, is read once more with the others.
        let cursor = try DatabaseValue.fetchCursor(statement, arguments: arguments)
        var rows: [JournalRow] = []
        while rows.count < limit, try cursor.next() != nil { rows.append(JournalRow(standing: statement)) }
        return rows
    }
}
