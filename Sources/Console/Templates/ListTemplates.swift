// Transfers and reports, on pages of their own and within a study's.

extension Templates {
    static let transfers = """
        <h1>{{t.transfersTitle}}</h1>
        <form method="get" action="/transfers" class="filters" aria-label="{{t.filters}}">
        <div class="field"><label for="destination">{{t.destination}}</label><select id="destination"
        name="destination"><option value="">{{t.all}}</option>
        {{#destinations}}<option value="{{value}}"{{#chosen}}
        selected{{/chosen}}>{{word}}</option>{{/destinations}}</select></div>
        {{>choices}}
        <div class="buttons"><button>{{t.show}}</button> <a href="/transfers">{{t.clear}}</a></div>
        </form>
        {{>transfer-rows}}
        {{#.limited}}<p class="note">{{.}}</p>{{/.limited}}

        """

    static let transferRows = """
        {{^transfers}}<p class="empty">{{t.noTransfers}}</p>{{/transfers}}
        {{#hasTransfers}}
        <div class="scroll" role="region" aria-label="{{t.transfersTitle}}" tabindex="0"><table>
        <caption class="unseen">{{t.transfersTitle}}</caption>
        <thead><tr><th scope="col">{{t.transferKey}}</th><th scope="col">{{t.carries}}</th>
        <th scope="col">{{t.destination}}</th><th scope="col">{{t.state}}</th>
        <th scope="col">{{t.progress}}</th><th scope="col" class="n">{{t.size}}</th>
        <th scope="col">{{t.priority}}</th><th scope="col">{{t.created}}</th>
        <th scope="col">{{t.finished}}</th><th scope="col" class="n">{{t.attemptsMade}}</th></tr></thead>
        {{#transfers}}
        <tbody class="group"><tr><th scope="row">{{key}}</th>
        <td>{{#.study}}<a href="{{address}}">{{word}}</a>{{/.study}}{{#.report}}
        <a href="{{address}}">{{word}}</a>{{/.report}}</td>
        <td>{{destination}}<span class="under">{{profile}}</span></td>
        <td>{{#state}}{{>state}}{{/state}}{{#.next}}
        <span class="under">{{t.nextAttempt}} {{>time}}</span>{{/.next}}</td>
        <td class="progress"><progress max="{{instances}}" value="{{acknowledged}}"
        aria-label="{{progressLong}}"></progress> <span>{{progressShort}}</span>{{#.held}}
        <span class="under attention">! {{.}}</span>{{/.held}}</td>
        <td class="n">{{size}}</td><td>{{priority}}</td><td>{{#created}}{{>time}}{{/created}}</td>
        <td>{{#.finished}}{{>time}}{{/.finished}}{{^.finished}}{{t.none}}{{/.finished}}</td>
        <td class="n">{{attempts}}</td></tr>
        {{#hasMore}}<tr class="more"><td colspan="10">{{#.failure}}{{>notice}}{{/.failure}}{{#.pseudonym}}
        <span class="line"><span class="label">{{t.pseudonym}}:</span> <span
        class="mono break">{{.}}</span></span>{{/.pseudonym}}</td></tr>{{/hasMore}}
        </tbody>
        {{/transfers}}
        </table></div>
        {{/hasTransfers}}

        """

    static let reports = """
        <h1>{{t.reportsTitle}}</h1>
        <p class="note">{{t.reportNote}}</p>
        <form method="get" action="/reports" class="filters" aria-label="{{t.filters}}">
        {{>choices}}
        <div class="buttons"><button>{{t.show}}</button> <a href="/reports">{{t.clear}}</a></div>
        </form>
        {{>report-rows}}
        {{#.limited}}<p class="note">{{.}}</p>{{/.limited}}

        """

    static let reportRows = """
        {{^reports}}<p class="empty">{{t.noReports}}</p>{{/reports}}
        {{#hasReports}}
        <div class="scroll" role="region" aria-label="{{t.reportsTitle}}" tabindex="0"><table>
        <caption class="unseen">{{t.reportsTitle}}</caption>
        <thead><tr><th scope="col">{{t.reportWord}}</th><th scope="col">{{t.state}}</th>
        <th scope="col">{{t.reader}}</th><th scope="col">{{t.studyWord}}</th>
        <th scope="col">{{t.kind}}</th><th scope="col">{{t.status}}</th><th scope="col">{{t.receivedAt}}</th>
        <th scope="col">{{t.restoredAt}}</th><th scope="col">{{t.deliveredAt}}</th></tr></thead>
        {{#reports}}
        <tbody class="group"><tr><th scope="row"><a href="{{address}}">{{key}}</a></th>
        <td>{{#state}}{{>state}}{{/state}}</td><td>{{reader}}</td>
        <td>{{#.study}}<a href="{{address}}">{{word}}</a>{{/.study}}{{^.study}}{{t.none}}{{/.study}}</td>
        <td>{{kind}}</td><td>{{status}}</td>
        <td>{{#received}}{{>time}}{{/received}}</td>
        <td>{{#.restored}}{{>time}}{{/.restored}}{{^.restored}}{{t.none}}{{/.restored}}</td>
        <td>{{#.delivered}}{{>time}}{{/.delivered}}{{^.delivered}}{{t.none}}{{/.delivered}}</td></tr>
        {{#.hold}}<tr class="more"><td colspan="9">{{>notice}}</td></tr>{{/.hold}}
        {{#notes}}<tr class="more"><td colspan="9"><span class="label">{{t.reportNotes}}:</span> {{.}}</td></tr>{{/notes}}
        </tbody>
        {{/reports}}
        </table></div>
        {{/hasReports}}

        """
}
