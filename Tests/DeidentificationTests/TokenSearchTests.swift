import DICOMVocabulary
import Testing

@testable import Deidentification

@Suite("Tokens in text")
struct TokenSearchTests {
    private static let token = StudyTokens.sample(1).patientID

    private func strings(_ text: String) -> [String] { TokenSearch.matches(in: Array(text.utf8)).map(\.string) }

    @Test("a whole token is found wherever it stands")
    func whole() {
        let token = Self.token
        for text in [
            token, "\(token) thorax", "(\(token))", "x\n\(token).", "\(token)\\", "_\(token)_", token.lowercased(),
            "\(token)cm", "\(token.prefix(6))\r\n\(token.dropFirst(6))", "\(token.prefix(3))-\n  \(token.dropFirst(3))",
        ] { #expect(strings(text) == [token], "\(text.count) characters") }
        #expect(strings("\(token), \(token)") == [token, token])
    }

    @Test("a token with one wrong, missing or extra character is found as damaged, at every place")
    func damaged() {
        let characters = Array(Self.token)
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "K" ? "H" : "K"
            if index >= 2 {
                let matches = TokenSearch.matches(in: Array(String(changed).utf8))
                #expect(matches.count == 1 && !(matches.first?.isGood ?? true))
            }
            var shorter = characters
            shorter.remove(at: index)
            #expect(strings(String(shorter)).count == 1)
            var longer = characters
            longer.insert("O", at: index)
            #expect(strings(String(longer)).count == 1)
        }
    }

    @Test(
        "words and numbers are not tokens",
        arguments: ["APPENDICITIS", "APERTURE", "AP thorax", "AP", "APPENDICES2026", "AP 22 33 44 55 3"])
    func words(text: String) { #expect(strings(text).isEmpty) }
}
