import GRDB
import Testing

@testable import Journal

@Suite("Times that something waits for")
struct ClockTests {
    @Test("every column of the schema that something waits for is put right after a clock was set")
    func complete() throws {
        let queue = try DatabaseQueue()
        try Schema.migrator.migrate(queue)
        let known = Set(
            (ClockColumns.attempts + ClockColumns.questions + ClockColumns.since + ClockColumns.finished)
                .map { "\($0.table).\($0.name)" })
        try queue.read { db in
            var found: Set<String> = []
            for table in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'") {
                for row in try Row.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table]) {
                    let name = row["name"] as String
                    if name.hasPrefix("next"), name.hasSuffix("At") { found.insert("\(table).\(name)") }
                    if name == "firstAt" { found.insert("\(table).\(name)") }
                }
            }
            #expect(found.count >= 5)
            #expect(found.isSubset(of: known))
            for column in ClockColumns.attempts + ClockColumns.questions + ClockColumns.since + ClockColumns.finished {
                _ = try Row.fetchOne(
                    db, sql: "SELECT \(column.name) FROM \(column.table) WHERE \(column.condition)")
            }
        }
    }
}
