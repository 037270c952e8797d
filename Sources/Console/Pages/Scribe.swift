// Turns the desk's values into words of one language.

import Foundation
import Gateway

/// A state with its sign.
struct Badge {
    let tone: String
    let sign: String
    let word: String
}

struct NoticeModel {
    let heading: String
    let detail: String?
    let hint: String?
}

struct Link {
    let address: String
    let word: String
}

/// One of several to choose from in a form.
struct Choice {
    let value: String
    let word: String
    let chosen: Bool
}

struct Scribe: Sendable {
    let language: ConsoleLanguage
    let readable: Readable

    func badge(_ raw: String, _ table: [(raw: String, tone: Tone, phrase: Phrase)]) -> Badge {
        let (tone, phrase) = StateWords.phrase(raw, in: table)
        return badge(tone, phrase)
    }

    func badge(_ tone: Tone, _ phrase: Phrase) -> Badge {
        Badge(tone: tone.rawValue, sign: tone.sign, word: phrase.in(language))
    }

    func notice(_ notice: Notice) -> NoticeModel {
        let hint = NoticeWords.hints[notice.code]?.in(language) ?? sentence(notice.hint)
        return NoticeModel(
            heading: NoticeWords.codes[notice.code]?.in(language) ?? notice.code,
            detail: notice.detail.isEmpty ? nil : sentence(notice.detail), hint: hint.isEmpty ? nil : hint)
    }

    /// Without what to do about a study: for what is said of a road.
    func failure(_ notice: Notice) -> NoticeModel {
        let hint = NoticeWords.hints[notice.code] == nil ? sentence(notice.hint) : ""
        let model = self.notice(notice)
        return NoticeModel(heading: model.heading, detail: model.detail, hint: hint.isEmpty ? nil : hint)
    }

    /// A sentence of the desk in the visitor's language, where it is known.
    func sentence(_ text: String) -> String { language == .swedish ? DetailWords.swedish(text) : text }

    /// An event's detail: a sentence, or the code of a hold with one behind it.
    func detail(_ text: String) -> String {
        if let colon = text.range(of: ": "), let heading = NoticeWords.codes[String(text[..<colon.lowerBound])] {
            return heading.in(language) + ": " + sentence(String(text[colon.upperBound...]))
        }
        return sentence(text)
    }

    func report(_ key: String) -> Link {
        Link(address: "/reports/" + FormFields.encoded(key), word: key)
    }

    func study(_ key: String) -> Link {
        Link(address: "/studies/" + FormFields.encoded(key), word: key)
    }

    func word(_ raw: String, _ table: [String: Phrase]) -> String { table[raw]?.in(language) ?? raw }

    func priority(_ raw: String) -> String {
        StateWords.priorities[raw.lowercased()]?.in(language) ?? orNone(raw)
    }

    func orNone(_ text: String) -> String { text.isEmpty ? Words.shell.none.in(language) : text }

    func choices(
        _ table: [(raw: String, tone: Tone, phrase: Phrase)], chosen: [String]
    ) -> [Choice] {
        table.map { Choice(value: $0.raw, word: $0.phrase.in(language), chosen: chosen.contains($0.raw)) }
    }

    func destinations(_ names: [String], chosen: String?) -> [Choice] {
        // A destination that has left the settings still stands in the journal, and in somebody's link.
        let missing = chosen.map { names.contains($0) ? [] : [$0] } ?? []
        return (names + missing).map { Choice(value: $0, word: $0, chosen: $0 == chosen) }
    }
}
