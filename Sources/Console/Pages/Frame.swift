// Puts a page's values and the words around them before the templates.

import Foundation
import Mustache

/// What templates see: the words and the visitor on every page, and the page's own values. Templates ask for values that may
/// be absent with a leading dot, so that nothing of an outer row shows through.
struct Frame: MustacheParent {
    let shell: [String: Any]
    let page: Fields

    func child(named name: String) -> Any? { shell[name] ?? page.child(named: name) }
}

/// A page for one visitor in one language at one moment.
struct PageWriter: Sendable {
    let library: MustacheLibrary
    let language: ConsoleLanguage
    let visitor: Visitor?
    /// Path and query as asked for; the language links lead back to it.
    let path: String
    let query: FormFields
    let timeZone: TimeZone
    let now: Date

    var scribe: Scribe {
        Scribe(language: language, readable: Readable(language: language, timeZone: timeZone, now: now))
    }

    private var shared: [String: Any] {
        [
            "t": Words.table(language), "language": language.rawValue, "csrf": visitor?.formToken ?? "",
            "canAct": visitor?.role == .operator,
        ]
    }

    /// A template alone: the part of a page that is fetched again.
    func fragment(_ template: String, _ page: Any) -> String {
        library.render(Frame(shell: shared, page: Fields(page)), withTemplate: template) ?? ""
    }

    func page(_ template: String, title: String, live: Bool = false, _ page: Any) -> String {
        var shell = shared
        shell["body"] = fragment(template, page)
        shell["title"] = title
        shell["live"] = live
        shell["signedIn"] = visitor != nil
        shell["hasSession"] = visitor?.session != nil
        let role = visitor?.role == .operator ? Words.shell.roleOperator : Words.shell.roleViewer
        shell["role"] = role.in(language)
        shell["menu"] = Fields.readable(menu)
        shell["languages"] = Fields.readable(
            ConsoleLanguage.allCases.map { each in
                LanguageLink(
                    code: each.rawValue, word: each == .swedish ? "Svenska" : "English", current: each == language,
                    address: query.with("lang", each.rawValue).address(path))
            })
        shell["footer"] = Words.shell.footerLine.in(language, timeZone.identifier)
        return library.render(Frame(shell: shell, page: Fields(())), withTemplate: "layout") ?? ""
    }

    private var menu: [MenuLink] {
        let links = [
            ("/", Words.shell.menuNow), ("/studies", Words.shell.menuStudies),
            ("/transfers", Words.shell.menuTransfers), ("/reports", Words.shell.menuReports),
            ("/events", Words.shell.menuEvents),
        ]
        return links.map { address, phrase in
            let current = path == address || (address != "/" && path.hasPrefix(address + "/"))
            return MenuLink(address: address, word: phrase.in(language), current: current)
        }
    }
}

struct MenuLink {
    let address: String
    let word: String
    let current: Bool
}

struct LanguageLink {
    let code: String
    let word: String
    let current: Bool
    let address: String
}
