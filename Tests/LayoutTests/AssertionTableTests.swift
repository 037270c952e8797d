// The table of assertions in docs/deidentification.md names tests that there are.

import Foundation
import Testing

@Suite struct AssertionTableTests {
    /// `| n | assertion | proof |`
    private static let rows: [(number: Int, proof: String)] =
        ((try? House.text("docs/deidentification.md")) ?? "").components(separatedBy: "## The assertions").last?
        .split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, let number = Int(cells[0]) else { return nil }
            return (number, cells[2])
        } ?? []

    /// The text of each suite in Swift, by its name, and of all tests of the path.
    private static func sources(_ folder: String, _ suffix: String) throws -> [String] {
        let files = FileManager.default.enumerator(
            at: House.root.appending(path: folder), includingPropertiesForKeys: nil)
        var all: [String] = []
        while let file = files?.nextObject() as? URL {
            if file.lastPathComponent.hasSuffix(suffix) { all.append(try String(contentsOf: file, encoding: .utf8)) }
        }
        return all
    }

    @Test("Each of the 68 has a row, in order, with a proof or a reason")
    func complete() {
        #expect(Self.rows.map(\.number) == Array(1...68))
        #expect(Self.rows.allSatisfy { $0.proof.count > 10 })
    }

    @Test("Every test that a row names is one")
    func names() throws {
        var suites: [String: String] = [:]
        for text in try Self.sources("Tests", ".swift") {
            for match in text.matches(of: #/(?m)^(?:final )?(?:struct|class|@Suite struct) (\w+Tests)\b/#) {
                suites[String(match.1), default: ""] += text
            }
            for match in text.matches(of: #/(?m)^@Suite(?:\([^)]*\))? (?:final )?(?:struct|class) (\w+Tests)\b/#) {
                suites[String(match.1), default: ""] += text
            }
        }
        let python = try Self.sources("Tests/Path", ".py").joined()
        for (number, proof) in Self.rows {
            var suite = ""
            for match in proof.matches(of: #/`(\w+Tests)?(?:\.(\w+))?`/#) {
                if let name = match.1 { suite = try #require(suites[String(name)], "\(number): \(name)") }
                if let function = match.2 { #expect(suite.contains("func \(function)("), "\(number): \(match.0)") }
            }
            for match in proof.matches(of: #/`(test_\w+)`/#) {
                #expect(python.contains("def \(match.1)("), "\(number): \(match.1)")
            }
            for match in proof.matches(of: #/\b(test_\w+\.py)\b/#) {
                let path = House.root.appending(path: "Tests/Path/\(match.1)").path
                #expect(FileManager.default.fileExists(atPath: path), "\(number): \(match.1)")
            }
        }
    }
}
