// One study: what it is, where it goes, why, what happened, and what can be done.

extension Templates {
    static let study = """
        <div class="titlebar"><h1>{{heading}}</h1>{{#state}}{{>state}}{{/state}}{{#.needsPerson}} {{>state}}{{/.needsPerson}}</div>
        {{#.done}}<p class="banner good" role="status">{{.}}</p>{{/.done}}
        {{#.hold}}<div class="banner attention">{{>notice}}</div>{{/.hold}}
        <div class="columns">
        <section aria-labelledby="summary"><h2 id="summary">{{t.summary}}</h2>
        <dl class="facts">
        <div><dt>{{t.source}}</dt><dd>{{source}}</dd></div>
        <div><dt>{{t.modality}}</dt><dd>{{modalities}}</dd></div>
        <div><dt>{{t.bodyPart}}</dt><dd>{{bodyParts}}</dd></div>
        <div><dt>{{t.priority}}</dt><dd>{{priority}}</dd></div>
        <div><dt>{{t.instances}}</dt><dd>{{instances}}, {{size}}</dd></div>
        <div><dt>{{t.firstInstance}}</dt><dd>{{#first}}{{>time}}{{/first}}</dd></div>
        <div><dt>{{t.lastInstance}}</dt><dd>{{#last}}{{>time}}{{/last}}</dd></div>
        <div><dt>{{t.completed}}</dt>
        <dd>{{#.completed}}{{>time}}{{/.completed}}{{^.completed}}{{t.none}}{{/.completed}}</dd></div>
        <div><dt>{{t.rule}}</dt><dd>{{#.rule}}{{.}}{{/.rule}}{{^.rule}}{{t.none}}{{/.rule}}</dd></div>
        {{#.followUpOf}}<div><dt>{{t.followUpOfLabel}}</dt><dd><a href="{{address}}">{{word}}</a></dd></div>
        {{/.followUpOf}}
        {{#hasFollowUps}}<div><dt>{{t.followUps}}</dt><dd>{{#followUps}}
        <a href="{{address}}">{{word}}</a> {{/followUps}}</dd></div>{{/hasFollowUps}}
        <div class="wide"><dt>{{t.studyUID}}</dt><dd class="mono break">{{uid}}</dd></div>
        </dl></section>
        {{>study-actions}}
        </div>
        {{#hasHeldInstances}}
        <section aria-labelledby="held"><h2 id="held">{{t.heldTitle}}</h2>
        <div class="scroll" role="region" aria-labelledby="held" tabindex="0"><table>
        <thead><tr><th scope="col">{{t.instanceKey}}</th><th scope="col">{{t.kind}}</th>
        <th scope="col">{{t.destination}}</th><th scope="col">{{t.reason}}</th>
        <th scope="col">SOP Instance UID</th></tr></thead>
        <tbody>
        {{#heldInstances}}
        <tr><th scope="row">{{key}}</th><td>{{kind}}</td><td>{{destination}}</td>
        <td class="prose">{{#.reason}}{{heading}}{{#.detail}}: {{.}}{{/.detail}}{{/.reason}}</td>
        <td class="mono break">{{instance}}</td></tr>
        {{/heldInstances}}
        </tbody></table></div>
        <p class="note">{{heldNote}}{{#.heldMore}} {{.}}{{/.heldMore}}</p>
        </section>
        {{/hasHeldInstances}}
        <section aria-labelledby="transfers"><h2 id="transfers">{{t.transfersTitle}}</h2>{{>transfer-rows}}</section>
        <section aria-labelledby="reports"><h2 id="reports">{{t.reportsTitle}}</h2>{{>report-rows}}</section>
        <section aria-labelledby="why"><h2 id="why">{{t.why}}</h2>
        {{#.explanation}}
        <p>{{decided}}{{#.verdict}} {{.}}{{/.verdict}}</p>
        {{#hasLines}}
        <div class="scroll" role="region" aria-labelledby="why" tabindex="0"><table>
        <thead><tr><th scope="col">{{t.rule}}</th><th scope="col">{{t.result}}</th>
        <th scope="col">{{t.conditions}}</th></tr></thead>
        <tbody>
        {{#lines}}
        <tr><th scope="row">{{rule}}</th><td>{{#state}}{{>state}}{{/state}}</td><td><ul
        class="plain">{{#reasons}}<li>{{.}}</li>{{/reasons}}</ul></td></tr>
        {{/lines}}
        </tbody></table></div>
        {{/hasLines}}
        {{/.explanation}}
        {{^.explanation}}<p class="empty">{{t.noExplanation}}</p>{{/.explanation}}
        </section>
        <section aria-labelledby="timeline"><h2 id="timeline">{{t.timeline}}</h2>
        {{>event-lines}}
        </section>
        <section aria-labelledby="attempts"><h2 id="attempts">{{t.attempts}}</h2>
        {{^attempts}}<p class="empty">{{t.noAttempts}}</p>{{/attempts}}
        {{#hasAttempts}}
        <div class="scroll" role="region" aria-labelledby="attempts" tabindex="0"><table>
        <thead><tr><th scope="col">{{t.transferKey}}</th><th scope="col">{{t.destination}}</th><th scope="col"
        class="n">{{t.lane}}</th>
        <th scope="col">{{t.started}}</th><th scope="col">{{t.ended}}</th><th scope="col" class="n">{{t.instances}}</th>
        <th scope="col" class="n">{{t.size}}</th><th scope="col" class="n">{{t.rate}}</th>
        <th scope="col">{{t.result}}</th></tr></thead>
        <tbody>
        {{#attempts}}
        <tr><th scope="row">{{transfer}}</th><td>{{destination}}</td><td class="n">{{lane}}</td>
        <td>{{#started}}{{>time}}{{/started}}</td>
        <td>{{#.ended}}{{>time}}{{/.ended}}{{^.ended}}{{t.going}}{{/.ended}}</td><td class="n">{{acknowledged}}</td>
        <td class="n">{{size}}</td><td class="n">{{rate}}</td>
        <td>{{#state}}{{>state}}{{/state}}{{#.failure}}{{>notice}}{{/.failure}}</td></tr>
        {{/attempts}}
        </tbody></table></div>
        {{/hasAttempts}}
        </section>

        """

    static let studyActions = """
        <section aria-labelledby="actions" class="actions"><h2 id="actions">{{t.actions}}</h2>
        {{^canAct}}<p class="note">{{t.actionsViewer}}</p>{{/canAct}}
        {{#canAct}}
        {{#canHold}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="hold">
        <div class="field"><label for="reason">{{t.holdReason}}</label><input id="reason" name="reason" required
        maxlength="200" autocomplete="off"></div>
        <button>{{t.hold}}</button></form>
        {{/canHold}}
        {{#canRelease}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="release">
        <p class="help" id="release-help">{{t.releaseHelp}}</p>
        {{#.releaseSure}}<input type="hidden" name="asks" value="yes">
        <label class="sure"><input type="checkbox" name="sure" value="yes" required> {{.}}</label>{{/.releaseSure}}
        <button aria-describedby="release-help">{{t.release}}</button></form>
        {{/canRelease}}
        {{#needsDestination}}<p class="note">{{t.releaseNeedsDestination}}</p>{{/needsDestination}}
        {{#canLeaveOut}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="leave-out">
        <label class="sure"><input type="checkbox" name="sure" value="yes" required> {{leaveOutSure}}</label>
        <button>{{t.leaveOut}}</button></form>
        {{/canLeaveOut}}
        {{#canRetry}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="retry">
        <p class="help" id="retry-help">{{t.retryHelp}}</p>
        <button aria-describedby="retry-help">{{t.retry}}</button></form>
        {{/canRetry}}
        {{#canSend}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="send">
        <div class="field"><label for="send-to">{{t.sendTo}}</label><select id="send-to" name="destination" required
        aria-describedby="send-help">
        <option value="">{{t.none}}</option>{{#sendChoices}}<option>{{.}}</option>{{/sendChoices}}</select>
        <span class="help" id="send-help">{{t.sendHelp}}</span></div><button>{{t.send}}</button></form>
        {{/canSend}}
        {{#canCancel}}
        <form method="post" action="{{actionAddress}}"><input type="hidden" name="csrf" value="{{csrf}}">
        <input type="hidden" name="action" value="cancel">
        <label class="sure"><input type="checkbox" name="sure" value="yes" required> {{t.cancelSure}}</label>
        <button class="grave">{{t.cancel}}</button></form>
        {{/canCancel}}
        {{/canAct}}
        </section>
        """
}
