import Foundation
import GRDB
import Testing

@testable import Journal

@Suite("What a statement found")
struct JournalRowTests {
    private let queue: DatabaseQueue

    init() throws {
        queue = try DatabaseQueue()
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE things (id INTEGER PRIMARY KEY, longNameOfAColumn TEXT, size REAL, bytes BLOB, flag INTEGER);
                    INSERT INTO things VALUES (1, 'one', 1.5, x'0102', 1), (2, NULL, 2, NULL, 0), (3, 'three', NULL, x'', 1);
                    """)
        }
    }

    @Test("Values are found by name and by place, and NULL is nil")
    func values() throws {
        try queue.read { db in
            let rows = try db.rows("SELECT * FROM things ORDER BY id")
            #expect(rows.map { $0["id"] as Int64 } == [1, 2, 3])
            #expect(rows.map { $0["longNameOfAColumn"] as String? } == ["one", nil, "three"])
            #expect(rows.map { $0[2] as Double? } == [1.5, 2, nil])
            #expect(rows[0].bytes("bytes") == [1, 2] && rows[1].bytes("bytes") == nil && rows[2].bytes("bytes") == [])
            #expect(rows.map { $0["flag"] as Bool } == [true, false, true])
            // Rows stay what they were when their statement finds others.
            let last = try db.row("SELECT * FROM things ORDER BY id DESC")
            #expect(last?["id"] == 3)
            #expect(rows[0]["longNameOfAColumn"] == "one")
        }
    }

    @Test("A statement that changes rows changes all of them, though one is asked for, and can be run again")
    func returning() throws {
        try queue.write { db in
            for sum in [6, 9] {
                let row = try db.row("UPDATE things SET flag = flag + 1 RETURNING flag, id AS number")
                #expect(row?["number"] == 1)
                let found = try db.value("SELECT sum(flag) + 1 FROM things", as: Int.self)
                #expect(found == sum)
            }
        }
    }

    @Test("Nothing found is nil, or none")
    func nothing() throws {
        try queue.read { db in
            let row = try db.row("SELECT * FROM things WHERE id = ?", [9])
            #expect(row == nil)
            let rows = try db.rows("SELECT * FROM things WHERE id = ?", [9])
            #expect(rows.isEmpty)
        }
    }
}
