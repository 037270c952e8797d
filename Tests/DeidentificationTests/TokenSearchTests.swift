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

    @Test(
        "a token is whole whatever cuts it, however often, and in full-width letters",
        arguments: [
            "\u{A0}", "\u{AD}", "\u{2013}", "\u{2011}", "\u{200B}", "\t", "/", ",", ":", "*", "  ", "\r\n        ",
            ") show (",
        ])
    func cut(gap: String) {
        let token = Self.token
        for place in 1..<13 where gap != ") show (" || place == 6 {
            let text = "see \(token.prefix(place))\(gap)\(token.dropFirst(place)), thorax"
            if gap == ") show (" {
                #expect(strings(text).isEmpty, "words are no gap")
                continue
            }
            let matches = TokenSearch.matches(in: Array(text.utf8))
            #expect(matches.map(\.string) == [token], "after \(place)")
            #expect(matches.first?.range == 4..<(17 + gap.utf8.count))
        }
        #expect(
            strings("(" + token.map(String.init).joined(separator: gap) + ")") == (gap == ") show (" ? [] : [token]))
    }

    @Test("a token is found in full-width letters, in small ones, and inside a word")
    func written() {
        let token = Self.token
        let wide = String(
            String.UnicodeScalarView(token.unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xFEE0) }))
        let small = String(
            String.UnicodeScalarView(token.lowercased().unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xFEE0) })
        )
        for text in [wide, small, "(\(wide))", "\(wide.prefix(4)) \(wide.dropFirst(4))", "ID\(token)cm"] {
            #expect(strings(text) == [token])
        }
        #expect(strings(wide + token) == [token, token])
    }

    @Test("time is linear in what looks like the beginning of a token")
    func linear() {
        func seconds(_ count: Int) -> Double {
            let bytes = Array(String(repeating: "A.P.B.C.", count: count).utf8)
            let start = ContinuousClock.now
            #expect(TokenSearch.matches(in: bytes).isEmpty)
            return (ContinuousClock.now - start) / .seconds(1)
        }
        _ = seconds(1000)
        #expect(seconds(64_000) < 40 * max(seconds(8000), 0.005))
    }

    @Test("in bytes that are no text only one plain gap counts: by chance they hold anything else")
    func bytes() {
        let token = Self.token
        func strings(_ text: String) -> [String] {
            TokenSearch.matches(in: Array(text.utf8), as: .bytes).map(\.string)
        }
        #expect(strings("\u{1}\(token)\u{2}") == [token])
        #expect(strings("\(token.prefix(5)) \(token.dropFirst(5))") == [token])
        #expect(strings("\(token.prefix(5))\u{1}\(token.dropFirst(5))").isEmpty)
        #expect(strings(token.map(String.init).joined(separator: " ")).isEmpty)
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

    @Test("a cut token with one wrong character is damaged, not gone", arguments: ["-", "\r\n  ", " ", "\u{2013}"])
    func damagedHalves(gap: String) {
        for place in 2...11 {
            for index in 0..<13 {
                var changed = Array(Self.token)
                changed[index] = changed[index] == "K" ? "H" : "K"
                let text = "see \(String(changed[..<place]))\(gap)\(String(changed[place...])), thorax"
                let matches = TokenSearch.matches(in: Array(text.utf8))
                #expect(matches.count == 1 && !(matches.first?.isGood ?? true), "\(place) \(index)")
            }
        }
    }

    @Test(
        "words and numbers are not tokens",
        arguments: [
            "APPENDICITIS", "APERTURE", "AP thorax", "AP", "APPENDICES2026", "AP 22 33 44 55 3", "AP 22x33x44 mm",
            "AP strengths", "AP-projektion", "CT 2024-03-01 2345", "AP. Buksmärtor", "AP 202403011215",
        ])
    func words(text: String) { #expect(strings(text).isEmpty) }
}
