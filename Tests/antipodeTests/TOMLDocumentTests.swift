import Foundation
import Routing
import Testing

@testable import antipode

@Suite("TOML")
struct TOMLDocumentTests {
    private func values(_ text: String) throws(TOMLDocument.Fault) -> [String: ConfigurationValue] {
        try TOMLDocument(text).values
    }

    @Test(
        "reads values of every kind",
        arguments: [
            (#""a\tå\u00e5\U0001F600\\""#, ConfigurationValue.string("a\tåå😀\\")), (#"'C:\dir'"#, .string(#"C:\dir"#)),
            ("\"\"\"\none\r\n  two\\\n   \n  three\"\"\"\"", .string("one\n  twothree\"")),
            ("'''a\n'b'''", .string("a\n'b")),
            ("1_000", .integer(1000)), ("-17", .integer(-17)), ("+0", .integer(0)),
            ("0xDEAD_beef", .integer(0xDEAD_BEEF)),
            ("0o17", .integer(15)), ("0b101", .integer(5)), ("1.5e3", .number(1500)), ("-0.01", .number(-0.01)),
            ("1e6", .number(1_000_000)), ("inf", .number(.infinity)), ("true", .boolean(true)),
            ("07:05:09", TimeOfDay(hour: 7, minute: 5, second: 9).map { .time($0) } ?? .array([])),
            ("07:05:09.5", .other("a time with fractions")), ("1979-05-27", .other("a date")),
            ("1979-05-27T07:32:00Z", .other("a date with a time")),
            ("1979-05-27 07:32:00.5-07:00", .other("a date with a time")),
            ("[1, [2, 3], # four\n]", .array([.integer(1), .array([.integer(2), .integer(3)])])),
            ("{ a = 1, b.c = 'd' }", .table(["a": .integer(1), "b": .table(["c": .string("d")])])), ("{}", .table([:])),
        ])
    func kinds(text: String, expected: ConfigurationValue) throws {
        #expect(try values("x = \(text) # comment\n")["x"] == expected)
    }

    @Test("reads tables, lists of tables and dotted keys, and knows their lines")
    func tables() throws {
        let document = try TOMLDocument(
            """
            top = 1
            [a.b]
            c.d = 2
            [[list]]
            name = "x"
            [list.inner]
            deep = true
            [[list]]
            "quoted key" = 3
            [a]
            z = 4
            """)
        #expect(
            document.values
                == [
                    "top": .integer(1),
                    "a": .table(["b": .table(["c": .table(["d": .integer(2)])]), "z": .integer(4)]),
                    "list": .array([
                        .table(["name": .string("x"), "inner": .table(["deep": .boolean(true)])]),
                        .table(["quoted key": .integer(3)]),
                    ]),
                ])
        #expect(document.line(of: "list[1].inner.deep") == 7)
        #expect(document.line(of: "list[2].quoted key") == 9)
        #expect(document.line(of: "list[2].missing") == 8)
        #expect(document.line(of: "nowhere") == nil)
    }

    @Test(
        "refuses",
        arguments: [
            // The first four end the process in toml++ 3.4 by an assertion.
            "[[[listener]]]", "x = [}", "x = 2026-01-01 2", "[!a]", "[a", "[]", "[a]\n[a]", "a = 1\na = 2",
            "[[a]]\n[a]",
            "[a]\n[[a]]", "a = 1\n[a.b]", "a.b = 1\n[a]", "[a.b]\n[a]\nb.c = 1", "x = {a = 1}\nx.b = 2", "x = {a = 1,}",
            "x = [1 2]", "x = [1", "x = \"a", "x = 'a", "x = \"\"\"a", "x = \"\\q\"", "x = \"\\ud800\"",
            "x = \"a\u{1}\"",
            "# \u{7F}", "x = 01", "x = 1_", "x = _1", "x = 1__0", "x = 0x", "x = -0x1", "x = 1.", "x = .5", "x = 1e",
            "x = 99999999999999999999", "x = 24:00:00", "x = 07:05", "x = 2026-13-01", "x = yes", "x =", "= 1", "x",
            "x = 1 y = 2",
            "x = \"a\"\r", "å = 1", "x = \(String(repeating: "[", count: 100_000))",
        ])
    func refuses(text: String) {
        #expect(throws: TOMLDocument.Fault.self) { try values(text) }
    }

    @Test("tells the line of a fault, and repeats no value that could be a secret without its quotes")
    func faults() {
        #expect {
            try values("a = 1\n\nb = s3cret\n")
        } throws: { error in
            guard let fault = error as? TOMLDocument.Fault else { return false }
            return fault.line == 3 && !fault.problem.contains("s3cret")
        }
    }

    @Test("never traps, whatever is changed in the sample")
    func mutations() throws {
        let whole = try Data(contentsOf: Sample.root.appendingPathComponent("config/antipode.toml"))
        // Whole lines, so that it is TOML before it is changed.
        let sample = [UInt8](whole.prefix(2000)).reversed().drop { $0 != 0x0A }.reversed()
        var state: UInt64 = 0x70_6D_6C
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(bound, 1)
        }
        let pieces = [
            "[", "]", "{", "}", "=", "\"", "'", "\"\"\"", "\\", "\n", "\r", ",", ".", "\u{2028}", "\u{0}", "0x", "-",
        ]
        var outcomes: Set<Bool> = []
        for _ in 0..<300 {
            var bytes = Array(sample)
            for _ in 0...next(4) {
                let place = next(bytes.count)
                if next(2) == 0 {
                    bytes.remove(at: place)
                } else {
                    bytes.insert(contentsOf: Array(pieces[next(pieces.count)].utf8), at: place)
                }
            }
            outcomes.insert((try? TOMLDocument(String(decoding: bytes, as: UTF8.self))) != nil)
        }
        #expect(outcomes == [true, false])
    }
}
