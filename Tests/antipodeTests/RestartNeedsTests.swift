import Foundation
import Testing

@testable import antipode

@Suite("What SIGHUP cannot put in force")
struct RestartNeedsTests {
    private static let console = """
        [console]
        viewer_token_file = "viewer.token"
        operator_token_file = "operator.token"

        """

    private func names(_ old: String, _ new: String, in text: String = Sample.small + console) throws -> [String] {
        RestartNeeds.names(
            from: try Sample.read(text), to: try Sample.read(text.replacingOccurrences(of: old, with: new)))
    }

    @Test("is what the page of the configuration marks, key by key")
    func page() throws {
        let page = try String(
            contentsOf: Sample.root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
        var table = ""
        var marked: Set<String> = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("### `[") { table = line.dropFirst(6).prefix { $0 != "]" }.lowercased() }
            guard line.hasPrefix("| `") else { continue }
            let key = table + "." + line.dropFirst(3).prefix { $0 != "`" }
            if line.contains("` ↻ |") || table == "console" { marked.insert(key) }
        }
        #expect(page.contains("All of it needs a restart ↻"))
        let known = RestartNeeds.settings.map(\.name).filter { $0 != "console" && !$0.hasSuffix("for the pages") }
        #expect(Set(known) == marked)
    }

    @Test("is named exactly, and what SIGHUP can do is not")
    func named() throws {
        let operators = "operator_token_file = \"operator.token\"\n"
        #expect(
            try names(operators, operators + "port = 8090\nlanguage = \"en\"\n") == [
                "console.port", "console.language",
            ])
        #expect(try names("state = \"state\"", "state = \"elsewhere\"") == ["gateway.state"])
        #expect(try names("key_file = \"vault.key\"", "key_file = \"other.key\"") == ["vault.key_file"])
        #expect(try names("Europe/Stockholm", "Europe/Oslo") == ["gateway.time_zone for the pages"])
        #expect(try names(Self.console, "") == ["console"])
        #expect(try names("to = [\"reader\"]", "to = [\"pacs\"]").isEmpty)
        #expect(try names("port = 104", "port = 204").isEmpty)
    }
}
