import DICOMVocabulary
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Console

@Suite struct LanguageTests {
    @Test func `no phrase lacks a language, and no two groups share a name`() {
        let counts = Words.groups.map { Mirror(reflecting: $0).children.count }
        #expect(Words.byName.count == counts.reduce(0, +))
        for (name, phrase) in Words.byName {
            for language in ConsoleLanguage.allCases { #expect(!phrase.in(language).isEmpty, "\(name)") }
            // The same places for values in both.
            let places = ConsoleLanguage.allCases.map { phrase.in($0).filter { "{}".contains($0) }.count }
            #expect(Set(places).count == 1, "\(name)")
        }
    }

    @Test func `every word that a template asks for exists`() throws {
        for (name, text) in Templates.sources {
            for match in text.matches(of: /\{\{\{?[#^\/&]?\s*t\.([A-Za-z]+)/) {
                #expect(Words.byName[String(match.1)] != nil, "\(name) asks for \(match.1)")
            }
        }
        _ = try Templates.library()
    }

    @Test func `only the layout's body is put in unescaped`() {
        for (name, text) in Templates.sources {
            let unescaped = text.matches(of: /\{\{(\{|&)\s*([a-z.]*)/).map { String($0.2) }
            #expect(unescaped == (name == "layout" ? ["body"] : []), "\(name)")
        }
    }

    @Test(arguments: Failure.Code.allCases) func `every failure has a heading`(code: Failure.Code) {
        #expect(NoticeWords.codes[code.rawValue] != nil)
    }

    @Test(arguments: [
        ("sv", ConsoleLanguage.swedish), ("sv-SE,sv;q=0.9,en;q=0.8", .swedish), ("en-GB,sv;q=0.9", .english),
        ("de,sv;q=0.4,en;q=0.3", .swedish), ("en;q=0.2, sv;q=0.7", .swedish), ("sv;q=0, en;q=0.1", .english),
    ])
    func `the browser's preference is read`(header: String, language: ConsoleLanguage) {
        #expect(ConsoleLanguage.preferred(header) == language)
    }

    @Test(arguments: ["", "de", "*", "sv;q=0", "sv;q=x"]) func `a header without our languages says nothing`(
        header: String
    ) {
        #expect(ConsoleLanguage.preferred(header) == nil)
    }

    @Test func `the address goes before the cookie, that before the browser, that before the site`() async throws {
        let visit = try Visit { $0.language = .swedish }
        #expect(try await visit.get("/login").text.contains("<html lang=\"sv\">"))
        let browser = ["Accept-Language": "en"]
        #expect(try await visit.get("/login", browser).text.contains("<html lang=\"en\">"))
        let cookie = browser.merging(["Cookie": "antipode_language=sv"]) { $1 }
        #expect(try await visit.get("/login", cookie).text.contains("<html lang=\"sv\">"))
        let chosen = try await visit.get("/login?lang=en", cookie)
        #expect(chosen.text.contains("<html lang=\"en\">"))
        #expect(chosen.headers[.setCookie]?.hasPrefix("antipode_language=en;") == true)
        #expect(try await visit.get("/login?lang=xx", cookie).text.contains("<html lang=\"sv\">"))
    }

    @Test func `numbers, sizes and ages are written as each language does`() {
        let now = Date(timeIntervalSince1970: 1_795_304_105)
        let stockholm = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        let swedish = Readable(language: .swedish, timeZone: stockholm, now: now)
        let english = Readable(language: .english, timeZone: stockholm, now: now)
        #expect(swedish.count(1_234_567) == "1\u{A0}234\u{A0}567")
        #expect(english.count(-1234) == "−1,234")
        #expect(swedish.bytes(634_000_000) == "634,0\u{A0}MB")
        #expect(english.bytes(999_960) == "1.0\u{A0}MB")
        #expect(english.bytes(17) == "17\u{A0}B")
        #expect(swedish.age(7500) == "2\u{A0}tim 5\u{A0}min")
        #expect(english.age(59.9) == "59\u{A0}s")
        #expect(english.age(90_000) == "1\u{A0}d 1\u{A0}h")
        #expect(english.age(.infinity) != "")
        let moment = swedish.moment(now.addingTimeInterval(-86_400))
        #expect(moment.full.count == 19 && moment.short.count == 16)
        #expect(moment.machine.hasSuffix("+01:00"))
        #expect(swedish.moment(now).short.count == 8)
    }

    @Test func `values take their places in a phrase once`() {
        #expect(Phrase("{0} av {1}", "{0} of {1}").in(.english, "{1}", "<b>") == "{1} of <b>")
    }
}
