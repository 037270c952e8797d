// The first page, and the part of it that is fetched again every few seconds.

extension Templates {
    static let now = """
        <div class="titlebar"><h1>{{t.nowTitle}}</h1>
        <button type="button" id="pause" class="quiet" hidden aria-pressed="false"
        data-resume="{{t.resume}}">{{t.pause}}</button></div>
        <p id="lost" class="banner attention" role="status" hidden>{{t.lost}}</p>
        <p id="spoken" class="unseen" aria-live="polite"></p>
        <div id="live" data-source="/fragments/now">
        {{>now-live}}
        </div>

        """

    static let nowLive = """
        <p class="headline {{tone}}" id="headline">{{headline}}</p>
        {{#hasAlarms}}
        <section aria-labelledby="alarms"><h2 id="alarms">{{t.alarms}}</h2>
        <ul class="alarms">
        {{#alarms}}<li>{{>notice}}</li>{{/alarms}}
        </ul></section>
        {{/hasAlarms}}
        <section aria-label="{{t.numbers}}">
        <ul class="numbers">
        {{#numbers}}
        <li class="{{tone}}"><a id="{{anchor}}" href="{{address}}">
        <span class="number">{{value}}</span> <span>{{word}}</span></a></li>
        {{/numbers}}
        </ul></section>
        {{#hasAttention}}
        <section aria-labelledby="attention"><h2 id="attention">{{t.attention}}</h2>
        <ul class="waiting">
        {{#attention}}<li>{{#subject}}<a href="{{address}}">{{word}}</a>{{/subject}} {{#notice}}{{>notice}}{{/notice}}</li>
        {{/attention}}
        </ul>
        <p class="note"><a href="/studies?person=yes">{{t.attentionMore}}</a> ·
        <a href="/reports?state=held">{{t.attentionReports}}</a></p>
        </section>
        {{/hasAttention}}
        <section aria-labelledby="destinations"><h2 id="destinations">{{t.destinations}}</h2>
        {{^destinations}}<p>{{t.noDestinations}}</p>{{/destinations}}
        {{#hasDestinations}}
        <div class="scroll" role="region" aria-labelledby="destinations" tabindex="0"><table>
        <thead><tr><th scope="col">{{t.destination}}</th><th scope="col">{{t.circuit}}</th>
        <th scope="col" class="n">{{t.lanes}}</th><th scope="col" class="n">{{t.waitingTransfers}}</th>
        <th scope="col" class="n">{{t.deferredTransfers}}</th><th scope="col" class="n">{{t.heldTransfers}}</th>
        <th scope="col" class="n">{{t.waitingInstances}}</th><th scope="col" class="n">{{t.oldest}}</th>
        <th scope="col">{{t.lastAcknowledged}}</th>{{#canAct}}<td></td>{{/canAct}}</tr></thead>
        {{#destinations}}
        <tbody class="group"><tr><th scope="row"><a id="{{anchor}}" href="{{transfersAddress}}">{{name}}</a>
        <span class="under">{{roleAndCountry}}</span><span class="under mono">{{where}}</span></th>
        <td>{{#circuit}}{{>state}}{{/circuit}}{{#.retryAt}}
        <span class="under">{{t.retryAt}} {{>time}}</span>{{/.retryAt}}</td>
        <td class="n"><span title="{{lanesLong}}">{{lanes}}</span></td>
        <td class="n"><a href="{{waitingAddress}}">{{waiting}}</a></td>
        <td class="n"><a href="{{deferredAddress}}">{{deferred}}</a></td>
        <td class="n">{{#someHeld}}<a class="state attention" href="{{heldAddress}}">
        <span aria-hidden="true">!</span>&nbsp;{{held}}</a>{{/someHeld}}{{^someHeld}}
        <a href="{{heldAddress}}">{{held}}</a>{{/someHeld}}</td>
        <td class="n">{{instances}}</td>
        <td class="n age {{ageTone}}">{{#.oldest}}{{.}}{{/.oldest}}{{^.oldest}}{{t.none}}{{/.oldest}}</td>
        <td>{{#.acknowledged}}{{>time}}{{/.acknowledged}}{{^.acknowledged}}{{t.none}}{{/.acknowledged}}</td>
        {{#canAct}}
        <td><form method="post" action="/destinations/echo"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="peer" value="{{name}}"><button class="small"
        aria-label="{{tryLong}}">{{t.tryRoad}}</button></form></td>
        {{/canAct}}
        </tr>
        {{#.failure}}
        <tr class="more"><td colspan="{{columns}}"><span class="label">{{t.lastFailure}}:</span> {{>notice}}</td></tr>
        {{/.failure}}
        </tbody>
        {{/destinations}}
        </table></div>
        {{/hasDestinations}}
        </section>
        <div class="columns">
        {{#hasDestinations}}
        <section aria-labelledby="ages"><h2 id="ages">{{t.ages}}</h2>
        <div class="scroll" role="region" aria-labelledby="ages" tabindex="0"><table>
        <thead><tr><th scope="col">{{t.destination}}</th><th scope="col" class="n">{{t.ageFresh}}</th>
        <th scope="col" class="n">{{t.ageShort}}</th><th scope="col" class="n">{{t.ageLong}}</th>
        <th scope="col" class="n">{{t.ageLate}}</th></tr></thead>
        <tbody>
        {{#ages}}
        <tr><th scope="row">{{name}}</th>{{#cells}}<td class="n {{tone}}">{{value}}</td>{{/cells}}</tr>
        {{/ages}}
        </tbody></table></div>
        <p class="note">{{t.agesNote}}{{#.agesPartial}} {{.}}{{/.agesPartial}}</p>
        </section>
        {{/hasDestinations}}
        <section aria-labelledby="receiving"><h2 id="receiving">{{t.receiving}}</h2>
        <div class="scroll" role="region" aria-labelledby="receiving" tabindex="0"><table>
        <thead><tr><th scope="col">{{t.listenerName}}</th><th scope="col">{{t.address}}</th><th scope="col">TLS</th>
        <th scope="col" class="n">{{t.associations}}</th></tr></thead>
        <tbody>
        {{#listeners}}
        <tr><th scope="row">{{name}}</th><td class="mono">{{address}}</td><td>{{tls}}</td>
        <td class="n">{{associations}}</td></tr>
        {{/listeners}}
        </tbody></table></div>
        <dl class="facts">
        <div><dt>{{t.freeSpace}}</dt><dd>{{free}}{{#.spaceWord}} <span class="state attention">
        <span aria-hidden="true">!</span>&nbsp;{{.}}</span>{{/.spaceWord}}</dd></div>
        <div><dt>{{t.floorSpace}}</dt><dd>{{floor}}</dd></div>
        {{#.startedAt}}<div><dt>{{t.runningSince}}</dt><dd>{{>time}}</dd></div>{{/.startedAt}}
        <div><dt>{{t.version}}</dt><dd>{{version}}</dd></div>
        </dl>
        </section>
        </div>
        <p class="note">{{t.updated}} {{#updatedAt}}{{>time}}{{/updatedAt}}</p>

        """
}
