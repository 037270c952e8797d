// Sentences in both languages. A phrase cannot be made without either.

/// One text of the pages, in each language that the console speaks.
struct Phrase: Sendable, Hashable {
    let swedish: String
    let english: String

    init(_ swedish: String, _ english: String) {
        self.swedish = swedish
        self.english = english
    }

    func `in`(_ language: ConsoleLanguage) -> String {
        switch language {
        case .swedish: swedish
        case .english: english
        }
    }

    /// With `{0}`, `{1}` … replaced. Values are put in as they are: templates escape the whole.
    func `in`(_ language: ConsoleLanguage, _ values: String...) -> String {
        var result = ""
        var rest = self.in(language)[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let index = Int(rest[rest.index(after: open)..<close]) ?? -1
            result += values.indices.contains(index) ? values[index] : ""
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

/// Groups of phrases by page. Swift names them (`Words.now.waiting`); templates name them too (`{{t.waiting}}`).
enum Words {
    static let shell = ShellWords()
    static let now = NowWords()
    static let studies = StudiesWords()
    static let study = StudyWords()
    static let lists = ListWords()
    static let report = ReportWords()
    static let events = EventsWords()
    static let access = AccessWords()

    static let groups: [any Sendable] = [shell, now, studies, study, lists, report, events, access]

    /// Every phrase of the groups by its property's name.
    static let byName: [String: Phrase] = groups.reduce(into: [:]) { all, group in
        for child in Mirror(reflecting: group).children {
            if let name = child.label, let phrase = child.value as? Phrase { all[name] = phrase }
        }
    }

    private static let tables = Dictionary(
        uniqueKeysWithValues: ConsoleLanguage.allCases.map { language in
            (language, byName.mapValues { $0.in(language) })
        })

    /// What templates know as `t`.
    static func table(_ language: ConsoleLanguage) -> [String: String] { tables[language] ?? [:] }
}
