// One report, and the list of events.

extension Templates {
    static let report = """
        <div class="titlebar"><h1>{{heading}}</h1>{{#state}}{{>state}}{{/state}}</div>
        {{#.done}}<p class="banner good" role="status">{{.}}</p>{{/.done}}
        {{#.hold}}<div class="banner attention">{{>notice}}</div>{{/.hold}}
        <div class="columns">
        <section aria-labelledby="summary"><h2 id="summary">{{t.summary}}</h2>
        {{#row}}
        <dl class="facts">
        <div><dt>{{t.reader}}</dt><dd>{{reader}}</dd></div>
        <div><dt>{{t.studyWord}}</dt><dd>{{#.study}}<a href="{{address}}">{{word}}</a>{{/.study}}{{^.study}}{{t.none}}
        {{/.study}}</dd></div>
        <div><dt>{{t.kind}}</dt><dd>{{kind}}</dd></div>
        <div><dt>{{t.status}}</dt><dd>{{status}}</dd></div>
        <div><dt>{{t.receivedAt}}</dt><dd>{{#received}}{{>time}}{{/received}}</dd></div>
        <div><dt>{{t.restoredAt}}</dt>
        <dd>{{#.restored}}{{>time}}{{/.restored}}{{^.restored}}{{t.none}}{{/.restored}}</dd></div>
        <div><dt>{{t.deliveredAt}}</dt>
        <dd>{{#.delivered}}{{>time}}{{/.delivered}}{{^.delivered}}{{t.none}}{{/.delivered}}</dd></div>
        </dl>
        {{/row}}
        <p class="note">{{t.reportNote}}</p>
        {{#hasNotes}}<h2>{{t.reportNotes}}</h2><ul class="notes">{{#notes}}<li>{{.}}</li>{{/notes}}</ul>{{/hasNotes}}
        </section>
        <section aria-labelledby="actions" class="actions"><h2 id="actions">{{t.actions}}</h2>
        {{^canAct}}<p class="note">{{t.actionsViewer}}</p>{{/canAct}}
        {{#canAct}}
        {{#canRelease}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="release"><p class="help">{{t.reportReleaseHelp}}</p>
        <button>{{t.reportRelease}}</button></form>
        {{/canRelease}}
        {{#canRetry}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="retry"><p class="help">{{t.reportRetryHelp}}</p>
        <button>{{t.reportRetry}}</button></form>
        {{/canRetry}}
        {{#isHeld}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="bind">
        <div class="field"><label for="study">{{t.bindStudy}}</label><input id="study" name="study" required
        maxlength="20" value="{{study}}" autocomplete="off" aria-describedby="bind-help">
        <span class="help" id="bind-help">{{t.bindHelp}}</span>
        <label for="against">{{t.bindAgainst}}</label><input id="against" name="against" maxlength="200"
        autocomplete="off"></div>
        <button>{{t.bind}}</button></form>
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="discard">
        <div class="field"><label for="reason">{{t.discardReason}}</label><input id="reason" name="reason" required
        maxlength="200" autocomplete="off"></div>
        <button class="grave">{{t.discard}}</button></form>
        {{/isHeld}}
        {{/canAct}}
        </section>
        </div>
        <section aria-labelledby="transfers"><h2 id="transfers">{{t.deliveries}}</h2>{{>transfer-rows}}</section>
        <section aria-labelledby="timeline"><h2 id="timeline">{{t.timeline}}</h2>
        {{>event-lines}}
        </section>

        """

    static let eventLines = """
        {{^events}}<p class="empty">{{t.noEvents}}</p>{{/events}}
        <ol class="timeline">
        {{#events}}
        <li>{{#at}}{{>time}}{{/at}} <div><strong>{{kind}}</strong> {{#.study}}<a href="{{address}}">{{word}}</a> {{/.study}}
        {{#.report}}<a href="{{address}}">{{word}}</a> {{/.report}}{{detail}} <span class="under">{{actor}}</span></div></li>
        {{/events}}
        </ol>
        """

    static let events = """
        <h1>{{t.eventsTitle}}</h1>
        <p class="note">{{t.eventsNote}}</p>
        <form method="get" action="/events" class="filters" aria-label="{{t.filters}}">
        <fieldset class="choices"><legend>{{t.eventKind}}</legend>
        {{#kinds}}<label><input type="checkbox" name="kind" value="{{value}}"{{#chosen}}
        checked{{/chosen}}> {{word}}</label>
        {{/kinds}}
        <label><input type="checkbox" name="all" value="yes"{{#all}} checked{{/all}}> {{t.eventsAll}}</label></fieldset>
        <div class="buttons"><button>{{t.show}}</button> <a href="/events">{{t.clear}}</a></div>
        </form>
        {{^events}}<p class="empty">{{t.noEventsFound}}</p>{{/events}}
        {{#hasEvents}}{{>event-lines}}{{/hasEvents}}
        {{#.limited}}<p class="note">{{.}}</p>{{/.limited}}

        """
}
