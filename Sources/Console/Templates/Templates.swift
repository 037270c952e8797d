// The templates by name, parsed once. They are Swift strings: the program needs no files beside it.

import Mustache

enum Templates {
    static let sources: [String: String] = [
        "layout": layout, "now": now, "now-live": nowLive, "studies": studies, "study": study,
        "study-actions": studyActions, "transfers": transfers, "transfer-rows": transferRows, "reports": reports,
        "report-rows": reportRows, "report": report, "event-lines": eventLines, "events": events,
        "login": login, "message": message,
        "state": state, "time": time, "notice": notice, "choices": choices,
    ]

    /// Throws if a template does not parse: a fault of this program that its tests show.
    static func library() throws -> MustacheLibrary {
        var library = MustacheLibrary()
        for (name, text) in sources { try library.register(text, named: name) }
        return library
    }

    static let state = """
        <span class="state {{tone}}"><span class="sign" aria-hidden="true">{{sign}}</span>&nbsp;{{word}}</span>
        """

    static let time = """
        <time datetime="{{machine}}" title="{{full}}">{{short}}</time>
        """

    static let notice = """
        <div class="notice"><strong>{{heading}}</strong>{{#.detail}} <span>{{.}}</span>{{/.detail}}
        {{#.hint}}<p class="hint"><span class="label">{{t.hint}}:</span> {{.}}</p>{{/.hint}}</div>
        """

    static let choices = """
        <fieldset class="choices"><legend>{{t.state}}</legend>
        {{#states}}<label><input type="checkbox" name="state" value="{{value}}"{{#chosen}}
        checked{{/chosen}}> {{word}}</label>
        {{/states}}</fieldset>
        """
}
